"""What a request may ask of the database, whatever the machine: few statements, by indexes, however much is stored."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert, inspect, select, text
from sqlalchemy.engine import Engine

from tests.web.workspace import saved
from web.accounts import first_start
from web.accounts.visitor import Visitor
from web.storage import Database
from web.storage.tables import SavedScenario, ScenarioVersion, ScenarioWord
from web.workspace import listing, scenarios, words
from web.workspace.current import find
from web.workspace.drafts import keep_draft
from web.workspace.versions import save_version, versions
from web.workspace.words import single_words

MANY = 3000  # rows from which PostgreSQL prefers an index that fits
Statements = list[tuple[str, Any]]


@contextmanager
def asked() -> Iterator[Statements]:
    """Collect what is asked of any database; that a transaction begins is not counted."""
    found: Statements = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            found.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def key(database: Database, ada: Visitor) -> uuid.UUID:
    return scenarios.create(database, ada, "Spring no7", "", saved.taken())


def copied(database: Database, key: uuid.UUID, many: int) -> None:
    """Store a scenario so many times again, under names of which each has one word of its own."""
    with database.for_writing.begin() as connection:
        row, version = (
            dict(connection.execute(select(table.__table__).where(column == key)).mappings().one())
            for table, column in ((SavedScenario, SavedScenario.id), (ScenarioVersion, ScenarioVersion.scenario_id))
        )
        names = {uuid.uuid4(): f"Spring no{number}" for number in range(many)}
        rows = [row | {"id": each, "name": name, "words": name.lower()} for each, name in names.items()]
        connection.execute(insert(SavedScenario.__table__), rows)
        copies = [version | {"id": uuid.uuid4(), "scenario_id": each} for each in names]
        connection.execute(insert(ScenarioVersion.__table__), copies)
        home = {"organisation_id": row["organisation_id"]}
        found_by = [
            home | {"scenario_id": k, "word": w} for k, name in names.items() for w in single_words(name.lower())
        ]
        connection.execute(insert(ScenarioWord.__table__), found_by)
    with database.for_writing.begin() as connection:
        connection.execute(text("ANALYZE" if not database.is_sqlite else "SELECT 1"))


#: Paths, and how many statements a member's request may take: who they are and the rest.
MOST = {
    "/method": 1,
    "/evidence": 1,
    "/": 1,
    "/scenarios": 3,
    "/scenarios?q=spring": 3,
    "/scenarios?q=no7+spring": 3,
    "/scenarios?q=no+spring": 3,
    "/scenarios?archived=1": 3,
    "/scenarios/{key}": 3,
    "/scenarios/{key}/open": 2,
}


def test_a_page_asks_little_and_no_more_when_more_is_stored(
    database: Database, key: uuid.UUID, client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_start, "TRUSTED_FOR", 600.0)  # however slow this machine is
    client.get("/method")  # after that it is known for a while that there are accounts

    def counted() -> dict[str, int]:
        counts = {}
        for path in MOST:
            with asked() as statements:
                assert client.get(path.format(key=key)).status_code in (200, 302, 303)
            counts[path] = len(statements)
        return counts

    few = counted()
    assert {path: count for path, count in few.items() if count > MOST[path]} == {}
    copied(database, key, 60)
    assert counted() == few
    with asked() as statements:
        for path in ("/method", "/", "/sign-in"):
            assert app.test_client().get(path).status_code == 200
    assert statements == [], "strangers cost the database nothing"


def deeds(database: Database, ada: Visitor, key: uuid.UUID) -> dict[str, Callable[[], Any]]:
    def read(call: Callable[..., Any]) -> Callable[[], Any]:
        def reading() -> Any:
            with database.reading(ada.scope) as session:
                return call(session)

        return reading

    return {
        "list": read(listing.page),
        "archived": read(lambda session: listing.page(session, archived=True)),
        "a rare word": read(lambda session: listing.page(session, "no77")),
        "a common word": read(lambda session: listing.page(session, "spring")),
        "two common words": read(lambda session: listing.page(session, "spring no")),
        "both": read(lambda session: listing.page(session, "spring no77")),
        "open": read(lambda session: (find(session, key), versions(session, key))),
        "save": lambda: save_version(database, ada, key, 1, saved.taken(clinic__intakes_per_month="50")),
        "autosave": lambda: keep_draft(database, ada, key, 2, saved.form(clinic__intakes_per_month="60")),
        "rename": lambda: scenarios.rename(database, ada, key, 3, "Autumn", ""),
        "archive": lambda: scenarios.archive(database, ada, key),
    }


GOES_IN_ORDER = {"list": True, "a common word": True, "two common words": True, "a rare word": False, "both": False}


def test_no_statement_goes_through_all_that_is_stored(
    database: Database, ada: Visitor, key: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied(database, key, MANY)
    monkeypatch.setattr(words, "FEW", 100)  # so that what is common here is so among a hundred thousand
    explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    # PostgreSQL counts a common word in any order, for it stops soon
    whole = re.compile(r"SCAN scenario" if database.is_sqlite else r"Seq Scan on scenario(_version)?\b")
    for name, deed in deeds(database, ada, key).items():
        with asked() as statements:
            deed()
        told = [each for each in statements if each[0].lstrip().startswith(("SELECT", "UPDATE", "DELETE"))]
        assert told, name
        with database.for_writing.connect() as connection:
            for statement, parameters in told:
                rows = connection.exec_driver_sql(f"{explain} {statement}", parameters)
                plan = "\n".join(str(row[-1]) for row in rows)
                assert whole.search(plan) is None, f"{name}: {statement}\n{plan}"
            in_order = "ix_scenario_listed" in plan  # going through the list is right where enough of it is wanted
            assert in_order == GOES_IN_ORDER.get(name, in_order), f"{name}\n{plan}"


def test_what_is_looked_up_has_an_index_on_both_databases(database: Database) -> None:
    with database.engine.connect() as connection:
        inspector = inspect(connection)
        for table, wanted in {
            "scenario": {("organisation_id", "changed_at", "id")},
            "scenario_word": {("organisation_id", "word", "scenario_id")},
            "scenario_version": {("scenario_id", "number")},
            "sign_in": {("account_id",), ("expires_at",)},
            "share_link": {("organisation_id", "created_at"), ("digest",)},
            "enquiry": {("organisation_id", "created_at")},
            "audit_entry": {("organisation_id", "at")},
            "api_token": {("digest",)},
        }.items():
            found = {tuple(each["column_names"]) for each in inspector.get_indexes(table)}
            found |= {tuple(each["column_names"]) for each in inspector.get_unique_constraints(table)}
            assert wanted <= found, table
        assert inspector.get_pk_constraint("scenario_word")["constrained_columns"] == [
            "scenario_id", "organisation_id", "word",
        ]  # fmt: skip

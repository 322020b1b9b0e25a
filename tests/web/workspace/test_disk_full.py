"""A full disk: a page that says so, what was saved before is safe, and it goes on when there is room."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path

import pytest
from sqlalchemy import event, select, text, update
from sqlalchemy.exc import DBAPIError

from tests.web.conftest import soup
from tests.web.workspace import people
from web.storage import EVERY_ORGANISATION, Database
from web.storage.base import now
from web.storage.failing import failing_status
from web.storage.tables import SavedScenario, SignIn

BIG = "x" * 200_000


def fill_up(database: Database) -> None:
    """Let the file grow no further: SQLite says then what it says on a full disk."""

    @event.listens_for(database.engine, "connect")
    def _full(connection, _record) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # which means as many as there are

    database.close()


def make_room(database: Database) -> None:
    @event.listens_for(database.engine, "connect")
    def _room(connection, _record) -> None:
        connection.execute("PRAGMA max_page_count = 1000000")

    database.close()


def save(database: Database, home: uuid.UUID, name: str) -> None:
    with database.writing(home) as session:
        session.add(SavedScenario(name=name, notes=BIG, changed_at=now()))


def names(database: Database, home: uuid.UUID) -> list[str]:
    with database.reading(home) as session:
        return list(session.scalars(select(SavedScenario.name).order_by(SavedScenario.name)))


def test_nothing_saved_is_lost_and_saving_goes_on_when_there_is_room(tmp_path: Path) -> None:
    database = Database.in_folder(tmp_path)
    people.app(database, tmp_path)
    home = people.organisation(database)
    save(database, home, "before")
    fill_up(database)
    for _ in range(3):
        with pytest.raises(DBAPIError) as refused:
            save(database, home, "refused")
        assert failing_status(refused.value) == 507
        assert BIG[:100] not in str(refused.value)
    assert names(database, home) == ["before"]
    with database.engine.connect() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    make_room(database)
    save(database, home, "later")
    assert names(database, home) == ["before", "later"]
    database.close()


def test_the_page_says_so(tmp_path: Path) -> None:
    database = Database.in_folder(tmp_path)
    app = people.app(database, tmp_path)
    home = people.organisation(database)
    browser = people.client(app, people.member(database, home))
    served: Database = app.extensions["rapport_database"]

    def try_to_save() -> str:
        save(served, home, "refused")
        return ""

    app.view_functions["calculator.index"] = try_to_save
    fill_up(served)
    answer = browser.get("/")
    assert answer.status_code == 507
    assert soup(answer).find("h1").get_text(strip=True) == "There is no room left to save this"
    assert "What was saved before is safe." in answer.text
    assert "Traceback" not in answer.text
    assert names(served, home) == []
    served.close()
    database.close()


def test_who_reads_goes_on_where_nothing_can_be_written(tmp_path: Path) -> None:
    """When somebody was last seen is noted every few minutes, with whatever page they read."""
    database = Database.in_folder(tmp_path)
    app = people.app(database, tmp_path)
    browser = people.client(app, people.member(database, people.organisation(database)))
    served: Database = app.extensions["rapport_database"]
    with served.writing(EVERY_ORGANISATION) as session:  # so long ago that it is noted anew
        session.execute(update(SignIn).values(seen_at=now() - dt.timedelta(hours=1)))

    @event.listens_for(served.engine, "connect")
    def _nothing(connection, _record) -> None:
        connection.execute("PRAGMA query_only = ON")

    served.close()
    assert browser.get("/batch").status_code == 200
    served.close()
    database.close()

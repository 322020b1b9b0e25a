"""The audit log: newest first, by kind and member, with today's names, and no content of anything."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete

from tests.web.conftest import soup
from tests.web.workspace import people, saved
from web.accounts.visitor import Visitor
from web.storage import Database
from web.storage.base import now
from web.storage.tables import Account, AuditEntry
from web.workspace import scenarios
from web.workspace.audit import ACTIONS, KINDS, record

PAGE = "/administration/audit"


@pytest.fixture
def there(database: Database, tmp_path: Path) -> tuple[FlaskClient, Database, uuid.UUID, uuid.UUID]:
    mine = people.organisation(database)
    boss = people.member(database, mine, name="Ada Boss")
    return people.client(people.app(database, tmp_path), boss), database, mine, boss


def note(database: Database, mine: uuid.UUID, who: uuid.UUID | None, action: str, kind: str, ago: int = 0) -> None:
    entry = AuditEntry(account_id=who, action=action, kind=kind, object_id=uuid.uuid4())
    entry.at = now() - dt.timedelta(minutes=ago)
    with database.writing(mine) as session:
        session.add(entry)


def rows(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.find_all(["th", "td"])]
        for row in soup(answer).select("tbody tr")
    ]


def test_deeds_stand_newest_first_with_the_names_of_today(there: Any) -> None:
    browser, database, mine, boss = there
    gone = people.member(database, mine, "sales", name="Sal Gone")
    note(database, mine, boss, "invited", "invitation", 3)
    note(database, mine, gone, "saved", "scenario", 2)
    note(database, mine, None, "created", "account", 1)
    note(database, mine, boss, "revoked", "key")
    shown = [[who, what, thing.rpartition(" ")[0]] for _when, who, what, thing in rows(browser.get(PAGE))]
    assert shown == [
        ["Ada Boss", "revoked", "key of a program"],
        ["somebody without an account", "created", "account"],
        ["Sal Gone", "saved a version of", "scenario"],
        ["Ada Boss", "invited", "invitation"],
    ]
    with database.writing(mine) as session:
        session.get_one(Account, boss).name = "Ada Married"
        session.execute(delete(Account).where(Account.id == gone))
    text = browser.get(PAGE).text
    assert "Ada Married" in text
    assert "Ada Boss" not in text
    assert "Sal Gone" not in text
    assert "an account that is removed" in text


def test_objects_bear_the_names_of_today_and_none_of_another_organisation(there: Any) -> None:
    browser, database, mine, boss = there
    visitor = Visitor("account", mine, boss, "administrator", "Ada Boss")
    key = scenarios.create(database, visitor, "Spring", "", saved.taken())
    foreign = scenarios.create(database, saved.member(database), "Their secret", "", saved.taken())
    with database.writing(mine) as session:
        record(session, visitor, "deleted", "scenario", foreign)  # an id alone, whosever it is, tells nothing
        record(session, visitor, "changed", "account", boss)
    own = {"setting": "iop", "path": "clinic.no_show_rate", "likely": "20%", "reason": "our secret audit"}
    browser.post("/administration/house", data=own)
    scenarios.rename(database, visitor, key, 1, "Autumn", "")
    answer = browser.get(PAGE)
    shown = [(what, thing) for _when, _who, what, thing in rows(answer)]
    assert shown == [
        ("renamed", "scenario Autumn"),
        ("created", "own value No-shows, Intensive outpatient (IOP)"),
        ("changed", "account Ada Boss"),
        ("deleted", f"scenario {foreign}"),
        ("created", "scenario Autumn"),
    ]
    assert soup(answer).find("a", string="Autumn")["href"] == f"/scenarios/{key}"
    assert "secret" not in answer.text


def test_it_is_narrowed_by_kind_and_by_member(there: Any) -> None:
    browser, database, mine, boss = there
    sal = people.member(database, mine, "sales", name="Sal")
    for who, kind in ((boss, "key"), (sal, "key"), (sal, "scenario")):
        note(database, mine, who, "created", kind)
    assert len(rows(browser.get(f"{PAGE}?kind=key"))) == 2
    assert len(rows(browser.get(f"{PAGE}?member={sal}"))) == 2
    assert len(rows(browser.get(f"{PAGE}?member={sal}&kind=key"))) == 1
    assert len(rows(browser.get(f"{PAGE}?member=nobody&kind=nothing"))) == 3, "what is not understood narrows nothing"


def test_a_long_log_is_turned_page_by_page_and_none_is_left_out(there: Any) -> None:
    browser, database, mine, boss = there
    moment = now()
    with database.writing(mine) as session:
        for number in range(120):  # many of them in the same moment
            at = moment - dt.timedelta(seconds=number // 7)
            session.add(AuditEntry(account_id=boss, action="created", kind="key", object_id=uuid.uuid4(), at=at))
    seen: list[str] = []
    address = PAGE
    while address:
        answer = browser.get(address)
        seen += [row[3] for row in rows(answer)]
        older = [link["href"] for link in soup(answer).select(".turner a") if link.text == "Older"]
        address = str(older[0]) if older else ""
    assert len(seen) == len(set(seen)) == 120


def test_it_is_exported_as_csv_that_no_spreadsheet_runs(there: Any) -> None:
    browser, database, mine, boss = there
    with database.writing(mine) as session:
        session.get_one(Account, boss).name = "=HYPERLINK(1)"
    note(database, mine, boss, "created", "key")
    note(database, mine, boss, "saved", "scenario", 1)
    answer = browser.get(f"{PAGE}.csv?kind=key")
    assert answer.mimetype == "text/csv"
    (found,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert (found["member"], found["action"], found["kind"]) == ("'=HYPERLINK(1)", "created", "key")
    assert found["member_id"] == str(boss)
    assert dt.datetime.fromisoformat(found["at"]).tzinfo is not None


@people.ON_ONE_DATABASE
def test_only_what_is_listed_can_be_noted_and_an_entry_has_room_for_ids_alone(there: Any) -> None:
    _browser, database, mine, boss = there
    with pytest.raises(ValueError, match="not listed"), database.writing(mine) as session:
        record(session, Visitor("account", mine, boss), "sang", "song")
    longest = {"action": max(map(len, ACTIONS)), "kind": max(map(len, KINDS))}
    columns = AuditEntry.__table__.columns
    for name, length in longest.items():
        assert length <= columns[name].type.length
    assert {column.name for column in columns} == {
        "id",
        "organisation_id",
        "at",
        "account_id",
        "action",
        "kind",
        "object_id",
    }

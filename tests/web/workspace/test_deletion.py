"""Deleting a person or an organisation: all of it goes, what others made stays, and an administrator is always left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text, update

from tests.web.workspace.two_organisations import WORD, World, world
from web.pages.batch import KEY as BATCH
from web.pages.worklist import KEY as WORKLIST
from web.storage import EVERY_ORGANISATION, Database
from web.storage.tables import Account, AuditEntry, Enquiry, Organisation, SavedScenario, ScenarioVersion, SignIn

PERSON = "/administration/data/person/delete"
WHOLE = "/administration/data/organisation/delete"


@pytest.fixture
def there(database: Database, tmp_path: Path) -> World:
    return world(database, tmp_path)


def email_of(there: World, role: str) -> str:
    with there.database.reading(there.first) as session:
        return session.get_one(Account, there.members[role]).email


def delete(there: World, email: str, again: str | None = None) -> Any:
    data = {"email": email, "again": email if again is None else again}
    return there.browser("administrator").post(PERSON, data=data)


def test_a_persons_account_goes_and_their_deeds_name_nobody(there: World) -> None:
    who = there.members["sales"]
    theirs = there.browser("sales")
    with there.database.writing(there.first) as session:
        session.execute(update(ScenarioVersion).values(made_by=who))
        session.add(AuditEntry(account_id=who, action="saved", kind="scenario"))
    assert delete(there, email_of(there, "sales").upper()).status_code == 303
    assert theirs.get("/batch").status_code == 303, "they are signed out"
    with there.database.reading(there.first) as session:
        assert session.get(Account, who) is None
        assert session.scalars(select(ScenarioVersion.made_by)).one() is None, "what they made stays, without a name"
        assert session.scalars(select(AuditEntry).where(AuditEntry.account_id == who)).one().action == "saved"
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.at.desc())).first()
    assert last is not None
    assert (last.action, last.kind, last.object_id) == ("deleted", "account", who)
    assert f"{WORD} sales" not in there.browser("administrator").get("/administration/audit").text


def test_enquiries_of_an_address_go_and_others_stay(there: World) -> None:
    there.furnish()
    with there.database.writing(there.first) as session:
        first, second = session.scalars(select(Enquiry)).all()
        second.email = "other@example.org"
    assert delete(there, first.email).status_code == 303
    with there.database.reading(there.first) as session:
        assert session.scalars(select(Enquiry.email)).all() == ["other@example.org"]


def test_the_last_administrator_stays(there: World) -> None:
    answer = delete(there, email_of(there, "administrator"))
    assert answer.status_code == 422
    assert "last administrator" in answer.text
    with there.database.reading(there.first) as session:
        assert session.get(Account, there.members["administrator"]) is not None


@pytest.mark.parametrize(("email", "again"), [("x", "x"), ("nobody@example.org", "nobody@example.org"), ("", "")])
def test_what_is_not_held_is_not_deleted(there: World, email: str, again: str) -> None:
    assert delete(there, email, again).status_code == 422


def test_a_slip_deletes_nobody(there: World) -> None:
    assert delete(there, email_of(there, "sales"), email_of(there, "viewer")).status_code == 422
    with there.database.reading(there.first) as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 5


def test_somebody_of_another_organisation_is_not_reached(there: World) -> None:
    email = email_of(there, "sales")
    answer = there.browser("stranger").post(PERSON, data={"email": email, "again": email})
    assert answer.status_code == 422
    assert email_of(there, "sales") == email


def test_the_organisation_goes_with_all_it_has_when_its_name_is_typed(there: World) -> None:
    boss, stranger = there.browser("administrator"), there.browser("stranger")
    store, caseloads = there.app.extensions[BATCH].store, there.app.extensions[WORKLIST]
    assert caseloads.find(there.ids["caseload"], str(there.first)) is not None
    with there.database.writing(there.first) as session:
        session.add(AuditEntry(account_id=None, action="created", kind="key"))
    assert boss.post(WHOLE, data={"name": f"{WORD} group"}).status_code == 422
    assert boss.post(WHOLE, data={"name": f" {WORD} Group "}).status_code == 303
    assert boss.get("/scenarios").status_code == 303
    assert boss.application.test_client().get(f"/s?k={there.link}").status_code == 404
    assert store.find(there.ids["upload"]) is None
    assert caseloads.find(there.ids["caseload"], str(there.first)) is None
    with there.database.reading(EVERY_ORGANISATION) as session:
        assert session.scalars(select(Organisation.name)).all() == ["Elsewhere"]
        assert session.scalars(select(Account.name)).all() == ["Elsewhere Boss"]
        assert session.scalar(select(func.count()).select_from(SignIn)) == 1, "that of the other organisation"
    with there.database.engine.connect() as connection:
        for table in inspect(there.database.engine).get_table_names():
            names = {column["name"] for column in inspect(there.database.engine).get_columns(table)}
            if "organisation_id" in names:
                counted = f"SELECT count(*) FROM {table} WHERE organisation_id = :it"  # noqa: S608
                assert connection.execute(text(counted), {"it": _plain(there)}).scalar() == 0, table
    assert stranger.get("/scenarios").status_code == 200


def test_another_organisations_name_deletes_nothing(there: World) -> None:
    assert there.browser("stranger").post(WHOLE, data={"name": f"{WORD} Group"}).status_code == 422
    with there.database.reading(there.first) as session:
        assert session.scalar(select(func.count()).select_from(SavedScenario)) == 1


def _plain(there: World) -> Any:
    return there.first.hex if there.database.is_sqlite else there.first

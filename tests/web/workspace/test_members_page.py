"""Members: invited by a link that is shown once, given roles, let in and out; never without an administrator."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.web.conftest import soup
from tests.web.workspace import people
from web.accounts import passwords
from web.storage import Database
from web.storage.base import digest
from web.storage.tables import Account, Admission, AuditEntry

PAGE = "/administration/members"


@pytest.fixture
def there(database: Database, tmp_path: Path) -> tuple[FlaskClient, Database, uuid.UUID, uuid.UUID]:
    """Return the browser of an administrator who is the only one, and where they are."""
    mine = people.organisation(database)
    boss = people.member(database, mine, name="Ada Boss", email="ada@example.org")
    return people.client(people.app(database, tmp_path), boss), database, mine, boss


def deeds(database: Database, organisation: uuid.UUID) -> list[tuple[str, str]]:
    with database.reading(organisation) as session:
        rows = session.execute(select(AuditEntry.action, AuditEntry.kind).order_by(AuditEntry.at)).all()
    return [(action, kind) for action, kind in rows]


def shown(answer: Any) -> str:
    """Return the link that a page shows."""
    found = soup(answer).select_one("#secret")
    assert found is not None, answer.text
    return str(found["value"])


def test_the_list_says_who_they_are_and_when_they_were_here(there: Any) -> None:
    browser, database, mine, _boss = there
    people.member(database, mine, "viewer", name="Vic <b>Viewer</b>", email="vic@example.org", active=False)
    rows = [" ".join(row.get_text(" ").split()) for row in soup(browser.get(PAGE)).select("tbody tr")]
    assert re.match(r"Ada Boss \(you\) ada@example.org \w+ \d+, \d{4}", rows[0])
    assert "Vic <b>Viewer</b> vic@example.org not active never" in rows[1]


def test_an_invitation_is_shown_once_and_lets_somebody_in(there: Any) -> None:
    browser, database, mine, _boss = there
    answer = browser.post(f"{PAGE}/invite", data={"email": " New@Example.org ", "role": "sales"})
    address = shown(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    key = address.partition("?key=")[2]
    page = browser.get(PAGE)
    assert "new@example.org" in page.text
    assert key not in page.text
    with database.reading(mine) as session:
        kept = session.scalars(select(Admission)).one()
    assert (kept.digest, kept.role) == (digest(key), "sales")
    newcomer = browser.application.test_client()
    form = {"key": key, "name": "Nell", "password": "correct horse battery"}
    assert newcomer.post("/join", data=form).status_code == 303
    with database.reading(mine) as session:
        assert session.scalars(select(Account.role).where(Account.email == "new@example.org")).one() == "sales"
    assert "new@example.org" not in [each.text for each in soup(browser.get(PAGE)).select("#invitations-heading")]
    assert ("invited", "invitation") in deeds(database, mine)


@pytest.mark.parametrize(
    ("email", "role"), [("nobody", "sales"), ("ada@example.org", "sales"), ("x@example.org", "king")]
)
def test_an_invitation_that_cannot_be_is_refused_with_what_was_typed(there: Any, email: str, role: str) -> None:
    browser, database, mine, _boss = there
    answer = browser.post(f"{PAGE}/invite", data={"email": email, "role": role})
    assert answer.status_code == 422
    assert soup(answer).select_one("[role=alert]")
    assert f'value="{email}"' in answer.text
    with database.reading(mine) as session:
        assert session.scalars(select(Admission)).all() == []


def test_an_invitation_is_taken_back(there: Any) -> None:
    browser, database, mine, _boss = there
    address = shown(browser.post(f"{PAGE}/invite", data={"email": "new@example.org", "role": "sales"}))
    with database.reading(mine) as session:
        key = session.scalars(select(Admission.id)).one()
    assert browser.post(f"{PAGE}/invitations/{key}/revoke").status_code == 303
    assert browser.post(f"{PAGE}/invitations/{key}/revoke").status_code == 404
    stranger = browser.application.test_client()
    path = address.partition("localhost")[2]
    assert "correct" not in stranger.get(path).text
    assert stranger.get(path).status_code == 404


def test_a_role_counts_from_the_next_page_on(there: Any) -> None:
    browser, database, mine, _boss = there
    member = people.member(database, mine, "viewer")
    theirs = people.client(browser.application, member)
    assert theirs.get("/administration/members").status_code == 403
    assert browser.post(f"{PAGE}/{member}/role", data={"role": "administrator"}).status_code == 303
    assert theirs.get("/administration/members").status_code == 200
    assert ("changed", "account") in deeds(database, mine)
    assert browser.post(f"{PAGE}/{member}/role", data={"role": "king"}).status_code == 422


def test_the_last_administrator_stays(there: Any) -> None:
    browser, database, mine, boss = there
    for path, data in ((f"{PAGE}/{boss}/role", {"role": "viewer"}), (f"{PAGE}/{boss}/deactivate", {})):
        answer = browser.post(path, data=data)
        assert answer.status_code == 422
        assert "last administrator" in answer.text
    with database.reading(mine) as session:
        row = session.get_one(Account, boss)
    assert (row.role, row.active) == ("administrator", True)
    people.member(database, mine, "administrator")
    assert browser.post(f"{PAGE}/{boss}/deactivate").status_code == 303, "with another one there, they may go"
    assert browser.get(PAGE).status_code == 303, "and are signed out"


def test_a_member_is_let_out_at_once_and_in_again(there: Any) -> None:
    browser, database, mine, _boss = there
    member = people.member(database, mine, "sales")
    theirs = people.client(browser.application, member)
    assert theirs.get("/batch").status_code == 200
    browser.post(f"{PAGE}/{member}/deactivate")
    assert theirs.get("/batch").status_code == 303
    assert browser.post(f"{PAGE}/{member}/reset").status_code == 422, "no new password for who may not come in"
    browser.post(f"{PAGE}/{member}/activate")
    assert people.client(browser.application, member).get("/batch").status_code == 200
    assert [action for action, _kind in deeds(database, mine)][-2:] == ["deactivated", "activated"]


def test_a_new_password_link_is_shown_once_and_works_once(there: Any) -> None:
    browser, database, mine, _boss = there
    member = people.member(database, mine, "sales", email="sal@example.org")
    key = shown(browser.post(f"{PAGE}/{member}/reset")).partition("?key=")[2]
    form = {"key": key, "password": "a new and long password"}
    theirs = browser.application.test_client()
    assert theirs.post("/join", data=form).status_code == 303
    assert theirs.post("/join", data=form).status_code == 404
    with database.reading(mine) as session:
        stored = session.get_one(Account, member).password
    assert passwords.matches(stored, form["password"])


def test_whoever_sits_at_a_computer_without_accounts_is_sent_to_make_the_first(
    database: Database, tmp_path: Path
) -> None:
    browser = people.app(database, tmp_path).test_client()
    page = soup(browser.get(PAGE))
    assert page.select_one('main a[href="/setup"]')
    assert not page.select_one(f'form[action="{PAGE}/invite"]')
    assert browser.post(f"{PAGE}/invite", data={"email": "x@example.org", "role": "sales"}).status_code == 422

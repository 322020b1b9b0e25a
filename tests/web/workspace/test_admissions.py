"""Links that let somebody in: once, in time, the newest only, and into nothing but what they were made for."""

from __future__ import annotations

import threading
import uuid
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from calculator import InputError
from tests.web.conftest import soup
from tests.web.workspace import people
from web.accounts import admissions, members, passwords
from web.accounts.admissions import INVITATION_LASTS, RESET_LASTS, NoAdmissionError
from web.accounts.visitor import Visitor
from web.storage import EVERY_ORGANISATION, Database
from web.storage.base import now
from web.storage.tables import Account, Admission, AuditEntry, SignIn

EMAIL, PASSWORD, NEW = "bob@example.org", "correct horse battery", "seven quiet lanterns"

pytestmark = pytest.mark.usefixtures("quick_passwords")


@pytest.fixture
def riverbend(database: Database) -> uuid.UUID:
    return people.organisation(database, "Riverbend")


@pytest.fixture
def ada(database: Database, riverbend: uuid.UUID) -> Visitor:
    """Return an administrator as who asks."""
    return Visitor("account", riverbend, people.member(database, riverbend), "administrator", "Ada")


def invite(database: Database, visitor: Visitor, email: str = EMAIL, role: str = "sales") -> str:
    with database.writing(visitor.scope) as session:
        return admissions.invite(session, visitor, email, role)


def reset(database: Database, visitor: Visitor, account: uuid.UUID) -> str:
    with database.writing(visitor.scope) as session:
        return admissions.reset(session, visitor, session.get_one(Account, account))


def account_named(database: Database, email: str = EMAIL) -> Account | None:
    with database.reading(EVERY_ORGANISATION) as session:
        return session.scalar(select(Account).where(Account.email == email))


def deeds(database: Database) -> list[tuple[str, str, uuid.UUID | None]]:
    with database.reading(EVERY_ORGANISATION) as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.at)).all()
    return [(each.action, each.kind, each.account_id) for each in rows]


def test_an_invitation_makes_an_account_of_its_organisation_once(
    database: Database, app: Flask, ada: Visitor, riverbend: uuid.UUID
) -> None:
    secret = invite(database, ada, " Bob@Example.org ")
    with database.reading(EVERY_ORGANISATION) as session:
        stored = session.scalars(select(Admission)).one()
    assert secret not in (stored.digest, stored.email)
    assert abs(stored.expires_at - now() - INVITATION_LASTS).total_seconds() < 60
    browser = app.test_client()
    with app.test_request_context(base_url="https://rapport.example"):
        address = urlsplit(admissions.link(secret))
    assert (address.scheme, address.netloc, address.path) == ("https", "rapport.example", "/join")
    assert parse_qs(address.query) == {"key": [secret]}
    page = browser.get(f"{address.path}?{address.query}")
    assert "You are invited to Riverbend" in page.text
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert page.headers["Cache-Control"] == "no-store"
    held = {field["name"]: field.get("value") for field in soup(page).select("form[action='/join'] input[name]")}
    answer = browser.post("/join", data=held | {"name": "Bob", "password": PASSWORD, "email": "eve@example.org"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account?done=joined")
    assert browser.get("/account").status_code == 200
    made = account_named(database)
    assert made is not None
    assert (made.name, made.role, made.organisation_id, made.active) == ("Bob", "sales", riverbend, True)
    assert passwords.matches(made.password, PASSWORD)
    assert deeds(database) == [("invited", "invitation", ada.account), ("joined", "account", made.id)]
    for method in ("get", "post"):
        used = getattr(app.test_client(), method)(f"/join?key={secret}", data={"name": "Eve", "password": NEW})
        assert used.status_code == 404
        assert "This link lets nobody in" in used.text


def test_of_many_who_use_a_link_at_once_one_gets_in(database: Database, ada: Visitor) -> None:
    secret = invite(database, ada)
    start, won = threading.Barrier(5), []

    def attempt(number: int) -> None:
        start.wait()
        with suppress(NoAdmissionError):
            won.append(admissions.redeem(database, secret, f"Bob {number}", PASSWORD))

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(won) == 1
    with database.reading(EVERY_ORGANISATION) as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 2


@people.ON_ONE_DATABASE
def test_a_link_that_is_old_replaced_revoked_or_made_up_lets_nobody_in(
    database: Database, app: Flask, ada: Visitor
) -> None:
    first = invite(database, ada)
    second = invite(database, ada)
    other = invite(database, ada, "carol@example.org")
    browser = app.test_client()
    assert browser.get(f"/join?key={first}").status_code == 404, "a newer one took its place"
    assert browser.get(f"/join?key={second}").status_code == 200
    assert browser.get(f"/join?key={other}").status_code == 200, "that of somebody else stays"
    with database.writing(ada.scope) as session:
        revoked = session.scalars(select(Admission).where(Admission.email == "carol@example.org")).one()
        admissions.revoke(session, ada, revoked)
    assert browser.get(f"/join?key={other}").status_code == 404
    with database.writing(EVERY_ORGANISATION) as session:
        stored = session.scalars(select(Admission.digest)).one()
        session.execute(update(Admission).values(expires_at=now()))
    for key in (second, stored, "", "x" * 4000, "\x00", "ñ"):
        assert browser.get("/join", query_string={"key": key}).status_code == 404
        assert browser.post("/join", data={"key": key, "name": "Eve", "password": PASSWORD}).status_code == 404
    assert account_named(database) is None


@people.ON_ONE_DATABASE
def test_what_is_wrong_in_the_form_is_said_at_once_and_uses_nothing_up(
    database: Database, app: Flask, ada: Visitor
) -> None:
    secret = invite(database, ada)
    answer = app.test_client().post("/join", data={"key": secret, "name": " ", "password": "bob@example.org"})
    assert answer.status_code == 422
    page = soup(answer)
    assert page.select_one("#name-problem").get_text() == "Write a name."
    assert "everybody would try first" in page.select_one("#password-problem").get_text()
    assert page.select_one("[name=key]")["value"] == secret
    data = {"key": secret, "name": "Bob", "password": PASSWORD}
    assert app.test_client().post("/join", data=data).status_code == 303


def test_a_reset_sets_the_password_and_signs_out_everywhere(
    database: Database, app: Flask, ada: Visitor, riverbend: uuid.UUID
) -> None:
    bob = people.member(database, riverbend, "viewer", email=EMAIL, name="Bob", password=passwords.hashed(PASSWORD))
    browser = people.client(app, bob)
    secret = reset(database, ada, bob)
    with database.reading(EVERY_ORGANISATION) as session:
        lasts = session.scalars(select(Admission.expires_at)).one()
    assert abs(lasts - now() - RESET_LASTS).total_seconds() < 60
    assert browser.get("/account").status_code == 200, "until it is used, nothing has changed"
    page = app.test_client().get(f"/join?key={secret}")
    assert "It is for bob@example.org" in page.text
    assert soup(page).select_one("form[action='/join'] [name=name]") is None
    answer = app.test_client().post("/join", data={"key": secret, "name": "Eve", "password": NEW})
    assert answer.headers["Location"] == "/sign-in?done=password"
    assert browser.get("/account").status_code == 303
    changed = account_named(database)
    assert changed is not None
    assert passwords.matches(changed.password, NEW)
    assert (changed.name, changed.role) == ("Bob", "viewer")
    assert deeds(database) == [("reset", "account", ada.account), ("changed", "account", bob)]
    assert app.test_client().post("/join", data={"key": secret, "password": PASSWORD}).status_code == 404


@people.ON_ONE_DATABASE
def test_a_reset_ends_with_the_next_one_a_new_password_or_the_account(
    database: Database, app: Flask, ada: Visitor, riverbend: uuid.UUID
) -> None:
    bob = people.member(database, riverbend, email=EMAIL, password=passwords.hashed(PASSWORD))
    first, second = reset(database, ada, bob), reset(database, ada, bob)
    browser = app.test_client()
    assert browser.get(f"/join?key={first}").status_code == 404
    assert browser.get(f"/join?key={second}").status_code == 200
    own = people.client(app, bob)
    assert own.post("/account/password", data={"password": PASSWORD, "new_password": NEW}).status_code == 303
    assert browser.get(f"/join?key={second}").status_code == 404
    third = reset(database, ada, bob)
    with database.writing(riverbend) as session:
        members.deactivate(session, ada, session.get_one(Account, bob))
    assert browser.get(f"/join?key={third}").status_code == 404
    with database.writing(riverbend) as session, pytest.raises(InputError, match="not active"):
        admissions.reset(session, ada, session.get_one(Account, bob))
    with database.writing(riverbend) as session:
        members.activate(session, ada, session.get_one(Account, bob))
    assert browser.get(f"/join?key={third}").status_code == 404


@people.ON_ONE_DATABASE
def test_an_invitation_is_refused_with_all_faults(database: Database, ada: Visitor, riverbend: uuid.UUID) -> None:
    with pytest.raises(InputError) as error:
        invite(database, ada, "bob", "owner")
    assert [problem.path for problem in error.value.problems] == ["email", "role"]
    people.member(database, riverbend, email=EMAIL, active=False)
    with pytest.raises(InputError, match="not active"):
        invite(database, ada)
    local = Visitor("local", riverbend, None, "administrator")
    with pytest.raises(InputError, match="first administrator first"):
        invite(database, local, "carol@example.org")


@people.ON_ONE_DATABASE
def test_an_address_of_another_organisation_is_not_told_to_who_invites_it(
    database: Database, app: Flask, ada: Visitor
) -> None:
    people.member(database, people.organisation(database, "Harbor"), email=EMAIL)
    secret = invite(database, ada)
    answer = app.test_client().post("/join", data={"key": secret, "name": "Bob", "password": PASSWORD})
    assert answer.status_code == 422
    assert "has an account already" in answer.text
    with database.reading(EVERY_ORGANISATION) as session:
        assert session.scalars(select(Admission.used_at)).one() is None


def test_there_is_always_an_administrator(database: Database, ada: Visitor, riverbend: uuid.UUID) -> None:
    """Two administrators who remove each other at the same moment: one of them stays."""
    people.member(database, riverbend, active=False)
    people.member(database, people.organisation(database, "Harbor"))
    assert ada.account is not None
    first, second = ada.account, people.member(database, riverbend)
    refused, start = [], threading.Barrier(2)

    def remove(account: uuid.UUID) -> None:
        start.wait()
        try:
            with database.writing(riverbend) as session:
                members.deactivate(session, ada, session.get_one(Account, account))
        except InputError:
            refused.append(account)

    threads = [threading.Thread(target=remove, args=(account,)) for account in (first, second)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(refused) == 1
    with database.writing(riverbend) as session, pytest.raises(InputError, match="last administrator"):
        members.change_role(session, ada, session.get_one(Account, refused[0]), "viewer")
    with database.reading(riverbend) as session:
        last = session.get_one(Account, refused[0])
        assert (last.role, last.active) == ("administrator", True)


@people.ON_ONE_DATABASE
def test_a_role_counts_from_the_next_request_and_a_member_who_is_out_is_out(
    database: Database, app: Flask, ada: Visitor, riverbend: uuid.UUID
) -> None:
    bob = people.member(database, riverbend, "viewer")
    browser = people.client(app, bob)
    assert browser.get("/batch").status_code == 403
    with database.writing(riverbend) as session:
        found = members.find_member(session, bob)
        assert found is not None
        with pytest.raises(InputError, match="one of the roles"):
            members.change_role(session, ada, found, "owner")
        members.change_role(session, ada, found, "sales")
    assert browser.get("/batch").status_code == 200
    with database.writing(riverbend) as session:
        members.deactivate(session, ada, session.get_one(Account, bob))
    assert browser.get("/batch").status_code == 303
    with database.reading(EVERY_ORGANISATION) as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 0
    harbor = people.organisation(database, "Harbor")
    with database.reading(harbor) as session:
        assert members.find_member(session, bob) is None
        assert list(members.members(session)) == []
    with database.reading(riverbend) as session:
        assert {each.id for each in members.members(session)} == {ada.account, bob}
    assert deeds(database)[-2:] == [("changed", "account", ada.account), ("deactivated", "account", ada.account)]

"""One's own account: what is changed there, and what asks for the password again."""

from __future__ import annotations

import re
import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.web.conftest import soup
from tests.web.workspace import people
from web.accounts import passwords
from web.accounts.limits import SIGN_IN_ACCOUNT
from web.storage import EVERY_ORGANISATION, Database
from web.storage.tables import Account, AuditEntry

EMAIL, PASSWORD, NEW = "ada@example.org", "correct horse battery", "seven quiet lanterns"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def ada(database: Database, quick_passwords: None) -> uuid.UUID:
    made = people.organisation(database)
    return people.member(database, made, email=EMAIL, name="Ada", password=passwords.hashed(PASSWORD))


def stored(database: Database, account: uuid.UUID) -> Account:
    with database.reading(EVERY_ORGANISATION) as session:
        return session.get_one(Account, account)


def signed_in(browser: FlaskClient) -> bool:
    return browser.get("/account").status_code == 200


def test_the_page_and_a_new_name(database: Database, app: Flask, ada: uuid.UUID) -> None:
    browser = people.client(app, ada)
    page = soup(browser.get("/account"))
    assert page.select_one(".lead").get_text() == "ada@example.org, administrator at Riverbend"
    wrong = browser.post("/account/name", data={"name": "x" * 101})
    assert wrong.status_code == 422
    assert soup(wrong).select_one("#name")["value"] == "x" * 101
    assert browser.post("/account/name", data={"name": " Ada Lovelace "}).headers["Location"] == "/account?done=name"
    page = soup(browser.get("/account?done=name"))
    assert page.select_one("[role=status]").get_text() == "Your name is changed."
    assert page.select_one("details.who summary").get_text(strip=True) == "Ada Lovelace"
    with database.reading(EVERY_ORGANISATION) as session:
        entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.kind, entry.account_id, entry.object_id) == ("renamed", "account", ada, ada)


def test_a_new_password_ends_every_other_sign_in(database: Database, app: Flask, ada: uuid.UUID) -> None:
    browser, other = people.client(app, ada), people.client(app, ada)
    with browser.session_transaction() as cookie:
        before = cookie["sign_in"]
    wrong = browser.post("/account/password", data={"password": "wrong", "new_password": "Ada"})
    assert wrong.status_code == 422
    assert soup(wrong).select_one("#password-problem").get_text() == "That is not your password."
    assert "at least 12 characters" in soup(wrong).select_one("#new_password-problem").get_text()
    assert passwords.matches(stored(database, ada).password, PASSWORD)
    assert signed_in(other)
    done = browser.post("/account/password", data={"password": PASSWORD, "new_password": NEW})
    assert done.headers["Location"] == "/account?done=password"
    assert passwords.matches(stored(database, ada).password, NEW)
    assert signed_in(browser)
    assert not signed_in(other)
    with browser.session_transaction() as cookie:
        assert cookie["sign_in"] != before
    stolen = app.test_client()
    with stolen.session_transaction() as cookie:
        cookie["sign_in"] = before
    assert not signed_in(stolen), "who had copied the old cookie is out, too"


@people.ON_ONE_DATABASE
@pytest.mark.parametrize("path", ["/account/password", "/account/second-step", "/account/second-step/off",
                                  "/account/second-step/codes"])  # fmt: skip
def test_the_password_cannot_be_found_out_from_an_open_browser(
    database: Database, app: Flask, ada: uuid.UUID, path: str
) -> None:
    browser = people.client(app, ada)
    for _try in range(SIGN_IN_ACCOUNT.most):
        assert browser.post(path, data={"password": "wrong", "new_password": NEW}).status_code == 422
    assert browser.post(path, data={"password": PASSWORD, "new_password": NEW}).status_code == 429
    assert passwords.matches(stored(database, ada).password, PASSWORD)


def test_the_browsers_that_are_signed_in_and_only_ones_own(database: Database, app: Flask, ada: uuid.UUID) -> None:
    bob = people.member(database, stored(database, ada).organisation_id)
    theirs, browser = people.client(app, bob), app.test_client()
    data = {"email": EMAIL, "password": PASSWORD}
    browser.post("/sign-in", data=data, headers={"User-Agent": FIREFOX})
    other = people.client(app, ada)
    listed = [re.sub(r"\s+", " ", each.get_text()) for each in soup(browser.get("/account")).select(".browsers li")]
    assert len(listed) == 2
    assert listed[0].startswith("Firefox, Linux (this one) since ")
    assert listed[1].startswith("A browser since ")
    assert browser.post("/account/browsers/end").headers["Location"] == "/account?done=browsers"
    assert signed_in(browser)
    assert not signed_in(other)
    assert signed_in(theirs)
    assert soup(browser.get("/account")).select_one("form[action='/account/browsers/end']") is None


@people.ON_ONE_DATABASE
def test_who_signs_in_elsewhere_has_no_password_to_change(database: Database, app: Flask, ada: uuid.UUID) -> None:
    with database.writing(EVERY_ORGANISATION) as session:
        session.execute(update(Account).values(password=None))
    browser = people.client(app, ada)
    page = soup(browser.get("/account"))
    assert page.select_one("form[action='/account/password']") is None
    assert "You sign in elsewhere" in page.get_text()
    assert browser.get("/account/second-step").status_code == 303
    for old in ("", PASSWORD):
        assert browser.post("/account/password", data={"password": old, "new_password": NEW}).status_code == 422
    assert stored(database, ada).password is None


@people.ON_ONE_DATABASE
def test_without_accounts_there_is_nothing_but_the_way_to_one(database: Database, app: Flask) -> None:
    browser = app.test_client()
    for path in ("/account", "/account/second-step", "/sign-in"):
        assert browser.get(path).headers["Location"] == "/setup"
    assert browser.post("/account/name", data={"name": "Eve"}).headers["Location"] == "/setup"


@people.ON_ONE_DATABASE
def test_the_menu_shows_what_one_may(database: Database, app: Flask, ada: uuid.UUID) -> None:
    viewer = people.member(database, stored(database, ada).organisation_id, "viewer", name="<b>Vi</b>")
    page = soup(people.client(app, viewer).get("/"))
    assert page.select_one("details.who summary").get_text(strip=True) == "<b>Vi</b>"
    links = {each["href"] for each in page.select("details.who a")}
    assert "/account" in links
    assert not [link for link in links if "admin" in link]
    for path, leads in (("/", "/sign-in"), ("/evidence?q=a", "/sign-in?next=/evidence?q%3Da"),
                        ("/nowhere", "/sign-in"), ("/sign-in?next=/evidence", "/sign-in")):  # fmt: skip
        [stranger] = soup(app.test_client().get(path)).find_all("a", string="Sign in")
        assert stranger["href"] == leads

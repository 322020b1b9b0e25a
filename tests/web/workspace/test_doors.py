"""The doors: none is forgotten, forms are ours, cookies are kept to ourselves, and nobody is sent elsewhere."""

from __future__ import annotations

import re
import uuid
from http.cookies import Morsel, SimpleCookie
from pathlib import Path

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.web.conftest import HTMX, soup
from tests.web.workspace import people
from web import app as application
from web.accounts import passwords
from web.accounts.doorkeeper import MissingDoorError, check_doors
from web.accounts.doors import DOORS, door_of
from web.accounts.return_path import safe_path
from web.storage import EVERY_ORGANISATION, Database
from web.storage.tables import Account

EMAIL, PASSWORD = "ada@example.org", "correct horse battery"
SITE = "https://rapport.example"


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Flask:
    return people.app(database, tmp_path, WTF_CSRF_ENABLED=True)


@pytest.fixture
def ada(database: Database, quick_passwords: None) -> uuid.UUID:
    made = people.organisation(database)
    return people.member(database, made, email=EMAIL, name="Ada", password=passwords.hashed(PASSWORD))


def token_of(browser: FlaskClient, path: str = "/account") -> str:
    return str(soup(browser.get(path)).select_one("[name=csrf_token]")["value"])


def name_of(database: Database) -> str:
    with database.reading(EVERY_ORGANISATION) as session:
        return session.scalars(select(Account.name)).one()


def cookie_in(answer_headers: list[str], name: str) -> Morsel[str]:
    found = [SimpleCookie(header) for header in answer_headers]
    return next(each[name] for each in found if name in each)


@people.ON_ONE_DATABASE
def test_a_route_without_a_door_stops_the_start(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Part:
        bp = Blueprint("forgotten", __name__)

    Part.bp.add_url_rule("/forgotten", "index", lambda: "in")
    made = people.app(database, tmp_path)
    made.register_blueprint(Part.bp)
    with pytest.raises(MissingDoorError, match=r"forgotten\.index"):
        check_doors(made)
    monkeypatch.delitem(DOORS, "account")
    with pytest.raises(MissingDoorError, match=r"account\.index"):
        application.create_app({"RAPPORT_DATA_DIR": str(tmp_path)})


@people.ON_ONE_DATABASE
def test_every_door_leads_somewhere_and_what_changes_accounts_asks_for_a_token(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    for name in ("setup", "sign_in", "elsewhere", "join", "account"):
        mine = [endpoint for endpoint in endpoints if endpoint.startswith(f"{name}.")]
        assert mine
        assert all(door is not None and door.changes for door in map(door_of, mine))


@people.ON_ONE_DATABASE
def test_a_form_without_our_token_changes_nothing(database: Database, app: Flask, ada: uuid.UUID) -> None:
    browser, other = people.client(app, ada), people.client(app, ada)
    theirs, stranger = token_of(other), token_of(app.test_client(), "/sign-in")
    data = {"name": "Eve"}
    for wrong in ("", "x", theirs, stranger):
        assert browser.post("/account/name", data=data | {"csrf_token": wrong}).status_code == 400
        assert browser.post("/account/name", data=data, headers=HTMX | {"X-CSRFToken": wrong}).status_code == 400
    assert browser.post("/account/name", data=data).status_code == 400
    assert browser.post("/sign-out").status_code == 400
    assert name_of(database) == "Ada"
    assert browser.post("/account/name", data={"name": "Ada L.", "csrf_token": token_of(browser)}).status_code == 303
    header = HTMX | {"X-CSRFToken": token_of(browser)}
    assert browser.post("/account/name", data={"name": "Ada Lovelace"}, headers=header).status_code == 303
    assert name_of(database) == "Ada Lovelace"
    for path in ("/sign-in", "/join", "/sign-in/code"):
        assert app.test_client().post(path, data={"email": EMAIL, "password": PASSWORD}).status_code == 400


@people.ON_ONE_DATABASE
def test_a_token_from_before_the_sign_in_is_worth_nothing_after_it(
    database: Database, app: Flask, ada: uuid.UUID
) -> None:
    browser = app.test_client()
    before = token_of(browser, "/sign-in")
    data = {"email": EMAIL, "password": PASSWORD, "csrf_token": before}
    assert browser.post("/sign-in", data=data).status_code == 303
    assert browser.post("/account/name", data={"name": "Eve", "csrf_token": before}).status_code == 400
    assert name_of(database) == "Ada"


@people.ON_ONE_DATABASE
@pytest.mark.parametrize(("headers", "status"), [
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
    ({"Origin": "http://localhost"}, 303),
])  # fmt: skip
def test_a_form_of_another_site_is_refused_even_with_our_token(
    database: Database, app: Flask, ada: uuid.UUID, headers: dict[str, str], status: int
) -> None:
    browser = people.client(app, ada)
    data = {"name": "Eve", "csrf_token": token_of(browser)}
    assert browser.post("/account/name", data=data, headers=headers).status_code == status
    assert name_of(database) == ("Eve" if status == 303 else "Ada")


@people.ON_ONE_DATABASE
def test_our_own_pages_say_where_their_forms_come_from(database: Database, app: Flask, ada: uuid.UUID) -> None:
    """Under ``no-referrer`` a browser that knows no ``Sec-Fetch-Site`` sends ``Origin: null`` with our own forms."""
    browser = people.client(app, ada)
    for path in ("/", "/account", "/evidence", "/nowhere"):
        assert browser.get(path).headers["Referrer-Policy"] == "same-origin", path
    stranger = app.test_client()
    assert stranger.get("/sign-in").headers["Referrer-Policy"] == "same-origin"
    assert stranger.get("/").headers["Referrer-Policy"] == "no-referrer"
    assert stranger.get("/join?key=x").headers["Referrer-Policy"] == "strict-origin"


@people.ON_ONE_DATABASE
@pytest.mark.parametrize(("public", "name"), [(SITE, "__Host-rapport"), ("", "rapport")])
def test_the_cookie_is_kept_to_ourselves(
    database: Database, tmp_path: Path, ada: uuid.UUID, public: str, name: str
) -> None:
    app = people.app(database, tmp_path, RAPPORT_PUBLIC_URL=public)
    browser = app.test_client()
    answer = browser.post("/sign-in", base_url=SITE, data={"email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 303
    cookie = cookie_in(answer.headers.getlist("Set-Cookie"), name)
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert cookie["domain"] == ""
    assert bool(cookie["secure"]) == bool(public)
    assert browser.get("/account", base_url=SITE).status_code == 200
    page = browser.get("/", base_url=SITE)
    assert "Cookie" in page.headers["Vary"]
    assert page.headers["Cache-Control"] == "no-store"


@people.ON_ONE_DATABASE
def test_a_cookie_that_was_tampered_with_is_none(database: Database, app: Flask, ada: uuid.UUID) -> None:
    browser = people.client(app, ada)
    held = browser.get_cookie("rapport")
    assert held is not None
    body, _, signature = held.value.rpartition(".")
    for forged in (f"{body}.{signature[::-1]}", body, "x", "."):
        other = app.test_client()
        other.set_cookie("rapport", forged)
        assert other.get("/account").status_code == 303
    assert browser.get("/account").status_code == 200


def leads_elsewhere(text: str) -> bool:
    """Return whether an address on a page of ours leaves the site, read as browsers do (WHATWG URL, 4.4)."""
    plain = re.sub(r"[\t\n\r]", "", text.strip("".join(map(chr, range(33)))))  # they strip C0 controls and blanks
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", plain):
        return True
    return plain.replace("\\", "/").startswith("//")


HOSTILE = st.lists(
    st.sampled_from(["/", "\\", "//", "evil.example", "https:", "javascript:", "@", ":", "?", "#", "%2f", "%5c", "\t",
                     "\n", "\r", " ", "\x00", "\u2028", ".", "..", "a", "é", ";", "[", "]"]), max_size=8,
).map("".join)  # fmt: skip


@given(st.one_of(HOSTILE, st.text(max_size=30)))
@example("/\t/evil.example")
@example("/\\evil.example")
@example("\x01//evil.example")
@example("https:evil.example")
@example("//[")
def test_no_path_to_return_to_leads_elsewhere(text: str) -> None:
    path = safe_path(text)
    assert path.startswith("/")
    assert not leads_elsewhere(path)
    assert safe_path(path) == path
    assert path in (text, "/")


@people.ON_ONE_DATABASE
@pytest.mark.parametrize("hostile", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example",
                                     "javascript:alert(1)", "//[", "\r\nX-Evil: 1"])  # fmt: skip
def test_signing_in_leads_to_a_page_of_ours(database: Database, app: Flask, ada: uuid.UUID, hostile: str) -> None:
    browser = app.test_client()
    page = soup(browser.get("/sign-in", query_string={"next": hostile}))
    assert page.select_one("[name=next]")["value"] == "/"
    data = {"email": EMAIL, "password": PASSWORD, "next": hostile, "csrf_token": token_of(browser, "/sign-in")}
    assert browser.post("/sign-in", data=data).headers["Location"] == "/"
    assert browser.get("/sign-in", query_string={"next": hostile}).headers["Location"] == "/"

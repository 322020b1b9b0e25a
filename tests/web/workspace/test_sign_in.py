"""Signing in and out: what is the same for everybody who may not, and what ends a sign-in."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from tests.web.conftest import HTMX, soup
from tests.web.workspace import people
from web.accounts import passwords, sign_ins
from web.accounts.limits import SIGN_IN_ACCOUNT, SIGN_IN_ADDRESS, Limit, count, forget
from web.storage import EVERY_ORGANISATION, Database
from web.storage.base import digest, now
from web.storage.tables import Account, Attempts, AuditEntry, SignIn

ROOT = Path(__file__).parents[3]
EMAIL, PASSWORD = "ada@example.org", "correct horse battery"


@pytest.fixture
def ada(database: Database, quick_passwords: None) -> uuid.UUID:
    made = people.organisation(database)
    return people.member(database, made, email=EMAIL, name="Ada Lovelace", password=passwords.hashed(PASSWORD))


def sign_in(browser: FlaskClient, email: str = EMAIL, password: str = PASSWORD, **data: str) -> TestResponse:
    return browser.post("/sign-in", data={"email": email, "password": password} | data)


def signed_in(browser: FlaskClient) -> bool:
    return browser.get("/account").status_code == 200


def test_in_and_out(database: Database, app: Flask, ada: uuid.UUID) -> None:
    browser = app.test_client()
    turned_away = browser.get("/batch?show=held")
    assert turned_away.headers["Location"] == "/sign-in?next=/batch?show%3Dheld"
    page = soup(browser.get(turned_away.headers["Location"]))
    path = page.select_one("[name=next]")["value"]
    answer = sign_in(browser, " ADA@example.org", next=path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/batch?show=held")
    assert browser.get(path).status_code == 200
    menu = soup(browser.get("/")).select_one("details.who")
    assert menu.select_one("summary").get_text(strip=True) == "Ada Lovelace"
    assert menu.select_one("form")["action"] == "/sign-out"
    assert browser.get("/sign-in").headers["Location"] == "/"
    with database.reading(EVERY_ORGANISATION) as session:
        assert session.get_one(Account, ada).signed_in_at is not None
        assert session.scalars(select(AuditEntry.action)).all() == ["signed in"]
    assert browser.get("/sign-out").status_code == 405
    assert browser.post("/sign-out").status_code == 303
    assert not signed_in(browser)
    with database.reading(EVERY_ORGANISATION) as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 0


@people.ON_ONE_DATABASE
def test_wrong_unknown_inactive_and_without_password_get_the_same_words(
    database: Database, app: Flask, ada: uuid.UUID
) -> None:
    with database.reading(EVERY_ORGANISATION) as session:
        home = session.get_one(Account, ada).organisation_id
    people.member(database, home, email="gone@example.org", active=False, password=passwords.hashed(PASSWORD))
    people.member(database, home, email="oidc@example.org")
    pages = set()
    for email, password in ((EMAIL, "wrong"), ("nobody@example.org", PASSWORD), ("gone@example.org", PASSWORD),
                            ("oidc@example.org", ""), (EMAIL, ""), (EMAIL, "x" * 5000)):  # fmt: skip
        browser = app.test_client()
        answer = sign_in(browser, email, password)
        assert answer.status_code == 422
        assert soup(answer).select_one("#password")["value"] == ""
        assert "sign_in" not in _cookie(browser)
        pages.add(re.sub(r'(name="csrf_token" value=)"[^"]+"', "", answer.text.replace(email, "EMAIL")))
        assert not signed_in(browser)
    assert len(pages) == 1


@people.ON_ONE_DATABASE
def test_an_unknown_address_takes_as_long_as_a_wrong_password(database: Database, app: Flask) -> None:
    """With the real parameters: at least the work of one hash either way, and no more than half of it apart."""
    people.member(database, people.organisation(database), email=EMAIL, password=passwords.hashed(PASSWORD))
    browser = app.test_client()
    taken: dict[str, list[float]] = {EMAIL: [], "nobody@example.org": []}
    for _round in range(3):
        for email, times in taken.items():
            began = time.process_time()
            assert sign_in(browser, email, "wrong").status_code == 422
            times.append(time.process_time() - began)
    known, unknown = (min(times) for times in taken.values())
    assert min(known, unknown) > 0.03, "no password was hashed"
    assert abs(known - unknown) < 0.5 * max(known, unknown), (known, unknown)


@people.ON_ONE_DATABASE
def test_who_signs_in_gets_a_new_secret_and_what_stood_in_the_cookie_is_gone(app: Flask, ada: uuid.UUID) -> None:
    """Session fixation: a secret that was there before the sign-in, planted or not, is worth nothing after it."""
    browser = app.test_client()
    with browser.session_transaction() as cookie:
        cookie.update({"sign_in": "planted", "csrf_token": "planted", "other": "planted"})
    assert sign_in(browser).status_code == 303
    first = _cookie(browser)
    assert "planted" not in str(first)
    assert sign_in(browser).status_code == 303
    assert _cookie(browser)["sign_in"] != first["sign_in"]
    planted = app.test_client()
    with planted.session_transaction() as cookie:
        cookie["sign_in"] = "planted"
    assert not signed_in(planted)


@people.ON_ONE_DATABASE
def test_what_is_stored_of_a_sign_in_does_not_sign_in(database: Database, app: Flask, ada: uuid.UUID) -> None:
    browser = app.test_client()
    sign_in(browser)
    secret = _cookie(browser)["sign_in"]
    with database.reading(EVERY_ORGANISATION) as session:
        stored = session.scalars(select(SignIn.digest)).one()
    assert stored == digest(secret) != secret
    thief = app.test_client()
    with thief.session_transaction() as cookie:
        cookie["sign_in"] = stored
    assert not signed_in(thief)


@pytest.mark.parametrize("change", ["expired", "idle", "inactive"])
def test_a_sign_in_ends_at_once(database: Database, app: Flask, ada: uuid.UUID, change: str) -> None:
    browser = people.client(app, ada)
    assert signed_in(browser)
    with database.writing(EVERY_ORGANISATION) as session:
        if change == "expired":
            session.execute(update(SignIn).values(expires_at=now()))
        elif change == "idle":
            session.execute(update(SignIn).values(seen_at=now() - sign_ins.IDLE))
        else:
            session.execute(update(Account).values(active=False))
    assert browser.get("/account").headers["Location"] == "/sign-in?next=/account"
    assert browser.post("/account/name", data={"name": "Eve"}).status_code == 401


@people.ON_ONE_DATABASE
def test_an_outdated_hash_is_renewed_by_signing_in(database: Database, app: Flask, ada: uuid.UUID) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash(PASSWORD)
    with database.writing(EVERY_ORGANISATION) as session:
        session.execute(update(Account).values(password=old))
    assert sign_in(app.test_client(), password="wrong").status_code == 422
    assert _stored(database) == old
    assert sign_in(app.test_client()).status_code == 303
    renewed = _stored(database)
    assert renewed != old
    assert not passwords.outdated(renewed)
    assert sign_in(app.test_client()).status_code == 303
    assert _stored(database) == renewed


def test_after_ten_tries_an_account_waits_whoever_asks_and_a_success_begins_anew(
    database: Database, app: Flask, ada: uuid.UUID
) -> None:
    for _try in range(SIGN_IN_ACCOUNT.most - 1):
        assert sign_in(app.test_client(), password="wrong").status_code == 422
    assert sign_in(app.test_client()).status_code == 303
    for _try in range(SIGN_IN_ACCOUNT.most):
        assert sign_in(app.test_client(), password="wrong").status_code == 422
    shut = sign_in(app.test_client())
    assert shut.status_code == 429
    assert 0 < int(shut.headers["Retry-After"]) <= 900
    assert "Wait 15 minutes" in shut.text
    nobody = [sign_in(app.test_client(), "nobody@example.org").status_code for _try in range(11)]
    assert nobody == [422] * 10 + [429], "an address that is not there is no different"
    with database.writing(EVERY_ORGANISATION) as session:
        session.execute(update(Attempts).values(until=now() - dt.timedelta(seconds=1)))
    assert sign_in(app.test_client()).status_code == 303


@people.ON_ONE_DATABASE
def test_an_address_that_tries_many_accounts_waits(database: Database, app: Flask, ada: uuid.UUID) -> None:
    here = {"REMOTE_ADDR": "192.0.2.7"}
    browser = app.test_client()
    for number in range(SIGN_IN_ADDRESS.most):
        data = {"email": f"{number}@example.org", "password": "x"}
        assert browser.post("/sign-in", data=data, environ_base=here).status_code == 422
    data = {"email": EMAIL, "password": PASSWORD}
    assert browser.post("/sign-in", data=data, environ_base=here).status_code == 429
    assert browser.post("/sign-in", data=data, environ_base={"REMOTE_ADDR": "192.0.2.8"}).status_code == 303
    with database.reading(EVERY_ORGANISATION) as session:
        for key in session.scalars(select(Attempts.key)):
            assert len(key) == 64, "who tried is kept as a digest only"


def test_processes_count_together(database: Database) -> None:
    """Two processes try twenty times at once between them, and exactly ten of the tries are allowed."""
    limit = Limit("a test", 10, dt.timedelta(hours=1))
    program = (
        "import datetime as dt\n"
        "from web.accounts.limits import Limit, count\n"
        "from web.storage import Database\n"
        f"database = Database({database.url.render_as_string(hide_password=False)!r})\n"
        "limit = Limit('a test', 10, dt.timedelta(hours=1))\n"
        "print(sum(count(database, limit, 'ada') is None for _ in range(10)))\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    allowed = [int(each.communicate(timeout=60)[0]) for each in running]
    assert sum(allowed) == 10
    wait = count(database, limit, "ada")
    assert wait is not None
    assert dt.timedelta(minutes=58) < wait <= dt.timedelta(hours=1)
    assert count(database, limit, "bob") is None
    forget(database, limit, "ada")
    assert count(database, limit, "ada") is None


@people.ON_ONE_DATABASE
def test_a_part_of_a_page_takes_the_whole_page_to_sign_in_and_back(
    database: Database, app: Flask, ada: uuid.UUID
) -> None:
    here = HTMX | {"HX-Current-URL": "http://localhost/batch?show=held"}
    answer = app.test_client().get("/batch/progress?id=1", headers=here)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/batch?show%3Dheld"
    assert answer.get_data() == b""
    for foreign in ("http://evil.example//evil.example", "//[", "javascript:alert(1)", ""):
        answer = app.test_client().get("/batch/progress", headers=HTMX | {"HX-Current-URL": foreign})
        assert answer.headers["HX-Redirect"] == "/sign-in?next=/"
    posted = app.test_client().post("/batch/delete", headers=here)
    assert posted.status_code == 401
    assert "HX-Redirect" not in posted.headers, "what was typed stays where it is"


@people.ON_ONE_DATABASE
def test_a_stranger_gets_no_cookie_until_a_form_needs_one(database: Database, app: Flask, ada: uuid.UUID) -> None:
    browser = app.test_client()
    for path in ("/", "/evidence", "/method", "/compare", "/nowhere", "/batch"):
        assert "Set-Cookie" not in browser.get(path).headers, path
    app.config["WTF_CSRF_ENABLED"] = True
    assert "Set-Cookie" in browser.get("/sign-in").headers


def _cookie(browser: FlaskClient) -> dict[str, object]:
    with browser.session_transaction() as cookie:
        return dict(cookie)


def _stored(database: Database) -> str:
    with database.reading(EVERY_ORGANISATION) as session:
        return session.scalars(select(Account.password)).one() or ""

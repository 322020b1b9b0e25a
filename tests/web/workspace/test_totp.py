"""The second step: a code of the phone works once, a recovery code works once, and the secret is not kept as it is."""

from __future__ import annotations

import datetime as dt
import uuid

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.web.conftest import soup
from tests.web.workspace import people
from web.accounts import passwords, second_step
from web.accounts.sealed import seal, unseal
from web.storage import EVERY_ORGANISATION, Database
from web.storage.tables import Account, RecoveryCode, SignIn

EMAIL, PASSWORD = "ada@example.org", "correct horse battery"
#: RFC 6238, appendix B: the secret "12345678901234567890" for SHA-1, and the last six figures of what it prints.
PUBLISHED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
PRINTED = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}
MOMENT = dt.datetime(2030, 1, 1, 12, 0, 10, tzinfo=dt.UTC)


class Clock:
    """The server's clock, which stands still unless it is moved."""

    def __init__(self) -> None:
        self.moment = MOMENT

    def __call__(self) -> dt.datetime:
        return self.moment

    def code(self, secret: str, steps: int = 0) -> str:
        return pyotp.TOTP(secret).at(self.moment + dt.timedelta(seconds=30 * steps))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stopped = Clock()
    monkeypatch.setattr(second_step, "now", stopped)
    return stopped


@pytest.fixture
def ada(database: Database, quick_passwords: None) -> uuid.UUID:
    made = people.organisation(database)
    return people.member(database, made, email=EMAIL, password=passwords.hashed(PASSWORD))


def turn_on(browser: FlaskClient, clock: Clock, **data: str) -> tuple[str, TestResponse]:
    """Turn the second step on as a person does; return the secret and the answer."""
    page = soup(browser.get("/account/second-step"))
    secret = page.select_one(".letters").get_text().replace(" ", "")
    usual = {"offer": page.select_one("[name=offer]")["value"], "password": PASSWORD, "code": clock.code(secret)}
    return secret, browser.post("/account/second-step", data=usual | data)


def codes(answer: TestResponse) -> list[str]:
    return [each.get_text() for each in soup(answer).select(".codes code")]


def half_in(app: Flask) -> FlaskClient:
    browser = app.test_client()
    answer = browser.post("/sign-in", data={"email": EMAIL, "password": PASSWORD, "next": "/evidence"})
    assert answer.headers["Location"] == "/sign-in/code?next=/evidence"
    assert browser.get("/account").status_code == 303, "half in is out"
    return browser


def enters(browser: FlaskClient, code: str) -> bool:
    answer = browser.post("/sign-in/code", data={"code": code, "next": "/evidence"})
    assert (answer.status_code, answer.headers.get("Location")) in ((303, "/evidence"), (422, None))
    assert (browser.get("/account").status_code == 200) == (answer.status_code == 303)
    return answer.status_code == 303


@pytest.mark.parametrize(("second", "code"), PRINTED.items())
def test_codes_are_those_of_the_standard(monkeypatch: pytest.MonkeyPatch, second: int, code: str) -> None:
    monkeypatch.setattr(second_step, "now", lambda: dt.datetime.fromtimestamp(second, dt.UTC))
    assert second_step._step_of(PUBLISHED, code) == second // 30
    assert second_step._step_of(PUBLISHED, str((int(code) + 1) % 10**6).zfill(6)) is None


@given(st.text(max_size=12))
def test_what_is_no_code_is_no_error(typed: str) -> None:
    step = second_step._step_of(PUBLISHED, typed)
    assert step is None or typed.replace(" ", "") == pyotp.TOTP(PUBLISHED).at(step * 30)


def test_a_code_works_once_and_within_a_step_either_way(
    database: Database, app: Flask, ada: uuid.UUID, clock: Clock
) -> None:
    secret, answer = turn_on(people.client(app, ada), clock)
    assert answer.status_code == 200
    assert not enters(half_in(app), clock.code(secret)), "the code that turned it on was used by that"
    clock.moment += dt.timedelta(seconds=60)
    assert not enters(half_in(app), clock.code(secret, -2))
    assert enters(half_in(app), clock.code(secret)[:3] + " " + clock.code(secret)[3:])
    assert not enters(half_in(app), clock.code(secret))
    assert not enters(half_in(app), clock.code(secret, -1)), "older than the one that was used"
    assert enters(half_in(app), clock.code(secret, 1)), "the phone is half a minute ahead"
    assert not enters(half_in(app), clock.code(secret, 2))


def test_each_recovery_code_works_once_and_new_ones_end_the_old(
    database: Database, app: Flask, ada: uuid.UUID, clock: Clock
) -> None:
    browser = people.client(app, ada)
    made = codes(turn_on(browser, clock)[1])
    assert len(set(made)) == 10
    with database.reading(EVERY_ORGANISATION) as session:
        stored = session.scalars(select(RecoveryCode.digest)).all()
    assert not {code.replace("-", "") for code in made} & set(stored)
    assert enters(half_in(app), made[0].upper().replace("-", " "))
    assert not enters(half_in(app), made[0])
    assert "You have 9 recovery codes left" in browser.get("/account").text
    assert browser.post("/account/second-step/codes", data={"password": "wrong"}).status_code == 422
    renewed = codes(browser.post("/account/second-step/codes", data={"password": PASSWORD}))
    assert len(set(renewed)) == 10
    assert not enters(half_in(app), made[1])
    assert enters(half_in(app), renewed[1])


@people.ON_ONE_DATABASE
def test_codes_of_another_account_let_nobody_in(database: Database, app: Flask, ada: uuid.UUID, clock: Clock) -> None:
    with database.reading(EVERY_ORGANISATION) as session:
        home = session.get_one(Account, ada).organisation_id
    bob = people.member(database, home, email="bob@example.org", password=passwords.hashed(PASSWORD))
    turn_on(people.client(app, ada), clock)
    theirs = codes(turn_on(people.client(app, bob), clock)[1])
    assert not enters(half_in(app), theirs[0])


@people.ON_ONE_DATABASE
def test_turning_it_on_takes_the_password_and_a_code_of_this_very_offer(
    database: Database, app: Flask, ada: uuid.UUID, clock: Clock
) -> None:
    browser, elsewhere = people.client(app, ada), people.client(app, ada)
    secret, wrong = turn_on(browser, clock, password="wrong")
    assert wrong.status_code == 422
    assert secret in wrong.text.replace(" ", ""), "the phone need not read another picture"
    assert turn_on(browser, clock, code="000000")[1].status_code == 422
    with app.app_context():
        foreign = seal(secret, f"second step of {uuid.uuid4()}")
    for forged in ("", "x", foreign):
        data = {"password": PASSWORD, "offer": forged, "code": clock.code(secret)}
        assert browser.post("/account/second-step", data=data).status_code == 422
    assert _secret(database) is None
    assert turn_on(browser, clock)[1].status_code == 200
    assert elsewhere.get("/account").status_code == 303, "browsers that came in without it are out"
    assert browser.get("/account/second-step").headers["Location"] == "/account"
    before = _secret(database)
    again = browser.post("/account/second-step", data={"password": PASSWORD, "offer": "x", "code": "000000"})
    assert again.headers["Location"] == "/account"
    assert _secret(database) == before


@people.ON_ONE_DATABASE
def test_what_is_stored_opens_with_the_servers_key_only(
    database: Database, app: Flask, ada: uuid.UUID, clock: Clock
) -> None:
    secret, _answer = turn_on(people.client(app, ada), clock)
    stored = _secret(database) or ""
    assert secret not in stored
    with app.app_context():
        assert unseal(stored, "second step") == secret
        assert unseal(stored, "another purpose") is None
        app.config["SECRET_KEY"] = "another key of this server, as long"
        assert unseal(stored, "second step") is None
    clock.moment += dt.timedelta(seconds=60)
    assert not enters(half_in(app), clock.code(secret)), "under another key nobody's phone fits; recovery codes do"


@people.ON_ONE_DATABASE
def test_turning_it_off_takes_the_password(database: Database, app: Flask, ada: uuid.UUID, clock: Clock) -> None:
    browser = people.client(app, ada)
    turn_on(browser, clock)
    assert browser.post("/account/second-step/off", data={"password": "wrong"}).status_code == 422
    assert _secret(database) is not None
    assert browser.post("/account/second-step/off", data={"password": PASSWORD}).status_code == 303
    assert _secret(database) is None
    with database.reading(EVERY_ORGANISATION) as session:
        assert session.scalar(select(func.count()).select_from(RecoveryCode)) == 0
    other = app.test_client()
    assert other.post("/sign-in", data={"email": EMAIL, "password": PASSWORD}).headers["Location"] == "/"


@people.ON_ONE_DATABASE
def test_guessing_is_slowed_down_and_half_in_does_not_last(
    database: Database, app: Flask, ada: uuid.UUID, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, _answer = turn_on(people.client(app, ada), clock)
    clock.moment += dt.timedelta(seconds=60)
    for _try in range(10):
        assert not enters(half_in(app), "000000")
    browser = half_in(app)
    assert browser.post("/sign-in/code", data={"code": clock.code(secret)}).status_code == 429
    later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=11)
    monkeypatch.setattr("web.accounts.signing_in.now", lambda: later)
    assert browser.get("/sign-in/code").headers["Location"] == "/sign-in?next=/"
    assert browser.post("/sign-in/code", data={"code": clock.code(secret)}).headers["Location"] == "/sign-in?next=/"
    assert app.test_client().get("/sign-in/code").status_code == 303
    with database.reading(EVERY_ORGANISATION) as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 1, "only the browser that turned it on"


@people.ON_ONE_DATABASE
def test_the_picture_is_drawn_by_attributes_alone(database: Database, app: Flask, ada: uuid.UUID) -> None:
    page = soup(people.client(app, ada).get("/account/second-step"))
    picture = page.select_one(".code-picture svg")
    assert picture.select("path")
    assert page.select("[style], style, script:not([src])") == []


def _secret(database: Database) -> str | None:
    with database.reading(EVERY_ORGANISATION) as session:
        return session.scalars(select(Account.totp).where(Account.email == EMAIL)).one()

"""Signing in at a provider of OpenID Connect: who was invited gets in, and no answer that was tampered with does."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from calculator import InputError
from tests.web.workspace import people
from tests.web.workspace.provider import CLIENT, SECRET, Provider, running
from web.accounts import admissions
from web.accounts.visitor import STRANGER
from web.settings import read_settings
from web.storage import EVERY_ORGANISATION, Database
from web.storage.base import now
from web.storage.tables import Account, Admission

PUBLIC = "http://localhost"
SETTINGS = {
    "RAPPORT_PUBLIC_URL": PUBLIC, "RAPPORT_OIDC_ISSUER": "https://login.example", "RAPPORT_OIDC_CLIENT_ID": CLIENT,
    "RAPPORT_OIDC_CLIENT_SECRET": SECRET,
}  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture
def provider(server: Provider) -> Provider:
    """Return the provider, well-behaved again and with a new key, so that nothing of the last test is believed."""
    server.__dict__.update(changes={}, document={}, faults=set(), asked=[])
    server.person = {"sub": "7", "email": "ada@example.org", "email_verified": True, "name": "Ada Lovelace"}
    server.new_key()
    return server


@pytest.fixture
def app(database: Database, tmp_path: Path, provider: Provider) -> Flask:
    here = SETTINGS | {"RAPPORT_OIDC_ISSUER": provider.issuer, "RAPPORT_OIDC_NAME": "Clinic Login"}
    return people.app(database, tmp_path, **here)


@pytest.fixture
def riverbend(database: Database) -> uuid.UUID:
    """Return an organisation with an administrator, so that there are accounts."""
    made = people.organisation(database)
    people.member(database, made, "administrator")
    return made


def go(browser: FlaskClient, next: str = "") -> TestResponse:
    """Go to the provider, over real HTTP as a browser does, and come back with what it says."""
    left = browser.get("/sign-in/elsewhere", query_string={"next": next} if next else {})
    if left.status_code != 303:
        return left
    sent = httpx.get(left.headers["Location"], trust_env=False)
    assert sent.status_code == 302, sent.text
    back = urlsplit(sent.headers["Location"])
    assert f"{back.scheme}://{back.netloc}{back.path}" == f"{PUBLIC}/sign-in/elsewhere/back"
    return browser.get(back.path, query_string=dict(parse_qsl(back.query)))


def invite(database: Database, organisation: uuid.UUID, email: str = "ada@example.org", role: str = "sales") -> None:
    with database.writing(organisation) as session:
        admissions.invite(session, STRANGER, email, role)


def accounts(database: Database, email: str = "ada@example.org") -> list[Account]:
    with database.reading(EVERY_ORGANISATION) as session:
        return list(session.scalars(select(Account).where(Account.email == email)))


def signed_in(browser: FlaskClient) -> bool:
    return browser.get("/account").status_code == 200


def test_an_invitation_becomes_an_account_and_the_subject_is_what_counts_afterwards(
    database: Database, app: Flask, provider: Provider, riverbend: uuid.UUID
) -> None:
    invite(database, riverbend)
    browser = app.test_client()
    assert "Sign in with Clinic Login" in browser.get("/sign-in").text
    answer = go(browser, "/evidence?q=alliance")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/evidence?q=alliance")
    assert signed_in(browser)
    [made] = accounts(database)
    assert (made.name, made.role, made.organisation_id) == ("Ada Lovelace", "sales", riverbend)
    assert (made.issuer, made.subject, made.password) == (provider.issuer, "7", None)
    with database.reading(riverbend) as session:
        assert session.scalar(select(Admission.used_at)) is not None

    provider.person |= {"email": "married@example.org", "email_verified": False}
    other = app.test_client()
    assert go(other).status_code == 303
    assert signed_in(other)
    assert accounts(database, "married@example.org") == []
    assert [each.id for each in accounts(database)] == [made.id]


def test_an_account_that_is_there_is_tied_once(
    database: Database, app: Flask, provider: Provider, riverbend: uuid.UUID
) -> None:
    account = people.member(database, riverbend, "viewer", email="ada@example.org")
    browser = app.test_client()
    assert go(browser).status_code == 303
    assert signed_in(browser)
    assert [(each.id, each.subject) for each in accounts(database)] == [(account, "7")]
    provider.person["sub"] = "8"  # somebody who was given Ada's address after her
    stranger = app.test_client()
    assert go(stranger).status_code == 403
    assert not signed_in(stranger)
    assert [each.subject for each in accounts(database)] == ["7"]


@people.ON_ONE_DATABASE
@pytest.mark.parametrize("change", [{"email_verified": False}, {"email_verified": "true"}, {"email_verified": ...},
                                    {"email": "eve@example.org"}, {"email": ...}, {"email": 7}])  # fmt: skip
def test_nobody_gets_in_by_an_address_that_is_not_verified_or_not_invited(
    database: Database, app: Flask, provider: Provider, riverbend: uuid.UUID, change: dict[str, Any]
) -> None:
    invite(database, riverbend)
    provider.changes = change
    if ... in change.values():
        provider.person = {name: value for name, value in provider.person.items() if name not in change}
    browser = app.test_client()
    answer = go(browser)
    assert answer.status_code == 403
    assert "Nobody here has invited" in answer.text
    assert not signed_in(browser)
    with database.reading(EVERY_ORGANISATION) as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 1


def test_an_invitation_that_is_old_or_stands_in_two_organisations_lets_nobody_in(
    database: Database, app: Flask, riverbend: uuid.UUID
) -> None:
    invite(database, riverbend)
    with database.writing(riverbend) as session:
        session.execute(update(Admission).values(expires_at=now()))
    assert go(app.test_client()).status_code == 403
    invite(database, riverbend)
    invite(database, people.organisation(database, "Harbor"))
    assert go(app.test_client()).status_code == 403
    assert accounts(database) == []


def test_an_account_that_is_not_active_stays_out(database: Database, app: Flask, riverbend: uuid.UUID) -> None:
    people.member(database, riverbend, email="ada@example.org", active=False)
    assert go(app.test_client()).status_code == 403
    with database.writing(EVERY_ORGANISATION) as session:
        session.execute(update(Account).where(Account.email == "ada@example.org").values(active=True))
    browser = app.test_client()
    assert go(browser).status_code == 303
    with database.writing(EVERY_ORGANISATION) as session:
        session.execute(update(Account).where(Account.email == "ada@example.org").values(active=False))
    assert not signed_in(browser)
    assert go(app.test_client()).status_code == 403


@people.ON_ONE_DATABASE
@pytest.mark.parametrize("change", [
    {"iss": "https://elsewhere.example"}, {"aud": "another"}, {"aud": [CLIENT, "another"]},
    {"aud": [CLIENT, "another"], "azp": "another"}, {"nonce": "another"}, {"nonce": ...}, {"exp": 1}, {"exp": ...},
    {"iat": 99_999_999_999}, {"sub": ...}, {"sub": ""}, {"sub": "x" * 256}, {"at_hash": "wrong"}, {"sub": 7},
])  # fmt: skip
def test_a_token_that_does_not_hold_lets_nobody_in(
    database: Database, app: Flask, provider: Provider, riverbend: uuid.UUID, change: dict[str, Any]
) -> None:
    invite(database, riverbend)
    provider.changes = change
    _refused(database, app)


@people.ON_ONE_DATABASE
@pytest.mark.parametrize("fault", ["unsigned", "shared secret", "forged"])
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(
    database: Database, app: Flask, provider: Provider, riverbend: uuid.UUID, fault: str
) -> None:
    invite(database, riverbend)
    provider.faults = {fault}
    _refused(database, app)


def _refused(database: Database, app: Flask) -> None:
    browser = app.test_client()
    answer = go(browser)
    assert answer.status_code == 502
    assert "did not answer as it should" in answer.text
    assert not signed_in(browser)
    assert accounts(database) == []


@people.ON_ONE_DATABASE
def test_an_answer_counts_once_and_in_the_browser_that_asked_only(
    database: Database, app: Flask, provider: Provider, riverbend: uuid.UUID
) -> None:
    invite(database, riverbend)
    browser, other = app.test_client(), app.test_client()
    left = browser.get("/sign-in/elsewhere")
    asked = dict(parse_qsl(urlsplit(left.headers["Location"]).query))
    assert asked["code_challenge_method"] == "S256"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    answer = dict(parse_qsl(urlsplit(httpx.get(left.headers["Location"], trust_env=False).headers["Location"]).query))
    assert other.get("/sign-in/elsewhere/back", query_string=answer).status_code == 400
    other.get("/sign-in/elsewhere")
    assert other.get("/sign-in/elsewhere/back", query_string=answer).status_code == 400
    wrong = answer | {"iss": "https://elsewhere.example"}
    third = app.test_client()
    third.get("/sign-in/elsewhere")
    with third.session_transaction() as held:
        held["elsewhere"]["state"] = answer["state"]
    assert third.get("/sign-in/elsewhere/back", query_string=wrong).status_code == 400
    assert browser.get("/sign-in/elsewhere/back", query_string=answer).status_code == 303
    assert browser.get("/sign-in/elsewhere/back", query_string=answer).status_code == 400
    assert not signed_in(other)


@people.ON_ONE_DATABASE
def test_without_its_verifier_a_code_is_worth_nothing(
    database: Database, app: Flask, provider: Provider, riverbend: uuid.UUID
) -> None:
    """PKCE: who got hold of the code, and even of the state, cannot use it from another browser."""
    invite(database, riverbend)
    browser = app.test_client()
    left = browser.get("/sign-in/elsewhere")
    answer = dict(parse_qsl(urlsplit(httpx.get(left.headers["Location"], trust_env=False).headers["Location"]).query))
    with browser.session_transaction() as held:
        held["elsewhere"] = held["elsewhere"] | {"verifier": "another"}
    assert browser.get("/sign-in/elsewhere/back", query_string=answer).status_code == 502
    assert not signed_in(browser)


@people.ON_ONE_DATABASE
def test_who_turns_back_there_is_told_so_once(app: Flask, provider: Provider, riverbend: uuid.UUID) -> None:
    provider.faults = {"refuse"}
    browser = app.test_client()
    left = browser.get("/sign-in/elsewhere")
    answer = dict(parse_qsl(urlsplit(httpx.get(left.headers["Location"], trust_env=False).headers["Location"]).query))
    told = browser.get("/sign-in/elsewhere/back", query_string=answer)
    assert told.status_code == 422
    assert "you turned back there" in told.text
    assert browser.get("/sign-in/elsewhere/back", query_string=answer).status_code == 400


@people.ON_ONE_DATABASE
def test_a_provider_that_is_down_costs_a_page_and_is_asked_again(
    database: Database, app: Flask, provider: Provider, riverbend: uuid.UUID
) -> None:
    assert provider.asked == [], "nothing is asked before somebody signs in there"
    invite(database, riverbend)
    provider.faults = {"down"}
    assert go(app.test_client()).status_code == 503
    provider.faults = set()
    assert go(app.test_client()).status_code == 303
    provider.new_key("ES256")  # keys change while we run
    assert go(app.test_client()).status_code == 303
    assert provider.asked.count("/.well-known/openid-configuration") == 2
    provider.faults = {"down"}  # the token endpoint, now that the document is known
    assert go(app.test_client()).status_code == 502


@people.ON_ONE_DATABASE
@pytest.mark.parametrize("document", [
    {"issuer": "https://elsewhere.example"}, {"token_endpoint": "http://login.example/token"}, {"jwks_uri": None},
    {"authorization_endpoint": "javascript:alert(1)"}, {"userinfo_endpoint": "ftp://login.example"},
])  # fmt: skip
def test_a_document_that_points_elsewhere_is_not_believed(
    app: Flask, provider: Provider, riverbend: uuid.UUID, document: dict[str, Any]
) -> None:
    provider.document = document
    assert go(app.test_client()).status_code == 503


@people.ON_ONE_DATABASE
def test_the_address_may_stand_at_the_other_endpoint(
    database: Database, app: Flask, provider: Provider, riverbend: uuid.UUID
) -> None:
    invite(database, riverbend)
    provider.faults = {"userinfo", "wrong person"}
    assert go(app.test_client()).status_code == 502
    provider.faults = {"userinfo"}
    provider.document = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert go(app.test_client()).status_code == 303
    assert [each.name for each in accounts(database)] == ["Ada Lovelace"]


def test_a_second_step_is_asked_for_there_too(database: Database, app: Flask, riverbend: uuid.UUID) -> None:
    people.member(database, riverbend, email="ada@example.org", totp="sealed")
    browser = app.test_client()
    answer = go(browser, "/evidence")
    assert answer.headers["Location"] == "/sign-in/code?next=/evidence"
    assert not signed_in(browser)


@people.ON_ONE_DATABASE
def test_nothing_of_it_is_there_unless_it_is_configured(
    database: Database, tmp_path: Path, riverbend: uuid.UUID
) -> None:
    browser = people.app(database, tmp_path).test_client()
    assert "elsewhere" not in browser.get("/sign-in").text
    assert browser.get("/sign-in/elsewhere").status_code == 404
    assert browser.get("/sign-in/elsewhere/back?code=1&state=2").status_code == 404


@pytest.mark.parametrize(("changes", "said"), [
    ({"RAPPORT_OIDC_CLIENT_SECRET": ""}, "RAPPORT_OIDC_CLIENT_SECRET is missing; RAPPORT_OIDC_ISSUER needs it"),
    ({"RAPPORT_OIDC_ISSUER": "", "RAPPORT_OIDC_CLIENT_ID": "", "RAPPORT_OIDC_CLIENT_SECRET": "",
      "RAPPORT_OIDC_NAME": "Login"}, "RAPPORT_OIDC_ISSUER is missing; RAPPORT_OIDC_NAME needs it"),
    ({"RAPPORT_PUBLIC_URL": ""}, "RAPPORT_PUBLIC_URL is missing; the provider sends people back to it"),
    ({"RAPPORT_OIDC_ISSUER": "http://login.example"}, "RAPPORT_OIDC_ISSUER is 'http://login.example'; write"),
    ({"RAPPORT_OIDC_ISSUER": "https://a.example/.well-known/openid-configuration"}, "leave /.well-known"),
    ({"RAPPORT_OIDC_CLIENT_SECRT": "x"}, "RAPPORT_OIDC_CLIENT_SECRT is no setting; is RAPPORT_OIDC_CLIENT_SECRET"),
])  # fmt: skip
def test_settings_that_do_not_go_together_stop_the_start(changes: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)) as error:
        read_settings(SETTINGS | changes)
    assert SECRET not in str(error.value)
    assert read_settings(SETTINGS).oidc_client_id == CLIENT
    assert SECRET not in repr(read_settings(SETTINGS))

"""Keys of programs: shown once, kept as a digest, with scopes that the API asks for; revoked, and run out."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.web.conftest import soup
from tests.web.workspace import people
from web.accounts import keys
from web.storage import Database
from web.storage.base import digest, now
from web.storage.tables import ApiToken, AuditEntry

PAGE = "/administration/keys"
BODY = {"clinic": {"setting": "outpatient", "intakes_per_month": 40}, "payers": [{}], "analysis": {"draws": 64}}
FORM = {"name": "CRM", "scopes": "estimate", "days": "90"}


@pytest.fixture
def there(database: Database, tmp_path: Path) -> tuple[FlaskClient, Database, uuid.UUID]:
    mine = people.organisation(database)
    return people.client(people.app(database, tmp_path), people.member(database, mine)), database, mine


def make(browser: FlaskClient, **form: Any) -> str:
    found = soup(browser.post(PAGE, data=FORM | form)).select_one("#secret")
    assert found is not None
    return str(found["value"])


def ask(browser: FlaskClient, key: str | None) -> Any:
    """Ask the API as a program that is signed in nowhere."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    return browser.application.test_client().post("/api/v1/estimate", json=BODY, headers=headers)


def test_a_key_is_shown_once_kept_as_its_digest_and_opens_the_api(there: Any) -> None:
    browser, database, mine = there
    key = make(browser)
    assert key not in browser.get(PAGE).text
    with database.reading(mine) as session:
        row = session.scalars(select(ApiToken)).one()
        deed = session.scalars(select(AuditEntry)).one()
    assert (row.digest, row.scopes) == (digest(key), ["estimate"])
    assert key.startswith(row.start)
    assert len(row.start) < len(key) / 3, "what stays known of it is no help to guess the rest"
    assert row.expires_at is not None
    assert dt.timedelta(days=89) < row.expires_at - now() < dt.timedelta(days=90)
    assert (deed.action, deed.kind, deed.object_id) == ("created", "key", row.id)
    assert ask(browser, key).json["schema"] == "rapport.estimate/1"
    assert "never" not in browser.get(PAGE).text, "it says when it was last used"


def test_without_a_valid_key_the_api_says_in_its_own_form_how_to_show_one(there: Any) -> None:
    browser, *_ = there
    for key in (None, "", "rapport_", "rapport_wrong", make(browser)[:-1]):
        answer = ask(browser, key)
        assert answer.status_code == 401
        (problem,) = answer.json["problems"]
        assert problem["path"] == ""
        assert "Authorization: Bearer rapport_" in problem["message"]
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_that_is_revoked_or_has_run_out_opens_nothing(there: Any) -> None:
    browser, database, mine = there
    key = make(browser, days="")
    with database.reading(mine) as session:
        row = session.scalars(select(ApiToken)).one()
    assert row.expires_at is None
    assert ask(browser, key).status_code == 200
    assert browser.post(f"{PAGE}/{row.id}/revoke").status_code == 303
    assert ask(browser, key).status_code == 401
    other = make(browser)
    with database.writing(mine) as session:
        session.scalars(select(ApiToken).where(ApiToken.revoked_at.is_(None))).one().expires_at = now()
    assert ask(browser, other).status_code == 401
    with database.reading(mine) as session:
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.at)).all()
    assert actions == ["created", "revoked", "created"]


def test_a_key_without_the_scope_is_told_which_it_lacks(there: Any) -> None:
    browser, database, mine = there
    key = make(browser)
    with database.writing(mine) as session:
        session.scalars(select(ApiToken)).one().scopes = []
    answer = ask(browser, key)
    assert answer.status_code == 403
    assert answer.json == {
        "problems": [{"path": "", "message": "This key may not do that; it needs the scope 'estimate'."}]
    }
    assert browser.application.test_client().get("/api/v1/openapi.json").status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"name": "x" * 101}, {"scopes": "everything"}, {"scopes": ""}, {"days": "1000000"}]
)
def test_a_key_that_cannot_be_is_refused(there: Any, wrong: dict[str, str]) -> None:
    browser, database, mine = there
    answer = browser.post(PAGE, data=FORM | wrong)
    assert answer.status_code == 422
    assert soup(answer).select_one("[role=alert]")
    with database.reading(mine) as session:
        assert session.scalars(select(ApiToken)).all() == []


def test_while_there_is_no_account_the_api_is_open_at_this_computer(database: Database, tmp_path: Path) -> None:
    browser = people.app(database, tmp_path).test_client()
    assert ask(browser, None).status_code == 200
    assert browser.post(PAGE, data=FORM).status_code == 422
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert browser.post("/api/v1/estimate", json=BODY, environ_overrides=elsewhere).status_code == 403


def test_the_document_of_the_api_says_how_to_show_a_key(there: Any) -> None:
    browser, *_ = there
    document = browser.get("/api/v1/openapi.json").json
    (name,) = document["components"]["securitySchemes"]
    scheme = document["components"]["securitySchemes"][name]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    for path, kinds in document["paths"].items():
        for method, operation in kinds.items():
            assert ("security" in operation) == (method == "post"), path
            if method == "post":
                assert operation["security"] == [{name: [scope]} for scope in keys.SCOPES]
                assert {"401", "403"} <= set(operation["responses"])

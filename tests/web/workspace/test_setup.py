"""The first start: this computer alone, one administrator, and what was made before is theirs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from calculator import RapportError
from tests.web.conftest import soup
from tests.web.workspace import people
from web.accounts.first_start import KEY, refuse_open_host
from web.accounts.take_over import TakenError, take_over
from web.storage import EVERY_ORGANISATION, Database
from web.storage.base import now
from web.storage.tables import Account, AuditEntry, Organisation, SavedScenario

EVERYWHERE = "0.0.0.0"  # noqa: S104 - it is refused
ROOT = Path(__file__).parents[3]
TYPED = {
    "organisation": "Riverbend Group", "name": "Ada Lovelace", "email": " Ada@Example.org ",
    "password": "correct horse battery",
}  # fmt: skip

pytestmark = pytest.mark.usefixtures("quick_passwords")


def problems(answer: TestResponse) -> dict[str, str]:
    page = soup(answer)
    found = {str(each["id"]).removesuffix("-problem"): each.get_text() for each in page.select("form .problem")}
    return {name: said for name, said in found.items() if said}


def test_the_first_administrator_takes_over_what_was_made_before(database: Database, tmp_path: Path) -> None:
    app = people.app(database, tmp_path, WTF_CSRF_ENABLED=True)
    browser = app.test_client()
    first = browser.get("/")
    notice = soup(first).select_one(".no-account a")
    assert notice is not None
    assert notice["href"] == "/setup"
    assert "Set-Cookie" not in first.headers
    with database.reading(EVERY_ORGANISATION) as session:
        local = session.scalars(select(Organisation)).one()
    with database.writing(local.id) as session:
        session.add(SavedScenario(name="Spring", changed_at=now()))

    token = soup(browser.get("/setup")).select_one("[name=csrf_token]")["value"]
    answer = browser.post("/setup", data=TYPED | {"csrf_token": token})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account?done=setup")
    page = browser.get("/account?done=setup")
    assert "What was saved on this computer so far is yours" in page.text
    assert soup(page).select_one(".no-account") is None
    with database.reading(EVERY_ORGANISATION) as session:
        account = session.scalars(select(Account)).one()
        organisation = session.scalars(select(Organisation)).one()
        saved = session.scalars(select(SavedScenario)).one()
        entry = session.scalars(select(AuditEntry)).one()
    assert (organisation.id, organisation.name, organisation.local) == (local.id, "Riverbend Group", False)
    assert (account.email, account.name, account.role) == ("ada@example.org", "Ada Lovelace", "administrator")
    assert account.password is not None
    assert account.password.startswith("$argon2id$")
    assert saved.organisation_id == account.organisation_id == local.id
    assert (entry.account_id, entry.action, entry.kind, entry.object_id) == (
        account.id, "created", "organisation", local.id,
    )  # fmt: skip

    token = soup(page).select_one("[name=csrf_token]")["value"]
    assert browser.get("/setup").status_code == 404
    assert browser.post("/setup", data=TYPED | {"csrf_token": token}).status_code == 404
    stranger = app.test_client().get("/")
    assert stranger.status_code == 200
    assert soup(stranger).select_one(".no-account") is None


@people.ON_ONE_DATABASE
def test_everything_that_is_wrong_is_said_at_once_and_nothing_typed_is_lost(database: Database, tmp_path: Path) -> None:
    browser = people.app(database, tmp_path).test_client()
    nothing = browser.post("/setup", data={})
    assert nothing.status_code == 422
    assert set(problems(nothing)) == {"organisation", "name", "email", "password"}
    assert "4 things need another look" in nothing.text
    wrong = browser.post("/setup", data=TYPED | {"email": "ada@", "password": "Ada Lovelace!", "name": "Ada Lovelace"})
    assert set(problems(wrong)) == {"email", "password"}
    held = {field["name"]: field.get("value") for field in soup(wrong).select("form input")}
    assert (held["organisation"], held["name"], held["email"]) == ("Riverbend Group", "Ada Lovelace", "ada@")
    assert held["password"] == ""
    with database.reading(EVERY_ORGANISATION) as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 0


def test_of_many_at_once_one_is_the_administrator(database: Database) -> None:
    won: list[int] = []
    start = threading.Barrier(6)

    def attempt(number: int) -> None:
        start.wait()
        with suppress(TakenError):
            take_over(database, f"Organisation {number}", "Ada", f"ada{number}@example.org", "correct horse battery")
            won.append(number)

    threads = [threading.Thread(target=attempt, args=(number,)) for number in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with database.reading(EVERY_ORGANISATION) as session:
        accounts = session.scalars(select(Account)).all()
        organisations = session.scalars(select(Organisation)).all()
    assert len(won) == 1
    assert [each.email for each in accounts] == [f"ada{won[0]}@example.org"]
    assert [each.name for each in organisations] == [f"Organisation {won[0]}"]


@people.ON_ONE_DATABASE
@pytest.mark.parametrize(("address", "headers", "status"), [
    ("127.0.0.1", {}, 200),
    ("::1", {"Host": "[::1]:8000"}, 200),
    ("192.0.2.7", {}, 403),
    ("", {}, 403),
    ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 403),
    ("127.0.0.1", {"Host": "rapport.example"}, 403),
    ("127.0.0.1", {"Host": "localhost.evil.example"}, 403),
])  # fmt: skip
def test_until_there_is_an_account_only_this_computer_is_answered(
    database: Database, tmp_path: Path, address: str, headers: dict[str, str], status: int
) -> None:
    browser = people.app(database, tmp_path).test_client()
    for path in ("/", "/setup", "/batch"):
        answer = browser.get(path, headers=headers, environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == status, path
        assert ("answers on its own computer only" in answer.text) == (status == 403)
    assert browser.post("/setup", data=TYPED, headers=headers, environ_base={"REMOTE_ADDR": address}).status_code == (
        303 if status == 200 else 403
    )
    assert browser.get("/health/live", environ_base={"REMOTE_ADDR": address}).status_code == 200


@people.ON_ONE_DATABASE
def test_others_are_listened_to_once_there_is_an_account(database: Database, tmp_path: Path) -> None:
    known = people.app(database, tmp_path).extensions[KEY]
    for host in ("127.0.0.1", "localhost", "::1"):
        refuse_open_host(known, host)
    for host in (EVERYWHERE, "::", "192.0.2.7", "rapport.example", ""):
        with pytest.raises(RapportError, match="there is no account yet"):
            refuse_open_host(known, host)
    people.member(database, people.organisation(database))
    refuse_open_host(known, EVERYWHERE)


def test_serve_refuses_an_open_address_before_it_listens(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from web.cli import main; main()", "serve", "--host", EVERYWHERE, "--port", "0"]
    folder = os.environ | {"RAPPORT_DATA_DIR": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stdout == ""
    (*logged, said) = done.stderr.splitlines()
    assert said.startswith("cannot listen on 0.0.0.0: there is no account yet")
    assert all(" warning web.app: CDS Hooks" in line for line in logged), "nothing else went wrong"
    assert "rapport account add" in done.stderr

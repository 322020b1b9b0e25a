"""Accounts and organisations on the command line: the same as on the pages, for whoever runs the server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from tests.web.workspace import people
from web.accounts import passwords
from web.accounts.admissions import look
from web.cli import main
from web.storage import EVERY_ORGANISATION, Database
from web.storage.base import now
from web.storage.tables import Account, AuditEntry, Organisation, SavedScenario

PASSWORD = "correct horse battery"
FIRST = ("account", "add", "--email", "Ada@Example.org", "--name", "Ada", "--organisation", "Riverbend",
         "--role", "administrator")  # fmt: skip

pytestmark = pytest.mark.usefixtures("quick_passwords")


@pytest.fixture(autouse=True)
def settings(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("RAPPORT_PUBLIC_URL", "https://rapport.example")
    if not database.is_sqlite:
        monkeypatch.setenv("RAPPORT_DATABASE_URL", database.url.render_as_string(hide_password=False))


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, arguments, input=typed)


def key_in(result: Result) -> str:
    assert result.exit_code == 0, result.stderr
    found = re.search(r"https://rapport\.example/join\?key=(\S+)", result.stdout)
    assert found is not None
    return found[1]


def test_the_first_account_takes_over_and_others_are_invited(database: Database) -> None:
    with database.writing(EVERY_ORGANISATION) as session:
        local = Organisation(name="This computer", local=True)
        session.add(local)
    with database.writing(local.id) as session:
        session.add(SavedScenario(name="Spring", changed_at=now()))
    done = run(*FIRST, typed=f"{PASSWORD}\n")
    assert done.exit_code == 0, done.stderr
    assert done.stdout == (
        "ada@example.org is the administrator of Riverbend, with all that was saved at this computer so far.\n"
    )
    with database.reading(EVERY_ORGANISATION) as session:
        account, organisation = session.scalars(select(Account)).one(), session.scalars(select(Organisation)).one()
    assert (organisation.id, organisation.name, organisation.local) == (local.id, "Riverbend", False)
    assert (account.email, account.role, account.organisation_id) == ("ada@example.org", "administrator", local.id)
    assert passwords.matches(account.password, PASSWORD)

    key = key_in(run("account", "add", "--email", "bob@example.org", "--role", "sales"))
    found = look(database, key)
    assert (found.kind, found.organisation, found.email) == ("invitation", "Riverbend", "bob@example.org")
    added = run("account", "add", "--email", "carol@example.org", "--name", "Carol", "--role", "viewer", "--password",
                typed=f"{PASSWORD}\n")  # fmt: skip
    assert added.stdout == "carol@example.org may sign in.\n"
    listed = run("account", "list").stdout.splitlines()
    assert [line.split() for line in listed] == [
        ["ada@example.org", "administrator", "Riverbend", "Ada"],
        ["carol@example.org", "viewer", "Riverbend", "Carol"],
    ]
    with database.reading(EVERY_ORGANISATION) as session:
        deeds = session.execute(select(AuditEntry.action, AuditEntry.kind).order_by(AuditEntry.at)).all()
    assert [tuple(deed) for deed in deeds] == [
        ("created", "organisation"), ("invited", "invitation"), ("created", "account"),
    ]  # fmt: skip


@people.ON_ONE_DATABASE
@pytest.mark.parametrize(("arguments", "typed", "said"), [
    (("account", "add", "--email", "ada", "--role", "viewer"), "",
     ["--email cannot be used", "--name cannot be used", "--organisation is missing; the first account",
      "--role is viewer; the first account must be an administrator's"]),
    (FIRST, "password\n", ["The password will not do. Use at least 12 characters"]),
    (FIRST, "", ["The password will not do."]),
    (("account", "reset", "nobody@example.org"), "", ["EMAIL is 'nobody@example.org', and no account has it."]),
    (("organisation", "add", ""), "", ["NAME cannot be used. Write a name."]),
])  # fmt: skip
def test_what_is_wrong_is_said_at_once_and_changes_nothing(
    database: Database, arguments: tuple[str, ...], typed: str, said: list[str]
) -> None:
    done = run(*arguments, typed=typed)
    assert done.exit_code == 2
    lines = done.stderr.splitlines()
    assert len(lines) == len(said)
    assert all(line.startswith(start) for line, start in zip(lines, said, strict=True)), lines
    with database.reading(EVERY_ORGANISATION) as session:
        assert session.scalars(select(Account)).all() == []


def test_organisations_and_who_is_in_which(database: Database) -> None:
    assert run(*FIRST, typed=f"{PASSWORD}\n").exit_code == 0
    assert run("organisation", "add", " Harbor ").exit_code == 0
    again = run("organisation", "add", "Harbor")
    assert (again.exit_code, again.stderr) == (2, "NAME is 'Harbor', and there is one of that name already.\n")
    assert run("organisation", "list").stdout == "Harbor  0 accounts\nRiverbend  1 account\n"
    unclear = run("account", "add", "--email", "bob@example.org", "--role", "sales")
    assert unclear.exit_code == 2
    assert unclear.stderr.startswith("--organisation is missing; there are 'Harbor', 'Riverbend'.")
    unknown = run("account", "add", "--email", "bob@example.org", "--role", "sales", "--organisation", "Harbour")
    assert unknown.stderr.startswith(
        "--organisation is 'Harbour', which there is not; there are 'Harbor', 'Riverbend'."
    )
    key = key_in(run("account", "add", "--email", "bob@example.org", "--role", "sales", "--organisation", "Harbor"))
    assert look(database, key).organisation == "Harbor"
    taken = run("account", "add", "--email", "ada@example.org", "--name", "Eve", "--role", "administrator",
                "--organisation", "Harbor", "--password", typed=f"{PASSWORD}\n")  # fmt: skip
    assert (taken.exit_code, taken.stderr) == (2, "email has an account already.\n")


def test_the_first_account_may_go_to_an_organisation_that_was_added(database: Database) -> None:
    assert run("organisation", "add", "Riverbend").exit_code == 0
    assert run(*FIRST, typed=f"{PASSWORD}\n").exit_code == 0
    assert run("organisation", "list").stdout == "Riverbend  1 account\n"


@people.ON_ONE_DATABASE
def test_a_reset_prints_a_link_and_may_turn_the_second_step_off(database: Database) -> None:
    made = people.organisation(database)
    people.member(database, made, email="ada@example.org", name="Ada", totp="sealed", totp_step=7)
    people.member(database, made, email="bob@example.org", name="Bob", active=False)
    assert look(database, key_in(run("account", "reset", " ADA@example.org"))).kind == "reset"
    assert "(second step)" in run("account", "list").stdout
    assert look(database, key_in(run("account", "reset", "ada@example.org", "--second-step-off"))).name == "Ada"
    with database.reading(EVERY_ORGANISATION) as session:
        account = session.scalars(select(Account).where(Account.email == "ada@example.org")).one()
    assert (account.totp, account.totp_step) == (None, None)
    lines = run("account", "list").stdout
    assert "(second step)" not in lines
    assert "Bob  (inactive)" in lines
    gone = run("account", "reset", "bob@example.org")
    assert (gone.exit_code, gone.stderr) == (2, "That account is not active. Activate it first.\n")

"""``rapport account``: who may sign in to this server, by whoever runs it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from calculator.errors import InputError, Problem

if TYPE_CHECKING:
    import uuid

    from web.settings import Settings
    from web.storage import Database

USUAL_ORIGIN = "http://127.0.0.1:8000"  # of `rapport serve`, where RAPPORT_PUBLIC_URL names no other
ROLES = click.Choice(["administrator", "manager", "sales", "viewer"])


@click.group("account")
def command() -> None:
    """Add and list accounts, and help somebody who cannot sign in."""


@command.command("add")
@click.option("--email", metavar="ADDRESS", required=True, help="Whose account it is.")
@click.option("--name", metavar="NAME", default="", help="What they are called; needed with --password only.")
@click.option("--organisation", metavar="NAME", default="", help="Theirs; may be left out where there is one only.")
@click.option("--role", type=ROLES, required=True, help="What they may do.")
@click.option("--password", "ask", is_flag=True, help="Ask for a password here, or read it from a pipe.")
def add(email: str, name: str, organisation: str, role: str, ask: bool) -> None:
    """Add an account: print a link by which its owner sets a password, or ask for the password here.

    The first account of a server is an administrator's, and its password is always asked for here.
    """
    from web.accounts.first_start import FirstStart
    from web.cli.workspace import open_workspace
    from web.storage.upgrade import make_ready

    with open_workspace() as (settings, database):
        make_ready(database)
        first = not FirstStart(database).has_accounts()
        email, name, organisation = _checked(email, name.strip(), organisation.strip(), role, first=first, ask=ask)
        if first and organisation not in _organisations(database):
            _take_over(database, organisation, name, email)
        elif first or ask:
            _add(database, _organisation(database, organisation), name, email, role)
        else:
            _invite(settings, database, _organisation(database, organisation), email, role)


@command.command("list")
def list_accounts() -> None:
    """List the accounts: address, role, organisation, name, and what is special."""
    from sqlalchemy import select

    from web.cli.workspace import open_workspace
    from web.storage import EVERY_ORGANISATION
    from web.storage.tables import Account, Organisation
    from web.storage.upgrade import make_ready

    wanted = (
        select(Account, Organisation.name)
        .join(Organisation, Organisation.id == Account.organisation_id)
        .order_by(Organisation.name, Account.email)
    )
    with open_workspace() as (_settings, database):
        make_ready(database)
        with database.reading(EVERY_ORGANISATION) as session:
            for account, organisation in session.execute(wanted):
                special = [word for word, on in (("inactive", not account.active), ("second step", account.totp)) if on]
                click.echo(
                    f"{account.email:<32} {account.role:<14} {organisation}  {account.name}"
                    + "".join(f"  ({word})" for word in special)
                )


@command.command("reset")
@click.argument("email")
@click.option("--second-step-off", is_flag=True, help="Ask them for no code either; for who has lost phone and codes.")
def reset(email: str, second_step_off: bool) -> None:
    """Print a link by which the owner of the account EMAIL sets a new password. It works once, for a day."""
    from sqlalchemy import select

    from web.accounts import admissions, second_step
    from web.accounts.email_address import folded
    from web.accounts.visitor import STRANGER
    from web.cli.workspace import open_workspace
    from web.storage import EVERY_ORGANISATION
    from web.storage.owned import narrow
    from web.storage.tables import Account
    from web.storage.upgrade import make_ready

    with open_workspace() as (settings, database):
        make_ready(database)
        with database.writing(EVERY_ORGANISATION) as session:
            account = session.scalar(select(Account).where(Account.email == folded(email)))
            if account is None:
                raise InputError([Problem("EMAIL", f"is {email!r}, and no account has it. See rapport account list.")])
            narrow(session, account.organisation_id)
            secret = admissions.reset(session, STRANGER, account)
            if second_step_off:
                second_step.turn_off(session, STRANGER, account)
        _print_link(settings, secret, "For a new password, once, within a day:")


def _checked(email: str, name: str, organisation: str, role: str, *, first: bool, ask: bool) -> tuple[str, str, str]:
    """Return address, name and organisation as they are stored.

    Raises:
        InputError: with everything that is wrong.
    """
    from web.accounts.email_address import folded, unusable
    from web.accounts.names import unusable_name

    email = folded(email)
    problems = [Problem("--email", f"cannot be used. {said}")] if (said := unusable(email)) else []
    if (first or ask) and (said := unusable_name(name)):
        problems.append(Problem("--name", f"cannot be used. {said}"))
    if organisation and (said := unusable_name(organisation)):
        problems.append(Problem("--organisation", f"cannot be used. {said}"))
    if first and not organisation:
        problems.append(Problem("--organisation", "is missing; the first account names the organisation it is in."))
    if first and role != "administrator":
        problems.append(Problem("--role", f"is {role}; the first account must be an administrator's."))
    if problems:
        raise InputError(problems)
    return email, name, organisation


def _organisations(database: Database) -> dict[str, uuid.UUID]:
    from sqlalchemy import select

    from web.storage import EVERY_ORGANISATION
    from web.storage.tables import Organisation

    with database.reading(EVERY_ORGANISATION) as session:
        rows = session.execute(select(Organisation.name, Organisation.id).order_by(Organisation.name)).all()
    return {row.name: row.id for row in rows}


def _organisation(database: Database, name: str) -> uuid.UUID:
    """Return an organisation by its name, or the only one there is.

    Raises:
        InputError: where it is not clear which.
    """
    known = _organisations(database)
    if name in known:
        return known[name]
    if not name and len(known) == 1:
        return next(iter(known.values()))
    listed = ", ".join(repr(each) for each in known)
    found = f"is {name!r}, which there is not" if name else "is missing"
    said = f"{found}; there are {listed}. To add one: rapport organisation add NAME."
    raise InputError([Problem("--organisation", said)])


def _take_over(database: Database, organisation: str, name: str, email: str) -> None:
    from web.accounts.take_over import TakenError, take_over

    try:
        take_over(database, organisation, name, email, _password(name, email, organisation))
    except TakenError:
        raise InputError([Problem("", "Somebody created the first account a moment ago. Run it again.")]) from None
    click.echo(f"{email} is the administrator of {organisation}, with all that was saved at this computer so far.")


def _add(database: Database, organisation: uuid.UUID, name: str, email: str, role: str) -> None:
    from web.accounts import members, passwords
    from web.accounts.visitor import STRANGER

    stored = passwords.hashed(_password(name, email))
    with database.writing(organisation) as session:
        members.add(session, STRANGER, email, name, role, stored)
    click.echo(f"{email} may sign in.")


def _invite(settings: Settings, database: Database, organisation: uuid.UUID, email: str, role: str) -> None:
    from web.accounts import admissions
    from web.accounts.visitor import STRANGER

    with database.writing(organisation) as session:
        secret = admissions.invite(session, STRANGER, email, role)
    _print_link(settings, secret, "An invitation, for one account, within a week:")


def _print_link(settings: Settings, secret: str, words: str) -> None:
    from web.accounts import admissions

    click.echo(f"{words}\n{admissions.link(secret, settings.public_url or USUAL_ORIGIN)}")


def _password(*about: str) -> str:
    """Return a new password, asked for on the terminal without showing it, or read from a pipe.

    Raises:
        InputError: for one that is too weak.
    """
    from web.accounts.passwords import weakness

    if sys.stdin.isatty():
        password = str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if said := weakness(password, *about):
        raise InputError([Problem("The password", f"will not do. {said}")])
    return password

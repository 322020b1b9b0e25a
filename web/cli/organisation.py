"""``rapport organisation``: those whose accounts and scenarios are kept apart on this server."""

from __future__ import annotations

import click

from calculator.errors import InputError, Problem


@click.group("organisation")
def command() -> None:
    """List and add organisations. Nothing of one is seen by another."""


@command.command("list")
def list_organisations() -> None:
    """List the organisations and how many accounts each has."""
    from sqlalchemy import func, select

    from web.cli.workspace import open_workspace
    from web.storage import EVERY_ORGANISATION
    from web.storage.tables import Account, Organisation
    from web.storage.upgrade import make_ready

    counted = (
        select(Organisation.name, func.count(Account.id))
        .outerjoin(Account, Account.organisation_id == Organisation.id)
        .group_by(Organisation.id, Organisation.name)
        .order_by(Organisation.name)
    )
    with open_workspace() as (_settings, database):
        make_ready(database)
        with database.reading(EVERY_ORGANISATION) as session:
            for name, accounts in session.execute(counted):
                click.echo(f"{name}  {accounts} account{'' if accounts == 1 else 's'}")


@command.command("add")
@click.argument("name")
def add(name: str) -> None:
    """Add an organisation of that NAME; `rapport account add` gives it its first administrator."""
    from sqlalchemy import select

    from web.accounts.names import unusable_name
    from web.cli.workspace import open_workspace
    from web.storage import EVERY_ORGANISATION
    from web.storage.tables import Organisation
    from web.storage.upgrade import make_ready

    name = name.strip()
    if said := unusable_name(name):
        raise InputError([Problem("NAME", f"cannot be used. {said}")])
    with open_workspace() as (_settings, database):
        make_ready(database)
        with database.writing(EVERY_ORGANISATION) as session:
            if session.scalar(select(Organisation.id).where(Organisation.name == name)):
                raise InputError([Problem("NAME", f"is {name!r}, and there is one of that name already.")])
            session.add(Organisation(name=name))
    click.echo(
        f"{name} is added. Its first administrator: "
        f"rapport account add --organisation {name!r} --role administrator --email …"
    )

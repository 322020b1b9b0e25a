"""``rapport db``: which tables a database has, and bringing them to those of this release."""

from __future__ import annotations

import click

from web.cli.workspace import open_workspace

BEHIND = 1


@click.group("db")
def command() -> None:
    """Look after the database of the server: the one of RAPPORT_DATABASE_URL, else the file in RAPPORT_DATA_DIR."""


@command.command("status")
@click.pass_context
def status(ctx: click.Context) -> None:
    """Say where the database is and whether its tables are those of this release.

    It ends with 0 if they are, with 1 if `rapport db upgrade` is needed, and with 2 if the database cannot be used.
    """
    from web.storage.upgrade import check_known, head, revision_of

    with open_workspace() as (_, database):
        click.echo(str(database.file) if database.file else database.url.render_as_string(hide_password=True))
        found, wanted = revision_of(database), head()
        check_known(found)
        if found == wanted:
            click.echo(f"up to date (revision {found})")
            return
        click.echo(
            f"has no tables yet; this release makes revision {wanted}"
            if found is None
            else f"revision {found}; this release needs {wanted}: run `rapport backup FILE`, then `rapport db upgrade`"
        )
        ctx.exit(BEHIND)


@command.command("upgrade")
def upgrade_database() -> None:
    """Bring the tables to those of this release, in one transaction. Make a backup before."""
    from web.storage.upgrade import upgrade

    with open_workspace() as (_, database):
        before, after = upgrade(database)
    click.echo(
        f"nothing to do: revision {after}" if before == after else f"from {before or 'no tables'} to revision {after}"
    )

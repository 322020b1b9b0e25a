"""``rapport restore``: put a copy of the workspace back."""

from __future__ import annotations

from pathlib import Path

import click

from calculator.errors import RapportError
from web.cli.workspace import counting, open_workspace


@click.command("restore")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--yes", is_flag=True, help="Replace what is in the database now.")
def command(file: Path, yes: bool) -> None:
    """Replace the workspace by the copy in FILE, all of it or nothing; the server may run meanwhile.

    Everybody has to sign in again. What was revoked or deleted after the copy was made is back.
    """
    from web.backup import holds_anything, open_backup, restore_backup
    from web.open_workspace import server_key
    from web.secret_key import FILE as KEY_FILE

    with open_backup(file) as (archive, manifest), open_workspace() as (settings, database):
        if not yes and holds_anything(database):
            raise RapportError(
                "the database is not empty, and all of it would be replaced. Make a copy with `rapport backup`, "
                "then add --yes."
            )
        before = server_key(settings) if settings.secret_key or (settings.data_dir / KEY_FILE).exists() else None
        with counting("rows") as progress:
            restore_backup(archive, manifest, database, settings.data_dir, progress)
        now = server_key(settings)
    click.echo(f"{file}: {manifest.rows:,} rows of {manifest.made_at} are restored. Everybody has to sign in again.")
    for line in _about_key(manifest.key, before, now):
        click.echo(line)


def _about_key(wanted: str, before: str | None, now: str) -> list[str]:
    """Return what is to be done so that second factors, which are encrypted with the server's secret, work."""
    from web.backup.archive import key_mark

    if key_mark(now) != wanted:
        return [
            "The server's secret is another one than that of the copy: set RAPPORT_SECRET_KEY as it was then, or have "
            "an administrator reset those who sign in with a code from their telephone."
        ]
    if before in (None, now):
        return []
    return ["The server's secret was restored, too: restart a server that is running."]

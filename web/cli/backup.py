"""``rapport backup``: all that the server keeps, in one file."""

from __future__ import annotations

from pathlib import Path

import click

from web.cli.workspace import counting, open_workspace


@click.command("backup")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
def command(file: Path) -> None:
    """Copy the workspace into FILE, while the server runs; `rapport restore FILE` puts it back, on either database.

    The copy holds clinics' numbers and, unless it comes from RAPPORT_SECRET_KEY, the server's secret: keep it as safe
    as the server itself. Uploads, which are kept for a day only, are not in it.
    """
    from web.backup import make_backup
    from web.open_workspace import server_key

    with open_workspace() as (settings, database), counting("rows") as progress:
        made = make_backup(file, database, settings.data_dir, server_key(settings), progress)
    size = file.stat().st_size / 1e6
    click.echo(
        f"{file}: {made.rows:,} rows of {len(made.tables)} tables and {len(made.files)} "
        f"file{'' if len(made.files) == 1 else 's'}, {size:,.1f} MB, revision {made.revision}"
    )

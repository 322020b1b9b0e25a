"""``rapport propose``: the proposal as PDF."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from web.cli.output import write_whole
from web.cli.scenario_file import clinic_argument, read_scenario, set_option


@click.command("propose")
@clinic_argument
@click.option("-o", "--output", metavar="FILE.pdf", required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--paper", type=click.Choice(["A4", "Letter"], case_sensitive=False), default="A4", show_default=True)
@click.option("--date", metavar="YYYY-MM-DD", type=click.DateTime(["%Y-%m-%d"]), help="Print this date on the cover.")
@set_option
def command(clinic: Path, output: Path, paper: str, date: datetime | None, changes: tuple[str, ...]) -> None:
    """Write a PDF proposal for the clinic in CLINIC.toml."""
    scenario = read_scenario(clinic, changes)
    from assumptions import load_library
    from calculator.evaluate import evaluate
    from reports import build_proposal

    library = load_library()
    result = evaluate(scenario, library)
    day = None if date is None else date.date()
    write_whole(output, build_proposal(result, library, prepared_on=day, page_size=paper))
    click.echo(f"{output}")

"""``rapport simulate``: a made-up clinic in the format of the files, to try things on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from web.cli.output import write_whole


@click.command("simulate")
@click.option("-o", "--output", metavar="DIR", required=True, type=click.Path(path_type=Path, file_okay=False))
@click.option("--episodes", type=click.IntRange(1, 1_000_000), default=500, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--setting",
    type=click.Choice(["outpatient", "iop", "php", "residential"]),
    default="outpatient",
    show_default=True,
)
@click.option(
    "--as-of",
    metavar="YYYY-MM-DD",
    type=click.DateTime(["%Y-%m-%d"]),
    default="2026-06-30",
    show_default=True,
    help="The day on which the records are read.",
)
def command(output: Path, episodes: int, seed: int, setting: str, as_of: datetime) -> None:
    """Write episodes.csv, ratings.csv and visits.csv of a simulated clinic to DIR; no real person is in them."""
    if not 1950 <= as_of.year <= 2099:
        raise click.BadParameter("the year is from 1950 to 2099.", param_hint="'--as-of'")
    from plugin.simulation import Truth, simulate

    simulated = simulate(Truth(setting=setting), episodes, seed, as_of.date())
    output.mkdir(parents=True, exist_ok=True)
    tables = simulated.frames()._asdict()
    for name, table in tables.items():
        write_whole(output / f"{name}.csv", table.to_csv(index=False, lineterminator="\n").encode())
    rows = ", ".join(f"{name}.csv ({len(table):,} rows)" for name, table in tables.items())
    click.echo(f"{simulated.label}. Written to {output}: {rows}.")

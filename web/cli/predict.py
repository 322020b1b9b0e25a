"""``rapport predict``: which open clients are likely to leave, and why."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from web.cli.clinic_files import load_files, ratings_option, refuse_option, visits_option
from web.cli.output import write_whole


@click.command("predict")
@click.argument("caseload", metavar="CASELOAD.csv", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="RISK.csv",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write here.",
)
@ratings_option
@visits_option
@click.option("--model", metavar="MODEL", default="evidence", show_default=True, help="A name, or what `fit` wrote.")
@click.option(
    "--as-of",
    metavar="YYYY-MM-DD",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day of the prediction; without it, the latest day in the files.",
)
@refuse_option
def command(
    caseload: Path,
    output: Path,
    ratings: Path | None,
    visits: Path | None,
    model: str,
    as_of: datetime | None,
    refuse: bool,
) -> None:
    """Score the open episodes in CASELOAD.csv and write RISK.csv, in their order.

    A row that cannot be scored has empty risks and says why. The same files and the same day give the same bytes.
    """
    from plugin.contract import Score
    from plugin.errors import PluginError
    from plugin.fitted import latest_day
    from plugin.registry import open_predictor
    from plugin.risk_table import answers, risk_csv

    predictor = open_predictor(model)
    loaded = load_files(caseload, ratings, visits, refuse=refuse, keep_episode_ids=True)
    if not loaded.kept:
        raise PluginError([f"{caseload}: none of its {loaded.rows} rows can be used; mend the rows listed above"])
    day = latest_day(loaded.caseload) if as_of is None else as_of.date()
    found = answers(predictor, loaded.caseload, day)
    ids = [str(name) for name in loaded.caseload.episode_id]
    write_whole(output, risk_csv(ids, found, predictor.name, predictor.version))
    scored = sum(isinstance(answer, Score) for answer in found)
    click.echo(
        f"{output}: {scored:,} of {loaded.rows:,} episodes scored as seen on {day.isoformat()} "
        f"by {predictor.name} {predictor.version}"
    )
    if predictor.local_record is None:
        click.echo("This model has not been checked on your own episodes: use it to order calls, not as a forecast.")

"""``rapport fit``: a model of a clinic's own episodes."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from web.cli.clinic_files import load_files, ratings_option, refuse_option, visits_option
from web.cli.output import write_whole


@click.command("fit")
@click.argument("episodes", metavar="EPISODES.csv", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="MODEL",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write here.",
)
@ratings_option
@visits_option
@click.option(
    "--as-of",
    metavar="YYYY-MM-DD",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Use only what was known on this day; without it, all that the files say.",
)
@refuse_option
def command(
    episodes: Path, output: Path, ratings: Path | None, visits: Path | None, as_of: datetime | None, refuse: bool
) -> None:
    """Fit a model to the episodes in EPISODES.csv and write it to MODEL, for `rapport predict --model MODEL`.

    It starts from the published figures and moves as far as your own episodes carry it. Clients and clinicians stand in
    it as pseudonyms or not at all.
    """
    loaded = load_files(episodes, ratings, visits, refuse=refuse)
    from tqdm import tqdm

    from plugin.errors import PluginError
    from plugin.fitted import fit_caseload
    from plugin.model_file import model_bytes
    from web.cli.fit_summary import fit_summary

    if not loaded.kept:
        raise PluginError([f"{episodes}: none of its {loaded.rows} rows can be used; mend the rows listed above"])
    try:
        with tqdm(desc="Fitting", unit="pass", disable=None, file=sys.stderr, leave=False) as bar:
            fitted = fit_caseload(loaded.caseload, None if as_of is None else as_of.date(), bar.update)
    except PluginError as error:
        raise PluginError(f"{episodes}: {problem}" for problem in error.problems) from None
    write_whole(output, model_bytes(fitted.predictor, fitted.training))
    click.echo(fit_summary(fitted))
    click.echo(f"\n{output}")

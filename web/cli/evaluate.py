"""``rapport evaluate``: how good the predictions are, on people that no model has seen."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from web.cli.clinic_files import data_folder, load_files, ratings_option, refuse_option, visits_option
from web.cli.output import write_whole

if TYPE_CHECKING:
    from plugin.caseload import Caseload


@click.command("evaluate")
@click.argument("episodes", metavar="EPISODES.csv", type=click.Path(path_type=Path))
@click.option(
    "--model", metavar="MODEL", default="fitted", show_default=True, help="fitted, evidence, another name, or a file."
)
@ratings_option
@visits_option
@click.option(
    "--landmark-days", metavar="N", type=click.IntRange(1, 3650), help="Predict N days after intake; else at intake."
)
@click.option(
    "--test", metavar="EPISODES2.csv", type=click.Path(path_type=Path), help="Fit on the first file, judge on this one."
)
@click.option("--test-ratings", metavar="FILE", type=click.Path(path_type=Path), help="Ratings of EPISODES2.csv.")
@click.option("--test-visits", metavar="FILE", type=click.Path(path_type=Path), help="Visits of EPISODES2.csv.")
@click.option("--by", type=click.Choice(["clinician", "client"]), help="Whose episodes are held out together.")
@click.option("--group", "columns", metavar="x_name", multiple=True, help="Tell it by the groups of this column too.")
@click.option("--draws", type=click.IntRange(20, 10_000), default=200, show_default=True, help="Of the bootstrap.")
@click.option("--repeats", type=click.IntRange(1, 50), default=1, show_default=True, help="Draw the folds so often.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the JSON and nothing else.")
@click.option("--pdf", metavar="FILE.pdf", type=click.Path(path_type=Path, dir_okay=False), help="Write the report.")
@click.option(
    "--save",
    metavar="MODEL",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the model with this record of how good it is; clinicians see it if it is calibrated.",
)
@refuse_option
def command(
    episodes: Path,
    model: str,
    ratings: Path | None,
    visits: Path | None,
    landmark_days: int | None,
    test: Path | None,
    test_ratings: Path | None,
    test_visits: Path | None,
    by: str | None,
    columns: tuple[str, ...],
    draws: int,
    repeats: int,
    seed: int,
    as_json: bool,
    pdf: Path | None,
    save: Path | None,
    refuse: bool,
) -> None:
    """Say how good predictions of dropout are on EPISODES.csv, out of sample, beside simple rules and other learners.

    Sorting (C-index, AUC), calibration, Brier score, net benefit, by group; all with 95 percent intervals.
    """
    from plugin.errors import PluginError

    if test is None and (test_ratings or test_visits):
        raise PluginError(["--test-ratings and --test-visits: belong to --test, which is not given"])
    caseload = _load(episodes, ratings, visits, refuse=refuse)
    second = None if test is None else _load(test, test_ratings, test_visits, refuse=refuse)
    from plugin.evaluation.chosen import choose
    from plugin.evaluation.saving import savable, saved

    chosen = choose(model, on_test=second is not None)
    if save is not None:
        savable(chosen)
    judged = f"{episodes}" if test is None else f"{test}"
    settings = {"landmark_days": landmark_days, "draws": draws, "seed": seed, "repeats": repeats, "by": by}
    result = _evaluated(caseload, second, chosen, settings | {"groups": _groups(columns)}, judged)
    result["feedback"] = _feedback(chosen.name)
    if pdf is not None:
        from reports.evaluation import build_evaluation_report

        write_whole(pdf, build_evaluation_report(result))
    if save is not None:
        write_whole(save, saved(result, chosen, caseload, model))
    if as_json:
        click.echo(json.dumps(result, indent=2, allow_nan=False, ensure_ascii=False))
        return
    from web.cli.evaluation_summary import evaluation_summary, targeting

    click.echo(evaluation_summary(result))
    if line := targeting(result, save):
        click.echo(f"\n{line}")
    for path in (pdf, save):
        if path is not None:
            click.echo(f"\n{path}")


def _load(episodes: Path, ratings: Path | None, visits: Path | None, *, refuse: bool) -> Caseload:
    from plugin.errors import PluginError

    loaded = load_files(episodes, ratings, visits, refuse=refuse, keep_episode_ids=True)
    if not loaded.kept:
        raise PluginError([f"{episodes}: none of its {loaded.rows} rows can be used; mend the rows listed above"])
    return loaded.caseload


def _feedback(model: str) -> dict[str, Any] | None:
    """Return what clinicians made of the cards of a model, all versions together; None where none was shown here."""
    import sqlite3

    from web.cds.feedback_store import FeedbackStore

    try:
        found = FeedbackStore(data_folder()).counts(model)
    except sqlite3.Error as error:
        click.echo(f"Feedback on cards cannot be counted: {error}.", err=True)
        return None
    return None if found is None else found.as_json()


def _groups(columns: tuple[str, ...]) -> tuple[str, ...]:
    from plugin.errors import PluginError

    wrong = [name for name in columns if not name.startswith("x_")]
    if wrong:
        raise PluginError(f"--group {name}: is no column of what is known at intake; write x_name" for name in wrong)
    return tuple(dict.fromkeys(name.removeprefix("x_") for name in columns))


def _evaluated(
    caseload: Caseload, test: Caseload | None, chosen: Any, settings: dict[str, Any], judged: str
) -> dict[str, Any]:
    from tqdm import tqdm

    from plugin.errors import PluginError
    from plugin.evaluation.evaluate import Settings, evaluate

    wanted = Settings(**settings)
    steps = wanted.steps(test=test is not None)
    with tqdm(desc="fitting", total=steps, disable=None, file=sys.stderr, leave=False) as bar:

        def progress(what: str) -> None:
            bar.set_description(what, refresh=False)
            bar.update()

        try:
            return evaluate(caseload, test=test, chosen=chosen, settings=wanted, progress=progress)
        except PluginError as error:
            raise PluginError(f"{judged}: {problem}" for problem in error.problems) from None

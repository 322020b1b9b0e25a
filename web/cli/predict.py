"""``rapport predict``: which open clients are likely to leave, and why."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from web.cli.clinic_files import data_folder, ratings_option, refuse_option, visits_option

if TYPE_CHECKING:
    from plugin.contract import Predictor
    from plugin.predict.hands import Hands
    from plugin.predict.tables import Kind
    from plugin.predict.task import Progress, Summary, Task

SMALL = 4 << 20  # bytes of all files; below it one process is quickest
INTERRUPTED = 130  # as shells say of a command that Ctrl-C ended
BAR = "{desc} |{bar}| {percentage:3.0f}% {elapsed}"


@click.command("predict")
@click.argument("caseload", metavar="CASELOAD.csv", type=click.Path(path_type=Path, dir_okay=False))
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
@click.option(
    "--problems",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write all that is wrong here; the first lines of each file are shown in any case.",
)
@click.option(
    "--workers", "count", type=click.IntRange(1, 1024), help="Processes; as many as there are cores without it."
)
@click.option("--scheduler", metavar="ADDRESS", help="Use a Dask cluster, such as tcp://host:8786.")
@click.pass_context
def command(
    ctx: click.Context,
    caseload: Path,
    output: Path,
    ratings: Path | None,
    visits: Path | None,
    model: str,
    as_of: datetime | None,
    refuse: bool,
    problems: Path | None,
    count: int | None,
    scheduler: str | None,
) -> None:
    """Score the open episodes in CASELOAD.csv (or .parquet) and write RISK.csv, in their order.

    Files may be of any size and in any order. A row that cannot be used has empty risks and says why. The same files
    and the same day give the same bytes. Interrupted, it goes on where it was when the same command is run again.
    """
    from plugin.predict.engine import run
    from plugin.predict.model import sendable
    from plugin.predict.task import Task
    from plugin.registry import open_predictor

    predictor = open_predictor(model)
    files: dict[Kind, Path | None] = {"episodes": caseload, "ratings": ratings, "visits": visits}
    task = Task(
        files={kind: path for kind, path in files.items() if path is not None},
        output=output,
        model=sendable(predictor),
        covariates=tuple(name for need in predictor.needs if need.kind == "covariate" for name in need.names),
        as_of=None if as_of is None else as_of.date(),
        salt=_salt(predictor),
        problems=problems,
        refuse=refuse,
    )
    try:
        with _hands(task, count, scheduler) as hands, _progress() as show:
            summary = run(task, hands, show)
    except KeyboardInterrupt:
        click.echo("Interrupted. Run the same command to go on; what is finished is kept beside the output.", err=True)
        ctx.exit(INTERRUPTED)
    _tell(task, summary, predictor)


def _salt(predictor: Predictor) -> bytes | None:
    """Return what clinicians are hashed with, where the predictor looks at them."""
    from plugin.linear_predictor import LinearPredictor
    from plugin.loading import read_salt

    if type(predictor) is LinearPredictor and not predictor.model.clinicians:
        return None
    return read_salt(data_folder())


@contextmanager
def _hands(task: Task, count: int | None, scheduler: str | None) -> Iterator[Hands]:
    from plugin.predict.hands import Hands, Here
    from plugin.predict.ready import ready

    if scheduler is None and count is None and task.size < SMALL:
        yield Hands(Here())
        return
    from reports.batch.executors import cluster_workers, local_workers

    with cluster_workers(scheduler) if scheduler else local_workers(count, ready) as workers:
        yield Hands(workers.executor, workers.slots, remote=scheduler is not None)


@contextmanager
def _progress() -> Iterator[Callable[[Progress], None]]:
    """Show a bar on a terminal, nothing in a pipe."""
    from tqdm import tqdm

    with tqdm(total=1, disable=None, bar_format=BAR, file=sys.stderr, dynamic_ncols=True, leave=False) as bar:

        def show(progress: Progress) -> None:
            bar.total = progress.total
            bar.n = progress.done
            bar.set_description_str(progress.stage)

        yield show


def _tell(task: Task, summary: Summary, predictor: Predictor) -> None:
    for line in (*summary.notes, *summary.problems):
        click.echo(line, err=True)
    if task.as_of is None:
        click.echo(
            f"As seen on {summary.as_of.isoformat()}, the latest day in the files; --as-of names another.", err=True
        )
    click.echo(
        f"{task.output}: {summary.scored:,} of {summary.rows:,} episodes scored as seen on {summary.as_of.isoformat()} "
        f"by {predictor.name} {predictor.version}"
    )
    if predictor.local_record is None:
        click.echo("This model has not been checked on your own episodes: use it to order calls, not as a forecast.")

"""``rapport batch``: a proposal for each row of a prospects file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from calculator.errors import InputError, Problem, RapportError
from web.cli.brand_option import brand_option, load_brand
from web.cli.scenario_file import FileError

if TYPE_CHECKING:
    from reports.batch import Options, Prospects, Saved, Summary, Workers

INTERRUPTED = 130  # as shells say of a command that Ctrl-C ended
OF_ROWS = "{n_fmt}/{total_fmt} |{bar}| {rate_fmt} remaining {remaining}{postfix}"


@click.command("batch")
@click.argument("prospects", metavar="PROSPECTS.csv", type=click.Path(path_type=Path))
@click.option("-o", "--output", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="Write here.")
@click.option("--dry-run", is_flag=True, help="Only list what is wrong, by row and column; write nothing.")
@click.option(
    "maps", "--map", "-m", metavar="MAP", multiple=True, help='hubspot, salesforce, a MAP.toml, or "CRM column=key".'
)
@click.option(
    "changes", "--set", "-s", metavar="KEY=VALUE", multiple=True, help="Give every row this value: --set setting=iop"
)
@click.option("--sheet", metavar="NAME", default="", help="The sheet of a workbook; the first one without it.")
@click.option("--include-held", is_flag=True, help="Also write proposals for rows with implausible values.")
@click.option("--workbook", is_flag=True, help="Write a workbook beside each proposal.")
@brand_option
@click.option("--short", is_flag=True, help="Two pages each, for a first meeting.")
@click.option("--paper", type=click.Choice(["A4", "Letter"], case_sensitive=False), default="A4", show_default=True)
@click.option("--date", metavar="YYYY-MM-DD", type=click.DateTime(["%Y-%m-%d"]), help="Print this date on the cover.")
@click.option("--by", "prepared_by", metavar="NAME", default="", help="Who prepared it, if not as BRAND.toml says.")
@click.option("--language", type=click.Choice(["en", "es"]), default="en", show_default=True)
@click.option(
    "--workers", "count", type=click.IntRange(1, 1024), help="Processes; as many as there are cores without it."
)
@click.option("--scheduler", metavar="ADDRESS", help="Use a Dask cluster, such as tcp://host:8786.")
@click.pass_context
def command(
    ctx: click.Context,
    prospects: Path,
    output: Path | None,
    dry_run: bool,
    maps: tuple[str, ...],
    changes: tuple[str, ...],
    sheet: str,
    include_held: bool,
    workbook: bool,
    brand_file: Path | None,
    short: bool,
    paper: str,
    date: datetime | None,
    prepared_by: str,
    language: str,
    count: int | None,
    scheduler: str | None,
) -> None:
    """Write a proposal for each row of PROSPECTS.csv (or .xlsx), and list them in DIR/manifest.csv.

    Interrupted, it goes on where it was when the same command is run again. It ends with 0 if every row is done, with 1
    if some are held or failed, and with 2 if the input as a whole is wrong.
    """
    if output is None and not dry_run:
        raise InputError([Problem("-o DIR", "is missing: where the proposals go. To look only, write --dry-run.")])
    from reports.batch import Options, cluster_workers, local_workers

    read = _read(prospects, maps, changes, sheet)
    for note in read.columns.notes:
        click.echo(f"{read.name}: {note}", err=True)
    options = Options(
        page_size=paper,
        form="short" if short else "full",
        prepared_by=prepared_by,
        prepared_on=None if date is None else date.date(),
        workbook=workbook,
        language=language,
        catalogue=_catalogue(language),
        brand=load_brand(brand_file),
    )
    with cluster_workers(scheduler) if scheduler else local_workers(count) as workers:
        if output is None or dry_run:
            ctx.exit(_look(read, options, workers))
        ctx.exit(_write(read, options, output, workers, include_held=include_held))


def _look(prospects: Prospects, options: Options, workers: Workers) -> int:
    """List every problem and every implausible value; return the exit code."""
    from reports.batch import Summary, check, status_of

    wrong = held = 0
    with _progress(prospects.total) as show:
        summary = Summary(prospects.total)
        for row, outcome in check(prospects, options, workers):
            status = status_of(outcome, include_held=False)
            wrong, held = wrong + (status == "error"), held + (status == "held")
            summary = summary.plus(status)
            show(summary)
            for problem in outcome.problems:
                _say(prospects.told(row.row, problem))
            if outcome.fault:
                _say(f"{prospects.name}: row {row.row} {outcome.fault}")
            if status == "held":
                for flag in outcome.flags:
                    _say(f"{prospects.name}: row {row.row} would be held: {flag}")
    ready = prospects.total - wrong - held
    click.echo(f"{_rows(prospects.total)}: {ready} ready, {wrong} with problems, {held} held. Nothing is written.")
    return 2 if wrong else 1 if held else 0


def _write(prospects: Prospects, options: Options, output: Path, workers: Workers, *, include_held: bool) -> int:
    """Write everything; return the exit code."""
    from reports.batch import read_manifest, run

    last = None

    def progress(summary: Summary) -> None:
        nonlocal last
        last = summary
        show(summary)

    try:
        with _progress(prospects.total) as show:
            summary = run(prospects, options, output, workers, include_held=include_held, on_progress=progress)
    except KeyboardInterrupt:
        click.echo(f"Interrupted; {_so_far(last, prospects)}", err=True)
        return INTERRUPTED
    except OSError as error:
        raise RapportError(f"{error.filename or output}: {error.strerror}. {_so_far(last, prospects)}") from None
    for entry in read_manifest(output / "manifest.csv"):
        if entry.status == "error":
            _say("\n".join(f"{prospects.name}: {fault}" for fault in entry.error.split(" | ")))
        elif entry.status == "held":
            _say(f"{prospects.name}: row {entry.row} is held: {entry.flags}")
    kept = f" ({summary.kept} of them before)" if summary.kept else ""
    click.echo(
        f"{_rows(summary.total)}: {summary.done} done, {summary.held} held, {summary.failed} with problems{kept}. "
        f"{output / 'manifest.csv'} lists them."
    )
    if summary.held:
        click.echo("To write the held ones, too: --include-held")
    return 0 if summary.done == summary.total else 1


def _so_far(summary: Summary | None, prospects: Prospects) -> str:
    finished = 0 if summary is None else summary.finished
    return f"{finished} of {_rows(prospects.total)} are finished and kept. Run the same command to go on."


def _rows(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count} rows"


def _say(line: str) -> None:
    """Write a line on standard error, above the progress bar where there is one."""
    from tqdm import tqdm

    tqdm.write(line, file=sys.stderr)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[Summary], None]]:
    """Show a bar with rate and remaining time on a terminal, nothing in a pipe."""
    from tqdm import tqdm

    with tqdm(total=total, unit="row", disable=None, bar_format=OF_ROWS, file=sys.stderr, dynamic_ncols=True) as bar:

        def show(summary: Summary) -> None:
            bar.set_postfix_str(f"{summary.held} held, {summary.failed} with problems", refresh=False)
            bar.update(summary.finished - bar.n)

        yield show


def _read(path: Path, maps: tuple[str, ...], changes: tuple[str, ...], sheet: str) -> Prospects:
    from assumptions import load_library
    from reports.batch import open_prospects

    fixed: dict[str, str] = {}
    for change in changes:
        key, equals, text = change.partition("=")
        if not equals or not key.strip():
            raise InputError([Problem(f"--set {change}", "is not understood; write --set key=value.")])
        fixed[key.strip()] = text.strip()
    said = _mappings(maps)
    try:
        return open_prospects(path, load_library(), name=str(path), sheet=sheet, said=said, fixed=fixed)
    except InputError as error:
        raise FileError(str(path), error.problems) from None


def _mappings(maps: tuple[str, ...]) -> list[Saved]:
    """Return the mappings to go by: what is said column by column before whole files."""
    from reports.batch import SHIPPED, Saved, read_mapping, shipped

    columns: dict[str, str] = {}
    files: list[Saved] = []
    for text in maps:
        column, equals, key = text.rpartition("=")
        if text.lower() in SHIPPED:
            files.append(shipped(text.lower()))
        elif equals and not Path(text).exists():
            columns[column.strip()] = key.strip()
        else:
            files.append(read_mapping(Path(text)))
    return [*([Saved("--map", columns, inline=True)] if columns else []), *files]


def _catalogue(code: str) -> bytes:
    """Return the translations into a language as workers on other machines can load them; none for English."""
    if code == "en":
        return b""
    from web.languages import compiled  # it loads the web framework, which English needs not

    return compiled(code)

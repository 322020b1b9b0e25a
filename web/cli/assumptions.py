"""``rapport assumptions``: what the literature says, and where each figure is used."""

from __future__ import annotations

import textwrap
from pathlib import Path

import click

from assumptions import AssumptionError, Figure, Library, load_library, load_library_from
from calculator.display import trimmed
from calculator.errors import InputError, Problem, RapportError
from calculator.words import READING_WORDS

WIDTH = 100


@click.group("assumptions")
def command() -> None:
    """List, show and check the figures that the estimates rest on."""


@command.command("list")
@click.option("--topic", help="Only this topic.")
def list_figures(topic: str | None) -> None:
    """List every figure: its id, value and label."""
    library = load_library()
    figures = [figure for figure in library.figures.values() if topic in (None, figure.topic)]
    if not figures:
        topics = ", ".join(dict.fromkeys(figure.topic for figure in library.figures.values()))
        raise InputError([Problem("--topic", f"is {topic!r}; topics are {topics}.")])
    for figure in figures:
        click.echo(f"{figure.id:<58} {_value(figure):>14}  {figure.label}")


@command.command("show")
@click.argument("figure_id", metavar="ID")
def show(figure_id: str) -> None:
    """Show one figure: value, interval, population, source, use and cautions."""
    library = load_library()
    if figure_id not in library.figures:
        import difflib

        close = difflib.get_close_matches(figure_id, library.figures, n=3, cutoff=0.3)
        hint = f" Close to it: {', '.join(close)}." if close else ""
        raise InputError([Problem(figure_id, f"is not a figure.{hint} See rapport assumptions list.")])
    click.echo("\n".join(_description(library.figures[figure_id], library)))


@command.command("check")
@click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
def check(folder: Path | None) -> None:
    """Check every file of the library (or of FOLDER): schema, values, sources, use as default."""
    try:
        library = load_library() if folder is None else load_library_from(folder)
    except AssumptionError as error:
        raise RapportError("\n".join(error.problems)) from None
    verified = sum(figure.verified for figure in library.figures.values())
    click.echo(
        f"{len(library.figures)} figures, {verified} of them seen in their source; {len(library.settings)} settings. "
        f"No problems.\nsha256 {library.sha256}"
    )


def _value(figure: Figure) -> str:
    if figure.value is not None:
        return trimmed(figure.value)
    if figure.interval is not None:
        return f"{trimmed(figure.interval.low)}–{trimmed(figure.interval.high)}"
    return "direction"


def _description(figure: Figure, library: Library) -> list[str]:
    lines = [figure.label, ""]
    rows = [("id", figure.id), ("value", f"{_value(figure)} ({figure.unit})")]
    if figure.interval is not None:
        level = f"{figure.interval.level:.0%} interval" if figure.interval.level else "range"
        rows.append((level, f"{trimmed(figure.interval.low)} to {trimmed(figure.interval.high)}"))
    rows += [("population", figure.population), ("setting", figure.setting), ("design", figure.design)]
    rows += [("reading", f"{figure.reading}: {READING_WORDS[figure.reading]}"), ("derivation", figure.derivation)]
    rows += [("reason", figure.reason)]
    for reference in figure.references:
        link = f"https://doi.org/{reference.doi}" if reference.doi else reference.url or ""
        rows += [("citation", reference.citation), ("locator", reference.locator)]
        rows += [("as printed", reference.as_printed or ""), ("link", link)]
    rows += [("used for", use) for use in library.used_for(figure.id) or ("nothing in the model; kept as context",)]
    rows += [("caution", caution) for caution in figure.cautions]
    for key, text in rows:
        if text:
            wrapped = textwrap.wrap(text, WIDTH - 14, break_long_words=False, break_on_hyphens=False)
            lines += [f"{key:<14}{wrapped[0]}", *(f"{'':<14}{line}" for line in wrapped[1:])]
    return lines

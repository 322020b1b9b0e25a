"""``rapport verify``: whether a proposal still says what its attachment gives."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import click

from calculator.errors import InputError, Problem
from calculator.language import ENGLISH, Language
from web.cli.scenario_file import FileError

if TYPE_CHECKING:
    from assumptions import Library
    from reports.verify import Verdict

DIFFERS, UNREADABLE = 1, 2


@click.command("verify")
@click.argument("files", metavar="FILE.pdf …", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.pass_context
def command(ctx: click.Context, files: tuple[Path, ...]) -> None:
    """Compute each proposal again from what is attached to it: MATCH, or the first thing that differs.

    It ends with 0 if every file matches, with 1 if one differs, and with 2 if one cannot be read.
    """
    from assumptions import load_library

    logging.getLogger("pypdf").addHandler(logging.NullHandler())  # what it thinks of a damaged file is not ours to say
    library = load_library()
    code = 0
    for path in files:
        try:
            verdict = _verdict(path, library)
        except FileError as error:
            click.echo(str(error), err=True)
            code = UNREADABLE
            continue
        for note in verdict.notes:
            click.echo(f"{path}: note: {note}", err=True)
        click.echo(f"{path}: {_line(verdict)}")
        code = max(code, 0 if verdict.matches else DIFFERS)
    ctx.exit(code)


def _verdict(path: Path, library: Library) -> Verdict:
    from reports.verify import MOST_BYTES, verify

    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        return verify(data, library, _language)
    except OSError as error:
        raise FileError(str(path), [Problem("", f"cannot be read: {error.strerror}.")]) from None
    except InputError as error:
        raise FileError(str(path), error.problems) from None


def _line(verdict: Verdict) -> str:
    if not verdict.matches:
        return f"DIFFERS: {verdict.differs}"
    pages = f"{verdict.pages} page{'' if verdict.pages == 1 else 's'}"
    return f"MATCH (SHA-256 {verdict.digest}, Rapport {verdict.version}, {pages})"


def _language(tag: str) -> Language | None:
    """Return a language that proposals are made in, or None."""
    if tag == ENGLISH.tag:
        return ENGLISH  # the others load the web framework, which English needs not
    from web.languages import NAMES, language

    code, _, territory = tag.partition("-")
    return language(code, territory) if code in NAMES and len(tag) <= 16 else None

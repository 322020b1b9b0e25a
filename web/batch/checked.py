"""What the check found of each row: a line of JSON each, so that a long file needs no memory."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from reports.batch import Outcome, Prospects, Row, status_of

READY, HELD, PROBLEM = "ready", "held", "problem"
STATES = {"done": READY, "held": HELD, "error": PROBLEM}


@dataclass(frozen=True)
class CheckedRow:
    """A row and what would become of it.

    Attributes:
        row: its number in the file.
        id: of the prospect.
        name: of the clinic.
        state: ready, held or problem.
        problems: pairs of a column, or the key of an input that no column gives, and what to write there.
        remarks: why it is held, and what else a sceptical reader would not believe.
    """

    row: int
    id: str
    name: str
    state: str
    problems: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()


def checked_row(row: Row, outcome: Outcome, prospects: Prospects) -> CheckedRow:
    """Return what the page shows of a row."""
    problems = [
        (" ".join((prospects.columns.named(problem.path) or problem.path).split()), problem.message)
        for problem in outcome.problems
    ]
    if outcome.fault:
        problems.append(("", outcome.fault))
    state = STATES[status_of(outcome, include_held=False)]
    return CheckedRow(row.row, row.id, row.name, state, tuple(problems), outcome.flags)


@contextmanager
def writing(path: Path) -> Iterator[Callable[[CheckedRow], None]]:
    """Yield what writes a row; the file is there when all are written, or not at all."""
    temporary = path.with_suffix(".part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        yield lambda row: _put(file.write, row)
    temporary.replace(path)


def read_checked(path: Path) -> Iterator[CheckedRow]:
    """Yield the rows in the order of the file."""
    with path.open("rb") as file:
        for line in file:
            data = json.loads(line)
            problems = tuple((column, message) for column, message in data.pop("problems"))
            yield CheckedRow(problems=problems, remarks=tuple(data.pop("remarks")), **data)


def _put(write: Callable[[bytes], object], row: CheckedRow) -> None:
    write(json.dumps(asdict(row)).encode() + b"\n")

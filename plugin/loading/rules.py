"""What every column may hold and which cells contradict each other, said once.

The loader, which holds a file in memory, and ``plugin.predict``, which streams it, read by the same rules and say the
same words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from plugin.caseload import NO_DAY
from plugin.loading.cells import CellError, day, identifier, number, whole, word_of
from plugin.records import MEASURES, SETTINGS, STATUSES, VISIT_STATUSES

LONGEST_PLAN: Final = 400  # units
MOST_UNITS: Final = 10_000
MOST_LEVELS: Final = 50  # a fact with more different words is free text or an identifier
UNKNOWN: Final = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none"})  # as other programs write a blank
_DAY_OF_MINUTES = 24 * 60

Kind = Literal["name", "word", "day", "whole", "number"]


@dataclass(frozen=True, slots=True)
class Cell:
    """How a cell is read.

    Attributes:
        kind: what stands in it.
        read: its meaning as a number; raises ``CellError``, which says what is wrong.
        blank: what an empty cell means; None where it is wrong.
        low, high: bounds of a plain number; what lies outside is for ``read`` to judge.
        words: allowed words, whose places are their numbers.
    """

    kind: Kind
    read: Callable[[str], float]
    blank: int | None = None
    low: float = 0.0
    high: float = 0.0
    words: tuple[str, ...] = ()


def minutes(cell: str) -> float:
    """Return how long a visit took."""
    value = number(cell)
    if not 0.0 <= value <= _DAY_OF_MINUTES:
        raise CellError(f"is out of range; allowed are minutes from 0 to {_DAY_OF_MINUTES:,}")
    return value


def _words(allowed: tuple[str, ...]) -> Cell:
    return Cell("word", word_of(allowed), words=allowed)


def _whole(least: int, most: int, blank: int | None = None) -> Cell:
    return Cell("whole", whole(least, most), blank, least, most)


_NAME = Cell("name", identifier)
_NUMBER = Cell("number", number, low=-1e9, high=1e9)

EPISODE_CELLS: Final[Mapping[str, Cell]] = {
    "episode_id": _NAME,
    "client_id": _NAME,
    "setting": _words(SETTINGS),
    "intake_date": Cell("day", day),
    "planned_units": _whole(1, LONGEST_PLAN),
    "units_attended": _whole(0, MOST_UNITS),
    "last_unit_date": Cell("day", day, NO_DAY),
    "status": _words(STATUSES),
}
RATING_CELLS: Final[Mapping[str, Cell]] = {
    "unit": _whole(0, MOST_UNITS, -1),
    "date": Cell("day", day),
    "measure": _words(MEASURES),
    "score": _NUMBER,
    "scale_min": _NUMBER,
    "scale_max": _NUMBER,
}
VISIT_CELLS: Final[Mapping[str, Cell]] = {
    "date": Cell("day", day),
    "status": _words(VISIT_STATUSES),
    "minutes": Cell("number", minutes, 0, 0.0, _DAY_OF_MINUTES),  # checked, though no feature uses it
}

FACT: Final = Cell("number", number, 0, -1e9, 1e9)  # known at intake, where it is a number

EMPTY: Final = "is empty"
TWICE: Final = "is that of row {other} too; write each episode once"
LAST_BEFORE_INTAKE: Final = "lies before intake_date"
NO_LAST_DAY: Final = "is empty although units were attended"
LAST_DAY_OF_NONE: Final = "is filled although units_attended is 0; leave it empty"
DROPPED_OUT_AFTER_ALL: Final = (
    "is dropped_out although all planned units were attended; write completed, or correct planned_units"
)
SCALE_UPSIDE_DOWN: Final = "is not below scale_max"
OUTSIDE_SCALE: Final = "lies outside scale_min to scale_max of its row"
BEFORE_INTAKE: Final = "lies before the episode's intake_date"


def left_out(file: str) -> str:
    """Return what is said of a rating or visit whose episode stands in a row that is left out."""
    return f"its row in {file} is left out"


def not_in(file: str) -> str:
    """Return what is said of a rating or visit whose episode is in no row."""
    return f"is not in {file}"


def strangers(file: str) -> str:
    """Return what is said of a file all of whose rows belong to no episode."""
    return f"no row belongs to an episode that was read from {file}; are the identifiers written alike (leading zeros)?"


def mixed(name: str, count: int, row: int) -> str:
    """Return what is said of a fact at intake in which ``count`` cells, the first in ``row``, hold no number."""
    return (
        f"column {name}: {count:,} cells hold no number (the first in row {row}), so all of it is read as words; write"
        " numbers with a point and leave unknown ones empty"
    )


def free_text(name: str) -> str:
    """Return what is said of a fact at intake with too many different words."""
    return (
        f"column {name}: has more than {MOST_LEVELS} different words, so it looks like free text or an identifier and"
        " is not read; group them, or write numbers"
    )

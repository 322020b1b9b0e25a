"""What a cell may hold: days, numbers, words. Each distinct text is read once, however many rows hold it."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugin.caseload import BoolArray, FloatArray, IntArray, day_number
from plugin.loading.findings import Findings
from plugin.loading.source import Table

EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2099, 12, 31)
_LARGEST = 1e9  # of any number; keeps differences of two finite

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?(?:Z|[+-]\d{2}:?\d{2}))?)?", re.A)
_OTHER_DAY = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}.*", re.A)
_SERIAL = re.compile(r"\d{5}(\.\d+)?", re.A)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.A)
_COMMA = re.compile(r"[+-]?\d*,\d+", re.A)
_WHOLE = re.compile(r"\+?\d+(\.0*)?", re.A)


class CellError(ValueError):
    """A cell does not hold what it should; the message never repeats it."""


def day(cell: str) -> int:
    """Return a cell's day as days since 1970; a time of day is read over.

    >>> day("1970-01-03"), day("1970-01-03 00:00:00"), day("1970-01-03T09:30:00+01:00")
    (2, 2, 2)
    """
    if match := _DAY.fullmatch(cell):
        try:
            date = dt.date.fromisoformat(match[1])
        except ValueError:
            raise CellError("is no day of the calendar; write it as 2026-01-31 (year, month, day)") from None
        if not EARLIEST <= date <= LATEST:
            raise CellError(f"lies outside the years {EARLIEST.year} to {LATEST.year}; is the year mistyped?")
        return day_number(date)
    if _SERIAL.fullmatch(cell):
        raise CellError("is a spreadsheet's number of a day; format the column as a date, as in 2026-01-31")
    if _OTHER_DAY.fullmatch(cell):
        raise CellError("can be read in more than one way; write the day as 2026-01-31 (year, month, day)")
    raise CellError("is no day; write it as 2026-01-31 (year, month, day)")


def number(cell: str) -> float:
    """Return a cell's number.

    >>> number("-1.5e1")
    -15.0
    """
    if not _NUMBER.fullmatch(cell):
        if _COMMA.fullmatch(cell):
            raise CellError("has a comma; write numbers with a decimal point and nothing between thousands, as in 3.5")
        raise CellError("is no number; write it as in 3.5")
    value = float(cell)
    if not math.isfinite(value) or abs(value) > _LARGEST:
        raise CellError("is too large to be meant")
    return value


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return how to read a whole number within bounds; ``12.0`` is one, as pandas writes it."""

    def read(cell: str) -> int:
        value = number(cell)
        if value < least or value > most:
            raise CellError(f"is out of range; allowed are whole numbers from {least} to {most:,}")
        if not _WHOLE.fullmatch(cell):
            raise CellError(f"is no whole number; allowed are {least} to {most:,}")
        return int(value)

    return read


def word_of(allowed: tuple[str, ...]) -> Callable[[str], int]:
    """Return how to read one of some words, as its place among them; capitals do not matter."""
    place = {word: number for number, word in enumerate(allowed)}

    def read(cell: str) -> int:
        low = cell.lower()
        if low in place:
            return place[low]
        near = get_close_matches(low[:40].replace(" ", "_").replace("-", "_"), allowed, 1, 0.7)
        meant = f"; is {near[0]} meant?" if near else ""
        raise CellError(f"is not one of {', '.join(allowed)}{meant}")

    return read


def identifier(cell: str) -> int:
    """Return 0 for any text: what an identifier says is nobody's business here."""
    return 0


class Rows:
    """The rows of a table while they are checked.

    Attributes:
        table: the table.
        bad: rows in which something is wrong, shape (n,).
    """

    def __init__(self, table: Table, findings: Findings) -> None:
        self.table, self.findings = table, findings
        self.bad: BoolArray = np.zeros(len(table), dtype=np.bool_)

    def numbers(self, name: str, read: Callable[[str], float], blank: float | None = None) -> FloatArray:
        """Return a column read cell by cell, 0 where a cell is wrong.

        Args:
            name: of the column.
            read: what one cell means; raises ``CellError``.
            blank: what an empty cell means; None where it is wrong.
        """
        if name not in self.table.columns:
            return np.full(len(self.table), 0.0 if blank is None else blank)
        column = self.table.columns[name]
        values = np.zeros(len(column.words))
        wrong: dict[str, list[int]] = {}
        for place, cell in enumerate(column.words):
            try:
                values[place] = _read(cell, read, blank)
            except CellError as error:
                wrong.setdefault(str(error), []).append(place)
        for text, places in wrong.items():
            self.wrong(name, np.isin(column.code, places), text)
        return values[column.code]

    def whole(self, name: str, read: Callable[[str], float], blank: int | None = None) -> IntArray:
        """Return the same as whole numbers."""
        return self.numbers(name, read, blank).astype(np.int64)

    def wrong(self, name: str, rows: BoolArray, text: str, other: NDArray[Any] | None = None) -> None:
        """Mark rows as bad, and say why; ``other`` are places of rows that ``{other}`` in the text stands for."""
        self.bad |= rows
        named = None if other is None else self.table.row[other[rows]]
        self.findings.add(self.table.row[rows], self.table.columns[name].place, name, text, named)


def _read(cell: str, read: Callable[[str], float], blank: float | None) -> float:
    if cell:
        return read(cell)
    if blank is None:
        raise CellError("is empty")
    return blank

"""What is wrong with a file, gathered so that a user sees it all at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from plugin.caseload import IntArray

MOST: Final = 200  # lines a file; whoever has more mends these first


@dataclass
class Findings:
    """Problems of one file. No line repeats what a cell holds.

    Attributes:
        file: its name.
        fatal: what makes the whole file unusable.
        notes: what a user should know and what stops nothing.
    """

    file: str
    fatal: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _rows: list[IntArray] = field(default_factory=list)
    _others: list[IntArray] = field(default_factory=list)
    _said: list[tuple[int, str, str]] = field(default_factory=list)
    _columns: list[str] = field(default_factory=list)

    def stop(self, text: str) -> None:
        """Say why the whole file cannot be used."""
        self.fatal.append(f"{self.file}: {text}")

    def note(self, text: str) -> None:
        """Say something that stops nothing."""
        self.notes.append(f"{self.file}: {text}")

    def ignored(self, text: str) -> None:
        """Say that something other than a row is left out."""
        self._columns.append(f"{self.file}: {text}")

    def add(self, rows: IntArray, place: int, column: str, text: str, other: IntArray | None = None) -> None:
        """Say the same of several rows.

        Args:
            rows: their numbers in a spreadsheet, the header being row 1.
            place: of the column, from 0, by which problems of one row are ordered.
            column: its name; empty where the whole row is meant.
            text: what is wrong and what to write; ``{other}`` stands for another row's number.
            other: these numbers, one for each row.
        """
        if len(rows):
            self._rows.append(rows)
            self._others.append(rows if other is None else other)
            self._said.append((place, column, text))

    def lines(self) -> list[str]:
        """Return all problems, the first ``MOST`` of those of rows in the order of row and column."""
        found = [*self.fatal, *self._columns]
        if not self._rows:
            return found
        rows, others = np.concatenate(self._rows), np.concatenate(self._others)
        saying = np.repeat(np.arange(len(self._rows)), [len(some) for some in self._rows])
        place = np.array([place for place, _, _ in self._said])[saying]
        for found_at in np.lexsort((saying, place, rows))[:MOST]:
            _, column, text = self._said[saying[found_at]]
            where = f"row {rows[found_at]}" + (f", column {column}" if column else "")
            found.append(f"{self.file}: {where}: {text.replace('{other}', str(others[found_at]))}")
        if len(rows) > MOST:
            found.append(f"{self.file}: and {len(rows) - MOST:,} more problems")
        return found

"""Which episode a rating or a visit belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plugin.caseload import IntArray
from plugin.loading import rules
from plugin.loading.cells import Rows


@dataclass(frozen=True, eq=False)
class Owners:
    """The episodes that were read.

    Attributes:
        file: name of their file.
        place: row in the caseload of each episode that was kept, by its identifier as written.
        left_out: identifiers of those that were not.
        intake_day: of those that were kept, shape (n,).
    """

    file: str
    place: dict[str, int]
    left_out: frozenset[str]
    intake_day: IntArray

    def of(self, rows: Rows) -> IntArray:
        """Return the row in the caseload that each row belongs to, 0 where it belongs to none."""
        column = rows.table.columns["episode_id"]
        place = np.array([self.place.get(word, -1) for word in column.words], dtype=np.int64)[column.code]
        blank = np.array([word == "" for word in column.words], dtype=np.bool_)[column.code]
        dropped = np.array([word in self.left_out for word in column.words], dtype=np.bool_)[column.code] & (place < 0)
        rows.wrong("episode_id", blank, rules.EMPTY)
        rows.wrong("episode_id", dropped & ~blank, rules.left_out(self.file))
        rows.wrong("episode_id", (place < 0) & ~dropped & ~blank, rules.not_in(self.file))
        if len(place) and (place < 0).all():
            rows.findings.note(rules.strangers(self.file))
        return np.maximum(place, 0)

    def not_before_intake(self, rows: Rows, episode: IntArray, day: IntArray) -> None:
        """Mark rows that are dated before the intake of their episode."""
        if len(self.intake_day):
            rows.wrong("date", ~rows.bad & (day < self.intake_day[episode]), rules.BEFORE_INTAKE)

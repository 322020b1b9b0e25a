"""The file of episodes, checked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from plugin.caseload import NO_DAY, BoolArray, IntArray, texts
from plugin.loading.cells import CellError, Rows, day, identifier, number, whole, word_of
from plugin.loading.columns import COVARIATE
from plugin.loading.findings import Findings
from plugin.loading.source import Column, Table
from plugin.records import SETTINGS, STATUSES

MOST_LEVELS: Final = 50  # a fact with more different words is free text or an identifier
_LONGEST_PLAN, _MOST_UNITS = 400, 10_000
_UNKNOWN = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none"})  # as other programs write a blank


@dataclass(frozen=True, eq=False)
class CheckedEpisodes:
    """Episodes by the rows of their table, shape (n,) each; only those where ``good`` mean anything."""

    good: BoolArray
    setting: IntArray
    intake_day: IntArray
    planned_units: IntArray
    units_attended: IntArray
    last_unit_day: IntArray
    status: IntArray


def check_episodes(table: Table, findings: Findings) -> CheckedEpisodes:
    """Return a table's episodes; what is wrong with them goes to ``findings``."""
    rows = Rows(table, findings)
    for name in ("episode_id", "client_id"):
        rows.whole(name, identifier)
    ids = table.columns["episode_id"]
    first = np.full(len(ids.words), len(table), dtype=np.int64)
    np.minimum.at(first, ids.code, np.arange(len(table)))
    again = (first[ids.code] < np.arange(len(table))) & (np.array(ids.words, dtype=object) != "")[ids.code]
    rows.wrong("episode_id", again, "is that of row {other} too; write each episode once", first[ids.code])
    setting = rows.whole("setting", word_of(SETTINGS))
    intake = rows.whole("intake_date", day)
    planned = rows.whole("planned_units", whole(1, _LONGEST_PLAN))
    attended = rows.whole("units_attended", whole(0, _MOST_UNITS))
    last = rows.whole("last_unit_date", day, blank=NO_DAY)
    status = rows.whole("status", word_of(STATUSES))
    sound = ~rows.bad  # a contradiction is no news where one of its sides could not be read
    has_day = last != NO_DAY
    rows.wrong("last_unit_date", sound & has_day & (last < intake), "lies before intake_date")
    rows.wrong("last_unit_date", sound & ~has_day & (attended > 0), "is empty although units were attended")
    rows.wrong(
        "last_unit_date", sound & has_day & (attended == 0), "is filled although units_attended is 0; leave it empty"
    )
    rows.wrong(
        "status",
        sound & (status == STATUSES.index("dropped_out")) & (attended >= planned),
        "is dropped_out although all planned units were attended; write completed, or correct planned_units",
    )
    return CheckedEpisodes(~rows.bad, setting, intake, planned, attended, last, status)


def covariates(table: Table, findings: Findings) -> dict[str, NDArray[Any]]:
    """Return what was known at intake, by name: numbers where every filled cell is one, else text."""
    found: dict[str, NDArray[Any]] = {}
    for name, column in table.columns.items():
        if name.startswith(COVARIATE):
            values = _covariate(name, column, table, findings)
            if values is not None:
                found[name.removeprefix(COVARIATE)] = values
    return found


def _covariate(name: str, column: Column, table: Table, findings: Findings) -> NDArray[Any] | None:
    present = set(np.unique(column.code).tolist())
    numbers, no_numbers = np.full(len(column.words), np.nan), np.zeros(len(column.words), dtype=np.bool_)
    words: list[str | None] = []
    for place, cell in enumerate(column.words):
        filled = cell.lower() not in _UNKNOWN
        words.append(cell if filled else None)
        if filled and place in present:
            try:
                numbers[place] = number(cell)
            except CellError:
                no_numbers[place] = True
    if not no_numbers.any():
        return numbers[column.code]
    wrong = no_numbers[column.code]
    if (~np.isnan(numbers)).any():
        findings.note(
            f"column {name}: {int(wrong.sum()):,} cells hold no number (the first in row {table.row[wrong][0]}), so all"
            " of it is read as words; write numbers with a point and leave unknown ones empty"
        )
    levels = Counter(words[place] for place in present)
    if len(levels) > MOST_LEVELS:
        findings.ignored(
            f"column {name}: has more than {MOST_LEVELS} different words, so it looks like free text or an identifier"
            " and is not read; group them, or write numbers"
        )
        return None
    return texts(words)[column.code]

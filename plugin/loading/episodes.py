"""The file of episodes, checked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugin.caseload import NO_DAY, BoolArray, IntArray, texts
from plugin.loading import rules
from plugin.loading.cells import CellError, Rows, number
from plugin.loading.columns import COVARIATE
from plugin.loading.findings import Findings
from plugin.loading.source import Column, Table
from plugin.records import STATUSES


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
    read = {name: rows.whole(name, cell.read, cell.blank) for name, cell in rules.EPISODE_CELLS.items()}
    ids = table.columns["episode_id"]
    first = np.full(len(ids.words), len(table), dtype=np.int64)
    np.minimum.at(first, ids.code, np.arange(len(table)))
    again = (first[ids.code] < np.arange(len(table))) & (np.array(ids.words, dtype=object) != "")[ids.code]
    rows.wrong("episode_id", again, rules.TWICE, first[ids.code])
    intake, planned, attended = read["intake_date"], read["planned_units"], read["units_attended"]
    last, status = read["last_unit_date"], read["status"]
    sound = ~rows.bad  # a contradiction is no news where one of its sides could not be read
    has_day = last != NO_DAY
    rows.wrong("last_unit_date", sound & has_day & (last < intake), rules.LAST_BEFORE_INTAKE)
    rows.wrong("last_unit_date", sound & ~has_day & (attended > 0), rules.NO_LAST_DAY)
    rows.wrong("last_unit_date", sound & has_day & (attended == 0), rules.LAST_DAY_OF_NONE)
    rows.wrong(
        "status",
        sound & (status == STATUSES.index("dropped_out")) & (attended >= planned),
        rules.DROPPED_OUT_AFTER_ALL,
    )
    return CheckedEpisodes(~rows.bad, read["setting"], intake, planned, attended, last, status)


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
        filled = cell.lower() not in rules.UNKNOWN
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
        findings.note(rules.mixed(name, int(wrong.sum()), int(table.row[wrong][0])))
    levels = Counter(words[place] for place in present)
    if len(levels) > rules.MOST_LEVELS:
        findings.ignored(rules.free_text(name))
        return None
    return texts(words)[column.code]

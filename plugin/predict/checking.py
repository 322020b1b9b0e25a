"""The rows of one block, checked: those that are sound as numbers, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from plugin.caseload import NO_DAY
from plugin.loading import rules
from plugin.predict.reading import read_cells
from plugin.records import STATUSES

ROW: Final = "row"  # of the block, from 0

#: One row for each problem: where, and what; ``saying`` orders those of one cell.
PROBLEM: Final = {ROW: pl.UInt32, "place": pl.UInt16, "saying": pl.UInt8, "column": pl.String, "text": pl.String}


@dataclass(eq=False)
class Rows:
    """The rows of a block while they are checked.

    Attributes:
        text: cells as text, null where blank.
        row: number of each row in the block.
        places: of the columns in the header.
        bad: rows in which something is wrong.
    """

    text: pl.DataFrame
    row: pl.Series
    places: Mapping[str, int]
    bad: pl.Series = field(init=False)
    problems: list[pl.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bad = pl.repeat(False, len(self.row), dtype=pl.Boolean, eager=True)

    def read(self, cells: Mapping[str, rules.Cell]) -> dict[str, pl.Series]:
        """Return columns as numbers; one that is not in the file is blank."""
        found: dict[str, pl.Series] = {}
        for name, cell in cells.items():
            if name in self.text.columns:
                found[name], wrong = read_cells(self.text[name], cell)
                for text, rows in wrong:
                    self.wrong(name, rows, text)
            else:
                found[name] = pl.repeat(cell.blank, len(self.row), dtype=pl.Int32, eager=True)
        return found

    def wrong(self, column: str, rows: pl.Series, text: str) -> None:
        """Mark rows as bad and say why; an empty column means the row as a whole."""
        rows = rows.fill_null(value=False)
        if not rows.any():
            return
        self.bad = self.bad | rows
        place, saying = self.places.get(column, 0), len(self.problems)
        self.problems.append(problems_of(self.row.filter(rows), place, saying, column, text))


def problems_of(row: pl.Series, place: int, saying: int, column: str, text: str) -> pl.DataFrame:
    """Return the same problem of several rows."""
    said = {"place": place, "saying": saying, "column": column, "text": text}
    return pl.DataFrame({ROW: row}).select(
        pl.col(ROW).cast(pl.UInt32), *(pl.lit(value, PROBLEM[name]).alias(name) for name, value in said.items())
    )


def together(problems: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return problems in the order of row, column and saying."""
    return pl.concat([pl.DataFrame(schema=PROBLEM), *problems]).sort(ROW, "place", "saying", maintain_order=True)


def checked_episodes(rows: Rows) -> dict[str, pl.Series]:
    """Return episodes as numbers; ``rows.bad`` says which mean nothing."""
    read = rows.read(rules.EPISODE_CELLS)
    sound = ~rows.bad  # a contradiction is no news where one of its sides could not be read
    last, attended = read["last_unit_date"], read["units_attended"]
    has_day = last != NO_DAY
    rows.wrong("last_unit_date", sound & has_day & (last < read["intake_date"]), rules.LAST_BEFORE_INTAKE)
    rows.wrong("last_unit_date", sound & ~has_day & (attended > 0), rules.NO_LAST_DAY)
    rows.wrong("last_unit_date", sound & has_day & (attended == 0), rules.LAST_DAY_OF_NONE)
    dropped = read["status"] == STATUSES.index("dropped_out")
    rows.wrong("status", sound & dropped & (attended >= read["planned_units"]), rules.DROPPED_OUT_AFTER_ALL)
    return read


def checked_ratings(rows: Rows) -> dict[str, pl.Series]:
    """Return ratings as numbers, with ``share``: how far up its scale each lies."""
    read = rows.read({"episode_id": rules.EPISODE_CELLS["episode_id"], **rules.RATING_CELLS})
    low, high, score = read["scale_min"], read["scale_max"], read["score"]
    rows.wrong("scale_min", ~rows.bad & (low >= high), rules.SCALE_UPSIDE_DOWN)
    rows.wrong("score", ~rows.bad & ((score < low) | (score > high)), rules.OUTSIDE_SCALE)
    return read | {"share": (score - low) / (high - low)}


def checked_visits(rows: Rows) -> dict[str, pl.Series]:
    """Return visits as numbers."""
    return rows.read({"episode_id": rules.EPISODE_CELLS["episode_id"], **rules.VISIT_CELLS})

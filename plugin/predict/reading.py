"""Columns of text to columns of numbers, by the rules of the loaders, at the pace of a column store.

Nearly every cell is written in the usual way and read all at once; each distinct text among the others goes to the
loaders' own reader, which decides and says what is wrong.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from plugin.caseload import EPOCH
from plugin.loading.cells import EARLIEST, LATEST, CellError
from plugin.loading.rules import EMPTY, Cell

_TYPES: Final = {"word": pl.UInt8, "day": pl.Int32, "whole": pl.Int32, "number": pl.Float64}

Wrong = list[tuple[str, pl.Series]]  # what is wrong, and in which rows


def read_cells(cells: pl.Series, cell: Cell) -> tuple[pl.Series, Wrong]:
    """Return a column of text as numbers, 0 where a cell is wrong, and what is wrong.

    Args:
        cells: text, shape (n,); null where empty.
        cell: how it is read.
    """
    if cell.kind == "name":
        blank = cells.is_null() | (cells.str.strip_chars() == "")
        return cells, [(EMPTY, blank)] if blank.any() else []
    usual = {"word": _words, "day": _days, "whole": _whole, "number": _numbers}[cell.kind](cells, cell)
    if not usual.null_count():
        return usual, []
    if cell.blank is not None and usual.null_count() == cells.null_count():
        return usual.fill_null(cell.blank), []
    return _unusual(cells, usual, cell)


def _words(cells: pl.Series, cell: Cell) -> pl.Series:
    places = {word: place for place, word in enumerate(cell.words)}
    return cells.replace_strict(places, default=None, return_dtype=pl.UInt8)


def _days(cells: pl.Series, cell: Cell) -> pl.Series:
    """Return what is written as 2026-01-31."""
    days = cells.str.to_date("%Y-%m-%d", strict=False, cache=False).to_physical()
    allowed = days.is_between(EARLIEST.toordinal() - EPOCH, LATEST.toordinal() - EPOCH)
    return _where(days, allowed & (cells.str.len_bytes() == 10) & ~cells.str.contains(" ", literal=True))


def _whole(cells: pl.Series, cell: Cell) -> pl.Series:
    numbers = cells.cast(pl.Int32, strict=False)
    allowed = numbers.is_between(int(cell.low), int(cell.high))
    return _where(numbers, allowed & ((numbers != 0) | (cells == "0")))  # not -0


def _numbers(cells: pl.Series, cell: Cell) -> pl.Series:
    numbers = cells.cast(pl.Float64, strict=False)
    return _where(numbers, numbers.is_between(cell.low, cell.high))


def _where(values: pl.Series, usual: pl.Series) -> pl.Series:
    """Return values, null where they are not usual; ``usual`` is null where they are null."""
    return values if usual.all() else values.set(~usual, None)


def _unusual(cells: pl.Series, usual: pl.Series, cell: Cell) -> tuple[pl.Series, Wrong]:
    rows = usual.is_null().arg_true()
    texts = cells.gather(rows).fill_null("")
    values: dict[str, float] = {}
    faults: dict[str, str] = {}
    for text in texts.unique().to_list():
        values[text] = 0.0
        try:
            values[text] = float(_value(text.strip(), cell))
        except CellError as error:
            faults[text] = str(error)
    found = texts.replace_strict(values, return_dtype=pl.Float64).cast(_TYPES[cell.kind])
    read = usual.clone().scatter(rows, found)
    said = texts.replace_strict(faults, default=None, return_dtype=pl.String)
    everywhere = pl.select(pl.repeat(None, len(cells), dtype=pl.String)).to_series().scatter(rows, said)
    return read, [(fault, (everywhere == fault).fill_null(value=False)) for fault in dict.fromkeys(faults.values())]


def _value(text: str, cell: Cell) -> float:
    if text:
        return cell.read(text)
    if cell.blank is None:
        raise CellError(EMPTY)
    return cell.blank

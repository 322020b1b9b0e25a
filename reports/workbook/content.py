"""What every sheet of the workbook is given, and how it writes: text as text, a formula with the value it last had."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from assumptions import Library
from calculator import words
from calculator.language import gettext as _
from calculator.language import mark
from calculator.model import Block
from calculator.result import Result
from reports.spreadsheet import Formats, Kind, set_up_page, write_text
from reports.tokens import load_tokens

MOST_UNITS = 400  # rows of the retention sheet: the longest plan that may be entered
MOST_MONTHS = 120  # rows of calendar and cash flow: the longest horizon
LINE = 12.75  # points, of the body's size
LETTERS = 1.05  # letters of running text in the width of a digit, taken with care
SHEETS = {
    "summary": mark("Summary"),
    "inputs": mark("Inputs"),
    "retention": mark("Retention"),
    "calendar": mark("Calendar"),
    "cash": mark("Cash flow"),
    "bridge": mark("Bridge"),
    "evidence": mark("Evidence"),
    "checks": mark("Checks"),
}
MONEY_WORKINGS = frozenset({"revenue_lost_refilled_per_year", "program_cost_per_year"})
Value = float | str | None
TOTAL_LINE: dict[str, Any] = {"strong": True, "top": 1}  # a line of sums below what it adds up
HEAD_LINE: dict[str, Any] = {"strong": True, "bottom": 1}  # or above it


def quoted(text: str) -> str:
    """Return a text as it stands in a formula.

    >>> quoted('the "old" rate')
    '"the ""old"" rate"'
    """
    return '"' + text.replace('"', '""') + '"'


def cell(row: int, column: int) -> str:
    """Return the address of a cell that stays the same when it is copied.

    >>> cell(0, 2)
    '$C$1'
    """
    return f"${_letters(column)}${row + 1}"


_letters = lru_cache(maxsize=None)(xl_col_to_name)


def span(first: int, last: int, column: int, last_column: int | None = None) -> str:
    """Return the address of the cells from one row to another.

    >>> span(1, 3, 0), span(0, 0, 0, 1)
    ('$A$2:$A$4', '$A$1:$B$1')
    """
    return f"{cell(first, column)}:{cell(last, column if last_column is None else last_column)}"


@dataclass(frozen=True)
class Content:
    """One workbook's material.

    ``point`` is the model at the likely values, from which cells have the values they last had. While the sheets are
    filled, ``names`` takes the address of each named cell, and ``ranges`` what one sheet needs to know of another.
    """

    result: Result
    library: Library
    book: Workbook
    formats: Formats
    point: Block
    paper: str
    names: dict[str, str] = field(default_factory=dict)
    ranges: dict[str, str] = field(default_factory=dict)
    sheets: dict[str, Worksheet] = field(default_factory=dict)

    def title(self, sheet: str) -> str:
        """Return the name on a sheet's tab, in the language in use."""
        return _(SHEETS[sheet])

    @cached_property
    def words(self) -> Mapping[str, str]:
        """Return the setting's own words for unit, units and the like."""
        return self.result.resolved.setting.words

    def worded(self, text: str, **values: object) -> str:
        """Return a text in the language in use, its ``%(name)s`` and then the setting's words filled in."""
        return words.capitalized(_(text, **values).format_map({key: _(word) for key, word in self.words.items()}))


@dataclass
class Pen:
    """Writes on one sheet. Rows and columns count from 0, as in XlsxWriter."""

    content: Content
    key: str
    _heights: dict[int, int] = field(default_factory=dict)  # lines of text, of rows that have more than one

    @cached_property
    def sheet(self) -> Worksheet:
        """Return the sheet written on."""
        return self.content.sheets[self.key]

    @property
    def formats(self) -> Formats:
        """Return the formats of the book."""
        return self.content.formats

    def text(self, row: int, column: int, text: str, look: Format | None = None) -> None:
        """Write a text that is never taken for a formula."""
        write_text(self.sheet, row, column, text, look or self.formats.text())

    def aside(self, row: int, column: int, text: str, *, wrap: bool = False) -> None:
        """Write a unit, source or note a little away from the number to its left."""
        self.text(row, column, text, self.formats.made(font_color=self._quiet, align="left", indent=1, text_wrap=wrap))

    def number(self, row: int, column: int, value: float, look: Format, name: str = "") -> None:
        """Write a number; only inputs, bounds and evidence are numbers, all else is a formula."""
        self.sheet.write_number(row, column, value, look)
        self.name(row, column, name)

    def formula(self, row: int, column: int, formula: str, look: Format, value: Value = "", name: str = "") -> None:
        """Write a formula with the value it has now; an empty one where only the spreadsheet works it out."""
        self.sheet.write_formula(row, column, formula, look, _("none") if value is None else value)
        self.name(row, column, name)

    def head(self, row: int, labels: Sequence[str], *, texts: Sequence[int] = (0,), start: int = 0) -> None:
        """Write a table's header; ``texts`` are the columns (of the table) that hold words."""
        for place, label in enumerate(labels):
            look = self.formats.head if place in texts else self.formats.head_number
            look = self._head_aside if place in texts and place > 0 else look
            self.text(row, start + place, label, look)

    def opening(self, title: str, lead: str) -> None:
        """Write the title and the sentence below it."""
        self.sheet.set_row(0, 28)
        self.text(0, 0, title, self.formats.title)
        self.text(1, 0, lead, self.formats.lead)

    def fit(self, row: int, texts: Sequence[tuple[str, float]]) -> None:
        """Make a row as high as the longest of its wrapped texts needs in its column: not every office does on its own.

        Args:
            row: to fit.
            texts: each with the width of its column, in characters.
        """
        lines = max(sum(_lines(part, width) for part in text.split("\n")) for text, width in texts)
        if lines > self._heights.get(row, 1):
            self._heights[row] = lines
            self.sheet.set_row(row, LINE * lines + 2)

    def label(self, row: int, text: str, width: float, **properties: Any) -> None:
        """Write the words at the head of a line, on as many lines of text as they need."""
        self.text(row, 0, text, self.formats.made(text_wrap=True, **properties))
        self.fit(row, [(text, width)])

    def heading(self, row: int, text: str) -> None:
        """Write a heading inside the sheet."""
        self.text(row, 0, text, self.formats.heading)

    def address(self, row: int, column: int) -> str:
        """Return the address of a cell of this sheet, for use on any sheet."""
        return self.own + cell(row, column)

    def span(self, first: int, last: int, column: int) -> str:
        """Return the address of cells of this sheet one above the other, for use on any sheet."""
        return self.own + span(first, last, column)

    def series(self, first: int, last: int, column: int) -> list[object]:
        """Return the same as a chart wants it."""
        return [self.content.title(self.key), first, column, last, column]

    def page(self, *, landscape: bool = False, repeat: tuple[int, int] | None = None, high: int = 0) -> None:
        """Let the sheet print well."""
        title = f"{self.content.result.clinic_name}: {self.content.title(self.key)}"
        set_up_page(
            self.sheet,
            title,
            landscape=landscape,
            paper=self.content.paper,
            repeat_rows=repeat,
            pages_high=high,
        )

    def fade(self, first: int, last: int, columns: tuple[int, int], condition: str) -> None:
        """Show nothing in rows where a condition holds, such as months past the horizon; zeros stay for the sums."""
        look = self.content.book.add_format({"num_format": ";;;", "font_color": "#ffffff"})
        self.sheet.conditional_format(
            first, columns[0], last, columns[1], {"type": "formula", "criteria": f"={condition}", "format": look}
        )

    @cached_property
    def _head_aside(self) -> Format:
        """Return the format of a header over words that stand a little away from the numbers to their left."""
        light = load_tokens().light
        return self.formats.made(
            bold=True, font_color=light["quiet"], text_wrap=True, valign="bottom", bottom=1,
            bottom_color=light["axis"], align="left", indent=1,
        )  # fmt: skip

    @cached_property
    def _quiet(self) -> str:
        return load_tokens().light["quiet"]

    @cached_property
    def own(self) -> str:
        """Return the sheet's name as it stands before an address."""
        return "'" + self.content.title(self.key).replace("'", "''") + "'!"

    def name(self, row: int, column: int, name: str) -> None:
        """Give a cell a name; none where it is empty."""
        if name:
            self.content.names[name] = self.address(row, column)
            self.content.book.define_name(name, f"={self.content.names[name]}")


def _lines(text: str, width: float) -> int:
    return max(1, math.ceil(len(text) / (width * LETTERS)))


def figure_kind(name: str) -> Kind:
    """Return how a figure or working is shown."""
    if name in words.SHARE_FIGURES:
        return "share_exact"
    if name in words.MONEY_FIGURES or name in MONEY_WORKINGS:
        return "money_exact"
    return "exact" if name in ("hazard_ratio", "odds_ratio") else "number"

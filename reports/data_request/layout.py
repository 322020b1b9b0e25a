"""The shape of a request's sheets: the hidden column of keys, tables with the roles of their columns, row heights."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports.data_request.places import ASIDE, COLUMNS
from reports.spreadsheet import Formats, write_text
from reports.tokens import load_tokens

LINE, PADDING = 12.8, 8.0  # points: a line of text, and the space below it
LETTERS_A_UNIT = 1.15  # letters that fit into a unit of a column's width, which is that of a digit


class Layout:
    """One sheet with its columns, which it fits each row to."""

    def __init__(self, sheet: Worksheet, formats: Formats, widths: Sequence[float]) -> None:
        self.sheet = sheet
        self.formats = formats
        self.widths = widths
        sheet.set_column(0, 0, 2, None, {"hidden": True})
        for column, width in enumerate(widths, 1):
            sheet.set_column(column, column, width)

    @property
    def quiet(self) -> Format:
        """Return the format of texts beside yellow cells, which keep a little clear of them."""
        return self.formats.text(wrap=True, font_color=load_tokens().light["quiet"], align="left", indent=1)

    @property
    def _head(self) -> Format:
        light = load_tokens().light
        line = {"bottom": 1, "bottom_color": light["axis"]}
        place = {"text_wrap": True, "valign": "bottom", "align": "left", "indent": 1}
        return self.formats.made(bold=True, font_color=light["quiet"], **place, **line)

    def head(self, title: str, lead: str) -> None:
        """Write the title of the sheet and the sentence below it."""
        write_text(self.sheet, 0, 1, title, self.formats.title)
        write_text(self.sheet, 1, 1, lead, self.formats.lead)
        self.sheet.set_row(0, 28)
        self.sheet.set_row(1, 22)

    def key(self, row: int, key: str) -> None:
        """Say in the hidden column what a row is about."""
        write_text(self.sheet, row, 0, key)

    def heading(self, row: int, text: str) -> None:
        """Write a heading inside the sheet."""
        write_text(self.sheet, row, 1, text, self.formats.heading)
        self.sheet.set_row(row, 26)

    def texts(self, row: int, texts: Sequence[str], look: Format) -> None:
        """Write texts into the columns from the first on, and make the row as high as the longest needs."""
        for column, text in enumerate(texts, 1):
            write_text(self.sheet, row, column, text, look)
        self.fit(row, dict(enumerate(texts, 1)))

    def roles(self, row: int, roles: Sequence[str], headings: Sequence[str]) -> int:
        """Write the hidden row that says what each column holds and the headings below; return the row after them."""
        self.key(row, COLUMNS)
        self.key(row + 1, ASIDE)
        self.sheet.set_row(row, None, None, {"hidden": True})
        for column, role in enumerate(roles, 1):
            if role:
                write_text(self.sheet, row, column, role)
        self.texts(row + 1, headings[:1], self.formats.head)
        for column, heading in enumerate(headings[1:], 2):
            write_text(self.sheet, row + 1, column, heading, self._head)
        self.fit(row + 1, dict(enumerate(headings, 1)))
        return row + 2

    def fit(self, row: int, texts: dict[int, str], *, least: int = 1) -> None:
        """Make a row as high as its longest text needs; programs differ in whether they do so themselves."""
        lines = [self._lines(text, self.widths[column - 1]) for column, text in texts.items()]
        self.sheet.set_row(row, max(least, *lines) * LINE + PADDING)

    def _lines(self, text: str, width: float) -> int:
        return sum(max(1, len(textwrap.wrap(part, int(width * LETTERS_A_UNIT)))) for part in text.split("\n"))

"""The layer between Rapport and XlsxWriter that every spreadsheet shares: a book, its formats, its printed pages.

Decisions: the typeface is Arial, since it comes with Windows and macOS themselves and LibreOffice lays it out with
Liberation Sans, which has the same widths; Calibri comes with Microsoft's office only. What a person typed is written
with ``write_text`` alone, which never makes a formula, a link or a number of it.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cached_property
from io import BytesIO
from typing import Any, Literal

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from calculator import display
from calculator.language import gettext as _
from reports.tokens import load_tokens

TYPEFACE = "Arial"
BODY_SIZE = 10  # points; the paper's sizes are for a page read at arm's length, and a sheet is read on a screen
TITLE_SIZE = 18
LEAD_SIZE = 12
FIGURE_SIZE = 28
CREATED = datetime(2000, 1, 1)  # no clock is read: the same input gives the same bytes
MAX_TEXT = 32_767  # characters a cell may hold
MAX_FOOTER = 160  # characters of the title in the footer; all of it may have 255
MARGINS = {"left": 0.6, "right": 0.6, "top": 0.7, "bottom": 0.8}  # inches

Kind = Literal["money", "money_exact", "share", "share_tenth", "share_exact", "number", "exact", "whole", "general"]
_PLAIN: dict[str, str] = {
    "share": "0%",
    "share_tenth": "0.0%",
    "share_exact": "0.00%",
    "number": "#,##0.0",
    "exact": "#,##0.0000",
    "whole": "#,##0",
    "general": "General",
}


def new_book(title: str, *, subject: str = "", comments: str = "") -> tuple[Workbook, BytesIO]:
    """Return an empty book and the stream it is written to when it is closed; see ``finished``.

    Args:
        title: of the document, shown in its properties.
        subject: likewise.
        comments: likewise; one or two sentences.
    """
    stream = BytesIO()
    book = Workbook(
        stream,
        {
            "in_memory": True,  # also gives every part inside one fixed date
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_format_properties": {"font_name": TYPEFACE, "font_size": BODY_SIZE, "font_scheme": "none"},
        },
    )
    book.set_properties(
        {"title": title, "subject": subject, "author": "Rapport", "comments": comments, "created": CREATED}
    )
    book.set_size(2400, 1500)
    return book, stream


def finished(book: Workbook, stream: BytesIO) -> bytes:
    """Close the book and return the file."""
    book.close()
    return stream.getvalue()


class Formats:
    """The formats of one book, from the tokens of page and paper; each is made when it is first asked for."""

    def __init__(self, book: Workbook, currency: str = "USD") -> None:
        self._book = book
        self._currency = currency
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def made(self, **properties: Any) -> Format:
        """Return the format with these properties over the body's, locked unless it says otherwise."""
        base = {"font_color": load_tokens().light["ink"], "valign": "vcenter"} | properties
        key = tuple(sorted(base.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(base)
        return self._made[key]

    def number(
        self, kind: Kind = "number", *, own: bool = False, strong: bool = False, quiet: bool = False, **more: Any
    ) -> Format:
        """Return the format of a number; ``own`` makes it the user's to change: ink on paper yellow, unlocked."""
        look: dict[str, Any] = {"num_format": number_format(kind, self._currency), "align": "right"}
        look |= {"font_color": load_tokens().light["quiet"]} if quiet else {}
        return self.made(**(look | (_own() if own else {}) | ({"bold": True} if strong else {}) | more))

    def text(self, *, own: bool = False, strong: bool = False, wrap: bool = False, **more: Any) -> Format:
        """Return the format of a text; ``own`` as for numbers. A wrapped text starts at the top of its cell."""
        look: dict[str, Any] = {"text_wrap": True, "valign": "top"} if wrap else {}
        if own:  # "@": what is typed here stays text, also when it looks like a number or a formula
            look |= _own() | {"num_format": "@"}
        return self.made(**(look | ({"bold": True} if strong else {}) | more))

    @cached_property
    def title(self) -> Format:
        """Return the format of a sheet's title."""
        return self.made(bold=True, font_size=TITLE_SIZE)

    @cached_property
    def lead(self) -> Format:
        """Return the format of the sentence below the title."""
        return self.made(font_size=LEAD_SIZE, font_color=load_tokens().light["quiet"])

    @cached_property
    def heading(self) -> Format:
        """Return the format of a heading inside a sheet."""
        return self.made(bold=True, font_size=LEAD_SIZE, font_color=load_tokens().light["kept"])

    @cached_property
    def head(self) -> Format:
        """Return the format of a table's header cell over text."""
        return self.made(**_head())

    @cached_property
    def head_number(self) -> Format:
        """Return the format of a table's header cell over numbers."""
        return self.made(**_head(), align="right")

    @cached_property
    def quiet(self) -> Format:
        """Return the format of units, sources and notes, wrapped."""
        return self.text(wrap=True, font_color=load_tokens().light["quiet"])

    @cached_property
    def note(self) -> Format:
        """Return the format of a note that may run over the cells to its right."""
        return self.made(font_color=load_tokens().light["quiet"])

    @cached_property
    def link(self) -> Format:
        """Return the format of a link."""
        return self.text(wrap=True, font_color=load_tokens().light["focus"], underline=1)


def number_format(kind: Kind, currency: str) -> str:
    """Return the number format of a kind, money with the currency's own sign.

    >>> number_format("money", "USD")
    '"$"#,##0;−"$"#,##0'
    """
    if kind in _PLAIN:
        return _PLAIN[kind]
    digits = "#,##0.00" if kind == "money_exact" else "#,##0"
    before, after = (_quoted(sign) for sign in _affixes(currency))
    amount = f"{before}{digits}{after}"
    return f"{amount};\N{MINUS SIGN}{amount}"


def _affixes(currency: str) -> tuple[str, str]:
    """Return what stands before and after an amount, letters with a space that does not break."""
    before, after = display.affixes(currency)
    gap = display.NO_BREAK
    return (before + gap if before[-1:].isalpha() else before), (gap + after if after else "")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "") + '"' if text else ""


def _own() -> dict[str, Any]:
    light = load_tokens().light
    return {
        "font_color": light["own_ink"], "bg_color": light["own_paper"], "locked": False,
        "border": 1, "border_color": light["axis"],
    }  # fmt: skip


def _head() -> dict[str, Any]:
    light = load_tokens().light
    return {
        "bold": True, "font_color": light["quiet"], "text_wrap": True, "valign": "bottom",
        "bottom": 1, "bottom_color": light["axis"],
    }  # fmt: skip


def write_text(sheet: Worksheet, row: int, column: int, text: str, look: Format | None = None) -> None:
    """Write a text as text, whatever it looks like; what a cell cannot hold of it is cut."""
    sheet.write_string(row, column, text[:MAX_TEXT], look)


def set_up_page(
    sheet: Worksheet,
    title: str,
    *,
    landscape: bool = False,
    paper: str = "A4",
    repeat_rows: tuple[int, int] | None = None,
    pages_high: int = 0,
) -> None:
    """Let a sheet print well: as wide as the page, header rows on each, and a foot with its title and page x of y.

    Args:
        sheet: to set up.
        title: of book and sheet, in the foot on the left; cut where it is long.
        landscape: or portrait.
        paper: A4 or Letter.
        repeat_rows: first and last row to print on every page, from 0.
        pages_high: at most so many pages; 0 for as many as it takes.
    """
    if landscape:
        sheet.set_landscape()
    else:
        sheet.set_portrait()
    sheet.set_paper(1 if paper == "Letter" else 9)
    sheet.fit_to_pages(1, pages_high)
    sheet.set_margins(**MARGINS)
    sheet.hide_gridlines(2)
    if repeat_rows is not None:
        sheet.repeat_rows(*repeat_rows)
    page = _("Page %(page)s of %(pages)s", page="&P", pages="&N")
    plain = re.sub(r"\s+", " ", title)[:MAX_FOOTER].replace("&", "&&")
    sheet.set_footer(f'&L&"{TYPEFACE},Regular"&8{_unmixed(plain)}&R&"{TYPEFACE},Regular"&8{page}')


def _unmixed(text: str) -> str:
    """Keep a title that begins with a digit from being read as part of the size before it."""
    return f" {text}" if text[:1].isdigit() else text


def protect(sheet: Worksheet) -> None:
    """Let only unlocked cells be changed, without a password: against slips, not against the reader."""
    sheet.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})

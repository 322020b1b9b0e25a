"""A finished result as a workbook of eight sheets."""

from __future__ import annotations

from assumptions import Library
from calculator.language import gettext as _
from calculator.result import Result
from reports.spreadsheet import Formats, finished, new_book, protect
from reports.workbook.bridge import bridge
from reports.workbook.calendar import calendar
from reports.workbook.cash import cash
from reports.workbook.checks import checks
from reports.workbook.content import SHEETS, Content
from reports.workbook.evidence import evidence
from reports.workbook.inputs import inputs
from reports.workbook.plain_sheet import PlainSheet
from reports.workbook.retention import retention
from reports.workbook.summary import summary

PAGE_SIZES = ("A4", "Letter")
FILLED = (
    inputs,
    retention,
    calendar,
    cash,
    bridge,
    evidence,
    checks,
    summary,
)  # each after those it asks for addresses


def build_workbook(result: Result, library: Library, *, page_size: str = "A4") -> bytes:
    """Return the deterministic model as XLSX with live formulas; the same arguments always give the same bytes.

    Args:
        result: what was computed, at the likely value of every input.
        library: the evidence the result was computed with.
        page_size: A4 or Letter, for printing.

    Raises:
        ValueError: for another page size.
    """
    if page_size not in PAGE_SIZES:
        raise ValueError(f"page_size is {page_size!r}; it is A4 or Letter")
    title = _("What it is worth to keep clients: %(clinic)s", clinic=result.clinic_name)
    book, stream = new_book(title, subject=_("The model with live formulas"))
    content = Content(result, library, book, Formats(book, result.currency), result.resolved.block({}), page_size)
    for key in SHEETS:
        content.sheets[key] = book.add_worksheet(content.title(key), worksheet_class=PlainSheet)
    for fill in FILLED:
        fill(content)
    for sheet in content.sheets.values():
        protect(sheet)
    return finished(book, stream)

"""The yellow cells: what is known is in them, and a spreadsheet checks what is typed into them."""

from __future__ import annotations

from typing import Any

from annotated_types import MaxLen
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from calculator.entry import allowed, is_money, is_percent
from calculator.language import gettext as _
from calculator.quantity import Quantity
from calculator.scenario import CAPACITY_WORDS, Clinic, Payer
from reports.data_request.about import SURE_WORDS
from reports.data_request.owners import CAPACITY
from reports.data_request.questions import Question
from reports.spreadsheet import Formats, write_text

Known = float | str | None
LISTS = "lists"  # the hidden sheet in which the answers to choose from stand
LIST_CELLS = {
    "sure": f"={LISTS}!$B$1:$B${len(SURE_WORDS)}",
    CAPACITY: f"={LISTS}!$C$1:$C${len(CAPACITY_WORDS)}",
}
TITLE, TEXT = 32, 255  # characters that a spreadsheet takes for a message


def write_lists(sheet: Worksheet) -> None:
    """Write the answers to choose from; inside a check itself a comma would part them."""
    for column, words in enumerate((SURE_WORDS, CAPACITY_WORDS), 1):
        for row, text in enumerate(words.values()):
            write_text(sheet, row, column, _(text))
    sheet.hide()


class AnswerCells:
    """Writes the yellow cells of a book."""

    def __init__(self, formats: Formats, currency: str) -> None:
        self._formats = formats
        self._currency = currency

    def write(self, sheet: Worksheet, row: int, column: int, question: Question, value: Known, last: int = 0) -> None:
        """Write the cell of an answer, joined up to the column ``last`` where that is given."""
        declared = question.declared
        look = (
            self._formats.text(own=True, wrap=True, align="left", indent=1)
            if declared is None
            else self._number(declared)
        )
        if isinstance(value, (int, float)):
            sheet.write_number(row, column, value, look)
        else:
            text = _(CAPACITY_WORDS[value]) if question.path == CAPACITY and value else value or ""
            if last:
                sheet.merge_range(row, column, row, last, "", look)
            _write(sheet, row, column, text, look)
        sheet.data_validation(row, column, row, column, self._check(question))

    def write_sure(self, sheet: Worksheet, row: int, column: int, measured: bool | None) -> None:
        """Write the cell that says where a number comes from; None where there is no number yet."""
        sure = "measured" if measured else "estimate"
        text = "" if measured is None else _(SURE_WORDS[sure])
        _write(sheet, row, column, text, self._text)
        sheet.data_validation(row, column, row, column, _listed("sure", _("How sure?")))

    @property
    def _text(self) -> Format:
        return self._formats.text(own=True, wrap=True, align="left", indent=1)

    def _number(self, declared: Quantity) -> Format:
        if is_percent(declared):
            return self._formats.number("share_tenth", own=True, valign="top", indent=1)
        if is_money(declared):
            return self._formats.number("money_exact", own=True, valign="top", indent=1)
        return self._formats.number("whole" if declared.whole else "general", own=True, valign="top", indent=1)

    def _check(self, question: Question) -> dict[str, Any]:
        declared = question.declared
        if question.path == CAPACITY:
            return _listed(CAPACITY, question.label)
        if declared is None:
            most = _longest(question.path)
            words = _("Write at most %(most)s characters.", most=most)
            return {"validate": "length", "criteria": "<=", "value": most, **_said(question.label, words)}
        blank = _("Leave it blank if you do not know.")
        words = f"{allowed(declared, self._currency)} {blank}"
        span = {"criteria": "between", "minimum": declared.ge, "maximum": declared.le}
        kind = "integer" if declared.whole else "decimal"
        return {"validate": kind, **span, **_said(question.label, words)}


def _write(sheet: Worksheet, row: int, column: int, text: str, look: Format) -> None:
    """Write a text, or leave the cell truly empty, as a sum or a check of blanks expects it."""
    if text:
        write_text(sheet, row, column, text, look)
    else:
        sheet.write_blank(row, column, None, look)


def _listed(name: str, title: str) -> dict[str, Any]:
    words = _("Choose one of the answers in the list, or leave it blank.")
    return {"validate": "list", "source": LIST_CELLS[name], **_said(title, words)}


def _said(title: str, words: str) -> dict[str, str]:
    return {"error_title": title[:TITLE], "error_message": words[:TEXT]}


def _longest(path: str) -> int:
    """Return how long a name may be, as the model declares it."""
    section, _dot, key = path.partition(".")
    declared = (Payer if section == "payers" else Clinic).model_fields[key]
    return next(found.max_length for found in declared.metadata if isinstance(found, MaxLen))

"""Who pays: a table with a row for each payer, and the same twice for the lowest and the highest of each number."""

from __future__ import annotations

from collections.abc import Sequence

from calculator.language import gettext as _
from calculator.quantity import Range
from calculator.scenario import MAX_PAYERS
from reports.data_request.answer_cells import AnswerCells
from reports.data_request.layout import Layout
from reports.data_request.owners import PAYER_KEYS, PAYERS
from reports.data_request.places import ASIDE, END, HIGH, LOW, SURE
from reports.data_request.questions import Question, Questions, likely_and_ends
from reports.spreadsheet import write_text

ROW_HEIGHT = 30.0  # points: two lines, for a name or an answer from a list


class PayerTables:
    """The tables of payers on one sheet."""

    def __init__(self, layout: Layout, cells: AnswerCells, questions: Questions) -> None:
        self._layout = layout
        self._cells = cells
        self._asked = questions.about_payers()
        known = questions.payers()
        self._rows = [*known, *([self._asked] * (MAX_PAYERS - len(known)))]

    def write(self, row: int) -> None:
        """Write all three tables from a row on."""
        layout = self._layout
        layout.key(row, END)
        layout.heading(row + 1, _("Who pays"))
        note = _(
            "A row for each payer; put small ones together. Write what is allowed and the part of it you collect, or "
            "only what you collect."
        )
        write_text(layout.sheet, row + 2, 1, note, layout.formats.note)
        headings = [*self._labels, _("How sure?")]
        row = layout.roles(row + 3, (*PAYER_KEYS, SURE), headings)
        for title, texts in (
            (_("Where to find it"), [question.where for question in self._asked[1:]]),
            (_("Usual in practices like yours"), [question.usual for question in self._asked[1:]]),
        ):
            layout.key(row, ASIDE)
            layout.texts(row, [title, *texts], layout.quiet)
            row += 1
        first = row
        for number, payer in enumerate(self._rows, 1):
            self._write_payer(row, number, payer)
            row += 1
        self._write_total(row, first)
        row = self._write_ends(row + 1, LOW, _("The lowest it could be, where you are not sure"), first)
        self._write_ends(row, HIGH, _("The highest it could be, where you are not sure"), first)

    @property
    def _labels(self) -> list[str]:
        return [question.label for question in self._asked]

    def _write_payer(self, row: int, number: int, payer: Sequence[Question]) -> None:
        sheet = self._layout.sheet
        self._layout.key(row, f"{PAYERS}.{number}")
        sheet.set_row(row, ROW_HEIGHT)
        for column, question in enumerate(payer, 1):
            value = question.value
            likely = value if value is None or isinstance(value, str) else likely_and_ends(value)[0]
            self._cells.write(sheet, row, column, question, likely)
        self._cells.write_sure(sheet, row, len(payer) + 1, _measured(payer))

    def _write_total(self, row: int, first: int) -> None:
        values = [payer[PAYER_KEYS.index("share")].value for payer in self._rows]
        total = sum(likely_and_ends(value)[0] for value in values if isinstance(value, (float, Range)))
        layout = self._layout
        layout.key(row, ASIDE)
        write_text(layout.sheet, row, 1, _("Together; it must be 100%"), layout.quiet)
        look = layout.formats.number("share_tenth", valign="top", indent=1)
        layout.sheet.write_formula(row, 2, f"=SUM(C{first + 1}:C{row})", look, total)
        layout.sheet.set_row(row, ROW_HEIGHT)

    def _write_ends(self, row: int, role: str, title: str, first: int) -> int:
        """Write the table of the lowest or the highest; return the row after it."""
        layout, sheet = self._layout, self._layout.sheet
        layout.key(row, END)
        layout.heading(row + 1, title)
        row = layout.roles(row + 2, ("", *(f"{key}.{role}" for key in PAYER_KEYS[1:])), self._labels)
        for number, payer in enumerate(self._rows, 1):
            layout.key(row, f"{PAYERS}.{number}")
            blank = _("Payer %(number)s", number=number).replace('"', "")
            name = f"$B${first + number}"
            formula = f'=IF({name}="","{blank}",{name})'
            sheet.write_formula(row, 1, formula, layout.quiet, str(payer[0].value or blank))
            for column, question in enumerate(payer[1:], 2):
                ends = likely_and_ends(question.value)[1:] if isinstance(question.value, Range) else (None, None)
                self._cells.write(sheet, row, column, question, ends[role == HIGH])
            row += 1
        return row


def _measured(payer: Sequence[Question]) -> bool | None:
    """Return whether what is known of a payer is from records: all of it, where it makes a difference."""
    numbers = [question for question in payer if question.declared and question.value is not None]
    widened = [question for question in numbers if question.declared and question.declared.widen != "none"]
    return all(question.measured for question in widened or numbers) if numbers else None

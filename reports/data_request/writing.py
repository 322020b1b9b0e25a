"""Write a data request: a sheet to read first, and one for each who fills it in."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from assumptions import Library
from calculator.entry import decimal_comma
from calculator.language import gettext as _
from calculator.result import Result
from calculator.scenario import CAPACITY_WORDS, Scenario
from reports.brand import Brand
from reports.data_request.about import SURE_WORDS, About
from reports.data_request.answer_cells import LISTS, AnswerCells, write_lists
from reports.data_request.layout import Layout
from reports.data_request.owners import NAMES, OWNER_WORDS, Owner
from reports.data_request.payer_tables import PayerTables
from reports.data_request.places import ANSWER, HIGH, LOW, SURE
from reports.data_request.questions import Question, Questions, likely_and_ends
from reports.data_request.readme import write_readme
from reports.spreadsheet import Formats, finished, new_book, protect, set_up_page, write_text

# Question, answer, unit, how sure, lowest, highest, where, usual; the table of payers has its own columns in them.
WIDTHS = (46, 15, 19, 20, 18, 15, 34, 30)
ROLES = ("", ANSWER, "", SURE, LOW, HIGH)


def build_data_request(
    about: Scenario | Result | str, library: Library, *, brand: Brand | None = None, currency: str = "USD"
) -> bytes:
    """Return the data request for a clinic, as an XLSX; the same input gives the same bytes.

    Args:
        about: what is known of the clinic, which is filled in; or only the id of its setting, such as ``outpatient``.
        library: for the usual values, which are shown as a hint.
        brand: says who asks; without one a cell is left for it.
        currency: of the amounts, where only the setting is known.

    Raises:
        KeyError: if there is no such setting.
    """
    asked = about.resolved.scenario if isinstance(about, Result) else about
    questions = Questions(asked, library, currency)
    title = _("Data request: %(clinic)s", clinic=questions.clinic) if questions.clinic else _("Data request")
    book, stream = new_book(title, subject=_("Numbers for an estimate with Rapport"))
    asked_by = ", ".join(filter(None, (brand.prepared_by, brand.seller, brand.email, brand.phone))) if brand else ""
    _Request(book, questions, title).write(asked_by)
    return finished(book, stream)


class _Request:
    """The sheets of one request."""

    def __init__(self, book: Workbook, questions: Questions, title: str) -> None:
        self._book = book
        self._questions = questions
        self._title = title
        self._formats = Formats(book, questions.currency)
        self._cells = AnswerCells(self._formats, questions.currency)

    def write(self, asked_by: str) -> None:
        """Write all sheets."""
        readme = self._book.add_worksheet(_("Read me"))
        counts: dict[Owner, int] = {}
        for owner, words in OWNER_WORDS.items():
            questions = list(self._questions.of(owner))
            counts[owner] = len(questions)
            self._write_sheet(self._book.add_worksheet(_(words)), owner, questions)
        lists = self._book.add_worksheet(LISTS)
        write_lists(lists)
        protect(lists)
        write_readme(readme, self._formats, self._questions.clinic, counts, asked_by)
        self._finish(readme, _("Read me"), landscape=False)

    def _write_sheet(self, sheet: Worksheet, owner: Owner, questions: Sequence[Question]) -> None:
        layout = Layout(sheet, self._formats, WIDTHS)
        name = _(OWNER_WORDS[owner])
        layout.head(name, _("Fill in the yellow cells; where you leave one blank, the usual value stands for it."))
        headings = (
            _("Question"), _("Answer"), _("Counted in"), _("How sure?"), _("Lowest, if not sure"),
            _("Highest, if not sure"), _("Where to find it"), _("Usual in practices like yours"),
        )  # fmt: skip
        row = layout.roles(3, ROLES, headings)
        for question in questions:
            self._write_question(layout, row, question)
            row += 1
        if owner == "billing":
            PayerTables(layout, self._cells, self._questions).write(row)
            self._finish(sheet, name)
        else:
            sheet.freeze_panes(5, 0)
            self._finish(sheet, name, repeat=(4, 4))

    def _write_question(self, layout: Layout, row: int, question: Question) -> None:
        sheet, quiet = layout.sheet, self._formats.quiet
        layout.key(row, question.path)
        texts = {3: question.unit, 7: question.where, 8: question.usual}
        for column, text in texts.items():
            write_text(sheet, row, column, text, layout.quiet)
        if question.help:
            strong, cell = self._formats.text(strong=True), self._formats.text(wrap=True)
            sheet.write_rich_string(row, 1, strong, question.label, quiet, f"\n{question.help}", cell)
        else:
            write_text(sheet, row, 1, question.label, self._formats.text(strong=True, wrap=True))
        layout.fit(row, texts | {1: f"{question.label}\n{question.help}".strip()}, least=2)
        value = question.value
        if value is None or isinstance(value, str):
            self._cells.write(sheet, row, 2, question, value, last=4 if question.path in NAMES else 0)
            low = high = None
        else:
            likely, low, high = likely_and_ends(value)
            self._cells.write(sheet, row, 2, question, likely)
        if question.sure:
            self._cells.write_sure(sheet, row, 4, None if value is None else question.measured)
        if question.ranged:
            self._cells.write(sheet, row, 5, question, low)
            self._cells.write(sheet, row, 6, question, high)

    def _finish(
        self, sheet: Worksheet, name: str, *, landscape: bool = True, repeat: tuple[int, int] | None = None
    ) -> None:
        """Set up paper and protection, and say in the hidden first column what the request is about."""
        words = {_(text): key for key, text in {**SURE_WORDS, **CAPACITY_WORDS}.items()}
        about = About(self._questions.setting.id, self._questions.currency, decimal_comma(), words)
        write_text(sheet, 0, 0, about.text())
        set_up_page(sheet, f"{self._title} · {name}", landscape=landscape, repeat_rows=repeat)
        protect(sheet)

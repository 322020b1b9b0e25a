"""The sheet that staff read first: what is asked, of whom, how to fill it in and send it back, what to leave out."""

from __future__ import annotations

from collections.abc import Mapping

from xlsxwriter.worksheet import Worksheet

from calculator.language import gettext as _
from calculator.language import ngettext
from reports.data_request.layout import Layout
from reports.data_request.owners import OWNER_WORDS, Owner
from reports.spreadsheet import Formats, write_text

WIDTHS = (22, 68)


def write_readme(sheet: Worksheet, formats: Formats, clinic: str, counts: Mapping[Owner, int], asked_by: str) -> None:
    """Write the sheet; ``counts`` holds the single questions of each sheet, the table of payers not among them."""
    layout = Layout(sheet, formats, WIDTHS)
    layout.head(_("Your numbers, please"), _("So that the estimate rests on your practice and not on averages."))
    strong, plain = formats.text(wrap=True, strong=True), formats.text(wrap=True)
    row = 3
    for title, text in _parts(clinic or _("your practice")):
        write_text(sheet, row, 1, title, strong)
        write_text(sheet, row, 2, text, plain)
        layout.fit(row, {1: title, 2: text})
        row += 1
    write_text(sheet, row, 1, _("Who asks"), strong)
    write_text(sheet, row, 2, asked_by, formats.text(own=True, wrap=True, align="left", indent=1))
    layout.fit(row, {2: asked_by}, least=2)
    row += 2
    layout.heading(row, _("Who fills in what"))
    for owner, count in counts.items():
        row += 1
        name = _(OWNER_WORDS[owner])
        sheet.write_url(row, 1, f"internal:'{name}'!B1", formats.link, name)
        text = ngettext("%(number)s question", "%(number)s questions", count)
        if owner == "billing":
            text = _("%(questions)s, and a table of who pays", questions=text)
        write_text(sheet, row, 2, text, plain)
        layout.fit(row, {2: text})


def _parts(clinic: str) -> tuple[tuple[str, str], ...]:
    return (
        (
            _("What for"),
            _(
                "We estimate what it would be worth to %(clinic)s to keep clients who now leave early. Each number you "
                "give takes the place of an average from research.",
                clinic=clinic,
            ),
        ),
        (
            _("How long it takes"),
            _(
                "About half an hour in all where the reports are at hand. No number is a must but the new clients of a "
                "month; a few good ones help more than many guesses."
            ),
        ),
        (
            _("How to fill it in"),
            _(
                "Only the yellow cells can be changed. Write shares as percent, such as 35%. Leave blank what you do "
                "not know. “How sure?” says whether a number is from your records or an estimate; if it is an estimate "
                "you may add the lowest and the highest it could be."
            ),
        ),
        (
            _("How to send it back"),
            _(
                "Save it as it is, as an Excel workbook (.xlsx) without a password, and send it back to who asked. "
                "Several people can fill it in one after the other."
            ),
        ),
        (
            _("Privacy"),
            _(
                "Only counts, rates and amounts are asked for. Please write no names of clients, no dates of birth and "
                "nothing from a client's record into this file."
            ),
        ),
    )

"""One line of the inputs sheet: label, yellow cell, unit, bounds, state, source, and where to find the number."""

from __future__ import annotations

import re

from assumptions import Figure
from calculator import display
from calculator.language import gettext as _
from calculator.language import mark
from calculator.quantity import Quantity
from calculator.unit_words import UNIT_WORDS, unit_words
from reports.spreadsheet import Kind
from reports.workbook.content import Content, Pen, Value, cell, quoted

LABEL, VALUE, UNIT, LOW, HIGH, STATE, SOURCE, FIND = range(8)
WIDTHS = (50, 16, 27, 19, 19, 11, 60, 46)
OK, LOOK_HERE = mark("OK"), mark("look here")
MOST_MESSAGE = 255  # characters of the note beside a cell, and of its error message
MOST_TITLE = 32
SHORT_CITATION = re.compile(r".{1,80}?\(\d{4}\)")


def name_of(path: str) -> str:
    """Return the defined name of an input.

    >>> name_of("clinic.dropout_rate"), name_of("payers.1.share")
    ('clinic_dropout_rate', 'payer_1_share')
    """
    return path.replace("payers.", "payer_").replace(".", "_")


def state(condition: str) -> str:
    """Return a formula that says OK where a condition holds, and otherwise that somebody should look."""
    return f"=IF({condition},{quoted(_(OK))},{quoted(_(LOOK_HERE))})"


def kind_of(declared: Quantity) -> Kind:
    """Return how an input is shown: money, percent, or the number as it was given."""
    if declared.unit.startswith("money"):
        return "money_exact"
    return "share_tenth" if declared.is_share or declared.unit == "per year" else "general"


def cited(figure: Figure) -> str:
    """Return what a figure says and who found it, in few words; the evidence sheet has the whole."""
    found = [SHORT_CITATION.match(reference.citation) for reference in figure.references[:1]]
    return " – ".join([_(figure.label), *(match[0] for match in found if match)])


def _unit(declared: Quantity, content: Content) -> str:
    """Return the unit in words; nothing for what has none of its own, such as a share of places."""
    if declared.unit == "places":
        return _(content.words["places"])
    return unit_words(declared.unit, content.result.currency, content.words) if declared.unit in UNIT_WORDS else ""


class Rows:
    """Writes lines one below the other, from ``row`` on, and remembers where their states stand."""

    def __init__(self, pen: Pen, row: int) -> None:
        self.pen = pen
        self.row = row
        self.states: list[str] = []

    def heading(self, title: str) -> None:
        """Write a heading, with a line left empty above it."""
        self.row += 1
        self.pen.heading(self.row, title)
        self.row += 1

    def input(
        self,
        path: str,
        declared: Quantity,
        value: float | None,
        source: str,
        formula: str = "",
        *,
        optional: bool = False,
    ) -> None:
        """Write a number that may be changed.

        Args:
            path: such as ``clinic.dropout_rate``.
            declared: its label, unit and bounds.
            value: None leaves the cell empty.
            source: where the number comes from, in words.
            formula: of a default that follows others; ``value`` is then what it comes to.
            optional: whether the cell may be empty.
        """
        pen, row, formats = self.pen, self.row, self.pen.formats
        kind = kind_of(declared)
        look = formats.number(kind, own=True)
        if formula:
            pen.formula(row, VALUE, formula, look, value)
        elif value is None:
            pen.sheet.write_blank(row, VALUE, None, look)
        else:
            pen.sheet.write_number(row, VALUE, value, look)
        pen.name(row, VALUE, name_of(path))
        unit = _unit(declared, pen.content)
        pen.label(row, declared.named(pen.content.words), WIDTHS[LABEL])
        pen.aside(row, UNIT, unit, wrap=True)
        for column, bound in ((LOW, declared.ge), (HIGH, declared.le)):
            shown: Kind = "whole" if kind == "general" and abs(bound) >= 1_000.0 else kind
            pen.number(row, column, bound, formats.number(shown, quiet=True))
        here, low, high = cell(row, VALUE), cell(row, LOW), cell(row, HIGH)
        within = f"{here}>={low},{here}<={high}" + (f",{here}=INT({here})" if declared.whole else "")
        condition = f"IF(ISNUMBER({here}),AND({within}),FALSE)"
        self.state(row, f"OR(ISBLANK({here}),{condition})" if optional else condition)
        pen.aside(row, SOURCE, source, wrap=True)
        place = declared.where(pen.content.words)
        pen.aside(row, FIND, place, wrap=True)
        pen.fit(row, [(unit, WIDTHS[UNIT]), (source, WIDTHS[SOURCE]), (place, WIDTHS[FIND])])
        validate(pen, row, VALUE, declared)
        self.row += 1

    def choice(
        self, name: str, label: str, value: str, choices: tuple[str, ...], source: str, formula: str = ""
    ) -> None:
        """Write a choice among words, the same words as in a clinic's file; ``formula`` as for ``input``."""
        pen, row, formats = self.pen, self.row, self.pen.formats
        listed = ", ".join(choices)
        if formula:
            pen.formula(row, VALUE, formula, formats.number("general", own=True), value)
        else:
            pen.text(row, VALUE, value, formats.text(own=True, align="right"))
        pen.name(row, VALUE, name)
        pen.text(row, LABEL, label)
        pen.aside(row, UNIT, listed)
        here = cell(row, VALUE)
        self.state(row, f"OR({','.join(f'{here}={quoted(choice)}' for choice in choices)})")
        pen.aside(row, SOURCE, source, wrap=True)
        pen.sheet.data_validation(
            row,
            VALUE,
            row,
            VALUE,
            {
                "validate": "list",
                "source": list(choices),
                "ignore_blank": False,
                "error_title": label[:MOST_TITLE],
                "error_message": _("Choose one of: %(choices)s.", choices=listed)[:MOST_MESSAGE],
            },
        )
        self.row += 1

    def fixed(self, label: str, value: Value, kind: Kind, name: str, source: str = "", formula: str = "") -> None:
        """Write what is not to be changed here."""
        pen, row, look = self.pen, self.row, self.pen.formats.number(kind)
        pen.label(row, label, WIDTHS[LABEL])
        if formula:
            pen.formula(row, VALUE, formula, look, value)
        elif isinstance(value, float):
            pen.number(row, VALUE, value, look)
        else:
            pen.text(row, VALUE, value or "")  # runs over the empty cells to its right
        pen.name(row, VALUE, name)
        pen.aside(row, SOURCE, source, wrap=True)
        pen.fit(row, [(source, WIDTHS[SOURCE])])
        self.row += 1

    def state(self, row: int, condition: str, *, unless: str = "", empty: bool = False) -> None:
        """Write whether a line is as it should be; nothing where ``unless`` holds, as it does now if ``empty``."""
        formula = f'=IF({unless},"",{state(condition)[1:]})' if unless else state(condition)
        self.pen.formula(row, STATE, formula, self.pen.formats.text(align="left", indent=1), "" if empty else _(OK))
        self.states.append(cell(row, STATE))


def validate(pen: Pen, row: int, column: int, declared: Quantity) -> None:
    """Refuse what is out of bounds in a cell, with a message that says what to write; the help stands beside it."""
    words, currency = pen.content.words, pen.content.result.currency
    low, high = (display.quantity(bound, declared.unit, currency) for bound in (declared.ge, declared.le))
    text = _("Write a whole number from %(low)s to %(high)s.") if declared.whole else _("Write %(low)s to %(high)s.")
    title = declared.named(words)[:MOST_TITLE]
    pen.sheet.data_validation(
        row,
        column,
        row,
        column,
        {
            "validate": "integer" if declared.whole else "decimal",
            "criteria": "between",
            "minimum": declared.ge,
            "maximum": declared.le,
            "input_title": title,
            "input_message": declared.explained(words)[:MOST_MESSAGE],
            "error_title": title,
            "error_message": (text % {"low": low, "high": high})[:MOST_MESSAGE],
        },
    )

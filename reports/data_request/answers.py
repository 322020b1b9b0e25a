"""One answer cell: from what staff type to the number it means, or to what is wrong with it in words to act on.

A bare number is what the model calls it, so 0.35 is 35 %, for that is what a cell in percent holds; a text may carry
a percent sign, a currency's sign, and thousands separated as is the habit where the request was written.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from pydantic_core import PydanticCustomError

from calculator.entry import EntryError, allowed, as_written, is_percent
from calculator.language import gettext as _
from calculator.quantity import LONGEST_SHOWN, Quantity
from reports.data_request.about import About
from reports.data_request.opening import Cell

_NOTHING = frozenset({
    "n/a", "na", "n.a.", "n/k", "-", "–", "—", "?", "unknown", "not known", "don't know", "don’t know", "no data",
    "not applicable", "tbd", "n/d", "nd", "s/d", "no se sabe", "desconocido", "sin datos",
})  # fmt: skip
_PERCENT_WORD = re.compile(r"\s*(per ?cent|pct\.?|por ciento)$", re.IGNORECASE)


class AnswerError(ValueError):
    """What stands in a cell cannot be taken; the text says what was found and what to write."""


def is_blank(value: Cell) -> bool:
    """Return whether a cell says nothing, or says that nothing is known.

    >>> is_blank(""), is_blank(" N/A "), is_blank(0.0)
    (True, True, False)
    """
    return isinstance(value, str) and (not value.strip() or value.strip().casefold() in _NOTHING)


def read_number(value: Cell, declared: Quantity, about: About) -> float:
    """Return the number in a cell that is not blank, in the model's own unit.

    Raises:
        AnswerError: if it is no number, or none that is allowed.
    """
    if isinstance(value, (date, time, timedelta)):
        found = _("is “%(found)s”, a date or time that a spreadsheet has made of a number.", found=found_in(value))
        raise AnswerError(f"{found} {allowed(declared, about.currency)}")
    number = _typed(value, declared, about) if isinstance(value, str) else value
    try:
        return _single(declared, number)
    except PydanticCustomError:
        raise AnswerError(" ".join(_misfit(number, declared, about))) from None


def read_choice(value: Cell, offered: dict[str, str]) -> str:
    """Return what the model calls an answer from a list; ``offered`` is by the words of the list.

    Raises:
        AnswerError: if it is not in the list.
    """
    text = found_in(value).strip().casefold()
    known = {words.casefold(): name for words, name in offered.items()}
    if text not in known:
        listed = ", ".join(f"“{words}”" for words in offered)
        raise AnswerError(_("is “%(found)s”. Choose one of %(listed)s.", found=found_in(value), listed=listed))
    return known[text]


def read_text(value: Cell) -> str:
    """Return a name, which a spreadsheet may have taken for a number.

    >>> read_text(24.0), read_text("  Elm Street")
    ('24', '  Elm Street')
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else str(value)


def found_in(value: Cell) -> str:
    """Return what stands in a cell, on one line and cut where it is long."""
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    text = f"{value:.10g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
    text = "".join(sign if sign.isprintable() else " " for sign in text)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _typed(text: str, declared: Quantity, about: About) -> float:
    plain = _PERCENT_WORD.sub("%", text.strip()) if is_percent(declared) else text
    try:
        number, signed = as_written(plain, declared, about.currency, comma=about.comma)
    except EntryError:
        misread = _("is “%(found)s”.", found=found_in(text))
        raise AnswerError(f"{misread} {allowed(declared, about.currency)}") from None
    return float(number / 100 if signed else number)


def _single(declared: Quantity, number: float) -> float:
    found = declared.check(number)
    assert isinstance(found, float)  # noqa: S101 - a range is a table, and this is a number
    return found


def _misfit(number: float, declared: Quantity, about: About) -> list[str]:
    said = [_("is %(found)s.", found=found_in(number)), allowed(declared, about.currency)]
    if is_percent(declared) and declared.le < number <= 100 and number / 100 <= declared.le:
        percent = f"{number:g}"
        said.append(_("For %(number)s percent write %(number)s%%.", number=percent))
    return said

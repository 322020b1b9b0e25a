"""What a person types into a field, and the number it stands for: the one place where percent and thousands are read.

A share is typed as percent on the page, as people say it: 35 means 35 %. The model's own shares are 0 to 1. Where a
decimal comma is the habit, a point separates thousands; everywhere the other sign is understood where only one reading
is possible.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from calculator.display import affixes as currency_affixes
from calculator.display import number
from calculator.display import quantity as shown
from calculator.language import gettext as _
from calculator.language import mark, spoken
from calculator.quantity import Quantity

LONGEST = 400  # characters: the smallest number there is, written out, has fewer
ECHO = 40  # characters of what was typed that a message repeats
_HUNDRED = Decimal(100)
_SWAPPED = str.maketrans(",.", ".,")
_SPACES = re.compile(r"[\s'’_]")
_CURRENCY = re.compile(r"[A-Z]{0,3}[$€£¥₹]|^[A-Z]{3}|[A-Z]{3}$")
_COMMA_GROUPS = re.compile(r"[1-9]\d{0,2}(,\d{3})+(\.\d*)?|[1-9]\d?(,\d{2})+,\d{3}(\.\d*)?", re.ASCII)
_POINT_GROUPS = re.compile(r"[1-9]\d{0,2}(\.\d{3})+,\d*|[1-9]\d{0,2}(\.\d{3}){2,}", re.ASCII)
_PLAIN = re.compile(r"\d+([.,]\d*)?|[.,]\d+", re.ASCII)


class EntryError(ValueError):
    """What was typed is not a number this field can take; the text says what to type instead."""


def is_percent(declared: Quantity) -> bool:
    """Return whether a field is typed as percent."""
    return declared.is_share or declared.unit == "per year"


def is_money(declared: Quantity) -> bool:
    """Return whether a field is an amount of money."""
    return declared.unit.startswith("money")


def decimal_comma() -> bool:
    """Return whether a decimal comma is the habit where the language in use is spoken."""
    return bool(spoken().locale.number_symbols["latn"]["decimal"] == ",")


def read_number(text: str, declared: Quantity, currency: str = "USD", *, comma: bool = False) -> float:
    """Return the number a text stands for, in the model's own unit.

    Thousands may be separated by comma, point, space or apostrophe; the decimal sign may be a point or a comma; a
    currency sign may stand before or after an amount of money. What could be both is read as is the habit: with
    ``comma`` 1.234 is a thousand and more, without it a little over one.

    Raises:
        EntryError: if it is not a number, or could be read in two ways.
    """
    read, signed = as_written(text, declared, currency, comma=comma)
    if not is_percent(declared):
        return float(read)
    if not signed and 0 < abs(read) < 1:
        small, large = (_text(part, comma=comma) for part in (read, read * _HUNDRED))
        raise EntryError(
            _(
                "“%(typed)s” could mean %(small)s%% or %(large)s%%. Write %(large)s for %(large)s%%, or %(small)s%% "
                "with its sign.",
                typed=_echo(text),
                small=small,
                large=large,
            )
        )
    return float(read / _HUNDRED)


def as_written(text: str, declared: Quantity, currency: str = "USD", *, comma: bool = False) -> tuple[Decimal, bool]:
    """Return the number as it stands there, and whether a percent sign follows it; ``comma`` as for ``read_number``.

    Raises:
        EntryError: if it is not a number.
    """
    typed = _plain(text)
    if len(typed) > LONGEST:
        found = _("That is %(number)s characters long.", number=len(typed))
        raise EntryError(f"{found} {allowed(declared, currency)}")
    nothing = _("“%(typed)s” is not a number.", typed=_echo(text))
    found = f"{nothing} {allowed(declared, currency)}"
    plain = _SPACES.sub("", typed)
    if is_money(declared):
        plain = _CURRENCY.sub("", plain.upper(), count=1)
    signed = plain.endswith("%")
    if signed and not is_percent(declared):
        percentage = _("“%(typed)s” is a percentage.", typed=_echo(text))
        raise EntryError(f"{percentage} {allowed(declared, currency)}")
    return _decimal(plain.removesuffix("%").translate(_SWAPPED if comma else {}), found), signed


def write_number(value: float, declared: Quantity, *, comma: bool = False) -> str:
    """Return the text that stands for a number; reading it by the same habit gives the number back exactly."""
    exact = Decimal(repr(float(value)))
    if not is_percent(declared):
        return _text(exact, comma=comma)
    percent = exact * _HUNDRED
    return f"{_text(percent, comma=comma)}%" if 0 < abs(percent) < 1 else _text(percent, comma=comma)


def allowed(declared: Quantity, currency: str = "USD") -> str:
    """Return what may be typed, in the words of the page."""
    low, high = (_bound(bound, declared, currency) for bound in (declared.ge, declared.le))
    if declared.above:
        return _("Write a number above %(low)s, up to %(high)s.", low=low, high=high)
    if is_percent(declared):
        return _("Write a percentage from %(low)s to %(high)s.", low=low, high=high)
    if is_money(declared):
        return _("Write an amount from %(low)s to %(high)s.", low=low, high=high)
    if declared.whole:
        return _("Write a whole number from %(low)s to %(high)s.", low=low, high=high)
    return _("Write a number from %(low)s to %(high)s.", low=low, high=high)


def _bound(value: float, declared: Quantity, currency: str) -> str:
    """Return a limit as it is: a rounded one would be wrong."""
    plain = not is_money(declared) and not is_percent(declared) and value == int(value)
    return number(value, 0) if plain else shown(value, declared.unit, currency)


SHORT_UNITS = {"minutes": mark("min"), "hours": mark("h"), "months": mark("months"), "standard": mark("SD")}


def affixes(declared: Quantity, currency: str) -> tuple[str, str]:
    """Return what stands before and after the field: the currency's sign, a percent sign, or the unit's short form."""
    if is_money(declared):
        return currency_affixes(currency)
    if is_percent(declared):
        return "", "%"
    return "", _(SHORT_UNITS.get(declared.unit.split(" ")[0].rstrip(","), ""))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().replace("\N{MINUS SIGN}", "-")


def _echo(text: str) -> str:
    """Return what was typed, cut where it is long."""
    typed = _plain(text)
    return typed if len(typed) <= ECHO else f"{typed[:ECHO]}…"


def _decimal(text: str, problem: str) -> Decimal:
    negative = text.startswith("-")
    digits = text.removeprefix("-").removeprefix("+")
    if _COMMA_GROUPS.fullmatch(digits):
        digits = digits.replace(",", "")
    elif _POINT_GROUPS.fullmatch(digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif _PLAIN.fullmatch(digits):
        digits = digits.replace(",", ".")
    else:
        raise EntryError(problem)
    return Decimal(f"-{digits}" if negative else digits)


def _text(value: Decimal, *, comma: bool = False) -> str:
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(".", ",") if comma else text

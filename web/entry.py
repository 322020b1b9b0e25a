"""What a person types into a field, and the number it stands for: the one place where percent and thousands are read.

A share is typed as percent, as people say it: 35 means 35 %. The model's own shares are 0 to 1.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from calculator.display import quantity as shown
from calculator.display import symbol
from calculator.quantity import Quantity

LONGEST = 400  # characters: the smallest number there is, written out, has fewer
ECHO = 40  # characters of what was typed that a message repeats
_HUNDRED = Decimal(100)
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


def read_number(text: str, declared: Quantity, currency: str = "USD") -> float:
    """Return the number a text stands for, in the model's own unit.

    Thousands may be separated by comma, point, space or apostrophe; the decimal sign may be a point or a comma; a
    currency sign may stand before or after an amount of money.

    Raises:
        EntryError: if it is not a number, or could be read in two ways.
    """
    typed = unicodedata.normalize("NFKC", text).strip().replace("\N{MINUS SIGN}", "-")
    if len(typed) > LONGEST:
        raise EntryError(f"That is {len(typed)} characters long. {allowed(declared, currency)}")
    echo = typed if len(typed) <= ECHO else f"{typed[:ECHO]}…"
    found = f"“{echo}” is not a number. {allowed(declared, currency)}"
    plain = _SPACES.sub("", typed)
    if is_money(declared):
        plain = _CURRENCY.sub("", plain.upper(), count=1)
    signed = plain.endswith("%")
    if signed and not is_percent(declared):
        raise EntryError(f"“{echo}” is a percentage. {allowed(declared, currency)}")
    number = _decimal(plain.removesuffix("%"), found)
    if not is_percent(declared):
        return float(number)
    if not signed and 0 < abs(number) < 1:
        raise EntryError(
            f"“{echo}” could mean {_text(number)}% or {_text(number * _HUNDRED)}%. "
            f"Write {_text(number * _HUNDRED)} for {_text(number * _HUNDRED)}%, or {_text(number)}% with its sign."
        )
    return float(number / _HUNDRED)


def write_number(value: float, declared: Quantity) -> str:
    """Return the text that stands for a number; reading it gives the number back exactly."""
    number = Decimal(repr(float(value)))
    if not is_percent(declared):
        return _text(number)
    percent = number * _HUNDRED
    return f"{_text(percent)}%" if 0 < abs(percent) < 1 else _text(percent)


def allowed(declared: Quantity, currency: str = "USD") -> str:
    """Return what may be typed, in the words of the page."""
    low, high = (shown(bound, declared.unit, currency) for bound in (declared.ge, declared.le))
    kind = "a whole number" if declared.whole else "an amount" if is_money(declared) else "a number"
    kind = "a percentage" if is_percent(declared) else kind
    return f"Write {kind} above {low}, up to {high}." if declared.above else f"Write {kind} from {low} to {high}."


def affixes(declared: Quantity, currency: str) -> tuple[str, str]:
    """Return what stands before and after the field: the currency's sign, a percent sign, or the unit's short form."""
    if is_money(declared):
        return symbol(currency).strip(), ""
    if is_percent(declared):
        return "", "%"
    words = {"minutes": "min", "hours": "h", "months": "months", "standard": "SD"}
    return "", words.get(declared.unit.split(" ")[0].rstrip(","), "")


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


def _text(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

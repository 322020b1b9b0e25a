"""How numbers are dressed, once for page, paper and command line: as many digits as are known, with unit and sign."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "CAD": "CA$", "AUD": "A$", "NZD": "NZ$", "MXN": "MX$", "INR": "₹"}
HALF_A_CENT = 0.005
MINUS = "\N{MINUS SIGN}"
NONE = "\N{EM DASH}"
NO_BREAK = "\N{NO-BREAK SPACE}"


def significant(value: float, digits: int = 3) -> float:
    """Return ``value`` to so many digits, halves away from zero.

    >>> significant(43790.16), significant(-0.0), significant(119.5, 2)
    (43800.0, 0.0, 120.0)
    """
    if value == 0.0 or not math.isfinite(value):
        return 0.0
    exponent = math.floor(math.log10(abs(value))) - digits + 1
    step = Decimal(1).scaleb(exponent)
    return float((Decimal(repr(value)) / step).quantize(Decimal(1), ROUND_HALF_UP) * step)


def money(value: float | None, currency: str = "USD", digits: int = 3) -> str:
    """Return money to three digits, without cents from 100 on; a dash where there is none.

    >>> money(43790.16), money(-1234567.0), money(16.1667), money(None), money(0.2)
    ('$43,800', '−$1,230,000', '$16.20', '—', '$0.20')
    """
    return NONE if value is None else _money(significant(value, digits), currency)


def money_exact(value: float | None, currency: str = "USD") -> str:
    """Return money to the cent.

    >>> money_exact(-43790.164)
    '−$43,790.16'
    """
    if value is None:
        return NONE
    cents = float(Decimal(repr(value)).quantize(Decimal("0.01"), ROUND_HALF_UP))
    return f"{_sign(cents)}{symbol(currency)}{abs(cents):,.2f}"


def symbol(currency: str) -> str:
    """Return the sign that goes before an amount."""
    return SYMBOLS.get(currency, f"{currency}{NO_BREAK}")


def money_range(low: float | None, high: float | None, currency: str = "USD") -> str:
    """Return a range of money; the symbol stands once where both are positive.

    >>> money_range(18012, 74400), money_range(-500, 900)
    ('$18,000 to 74,400', '−$500 to $900')
    """
    if low is None or high is None:
        return NONE
    first, second = money(low, currency), money(high, currency)
    return f"{first} to {second if low < 0 else second.removeprefix(symbol(currency))}"


def share(value: float | None, digits: int = 0) -> str:
    """Return a share as percent.

    >>> share(0.3125), share(0.035, 1), share(None)
    ('31%', '3.5%', '—')
    """
    if value is None:
        return NONE
    percent = (Decimal(repr(value)) * 100).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    percent = abs(percent) if percent == 0 else percent
    return f"{_sign(float(percent))}{abs(percent):,}%"


def chance(probability: float) -> str:
    """Return a probability as futures in a hundred, never claiming certainty.

    >>> chance(0.714), chance(0.999), chance(0.0)
    ('71 of 100 futures', 'more than 99 of 100 futures', 'fewer than 1 of 100 futures')
    """
    if probability >= 0.995:
        return "more than 99 of 100 futures"
    if probability < 0.005:
        return "fewer than 1 of 100 futures"
    return f"{number(probability * 100.0, 0)} of 100 futures"


def months(value: float | None) -> str:
    """Return a span of months in words.

    >>> months(9.2), months(1.0), months(None), months(0.3)
    ('9 months', '1 month', 'not within the months looked at', 'less than a month')
    """
    if value is None:
        return "not within the months looked at"
    if 0.0 < value < 1.0:
        return "less than a month"
    whole = number(value, 0) if value >= 3 else number(value, 1).removesuffix(".0")
    return f"{whole} month{'' if whole == '1' else 's'}"


def number(value: float | None, decimals: int = 1) -> str:
    """Return a plain number with thousands separated.

    >>> number(1234.56), number(-0.04), number(12.0, 0)
    ('1,234.6', '0.0', '12')
    """
    if value is None:
        return NONE
    rounded = Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{_sign(float(rounded))}{abs(rounded):,}"


def trimmed(value: float) -> str:
    """Return a number as a person would write it: at most four significant digits, no trailing zeros.

    >>> trimmed(4.33), trimmed(40.0), trimmed(0.8403361), trimmed(12500.0)
    ('4.33', '40', '0.8403', '12,500')
    """
    text = f"{abs(significant(value, 4)):,.10f}".rstrip("0").rstrip(".")
    return text if text == "0" else f"{_sign(value)}{text}"


def quantity(value: float, unit: str, currency: str = "USD") -> str:
    """Return an input's value as its unit asks: money, percent, or a number.

    >>> quantity(0.35, "share of episodes"), quantity(140.0, "money a unit"), quantity(4.33, "units a month")
    ('35%', '$140', '4.33')
    """
    if unit.startswith("money"):
        exact = value == round(value)
        return f"{_sign(value)}{symbol(currency)}{abs(value):,.0f}" if exact else money_exact(value, currency)
    if unit.startswith("share") or unit == "per year":
        return f"{trimmed(value * 100.0)}%"
    return trimmed(value)


def _money(value: float, currency: str) -> str:
    value = 0.0 if abs(value) < HALF_A_CENT else value
    decimals = 0 if abs(value) >= 100 or value == round(value) else 2
    return f"{_sign(value)}{symbol(currency)}{abs(value):,.{decimals}f}"


def _sign(value: float) -> str:
    return MINUS if value < 0 else ""

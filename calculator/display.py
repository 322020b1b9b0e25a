"""How numbers are dressed, once for page, paper and command line: as many digits as are known, with unit and sign.

Separators, the place of a currency's sign and the percent sign follow the locale of the language in use (Babel).
"""

from __future__ import annotations

import math
import re
from copy import copy
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import NumberPattern, get_currency_symbol

from calculator.language import gettext as _
from calculator.language import ngettext, spoken

HALF_A_CENT = 0.005
MINUS = "\N{MINUS SIGN}"
NONE = "\N{EM DASH}"
NO_BREAK = "\N{NO-BREAK SPACE}"
_DIGITS = Context(prec=350)  # any double, written out
_TOUCHING = re.compile(r"(?<=[^\W\d_])(?=\d)")  # a letter and a digit: CHF100


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
    if value is None:
        return NONE
    cents = abs(value) < 10.0 ** (digits - 2)  # rounding to a digit beyond them first would round twice
    return _money(float(_rounded(value, 2)) if cents else significant(value, digits), currency)


def money_exact(value: float | None, currency: str = "USD") -> str:
    """Return money to the cent.

    >>> money_exact(-43790.164)
    '−$43,790.16'
    """
    return NONE if value is None else _dressed(_rounded(value, 2), 2, "money", currency)


def money_short(value: float, currency: str = "USD") -> str:
    """Return money to two digits in as few signs as a crowded picture has room for.

    >>> money_short(-12345.0), money_short(1250000.0), money_short(86.4), money_short(0.0)
    ('−$12K', '$1.3M', '$86', '$0')
    """
    rounded = significant(value, 2)
    for size, sign in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if abs(rounded) >= size:
            part = rounded / size
            return _dressed(_rounded(part, 1), 0 if part == round(part) else 1, "money", currency, sign)
    return _dressed(_rounded(rounded, 0), 0, "money", currency)


def symbol(currency: str) -> str:
    """Return the sign of a currency.

    >>> symbol("USD"), symbol("CHF")
    ('$', 'CHF')
    """
    return get_currency_symbol(currency, spoken().locale)


def affixes(currency: str) -> tuple[str, str]:
    """Return what stands before and after an amount.

    >>> affixes("EUR")
    ('€', '')
    """
    before = _pattern(spoken().locale, "money", 0).suffix[0].strip() == ""
    return (symbol(currency), "") if before else ("", symbol(currency))


def money_range(low: float | None, high: float | None, currency: str = "USD") -> str:
    """Return a range of money; the sign of the currency stands once where both are positive.

    >>> money_range(18012, 74400), money_range(-500, 900)
    ('$18,000 to 74,400', '−$500 to $900')
    """
    if low is None or high is None:
        return NONE
    first, second = money(low, currency), money(high, currency)
    if low >= 0:
        before, after = affixes(currency)
        second = second.removeprefix(before).removeprefix(NO_BREAK) if before else second
        first = first.removesuffix(after).removesuffix(NO_BREAK) if after else first
    return _("%(low)s to %(high)s", low=first, high=second)


def share(value: float | None, digits: int = 0) -> str:
    """Return a share as percent.

    >>> share(0.3125), share(0.035, 1), share(None)
    ('31%', '3.5%', '—')
    """
    if value is None:
        return NONE
    rounded = (Decimal(repr(value)) * 100).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return _dressed(rounded / 100, digits, "percent")


def share_range(low: float, high: float, digits: int = 0) -> str:
    """Return a range of shares as percent.

    >>> share_range(0.02, 0.15)
    '2% to 15%'
    """
    return _("%(low)s to %(high)s", low=share(low, digits), high=share(high, digits))


def chance(probability: float) -> str:
    """Return a probability as futures in a hundred, never claiming certainty.

    >>> chance(0.714), chance(0.999), chance(0.0)
    ('71 of 100 futures', 'more than 99 of 100 futures', 'fewer than 1 of 100 futures')
    """
    if probability >= 0.995:
        return _("more than 99 of 100 futures")
    if probability < 0.005:
        return _("fewer than 1 of 100 futures")
    return _("%(number)s of 100 futures", number=number(probability * 100.0, 0))


def months(value: float | None) -> str:
    """Return a span of months in words.

    >>> months(9.2), months(1.0), months(None), months(0.3)
    ('9 months', '1 month', 'not within the months looked at', 'less than a month')
    """
    if value is None:
        return _("not within the months looked at")
    if 0.0 < value < 1.0:
        return _("less than a month")
    decimals = 0 if value >= 3 or _rounded(value, 1) % 1 == 0 else 1
    rounded = float(_rounded(value, decimals))
    return ngettext("%(number)s month", "%(number)s months", rounded, number=number(rounded, decimals))


def number(value: float | None, decimals: int = 1) -> str:
    """Return a plain number with thousands separated.

    >>> number(1234.56), number(-0.04), number(12.0, 0)
    ('1,234.6', '0.0', '12')
    """
    return NONE if value is None else _dressed(_rounded(value, decimals), decimals, "number")


def trimmed(value: float) -> str:
    """Return a number as a person would write it: at most four significant digits, no trailing zeros.

    >>> trimmed(4.33), trimmed(40.0), trimmed(0.8403361), trimmed(12500.0)
    ('4.33', '40', '0.8403', '12,500')
    """
    exact = _rounded(significant(value, 4), 10).normalize()
    return _dressed(exact, max(-int(exact.as_tuple().exponent), 0), "number")


def quantity(value: float, unit: str, currency: str = "USD") -> str:
    """Return an input's value as its unit asks: money, percent, or a number.

    >>> quantity(0.35, "share of episodes"), quantity(140.0, "money a unit"), quantity(4.33, "units a month")
    ('35%', '$140', '4.33')
    """
    if unit.startswith("money"):
        whole = value == round(value)
        return _dressed(_rounded(value, 0), 0, "money", currency) if whole else money_exact(value, currency)
    if unit.startswith("share") or unit == "per year":
        exact = _rounded(significant(value * 100.0, 4), 10).normalize()
        return _dressed(exact / 100, max(-int(exact.as_tuple().exponent), 0), "percent")
    return trimmed(value)


def _money(value: float, currency: str) -> str:
    value = 0.0 if abs(value) < HALF_A_CENT else value
    decimals = 0 if abs(value) >= 100 or value == round(value) else 2
    return _dressed(_rounded(value, decimals), decimals, "money", currency)


def _rounded(value: float, decimals: int) -> Decimal:
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _DIGITS)


def _dressed(value: Decimal, decimals: int, kind: str, currency: str = "", scale: str = "") -> str:
    """Return a number that is rounded already, in the locale's dress; ``scale`` such as K stands after its digits."""
    shown = value.scaleb(2, _DIGITS) if kind == "percent" else value
    digits = f"{abs(shown):.{decimals}f}".replace(".", "")
    locale = spoken().locale
    template = _dress(locale, kind, decimals, currency, scale, shown < 0, len(digits))
    if not template:
        return _written(abs(value) if value == 0 else value, locale, kind, decimals, currency, scale)
    return template.format(*digits)


@lru_cache(maxsize=4096)
def _dress(locale: Locale, kind: str, decimals: int, currency: str, scale: str, negative: bool, count: int) -> str:
    """Return the locale's dress of any number of so many digits, as a text to be formatted with its digits.

    Babel dresses a number in 30 microseconds, and a proposal has a thousand of them. There is no template where the
    currency, which anyone may write, has digits itself.
    """
    exponent = -decimals - 2 * (kind == "percent")
    ones = Decimal((int(negative), (1,) * count, exponent))
    text = _written(ones, locale, kind, decimals, currency, scale)
    if text.count("1") != count:
        return ""
    return text.replace("{", "{{").replace("}", "}}").replace("1", "{}")


def _written(value: Decimal, locale: Locale, kind: str, decimals: int, currency: str, scale: str) -> str:
    pattern = _pattern(locale, kind, decimals)
    text = pattern.apply(value, locale, currency=currency or None, currency_digits=False)
    if scale:
        text = re.sub(r"(?<=\d)(?!.*\d)", scale, text)
    text = text.replace("-", MINUS)
    return _TOUCHING.sub(NO_BREAK, text) if currency else text


@lru_cache(maxsize=256)
def _pattern(locale: Locale, kind: str, decimals: int) -> NumberPattern:
    """Return the locale's pattern with just so many decimals."""
    formats = {"money": locale.currency_formats, "percent": locale.percent_formats, "number": locale.decimal_formats}
    pattern: NumberPattern = copy(formats[kind]["standard" if kind == "money" else None])
    pattern.frac_prec = (decimals, decimals)
    return pattern

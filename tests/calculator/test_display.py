"""How numbers are dressed: digits, halves, signs, and what there is to show where there is nothing."""

from __future__ import annotations

import math
import re
from copy import copy
from decimal import Decimal

import pytest
from babel import Locale
from hypothesis import example, given
from hypothesis import strategies as st

from calculator import display
from calculator.language import Language, speaking

MINUS = "\N{MINUS SIGN}"
NONE = "\N{EM DASH}"
amounts = st.floats(-1e13, 1e13, allow_subnormal=False)


def back(text: str) -> float:
    """Return the number a reader sees."""
    digits = re.sub(r"[^0-9.\-]", "", text.replace(MINUS, "-"))
    return float(digits)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "$0"),
        (-0.0, "$0"),
        (1.0, "$1"),
        (0.5, "$0.50"),
        (0.005, "$0.01"),  # a half cent away from zero
        (16.1667, "$16.20"),
        (99.95, "$100"),  # three digits: 99.95 is 100
        (99.94, "$99.90"),
        (100.4, "$100"),
        (100.5, "$101"),
        (-100.5, f"{MINUS}$101"),
        (999.5, "$1,000"),
        (1234.0, "$1,230"),
        (1235.0, "$1,240"),  # halves away from zero, not to even
        (1225.0, "$1,230"),
        (-1235.0, f"{MINUS}$1,240"),
        (43_790.16, "$43,800"),
        (1_234_567.0, "$1,230,000"),
        (1e12, "$1,000,000,000,000"),
        (None, NONE),
    ],
)
def test_money_has_three_digits(value: float | None, expected: str) -> None:
    assert display.money(value) == expected


@pytest.mark.parametrize("value", [1e-9, -1e-9, 0.004, -0.004])
def test_money_below_half_a_cent_has_no_sign_and_no_digits(value: float) -> None:
    """Less than half a cent is nothing: never "−$0.00"."""
    shown = display.money(value)
    assert MINUS not in shown
    assert back(shown) == 0.0


@given(value=amounts)
@example(value=9.995)
@example(value=-999.5)
@example(value=0.015)
@example(value=0.204868)  # to a thousandth and then to a cent it would be 0.21
def test_money_is_within_half_of_the_third_digit(value: float) -> None:
    shown = back(display.money(value))
    allowed = 0.5 * 10.0 ** (math.floor(math.log10(abs(value))) - 2) if value else 0.0
    assert abs(shown - value) <= max(allowed * (1.0 + 1e-9), 0.00501)


@given(value=amounts)
def test_money_is_odd(value: float) -> None:
    """A loss is shown as the gain with a minus."""
    gain, loss = display.money(abs(value)), display.money(-abs(value))
    assert loss in (gain, f"{MINUS}{gain}")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "$0.00"),
        (-0.0, "$0.00"),
        (-0.004, "$0.00"),
        (0.005, "$0.01"),
        (2.675, "$2.68"),  # as written, not as its binary neighbour 2.67499…
        (1.005, "$1.01"),
        (-1.005, f"{MINUS}$1.01"),
        (43_790.164, "$43,790.16"),
        (None, NONE),
    ],
)
def test_money_to_the_cent(value: float | None, expected: str) -> None:
    assert display.money_exact(value) == expected


@given(value=st.floats(-1e12, 1e12, allow_subnormal=False))
def test_money_to_the_cent_is_within_half_a_cent(value: float) -> None:
    shown = Decimal(re.sub(r"[$,]", "", display.money_exact(value)).replace(MINUS, "-"))
    assert abs(shown - Decimal(repr(value))) <= Decimal("0.005")


@pytest.mark.parametrize(
    ("currency", "expected"),
    [("USD", "$140"), ("EUR", "€140"), ("GBP", "£140"), ("CAD", "CA$140"), ("CHF", "CHF\N{NO-BREAK SPACE}140")],
)
def test_currencies(currency: str, expected: str) -> None:
    assert display.money(140.0, currency) == expected
    assert display.money(-140.0, currency) == f"{MINUS}{expected}"


@pytest.mark.parametrize("pair", [(None, 1.0), (1.0, None), (None, None)])
def test_range_without_an_end(pair: tuple[float | None, float | None]) -> None:
    assert display.money_range(*pair) == NONE


def test_ranges_of_money() -> None:
    assert display.money_range(18_012.0, 74_400.0) == "$18,000 to 74,400"
    assert display.money_range(-500.0, 900.0) == f"{MINUS}$500 to $900"
    assert display.money_range(-900.0, -500.0) == f"{MINUS}$900 to {MINUS}$500"


@given(low=amounts, high=amounts)
def test_a_range_says_both_ends_as_money_does(low: float, high: float) -> None:
    first, second = display.money_range(low, high).split(" to ")
    assert first == display.money(low)
    assert back(second) == back(display.money(high))


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (0.0, 0, "0%"),
        (-0.0, 0, "0%"),
        (-0.004, 0, "0%"),
        (0.005, 0, "1%"),
        (-0.005, 0, f"{MINUS}1%"),
        (0.125, 0, "13%"),
        (0.135, 0, "14%"),
        (0.145, 0, "15%"),
        (0.115, 0, "12%"),
        (0.285, 0, "29%"),
        (0.3125, 2, "31.25%"),
        (0.035, 1, "3.5%"),
        (0.0005, 1, "0.1%"),
        (1.0, 0, "100%"),
        (12.345, 0, "1,235%"),
        (None, 0, NONE),
    ],
)
def test_shares(value: float | None, digits: int, expected: str) -> None:
    """Halves away from zero, of the share as written: 28.5 percent is 29, though 0.285·100 is 28.499999999999996."""
    assert display.share(value, digits) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "fewer than 1 of 100 futures"),
        (0.0049, "fewer than 1 of 100 futures"),
        (0.005, "1 of 100 futures"),
        (0.5, "50 of 100 futures"),
        (0.714, "71 of 100 futures"),
        (0.99, "99 of 100 futures"),
        (0.995, "more than 99 of 100 futures"),
        (1.0, "more than 99 of 100 futures"),
    ],
)
def test_chances_never_claim_certainty(value: float, expected: str) -> None:
    assert display.chance(value) == expected


@given(value=st.floats(0.0, 1.0))
def test_no_chance_is_0_or_100_of_100(value: float) -> None:
    words = display.chance(value)
    assert not words.startswith(("0 of", "100 of"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0 months"),
        (0.3, "less than a month"),
        (0.99, "less than a month"),
        (1.0, "1 month"),
        (1.04, "1 month"),
        (1.5, "1.5 months"),
        (2.0, "2 months"),
        (2.96, "3 months"),
        (9.2, "9 months"),
        (9.5, "10 months"),
        (30.0, "30 months"),
        (1200.0, "1,200 months"),
        (None, "not within the months looked at"),
    ],
)
def test_months(value: float | None, expected: str) -> None:
    assert display.months(value) == expected


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (0.0, 1, "0.0"),
        (-0.0, 1, "0.0"),
        (-0.04, 1, "0.0"),
        (0.05, 1, "0.1"),
        (-0.05, 1, f"{MINUS}0.1"),
        (0.25, 1, "0.3"),
        (1234.56, 1, "1,234.6"),
        (12.5, 0, "13"),
        (0.84034, 4, "0.8403"),
        (1e15, 0, "1,000,000,000,000,000"),
        (None, 1, NONE),
    ],
)
def test_numbers(value: float | None, decimals: int, expected: str) -> None:
    assert display.number(value, decimals) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(4.33, "4.33"), (40.0, "40"), (0.8403361, "0.8403"), (12_500.0, "12,500"), (0.0, "0"), (-0.0, "0"),
     (-2.5, f"{MINUS}2.5"),
     (0.00012345, "0.0001235"), (123_456.0, "123,500"), (1e-12, "0")],
)  # fmt: skip
def test_trimmed(value: float, expected: str) -> None:
    assert display.trimmed(value) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.35, "share of episodes", "35%"),
        (0.285, "share", "28.5%"),
        (0.1, "per year", "10%"),
        (-0.15, "per year", f"{MINUS}15%"),
        (0.0, "per year", "0%"),
        (140.0, "money a unit", "$140"),
        (16.17, "money an hour", "$16.17"),
        (1_234_567.0, "money, once", "$1,234,567"),
        (4.33, "units a month", "4.33"),
        (12.0, "units", "12"),
        (0.0, "money a unit", "$0"),
    ],
)
def test_inputs_in_their_unit(value: float, unit: str, expected: str) -> None:
    assert display.quantity(value, unit) == expected


@given(value=st.floats(-1e15, 1e15))
@example(value=5e-324)
@example(value=-5e-324)
@example(value=1e24)  # more than any input can lead to
def test_nothing_shows_an_exponent_or_a_negative_zero(value: float) -> None:
    shown = [display.money(value), display.money_exact(value), display.share(value), display.number(value),
             display.trimmed(value), display.quantity(value, "money a unit"), display.quantity(value, "share"),
             display.quantity(value, "units")]  # fmt: skip
    for text in shown:
        assert "e" not in text.lower()
        assert "nan" not in text.lower()
        assert "-" not in text  # the minus sign, not the hyphen
        if MINUS in text:
            assert back(text) != 0.0, text


LOCALES = [
    ("en", "US"),
    ("es", "MX"),
    ("es", "ES"),
    ("de", "CH"),
    ("fr", "FR"),
    ("hi", "IN"),
    ("pt", "BR"),
    ("sv", "SE"),
]


@given(
    place=st.sampled_from(LOCALES),
    kind=st.sampled_from(["money", "percent", "number"]),
    decimals=st.integers(0, 10),
    currency=st.sampled_from(["USD", "EUR", "CHF", "INR", "MXN", "JPY", "SEK"]),
    units=st.integers(-(10**16), 10**16),
)
@example(place=("es", "ES"), kind="number", decimals=0, currency="EUR", units=1234)  # no separator below 10,000
@example(place=("hi", "IN"), kind="money", decimals=2, currency="INR", units=-1_234_567_89)  # thousands, then hundreds
@example(place=("en", "US"), kind="percent", decimals=1, currency="USD", units=-3)
def test_a_number_is_dressed_as_babel_dresses_it(
    place: tuple[str, str], kind: str, decimals: int, currency: str, units: int
) -> None:
    """Babel's own pattern, applied to the number itself, against the dress that is kept for numbers of its length."""
    value = Decimal(units).scaleb(-decimals - 2 * (kind == "percent"))
    locale = Locale(*place)
    formats = {"money": locale.currency_formats, "percent": locale.percent_formats, "number": locale.decimal_formats}
    pattern = copy(formats[kind]["standard" if kind == "money" else None])
    pattern.frac_prec = (decimals, decimals)
    expected = pattern.apply(value, locale, currency=currency if kind == "money" else None, currency_digits=False)
    with speaking(Language(*place)):
        found = display._dressed(value, decimals, kind, currency if kind == "money" else "")
    without_blanks = str.maketrans("", "", "\u00a0\u202f ")
    assert found.translate(without_blanks) == expected.replace("-", MINUS).translate(without_blanks)
    assert kind == "money" or found == expected.replace("-", MINUS)


def test_a_negative_nothing_has_no_sign() -> None:
    assert display._dressed(Decimal("-0.00"), 2, "money", "USD") == "$0.00"


def test_a_currency_with_digits_and_braces_is_shown_as_it_is() -> None:
    """Whoever mistypes a currency sees what was typed; it must not be taken for a place of digits."""
    for currency in ("{1}", "{{ 11 }}", "A1B", "{}"):
        assert display.money(1234.0, currency).replace("\u00a0", "") == f"{currency}1,230"
        assert display.money(-5.25, currency).replace("\u00a0", "") == f"−{currency}5.25"

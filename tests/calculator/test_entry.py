"""What people type becomes the number they mean, or a message that says what to type."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.entry import EntryError, affixes, allowed, read_number, write_number
from calculator.quantity import Quantity, quantity_of
from calculator.scenario import Analysis, Clinic, Payer


def quantity(model: type[Clinic | Payer | Analysis], key: str) -> Quantity:
    declared = quantity_of(model.model_fields[key])
    assert declared is not None
    return declared


RATE = quantity(Clinic, "dropout_rate")
GROWTH = quantity(Clinic, "intake_growth_rate")
INTAKES = quantity(Clinic, "intakes_per_month")
FEE = quantity(Payer, "allowed_per_unit")


@pytest.mark.parametrize(
    ("text", "declared", "number"),
    [
        ("35", RATE, 0.35),
        ("35 %", RATE, 0.35),
        ("35,5%", RATE, 0.355),
        ("0.35%", RATE, 0.0035),
        ("0", RATE, 0.0),
        ("1", RATE, 0.01),
        ("-5", GROWTH, -0.05),
        ("−5", GROWTH, -0.05),  # the minus sign of typesetters
        ("40", INTAKES, 40.0),
        ("1,234", INTAKES, 1234.0),
        ("1,234.5", INTAKES, 1234.5),
        ("1.234,5", INTAKES, 1234.5),
        ("12,5", INTAKES, 12.5),
        ("1 234", INTAKES, 1234.0),
        ("1\N{NARROW NO-BREAK SPACE}234", INTAKES, 1234.0),
        ("1’234", INTAKES, 1234.0),
        ("1.234.567", INTAKES, 1234567.0),
        ("12,34,567", INTAKES, 1234567.0),  # as written in India
        ("0,350", INTAKES, 0.35),
        (".5", INTAKES, 0.5),
        ("$128", FEE, 128.0),
        ("$1,250.50", FEE, 1250.5),
        ("128 USD", FEE, 128.0),
        ("1.250,50 €", FEE, 1250.5),
        ("CA$ 5", FEE, 5.0),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, declared: Quantity, number: float) -> None:
    assert read_number(text, declared) == number


@pytest.mark.parametrize(
    ("text", "declared", "part"),
    [
        ("abc", INTAKES, "“abc” is not a number. Write a number from 0.1 to 100,000."),
        ("12%", INTAKES, "is a percentage"),
        ("nan", RATE, "is not a number"),
        ("1e5", INTAKES, "is not a number"),
        ("٣", INTAKES, "is not a number"),
        ("1.5.2", INTAKES, "is not a number"),
        ("$5", INTAKES, "is not a number"),
        ("--5", GROWTH, "is not a number"),
        ("0.35", RATE, "could mean 0.35% or 35%. Write 35 for 35%, or 0.35% with its sign."),
        ("9" * 401, INTAKES, "401 characters long"),
        ("<script>" * 10, INTAKES, "…” is not a number"),
    ],
)
def test_what_is_not_a_number_is_answered_in_words(text: str, declared: Quantity, part: str) -> None:
    with pytest.raises(EntryError) as caught:
        read_number(text, declared)
    assert part in str(caught.value)


@given(number=st.floats(0.0, 0.99), declared=st.sampled_from([RATE, GROWTH]))
def test_a_share_survives_being_written_and_read(number: float, declared: Quantity) -> None:
    assert read_number(write_number(number, declared), declared) == number


@given(number=st.floats(0.0, 100_000.0), declared=st.sampled_from([INTAKES, FEE]))
def test_a_number_survives_being_written_and_read(number: float, declared: Quantity) -> None:
    assert read_number(write_number(number, declared), declared) == number


@given(text=st.text(max_size=60), declared=st.sampled_from([RATE, GROWTH, INTAKES, FEE]))
def test_any_text_is_a_finite_number_or_a_message(text: str, declared: Quantity) -> None:
    try:
        number = read_number(text, declared)
    except EntryError as error:
        number, message = 0.0, str(error)
    else:
        message = "."
    assert math.isfinite(number)
    assert message.endswith((".", "sign."))


def test_bounds_and_affixes_speak_the_language_of_the_page() -> None:
    assert allowed(RATE) == "Write a percentage from 0% to 99%."
    assert allowed(FEE, "EUR") == "Write an amount from €0 to €100,000."
    assert allowed(quantity(Analysis, "horizon_months")) == "Write a whole number from 1 to 120."
    assert affixes(FEE, "EUR") == ("€", "")
    assert affixes(RATE, "USD") == ("", "%")
    assert affixes(INTAKES, "USD") == ("", "")

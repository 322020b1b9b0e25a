"""Every unit that an input declares can be said."""

from __future__ import annotations

from calculator.resolve import QUANTITIES
from calculator.unit_words import UNIT_WORDS, unit_words


def test_every_declared_unit_has_words_and_no_others_do() -> None:
    assert {quantity.unit for quantity in QUANTITIES.values()} == set(UNIT_WORDS)


def test_a_unit_of_care_has_the_setting_s_name() -> None:
    day = {"unit": "day", "units": "days"}
    assert unit_words("share of scheduled units", "USD", day) == "share of the days planned"
    assert unit_words("money a unit", "MXN", day) == "MXN a day"

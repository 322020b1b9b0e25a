"""A risk in words: rounded where it is sure, vague where it is not."""

from __future__ import annotations

import dataclasses
import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assumptions import load_library
from plugin.cds.advice import advice_on, advices
from plugin.cds.risk_words import level, of_many, percent, spanned, usual_risk
from plugin.contract import Probability
from plugin.records import COMPONENTS, SETTINGS
from tests.plugin.cds.answers import client, probabilities


@given(share=st.floats(0, 1))
def test_percent_and_so_many_of_ten_are_within_rounding_of_the_share(share: float) -> None:
    said = percent(share)
    if said.startswith(("under", "over")):
        assert share < 0.005 or share >= 0.995
    else:
        assert abs(int(said.removesuffix("%")) / 100 - share) <= 0.005 + 1e-12
    many = of_many(share)
    match = re.fullmatch(r"about (\d+) in (10|100)", many)
    if match is None:
        assert (many, share >= 0.95, share < 0.005) in (
            ("more than 9 in 10", True, False),
            ("fewer than 1 in 100", False, True),
        )
    else:
        found, of = int(match[1]), int(match[2])
        assert 1 <= found < 10
        assert abs(found / of - share) <= 0.5 / of + 1e-12


@given(one=st.floats(0, 1), other=st.floats(0, 1))
def test_more_is_never_said_to_be_less(one: float, other: float) -> None:
    low, high = sorted((one, other))

    def place(share: float) -> float:
        said = percent(share)
        number = float(said.rstrip("%").rpartition(" ")[2])
        return number - 0.9 if said.startswith("under") else number + 0.9 if said.startswith("over") else number

    assert place(low) <= place(high)


@given(risk=probabilities(), usual=st.floats(0, 1))
def test_a_risk_is_called_unusual_only_where_its_whole_range_is(risk: Probability, usual: float) -> None:
    found = level(risk, usual)
    assert (found == "higher") == (usual < risk.low)
    assert (found == "lower") == (risk.high < usual)
    assert spanned(risk).count("%") == 3


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_usual_risk_after_one_unit_is_the_published_dropout_rate(setting: str) -> None:
    """Of clients who had a first unit, D leave before the last one; of all, B before the first as well."""
    library = load_library()
    rate = library.settings[setting].defaults["clinic.dropout_rate"].value
    before = library.roles["risk_before_first_unit"].value or 0.0
    one = dataclasses.replace(client().episode, setting=setting, planned_units=9, units_attended=1)
    none = dataclasses.replace(one, units_attended=0)
    assert usual_risk(one) == pytest.approx(rate, rel=1e-12)
    assert usual_risk(none) == pytest.approx(1.0 - (1.0 - before) * (1.0 - rate), rel=1e-12)


def test_the_usual_risk_of_outpatient_care_by_hand() -> None:
    """As in the tests of ``retention``: N = 5, H(5) − H(3) = .392564 − .320712 = .071852."""
    episode = dataclasses.replace(client().episode, planned_units=5, units_attended=3)
    assert usual_risk(episode) == pytest.approx(-math.expm1(-0.071852), abs=1e-6)
    done = dataclasses.replace(episode, units_attended=5)
    assert usual_risk(done) == 0.0


def test_each_advice_has_steps_a_standing_and_a_source() -> None:
    assert tuple(advices()) == COMPONENTS
    assert advice_on(None) is None
    for name, advice in advices().items():
        assert advice == advice_on(name)
        assert advice.label.lower().startswith(name)
        assert 2 <= len(advice.steps) <= 5
        assert all(step.strip() for step in advice.steps)
        assert re.search(r"not been shown|association", advice.standing), "says how little it may claim"
        assert re.fullmatch(r".+ \(\d{4}\)\. .+\. .+ \d+\(\d+\):\d+-\d+\.", advice.citation)
        assert re.fullmatch(r"10\.\d{4,}/[A-Za-z0-9./()-]+", advice.doi)
        assert advice.url == f"https://doi.org/{advice.doi}"
    assert len({advice.doi for advice in advices().values()}) == len(COMPONENTS)

"""Whatever ``sound`` lets through keeps every rule of the contract, and each rule that is broken is named."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bad_predictors import TwoFaced, good_score, request
from hypothesis import example, given
from hypothesis import strategies as st

from plugin.answer_check import LONGEST_WORDS, MOST_CONTRIBUTIONS, ROUNDING, Names, NoAnswer, sound
from plugin.contract import Abstention, Contribution, Probability, Score
from plugin.records import COMPONENTS

ASKED = request(190)  # ten units are left
NAMES = Names.of([ASKED])
GOOD = replace(good_score(100), expected_units_remaining=5.0)

shares = st.floats(0.0, 1.0)
numbers = st.one_of(
    shares,
    st.floats(),
    st.integers(-2, 12),
    st.booleans(),
    st.fractions(),
    shares.map(np.float32),
    shares.map(np.float64),
    st.none(),
    st.just("0.5"),
)
probabilities = st.builds(Probability, numbers, numbers, numbers) | st.none()
fair = st.lists(shares, min_size=3, max_size=3).map(sorted).map(lambda p: Probability(p[1], p[0], p[2]))
lines = st.one_of(st.text(max_size=8), st.sampled_from(["bond rated low", "client-190", "a\nb", "x" * 301]), st.none())
contributions = st.lists(st.builds(Contribution, lines, numbers, lines) | st.none(), max_size=3)
answers = st.one_of(
    st.builds(
        Score,
        probabilities | fair,
        probabilities | fair,
        numbers | st.floats(0.0, 10.0),
        st.sampled_from([None, *COMPONENTS, "mood", 3]),
        contributions | contributions.map(tuple) | st.none(),
    ),
    st.builds(Score, fair, fair, st.floats(0.0, 10.0), st.none(), st.just(())),
    st.builds(Abstention, lines),
    lines,
)


def is_line(text: object) -> bool:
    return (
        type(text) is str
        and 0 < len(text.strip()) <= len(text) <= LONGEST_WORDS
        and text.isprintable()
        and not NAMES.found_in(text)
    )


def keeps_all_rules(answer: object) -> bool:
    """The rules of ``plugin.contract``, written anew."""
    if isinstance(answer, Abstention):
        return is_line(answer.reason)
    assert isinstance(answer, Score)
    soon, whole = answer.risk_next_unit, answer.risk_before_completion
    return (
        all(0.0 <= p.low <= p.value <= p.high <= 1.0 for p in (soon, whole))
        and all(type(part) is float for p in (soon, whole) for part in (p.low, p.value, p.high))
        and soon.value <= whole.value
        and type(answer.expected_units_remaining) is float
        and 0.0 <= answer.expected_units_remaining <= 10.0
        and answer.weakest_component in (None, "bond", "goals", "tasks")
        and type(answer.contributions) is tuple
        and all(is_line(c.name) and is_line(c.words) and math.isfinite(c.log_hazard) for c in answer.contributions)
    )


@given(answers)
@example(
    replace(GOOD, risk_next_unit=Probability(0.2, 0.1, 0.5), risk_before_completion=Probability(0.2 - 5e-10, 0, 1))
)
@example(replace(GOOD, expected_units_remaining=10.0 * (1.0 + 5e-10)))
@example(replace(GOOD, risk_next_unit=Probability(0.1, 0.1 + 5e-10, 0.1 - 5e-10)))
@example(GOOD)
def test_what_is_let_through_keeps_all_rules_and_is_what_was_given(answer: Any) -> None:
    try:
        found = sound(answer, ASKED, NAMES)
    except NoAnswer:
        return
    assert keeps_all_rules(found)
    assert sound(found, ASKED, NAMES) == found  # nothing is left to mend
    if isinstance(found, Score):
        assert found.risk_next_unit.value == answer.risk_next_unit.value
        assert found.risk_before_completion.value == pytest.approx(answer.risk_before_completion.value, abs=ROUNDING)
        assert found.expected_units_remaining == pytest.approx(answer.expected_units_remaining, rel=2 * ROUNDING)
        assert found.contributions == tuple(answer.contributions)
    else:
        assert found == answer


def reason(words: Any, name: Any = "bond", log_hazard: Any = 0.1) -> dict[str, Any]:
    return {"contributions": (Contribution(name, log_hazard, words),)}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"risk_next_unit": 0.3}, "risk_next_unit is a float, not a Probability"),
        ({"risk_before_completion": None}, "risk_before_completion is a NoneType, not a Probability"),
        ({"risk_next_unit": Probability(1.1, 0.0, 1.2)}, "risk_next_unit is not between 0 and 1"),
        ({"risk_next_unit": Probability(0.1, -0.1, 0.2)}, "risk_next_unit is not between 0 and 1"),
        ({"risk_next_unit": Probability(0.1, 0.2, 0.3)}, "risk_next_unit lies outside its own interval"),
        ({"risk_next_unit": Probability(0.4, 0.2, 0.3)}, "risk_next_unit lies outside its own interval"),
        ({"risk_next_unit": Probability(True, 0.0, 1.0)}, "risk_next_unit is a bool, not a number"),
        ({"risk_next_unit": Probability(0.1, math.nan, 1.0)}, "risk_next_unit is not finite"),
        (
            {"risk_next_unit": Probability(0.3, 0.0, 1.0)},
            "risk_before_completion is below risk_next_unit, although it is the longer horizon",
        ),
        ({"expected_units_remaining": math.inf}, "expected_units_remaining is not finite"),
        ({"expected_units_remaining": Fraction(10**400)}, "expected_units_remaining is not finite"),
        (
            {"expected_units_remaining": 10.001},
            "expected_units_remaining is not between 0 and the units left of the plan",
        ),
        (
            {"expected_units_remaining": -0.1},
            "expected_units_remaining is not between 0 and the units left of the plan",
        ),
        ({"expected_units_remaining": "5"}, "expected_units_remaining is a str, not a number"),
        ({"weakest_component": "mood"}, "weakest_component is none of bond, goals, tasks"),
        ({"weakest_component": ["bond"]}, "weakest_component is none of bond, goals, tasks"),
        ({"contributions": "bond"}, "contributions are a str, not a tuple"),
        ({"contributions": ("bond",)}, "contributions hold something that is no Contribution"),
        (
            {"contributions": (Contribution("a", 0.1, "b"),) * (MOST_CONTRIBUTIONS + 1)},
            "there are more than 100 contributions",
        ),
        (reason("bond low", log_hazard=math.nan), "log_hazard of a contribution is not finite"),
        (reason(""), "the words of a contribution is empty, or no text"),
        (reason("low", name=None), "the name of a contribution is empty, or no text"),
        (reason("low\nhigh"), "the words of a contribution is not one line of at most 300 characters"),
        (reason("x" * 301), "the words of a contribution is not one line of at most 300 characters"),
        (reason("as for client-190"), "the words of a contribution holds an identifier"),
        (reason("low", name="clinician_K-77"), "the name of a contribution holds an identifier"),
    ],
)
def test_each_rule_that_is_broken_is_named(changed: dict[str, Any], said: str) -> None:
    assert keeps_all_rules(sound(GOOD, ASKED, NAMES))
    with pytest.raises(NoAnswer) as caught:
        sound(replace(GOOD, **changed), ASKED, NAMES)
    assert str(caught.value) == said


@pytest.mark.parametrize("text", ["", "  ", None, "a\u2028b", "a\u202eb", "see episode-190", "see (CLIENT-190)."])
def test_an_abstention_is_in_words_and_names_nobody(text: Any) -> None:
    with pytest.raises(NoAnswer, match=r"^reason (is|holds) "):
        sound(Abstention(text), ASKED, NAMES)


def test_nothing_left_of_the_plan_leaves_no_units() -> None:
    done = request(200)
    assert sound(replace(GOOD, expected_units_remaining=0), done, NAMES) == replace(GOOD, expected_units_remaining=0.0)
    with pytest.raises(NoAnswer):
        sound(GOOD, done, NAMES)


def test_text_that_is_not_what_it_seems_is_taken_at_its_letters() -> None:
    found = sound(Abstention(TwoFaced("no data")), ASKED, NAMES)
    assert isinstance(found, Abstention)
    assert (type(found.reason), found.reason) == (str, "no data")
    with pytest.raises(NoAnswer):
        sound(Abstention(TwoFaced("client-190")), ASKED, NAMES)
    score = sound(replace(GOOD, weakest_component=TwoFaced("bond")), ASKED, NAMES)
    assert isinstance(score, Score)
    assert type(score.weakest_component) is str


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("client-1", True),
        ("Client-1 was late", True),
        ("Patient/client-1", True),
        ("client-1's", True),
        ("clinician_client-1_x", True),
        ("client-12", False),
        ("myclient-1", False),
        ("client 1", False),
        ("a.b", True),
        ("axb", False),
        ("no 7 here", False),
        ("the client has rated bond low", False),
        ("site: 101", False),
        ("", False),
    ],
)
def test_identifiers_are_found_as_words_of_their_own(text: str, found: bool) -> None:
    """Not those of fewer than three characters, plain words, or what is the level of a covariate as well."""
    names = Names.of(
        [
            request(1, clinician_id="", covariates={"site": 101}),
            request(2, client_id="client", episode_id="7", clinician_id="a.b"),
            request(3, client_id="101", episode_id="   ", clinician_id="unknown"),
        ]
    )
    assert names.found_in(text) is found
    assert names.found_in(text) is found  # the second time from memory


@given(st.text(min_size=3).filter(lambda name: name.strip() == name and len(name) >= 3), st.sampled_from(" _-:/(.'\""))
def test_any_identifier_is_found_between_any_signs(name: str, sign: str) -> None:
    names = Names.of([request(1, client_id=name)])
    if name.lower() in {"episode", "client", "clinician", "unknown"}:
        return
    assert names.found_in(f"said{sign}{name}{sign}here")


def test_nobody_to_name() -> None:
    assert not Names.of([]).found_in("client-1")
    assert not Names(None).found_in("client-1")

"""Answers leave a predictor's process as text and numbers and arrive as they were."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from bad_predictors import Liar, Trap, TwoFaced
from hypothesis import given
from hypothesis import strategies as st

from plugin.answer_check import LONGEST_WORDS, MOST_CONTRIBUTIONS
from plugin.contract import Abstention, Contribution, Probability, Score
from plugin.plain_answer import from_plain, to_plain

numbers = st.floats(allow_nan=False)
text = st.text(max_size=LONGEST_WORDS)
probabilities = st.builds(Probability, numbers, numbers, numbers)
scores = st.builds(
    Score,
    probabilities,
    probabilities,
    numbers,
    st.none() | text,
    st.lists(st.builds(Contribution, text, numbers, text), max_size=3).map(tuple),
)


def there_and_back(answer: object) -> Any:
    return from_plain(json.loads(json.dumps(to_plain(answer))))


@given(scores | st.builds(Abstention, text))
def test_any_answer_arrives_as_it_was(answer: object) -> None:
    assert there_and_back(answer) == answer


@given(
    st.recursive(
        st.none() | st.booleans() | numbers | text | st.builds(object) | st.builds(Liar),
        lambda inner: st.one_of(
            st.builds(Probability, inner, inner, inner),
            st.builds(Contribution, inner, inner, inner),
            st.builds(Abstention, inner),
            st.builds(Score, inner, inner, inner, inner, inner | st.lists(inner, max_size=3)),
        ),
        max_leaves=12,
    ).filter(lambda made: not isinstance(made, Liar))
)
def test_whatever_is_answered_becomes_plain_data_and_no_other_object_arrives(answer: object) -> None:
    found = there_and_back(answer)
    assert type(found) is (type(answer) if isinstance(answer, Score | Abstention) else type(None))

    def plain(part: object) -> bool:
        if isinstance(part, Score | Abstention | Probability | Contribution):
            return all(plain(getattr(part, name)) for name in part.__dataclass_fields__)
        return all(map(plain, part)) if type(part) is tuple else type(part) in (str, float, type(None))

    assert plain(found)


def test_numbers_that_are_not_finite_arrive_as_such() -> None:
    found = there_and_back(Score(Probability(math.nan, -math.inf, math.inf), None, 10**400))
    assert math.isnan(found.risk_next_unit.value)
    assert (found.risk_next_unit.low, found.risk_next_unit.high) == (-math.inf, math.inf)
    assert found.risk_before_completion is None
    assert found.expected_units_remaining == math.inf


def test_what_is_no_number_is_none_and_not_taken_for_one() -> None:
    found = there_and_back(Score(Probability(True, "0.5", 1j), 0.5, None, 7, ("bond",)))
    assert found.risk_next_unit == Probability(None, None, None)
    assert (found.risk_before_completion, found.expected_units_remaining) == (None, None)
    assert found.weakest_component == ""  # not None, which would say that there is none
    assert found.contributions == (None,)


def test_too_much_is_cut_just_above_what_is_allowed_so_that_it_is_refused_still() -> None:
    many = (Contribution("x" * 10_000, 0.1, "y"),) * 10_000
    found = there_and_back(Score(None, None, 1.0, None, many))
    assert len(found.contributions) == MOST_CONTRIBUTIONS + 1
    assert len(found.contributions[0].name) == LONGEST_WORDS + 1


def test_text_is_taken_at_its_letters() -> None:
    assert there_and_back(Abstention(TwoFaced("no data"))) == Abstention("no data")


def test_what_cannot_be_looked_at_raises_in_the_predictors_process() -> None:
    with pytest.raises(ZeroDivisionError):
        to_plain(Trap())


@pytest.mark.parametrize("plain", [None, 3, "score", [], {}, {"kind": "Score"}, {"kind": None}])
def test_what_is_no_plain_answer_is_none(plain: object) -> None:
    assert from_plain(plain) is None

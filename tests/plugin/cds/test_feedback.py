"""What became of a card: accepted or put aside, read strictly enough to be counted."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.cds import Feedback, RequestError, parse_feedback
from plugin.cds.feedback import LONGEST_COMMENT, MOST_ITEMS
from tests.plugin.cds.resources import Json

CARD = "4e0a3a1e-3283-4575-ab82-028d55fe2719"
AT = "2026-03-05T14:30:00Z"


def accepted(**changes: Any) -> Json:
    return {
        "card": CARD,
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": "s-1"}],
        "outcomeTimestamp": AT,
    } | changes


def overridden(reason: Any = None, **changes: Any) -> Json:
    given_ = {} if reason is None else {"overrideReason": reason}
    return {"card": CARD, "outcome": "overridden", "outcomeTimestamp": AT, **given_} | changes


def problems(*items: Any) -> tuple[str, ...]:
    with pytest.raises(RequestError) as caught:
        parse_feedback({"feedback": list(items)})
    return tuple(caught.value.problems)


def test_35_each_item_has_card_outcome_and_moment_and_what_was_accepted_or_why_not() -> None:
    moment = dt.datetime(2026, 3, 5, 14, 30, tzinfo=dt.UTC)
    reason = {"code": "data_wrong", "system": "urn:x-rapport:override-reason"}
    found = parse_feedback(
        {
            "feedback": [
                accepted(acceptedSuggestions=[{"id": "s-1"}, {"id": "s-2"}, {"id": "s-1"}]),
                overridden(),
                overridden({"reason": reason}),
                overridden({"userComment": " as agreed "}),
                overridden({"reason": reason | {"display": "x"}, "userComment": "y"}),
            ]
        }
    )
    system, code = reason["system"], reason["code"]
    assert found == [
        Feedback(CARD, "accepted", moment, ("s-1", "s-2")),
        Feedback(CARD, "overridden", moment),
        Feedback(CARD, "overridden", moment, (), system, code),
        Feedback(CARD, "overridden", moment, (), "", "", "as agreed"),
        Feedback(CARD, "overridden", moment, (), system, code, "y"),
    ]
    for key in ("card", "outcome", "outcomeTimestamp", "acceptedSuggestions"):
        for nothing in (None, "", [], {}):
            (said,) = problems(accepted(**{key: nothing}))
            assert said.startswith(f"feedback 1: {key} is ")
    for empty in ({}, {"userComment": " "}, {"reason": None}, "x", [reason]):
        assert problems(overridden(empty)) == ("feedback 1: overrideReason has a reason, a userComment or both",)
    for half in ({"code": "x"}, {"system": "x"}, {}, "x"):
        assert problems(overridden({"reason": half})) == (
            "feedback 1: overrideReason.reason is a coding with code and system",
        )


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-03-05T14:30:00Z", dt.datetime(2026, 3, 5, 14, 30)),
        ("2026-03-05t14:30:00.250z", dt.datetime(2026, 3, 5, 14, 30, 0, 250_000)),
        ("2026-03-05T09:30:00-05:00", dt.datetime(2026, 3, 5, 14, 30)),
    ],
)
def test_moments_of_rfc_3339_are_read_in_utc(written: str, moment: dt.datetime) -> None:
    assert parse_feedback({"feedback": [accepted(outcomeTimestamp=written)]})[0].at == moment.replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "written", ["2026-03-05", "2026-03-05T14:30:00", "2026-13-05T14:30:00Z", "9999-12-31T23:59:59-05:00", 3, "now"]
)
def test_other_moments_are_none(written: Any) -> None:
    (said,) = problems(accepted(outcomeTimestamp=written))
    assert "outcomeTimestamp" in said


def test_everything_that_is_wrong_is_said_at_once_and_not_repeated() -> None:
    said = problems("secret", accepted(card="secret\n", outcomeTimestamp="secret"), {"outcome": "secret"}, overridden())
    assert [each[:10] for each in said] == ["feedback 1", *["feedback 2"] * 2, *["feedback 3"] * 3]
    assert "secret" not in str(said)


def test_a_comment_is_cut_and_has_nothing_that_no_database_takes() -> None:
    long = "x" * LONGEST_COMMENT + "y"
    comments = (long, "a\0b\ud800c\n\u200dd\u00a0e\x1b")
    found = parse_feedback({"feedback": [overridden({"userComment": comment}) for comment in comments]})
    assert [each.comment for each in found] == [long[:-1], "abc\n\u200dd\u00a0e"]


@pytest.mark.parametrize("body", [None, [], {}, {"feedback": None}, {"feedback": []}, {"feedback": {"card": CARD}}, 3])
def test_a_body_without_items_is_refused(body: Any) -> None:
    with pytest.raises(RequestError):
        parse_feedback(body)


def test_too_many_items_at_once_are_refused() -> None:
    assert len(parse_feedback({"feedback": [accepted()] * MOST_ITEMS})) == MOST_ITEMS
    with pytest.raises(RequestError, match="several calls"):
        parse_feedback({"feedback": [accepted()] * (MOST_ITEMS + 1)})


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=()), max_size=9),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(("id", "code", "system")), below),
    max_leaves=6,
)


@given(
    item=st.sampled_from((accepted(), overridden({"reason": {"code": "c", "system": "s"}, "userComment": "x"}))),
    key=st.sampled_from(("card", "outcome", "outcomeTimestamp", "acceptedSuggestions", "overrideReason")),
    value=anything,
)
def test_hostile_items_are_read_or_refused(item: Json, key: str, value: Any) -> None:
    try:
        (found,) = parse_feedback({"feedback": [item | {key: value}]})
    except RequestError:
        return
    for text in (found.card, found.comment, found.reason_code, found.reason_system, *found.suggestions):
        text.encode()
    assert found.at.tzinfo is dt.UTC

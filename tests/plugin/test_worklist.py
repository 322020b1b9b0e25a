"""Whom to call: order, capacity, what is at stake."""

from __future__ import annotations

import datetime as dt

import pytest

from plugin.caseload import caseload_of
from plugin.evidence_predictor import predictor
from plugin.records import Episode, Rating, Visit
from plugin.scores import REASONS
from plugin.worklist import worklist

DAY = dt.date(2026, 3, 1)


def _episode(name: str, attended: int, status: str = "open") -> Episode:
    return Episode(
        name, f"c-{name}", "k-1", "outpatient", dt.date(2026, 1, 1), 12, attended, dt.date(2026, 2, 1), status
    )


EPISODES = [_episode("a", 3), _episode("b", 3), _episode("c", 12), _episode("d", 3, "completed"), _episode("e", 3)]
LOW = [Rating(dt.date(2026, 1, 20), "goals", 1, 1, 7), Rating(dt.date(2026, 1, 20), "bond", 6, 1, 7)]
MISSED = [Visit(dt.date(2026, 2, 10), "no_show")]


def test_those_whom_more_speaks_for_losing_come_first_and_ties_go_by_name() -> None:
    """b missed its one visit, e rated the goals at the bottom; a is a middle client. ln 2/.5 > one low rating."""
    caseload = caseload_of(EPISODES, [(), (), (), (), LOW], [(), MISSED, (), (), ()])
    made = worklist(predictor(), caseload, DAY, capacity=10)
    assert [case.episode_id for case in made.cases] == ["b", "e", "a"]
    assert [reason.words for reason in made.cases[0].reasons] == ["missed visits"]
    assert made.cases[1].weakest_component == "goals"
    assert made.cases[2].reasons == ()
    level = worklist(predictor(), caseload_of(EPISODES), DAY, capacity=10)
    assert [case.episode_id for case in level.cases] == ["a", "b", "e"]


def test_the_list_is_as_long_as_the_team_can_call_and_says_what_is_left_out() -> None:
    made = worklist(predictor(), caseload_of(EPISODES), DAY, capacity=1)
    assert len(made.cases) == 1
    assert made.open_clients == 3
    assert made.unscored == {REASONS[2]: 1}  # c has had all twelve; d is over and no one to call
    assert made.units_at_stake == pytest.approx(3.0 * made.units_at_stake_listed)  # three alike


def test_units_at_stake_are_what_is_left_of_the_plan_less_what_is_expected() -> None:
    """A client without facts after 3 of 12: 9 left; S_u/S_3 summed over u = 4 … 12 from the published course."""
    from assumptions import load_library

    defaults = load_library().settings["outpatient"].defaults
    rate, median = defaults["clinic.dropout_rate"].value, defaults["clinic.median_dropout_unit"].value
    import math

    shape = math.log(math.log(1 - rate / 2) / math.log(1 - rate)) / math.log(median)
    stays = {u: (1 - rate) ** (((u - 1) / 11) ** shape) for u in range(3, 13)}
    expected = sum(stays[u] / stays[3] for u in range(4, 13))
    made = worklist(predictor(), caseload_of(EPISODES[:1]), DAY, capacity=1)
    assert made.units_at_stake == pytest.approx(9 - expected, abs=1e-12)


def test_what_is_dated_later_does_not_move_the_list() -> None:
    later = [Visit(dt.date(2026, 3, 2), "no_show")]
    plain = worklist(predictor(), caseload_of(EPISODES), DAY, capacity=3)
    assert worklist(predictor(), caseload_of(EPISODES, (), [later] * 5), DAY, capacity=3) == plain


def test_the_other_order_is_by_units_at_stake() -> None:
    episodes = [_episode("far", 10), _episode("early", 3)]
    by_stake = worklist(predictor(), caseload_of(episodes), DAY, capacity=2, order="units_at_stake")
    assert [case.episode_id for case in by_stake.cases] == ["early", "far"]
    with pytest.raises(ValueError, match="order"):
        worklist(predictor(), caseload_of(episodes), DAY, capacity=2, order="alphabet")

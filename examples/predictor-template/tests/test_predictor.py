"""What this predictor says, checked by hand: the kit knows the rules for all, not what yours is meant to do."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from plugin.contract import Request, Score
from plugin.records import Episode, Visit

from rapport_attendance import predictor
from rapport_attendance.predictor import hazard_ahead

DAY = dt.date(2026, 3, 2)


def asked(*statuses: str) -> Request:
    episode = Episode("e", "c", "", "outpatient", DAY - dt.timedelta(days=60), planned_units=12, units_attended=4)
    visits = tuple(Visit(DAY - dt.timedelta(days=7 * back), status) for back, status in enumerate(statuses))
    return Request(episode, DAY, visits=visits)


def risk(request: Request) -> float:
    (answer,) = predictor().predict([request])
    assert isinstance(answer, Score)
    return answer.risk_next_unit.value


def test_half_of_the_last_visits_missed_double_the_hazard_against_none() -> None:
    """The figure prediction/missed_visits_hr is 2; a hazard is −ln(1 − risk)."""
    none, half = risk(asked(*["attended"] * 4)), risk(asked("no_show", "attended", "no_show", "attended"))
    assert math.log1p(-half) / math.log1p(-none) == pytest.approx(2.0)


def test_without_visits_the_risk_is_the_published_one() -> None:
    published = -math.expm1(-float(hazard_ahead(0, 12, 4)[0]))
    assert risk(asked()) == pytest.approx(published)


def test_a_missed_visit_older_than_the_last_four_is_forgotten() -> None:
    assert risk(asked(*["attended"] * 4, "no_show")) == risk(asked(*["attended"] * 4))

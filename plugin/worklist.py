"""Whom to call this week: open clients in the order in which a call is worth most, as many as the team can call."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np

from plugin.caseload import Caseload, FloatArray, IntArray
from plugin.contract import Contribution, TablePredictor
from plugin.linear_predictor import MOST_REASONS, contributions
from plugin.records import COMPONENTS
from plugin.scores import REASONS, Scores

#: What the list may be ordered by.
ORDERS: Final = ("next_unit", "units_at_stake")


@dataclass(frozen=True)
class Case:
    """One open client on the list.

    Attributes:
        episode_id, clinician: as the caseload names them (pseudonyms, unless it kept its own).
        units_attended, planned_units: how far the client is.
        risk_next_unit, risk_before_completion: with low and high ends of their 90 percent intervals.
        units_at_stake: planned units that on average will not happen: (N − k) − expected units remaining.
        weakest_component: bond, goals, tasks or None.
        reasons: what raises the risk, the weightiest first; empty where nothing known does.
    """

    episode_id: str
    clinician: str
    units_attended: int
    planned_units: int
    risk_next_unit: tuple[float, float, float]
    risk_before_completion: tuple[float, float, float]
    units_at_stake: float
    weakest_component: str | None
    reasons: tuple[Contribution, ...]


@dataclass(frozen=True)
class Worklist:
    """The list for one week.

    Attributes:
        as_of: the day the list is as seen on.
        cases: the ``capacity`` clients at the top, in order.
        open_clients: how many were scored.
        unscored: how many open clients could not be scored, by reason.
        units_at_stake: of all scored clients together.
        units_at_stake_listed: of those on the list.
    """

    as_of: dt.date
    cases: tuple[Case, ...]
    open_clients: int
    unscored: dict[str, int]
    units_at_stake: float
    units_at_stake_listed: float


def worklist(
    predictor: TablePredictor, caseload: Caseload, as_of: dt.date, capacity: int, order: str = "next_unit"
) -> Worklist:
    """Return the clients to call, the most pressing first; ties keep the order of their ids.

    Raises:
        ValueError: for an order that is not one of ``ORDERS``, or a capacity below 1.
    """
    if order not in ORDERS or capacity < 1:
        raise ValueError(f"order is one of {', '.join(ORDERS)}, and capacity at least 1")
    known = caseload.known_on(as_of)
    scores = predictor.score(known, as_of)
    scored = np.flatnonzero(scores.reason == 0)
    stake = units_at_stake(known, scores)
    key = scores.risk_next_unit if order == "next_unit" else stake
    names = np.array([str(name) for name in known.episode_id[scored]], dtype=np.str_)
    ranked = scored[np.lexsort((names, -key[scored]))][:capacity]
    unscored = {
        REASONS[number]: count
        for number in range(2, len(REASONS))  # 1 is an episode that is over: no one to call
        if (count := int((scores.reason == number).sum()))
    }
    return Worklist(
        as_of=as_of,
        cases=tuple(_case(known, scores, stake, row) for row in ranked),
        open_clients=len(scored),
        unscored=unscored,
        units_at_stake=float(stake[scored].sum()),
        units_at_stake_listed=float(stake[ranked].sum()),
    )


def units_at_stake(caseload: Caseload, scores: Scores) -> FloatArray:
    """Return planned units that on average will not happen, shape (n,); NaN where there is no score."""
    left: IntArray = caseload.planned_units - caseload.units_attended
    stake: FloatArray = left - scores.expected_units_remaining
    return stake


def _case(caseload: Caseload, scores: Scores, stake: FloatArray, row: int) -> Case:
    weakest = int(scores.weakest[row])
    raising = [each for each in contributions(scores, row) if each.log_hazard > 0.0]
    return Case(
        episode_id=str(caseload.episode_id[row]),
        clinician=str(caseload.clinician[row]),
        units_attended=int(caseload.units_attended[row]),
        planned_units=int(caseload.planned_units[row]),
        risk_next_unit=(
            float(scores.risk_next_unit[row]),
            float(scores.next_low[row]),
            float(scores.next_high[row]),
        ),
        risk_before_completion=(
            float(scores.risk_before_completion[row]),
            float(scores.completion_low[row]),
            float(scores.completion_high[row]),
        ),
        units_at_stake=float(stake[row]),
        weakest_component=None if weakest < 0 else COMPONENTS[weakest],
        reasons=tuple(raising[:MOST_REASONS]),
    )

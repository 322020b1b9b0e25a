"""The whole model against an implementation of another kind: a clinic simulated client by client.

The model works with expected values; the simulation knows none. Each must lie within the sampling error of the other,
month by month and in sum. Seeds are fixed, so the tests always see the same luck.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from calculator import Result
from tests.calculator import reference
from tests.calculator.clients import COLUMNS, Simulated, simulate
from tests.calculator.clinics import plain, result_of

OUTPATIENT: dict[str, Any] = {"clinic__intake_growth_rate": 0.2, "program__subscription_per_intake": 3.0}
INTENSIVE: dict[str, Any] = {  # three days a week for eight weeks, cut by a horizon of three months
    "clinic__planned_units": 24,
    "clinic__units_per_month": 13.0,
    "clinic__median_dropout_unit": 6,
    "clinic__dropout_rate": 0.45,
    "clinic__backfill_rate": 0.9,
    "program__evidence_road": "targeted",
    "program__sensitivity": 0.7,
    "program__specificity": 0.6,
    "program__action_rate": 0.8,
    "program__save_rate": 0.5,
    "program__minutes_per_flag": 20.0,
    "program__ramp_months": 0,
    "analysis__horizon_months": 3,
}
LONG: dict[str, Any] = {  # fortnightly for a year and a half, shrinking, a payer who pays little
    "clinic__planned_units": 40,
    "clinic__units_per_month": 2.17,
    "clinic__median_dropout_unit": 9.5,
    "clinic__intake_growth_rate": -0.15,
    "clinic__dropout_rate": 0.6,
    "clinic__backfill_rate": 0.0,
    "program__evidence_road": "alliance",
    "program__alliance_lift_sd": 1.2,
    "program__alliance_gap_sd": 0.8,
    "program__causal_share": 0.9,
    "program__adoption_rate": 1.0,
    "program__ramp_months": 9.5,
    "payers__1__share": 0.05,
    "payers__2__share": 0.95,
    "payers__2__allowed_per_unit": 60.0,
    "analysis__horizon_months": 30,
    "analysis__discount_rate": 0.3,
}
HARMFUL: dict[str, Any] = {"program__odds_ratio": 1.6, "program__fidelity": 0.8, "analysis__horizon_months": 9}
TWO_UNITS: dict[str, Any] = {
    "clinic__planned_units": 2,
    "clinic__median_dropout_unit": 1,
    "clinic__intakes_per_month": 150.0,
    "program__odds_ratio": 0.4,
    "analysis__horizon_months": 5,
}
ONE_UNIT: dict[str, Any] = {
    "clinic__planned_units": 1,
    "clinic__median_dropout_unit": 1,
    "program__evidence_road": "targeted",
    "analysis__horizon_months": 6,
}


@dataclass(frozen=True)
class Case:
    """A scenario as the model has it and as it was lived through."""

    result: Result
    lived: Simulated

    @property
    def copies(self) -> int:
        """Return how many copies of the clinic were simulated."""
        return len(self.lived.npv)


SCENARIOS = {
    "outpatient": (OUTPATIENT, 400),
    "intensive": (INTENSIVE, 1500),
    "long": (LONG, 300),
    "harmful": (HARMFUL, 800),
    "two units": (TWO_UNITS, 800),
}


def live(changes: dict[str, Any], copies: int, seed: int) -> Case:
    """Return the model's result for the plain clinic with changes, and the same clinic simulated."""
    result = result_of(plain(**changes, analysis__draws=64))
    resolved = result.resolved
    values = reference.point_values(resolved)
    return Case(result, simulate(values, resolved.road, resolved.payers, resolved.horizon_months, copies, seed))


@pytest.fixture(scope="module", params=SCENARIOS)
def case(request: pytest.FixtureRequest) -> Case:
    """Each scenario, simulated once."""
    changes, copies = SCENARIOS[request.param]
    return live(changes, copies, seed=20_261 + len(request.param))


def z_score(lived: np.ndarray, expected: float) -> float:
    """Return by how many standard errors the mean over copies misses the model; 0 where both agree."""
    error = lived.std(ddof=1) / math.sqrt(len(lived))
    miss = abs(lived.mean() - expected)
    return 0.0 if miss <= 1e-9 * (1.0 + abs(expected)) else float(miss / max(error, 1e-300))


@pytest.mark.parametrize("column", COLUMNS)
def test_horizon_is_as_lived(case: Case, column: str) -> None:
    lived = case.lived.monthly[column].sum(axis=1)
    expected = math.fsum(getattr(month, column) for month in case.result.monthly)
    assert z_score(lived, expected) < 4.0
    if expected:  # a test that cannot see a deviation of a few percent proves nothing
        assert lived.std(ddof=1) / math.sqrt(case.copies) < 0.02 * abs(expected)


@pytest.mark.parametrize("column", COLUMNS)
def test_every_month_is_as_lived(case: Case, column: str) -> None:
    """Largest of up to 30 z-scores; that of 30 independent ones exceeds 4.5 once in 5,000 times."""
    lived = case.lived.monthly[column]
    scores = [z_score(lived[:, month.month], getattr(month, column)) for month in case.result.monthly]
    assert max(scores) < 4.5


def test_npv_is_as_lived(case: Case) -> None:
    assert z_score(case.lived.npv, case.result.point["npv"] or 0.0) < 4.0


def test_episodes_are_as_lived(case: Case) -> None:
    point = case.result.point
    assert z_score(case.lived.units_before, point["units_per_episode_before"] or 0.0) < 4.0
    assert z_score(case.lived.units_after, point["units_per_episode_after"] or 0.0) < 4.0
    assert z_score(case.lived.left_after, point["dropout_rate_after"] or 0.0) < 4.0


def test_a_plan_of_one_unit_keeps_nothing_and_costs_what_it_costs() -> None:
    """Nobody can leave a plan of one unit, so nothing is won; flags and measuring still take time."""
    case = live(ONE_UNIT, 400, seed=5)
    point = case.result.point
    assert (case.lived.units_after == 1).all()
    assert (case.lived.monthly["extra_units"] == 0.0).all()
    for name in ("revenue_kept_horizon", "revenue_lost_per_year", "dropouts_avoided_per_year", "revenue_kept_per_year"):
        assert point[name] == 0.0
    assert z_score(case.lived.npv, point["npv"] or 0.0) < 4.0
    assert z_score(case.lived.monthly["program_cost"].sum(axis=1), point["program_cost_horizon"] or 0.0) < 4.0


def test_the_same_luck_never_makes_a_client_leave_earlier() -> None:
    """Common random numbers: with fewer dropouts each single client stays at least as long."""
    lived = live(INTENSIVE, 50, seed=1).lived
    assert (lived.units_after >= lived.units_before).all()
    assert (lived.units_after > lived.units_before).any()

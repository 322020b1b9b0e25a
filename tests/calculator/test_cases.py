"""Doing nothing, a sceptic's case and the likely one: by hand, by the second implementation, and what must hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from calculator import FIGURES
from calculator.result import Case
from tests.calculator import reference
from tests.calculator.clinics import PAYING, plain, resolved_of, result_of
from tests.strategies import scenarios

ALL_MEASURED = [
    "dropout_rate", "intakes_per_month", "intake_growth_rate", "median_dropout_unit", "no_show_rate", "backfill_rate",
    "variable_cost_per_unit", "acquisition_cost_per_intake", "clinician_hourly_cost", "payers", "program.fidelity",
    "program.odds_ratio", "program.adoption_rate", "program.minutes_per_unit", "program.training_hours_per_clinician",
]  # fmt: skip
SMALL: dict[str, Any] = {
    "clinic": {
        "setting": "outpatient", "clinicians": 1, "intakes_per_month": 12, "intake_growth_rate": 0.0,
        "planned_units": 2, "units_per_month": 1.0, "dropout_rate": 0.5, "median_dropout_unit": 1,
        "no_show_rate": {"low": 0.1, "likely": 0.2, "high": 0.3}, "backfill_rate": 0.0,
        "variable_cost_per_unit": {"low": 10.0, "likely": 20.0, "high": 40.0}, "acquisition_cost_per_intake": 0.0,
        "clinician_hourly_cost": 60.0, "measured": ALL_MEASURED,
    },
    "payers": [{"allowed_per_unit": 100.0, "collection_rate": 1.0}],
    "program": {
        "odds_ratio": 0.5, "fidelity": 1.0, "adoption_rate": 1.0, "ramp_months": 0, "minutes_per_unit": 0.0,
        "subscription_per_clinician_month": 10.0, "subscription_per_intake": 0.0, "implementation_cost": 0.0,
        "training_hours_per_clinician": 0.0,
    },
    "analysis": {"horizon_months": 13, "discount_rate": 0.0, "history_months": 0, "draws": 64, "seed": 1},
}  # fmt: skip
PATHS = ("clinic.no_show_rate", "clinic.variable_cost_per_unit")


def cases_of(data: dict[str, Any]) -> dict[str, Case]:
    return dict(result_of(data).cases)


def test_small_clinic_by_hand() -> None:
    """Two units, D = 0.5, OR = 0.5: D' = 0.25/0.75 = 1/3, so 12 intakes keep 12·(1/2 − 1/3) = 2 units a month.

    The second unit comes a month after intake: 12 of 13 months have it, 24 units; 13 months cost 10 each. With no-show
    n and delivery cost v NPV = 24·(1 − n)·(100 − v) − 130. Likely: 24·0.8·80 − 130 = 1406. Both are worse when higher,
    so the sceptic's are the 80th percentiles: PERT(0.1, 0.2, 0.3) is beta(3, 3), PERT(10, 20, 40) beta(7/3, 11/3).
    """
    found = cases_of(SMALL)
    no_show = 0.1 + 0.2 * float(stats.beta.ppf(0.8, 3.0, 3.0))
    cost = 10.0 + 30.0 * float(stats.beta.ppf(0.8, 7.0 / 3.0, 11.0 / 3.0))
    assert found["likely"].figures["npv"] == pytest.approx(1406.0)
    assert found["sceptic"].inputs["clinic.no_show_rate"] == pytest.approx(no_show, abs=1e-5)
    assert found["sceptic"].inputs["clinic.variable_cost_per_unit"] == pytest.approx(cost, abs=1e-3)
    assert found["sceptic"].figures["npv"] == pytest.approx(24.0 * (1.0 - no_show) * (100.0 - cost) - 130.0, rel=1e-4)
    same = {path: value for path, value in found["likely"].inputs.items() if path not in PATHS}
    assert {path: value for path, value in found["sceptic"].inputs.items() if path not in PATHS} == same
    nothing = found["do_nothing"].figures
    assert (nothing["npv"], nothing["dropout_rate_after"], nothing["units_per_episode_after"]) == (0.0, 0.5, 1.5)
    assert nothing["revenue_lost_per_year"] == pytest.approx(12 * 12 * 0.5 * 0.8 * 100.0)


def test_what_is_better_when_higher_is_low_for_a_sceptic() -> None:
    """More intakes, more revenue: PERT(8, 12, 16) is beta(3, 3), of which the sceptic takes the 20th percentile."""
    data = {**SMALL, "clinic": SMALL["clinic"] | {"intakes_per_month": {"low": 8, "likely": 12, "high": 16}}}
    found = cases_of(data)["sceptic"].inputs["clinic.intakes_per_month"]
    assert found == pytest.approx(8.0 + 8.0 * float(stats.beta.ppf(0.2, 3.0, 3.0)), abs=1e-3)


def test_where_all_is_certain_the_sceptic_sees_what_is_likely() -> None:
    known = SMALL["clinic"] | {"no_show_rate": 0.2, "variable_cost_per_unit": 20.0}
    found = cases_of({**SMALL, "clinic": known})
    assert found["sceptic"].figures == found["likely"].figures
    assert found["sceptic"].inputs == found["likely"].inputs


def test_three_cases_in_this_order() -> None:
    result = result_of(plain(**PAYING))
    assert list(result.cases) == [case.name for case in result.cases.values()] == ["do_nothing", "sceptic", "likely"]
    assert all(tuple(case.figures) == FIGURES for case in result.cases.values())
    assert result.cases["likely"].figures == result.point
    data = result.to_dict()["cases"]
    assert list(data) == list(result.cases)
    for name, case in result.cases.items():
        assert data[name] == {"figures": dict(case.figures), "inputs": dict(case.inputs)}


@given(data=scenarios(horizon=14))
@settings(max_examples=40)
def test_doing_nothing_changes_nothing_and_costs_nothing(data: dict[str, Any]) -> None:
    result = result_of(data)
    case = result.cases["do_nothing"]
    nothing, point = case.figures, result.point
    assert (
        nothing["units_per_episode_after"] == nothing["units_per_episode_before"] == point["units_per_episode_before"]
    )
    assert nothing["dropout_rate_after"] == result.workings["dropout_rate_before"]
    assert nothing["hazard_ratio"] == nothing["odds_ratio"] == 1.0
    assert nothing["revenue_lost_per_year"] == point["revenue_lost_per_year"]
    assert nothing["roi"] is nothing["irr"] is nothing["payback_months"] is None
    told = ("units_per_", "dropout_rate_", "hazard_", "odds_", "revenue_lost_", "roi", "irr", "payback_")
    money = {name: value for name, value in nothing.items() if not name.startswith(told)}
    assert len(money) == 11
    assert set(money.values()) == {0.0}
    assert not any(path.startswith("program.") for path in case.inputs)


@given(data=scenarios(horizon=14))
@settings(max_examples=30)
def test_the_sceptics_figures_follow_from_the_sceptics_inputs(data: dict[str, Any]) -> None:
    """The second implementation comes to the same, and the inputs still fit together and may be entered."""
    result = result_of(data)
    case, resolved = result.cases["sceptic"], result.resolved
    values = dict(case.inputs)
    for path, item in resolved.inputs.items():
        assert item.quantity.ge - 1e-9 <= values[path] <= item.quantity.le + 1e-9
        assert values[path] == item.value or not item.certain or path.endswith(".share")
    assert sum(values[f"payers.{row}.share"] for row in range(1, resolved.payers + 1)) == pytest.approx(1.0)
    assert values["clinic.planned_units"] == round(values["clinic.planned_units"])
    longest = values["clinic.planned_units"] - 1.0
    if longest > 1.0:  # a median at or beyond the last unit is taken as just below it
        values["clinic.median_dropout_unit"] = min(values["clinic.median_dropout_unit"], longest * (1.0 - 1e-9))
    expected = reference.figures_of(values, resolved.road, resolved.payers, resolved.horizon_months)
    size = abs(expected["program_cost_horizon"]) + 12.0 * abs(expected["revenue_lost_per_year"])
    for name, value in expected.items():
        if name == "hazard_ratio" and values["clinic.dropout_rate"] < 1e-6:
            continue  # a limit there: all rounding
        found = case.figures[name]
        if found is None:
            assert name == "roi"
            continue
        loose = size / max(expected["program_cost_horizon"], 1e-9) if name == "roi" else size
        assert found == pytest.approx(value, rel=1e-6, abs=1e-9 * max(loose, 1.0)), name


def a_range(low: float, high: float) -> st.SearchStrategy[Any]:
    """Return a number or a range between two bounds."""
    three = st.tuples(*[st.floats(low, high)] * 3).map(sorted)
    return three.map(lambda found: dict(zip(("low", "likely", "high"), found, strict=True)))


@st.composite
def one_sided(draw: st.DrawFn) -> dict[str, Any]:
    """Return a clinic where each uncertain input has one good side whatever the others are.

    Each unit kept earns more than it costs, the programme never harms, nothing is paid for each client reached, and
    what cuts both ways (dropout, when it comes, backfill) is measured.
    """
    return plain(
        clinic__measured=["dropout_rate", "median_dropout_unit", "backfill_rate"],
        clinic__no_show_rate=draw(a_range(0.0, 0.6)),
        clinic__intakes_per_month=draw(a_range(1.0, 200.0)),
        clinic__variable_cost_per_unit=draw(a_range(0.0, 60.0)),
        clinic__acquisition_cost_per_intake=draw(a_range(0.0, 500.0)),
        payers=[{"allowed_per_unit": draw(a_range(100.0, 200.0)), "collection_rate": draw(a_range(0.8, 1.0))}],
        program__odds_ratio=draw(a_range(0.3, 1.0)),
        program__adoption_rate=draw(a_range(0.1, 1.0)),
        program__minutes_per_unit=0.0,
        program__subscription_per_intake=0.0,
        program__subscription_per_clinician_month=draw(a_range(0.0, 60.0)),
        analysis__horizon_months=12,
        analysis__draws=64,
    )


@given(data=one_sided(), corners=st.lists(st.lists(st.booleans(), min_size=12, max_size=12), min_size=8, max_size=8))
@settings(max_examples=25)
def test_no_corner_is_worse_than_the_sceptics_where_inputs_have_one_side(
    data: dict[str, Any], corners: list[list[bool]]
) -> None:
    """With every input on one side or the other at its 20th or 80th percentile, the sceptic's NPV is the lowest."""
    result = result_of(data)
    resolved, worst = resolved_of(data), result.cases["sceptic"].figures["npv"]
    assert worst is not None
    slack = 1e-9 * (abs(worst) + abs(result.npv_at_medians))
    assert worst <= result.npv_at_medians + slack
    paths = resolved.uncertain
    assert len(paths) <= 12
    chosen = {path: np.array([0.8 if row[place] else 0.2 for row in corners]) for place, path in enumerate(paths)}
    assert (resolved.block(resolved.raw_values(chosen)).npv >= worst - slack).all()

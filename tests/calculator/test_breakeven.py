"""Break-evens: each put back in gives a net present value of zero, judged by the second implementation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from scipy import optimize

from assumptions import load_library
from calculator import parse_scenario, resolve
from calculator.breakeven import break_even
from calculator.resolve import Resolved
from calculator.result import BreakEven
from calculator.roots import first_root
from tests.calculator import reference
from tests.calculator.clinics import PAYING, plain, resolved_of, result_of
from tests.strategies import scenarios

PRICE = "program.subscription_per_clinician_month"


def solved(data: dict[str, Any]) -> tuple[Resolved, BreakEven]:
    """Return the scenario with its gaps filled, and its break-evens, without drawing."""
    resolved = resolve(parse_scenario(data), load_library())
    return resolved, break_even(resolved.block({}), resolved.setting.defaults["program.odds_ratio"].figure)


def scale(out: reference.Flows) -> float:
    """Return the money that moves, today's value: what a rounding error is to be measured against."""
    rows = zip(out.contribution_kept, out.acquisition_saved, out.running_cost, out.discount, strict=True)
    return float(out.go_live_cost + sum((abs(a) + abs(b) + abs(c)) * d for a, b, c, d in rows))


def is_nil(out: reference.Flows) -> bool:
    """Return whether the flows are worth nothing, up to rounding."""
    return abs(float(out.npv)) <= 1e-6 * scale(out) + 1e-9


@given(data=scenarios(ranges=False))
@settings(max_examples=60)
@example(data=plain(**PAYING))
@example(data=plain(clinic__planned_units=1, clinic__median_dropout_unit=1))
@example(data=plain(clinic__dropout_rate=0.0))
@example(data=plain(program__adoption_rate=0.0))
def test_every_break_even_put_back_in_is_worth_nothing(data: dict[str, Any]) -> None:
    resolved, even = solved(data)
    if even.subscription_per_clinician_month is not None:
        assert is_nil(reference.point_flows(resolved, **{PRICE: even.subscription_per_clinician_month}))
    if even.hazard_ratio is not None:
        assert 0.0 <= even.hazard_ratio <= 1.0
        assert is_nil(reference.point_flows(resolved, given_hazard_ratio=even.hazard_ratio))
    if even.intakes_per_month is not None:
        assert is_nil(reference.point_flows(resolved, **{"clinic.intakes_per_month": even.intakes_per_month}))
    if even.minutes_per_unit is not None:
        assert is_nil(reference.point_flows(resolved, **{"program.minutes_per_unit": even.minutes_per_unit}))
    if even.alliance_lift_sd is not None:
        values = reference.point_values(resolved) | {"program.alliance_lift_sd": even.alliance_lift_sd}
        assert is_nil(reference.flows(values, "alliance", resolved.payers, resolved.horizon_months))


@given(data=scenarios(ranges=False))
@settings(max_examples=40)
def test_what_is_out_of_reach_is_out_of_reach(data: dict[str, Any]) -> None:
    """Where no break-even is reported, the value at both ends of what may be entered has the same sign (or none).

    NPV is linear in price and volume, so there its ends decide; for the hazard ratio the ends are necessary.
    """
    resolved, even = solved(data)

    def at(**changes: float) -> reference.Flows:
        return reference.point_flows(resolved, **changes)

    if even.subscription_per_clinician_month is None:
        bounds = resolved.inputs[PRICE].quantity
        free, dear = at(**{PRICE: bounds.ge}), at(**{PRICE: bounds.le})
        assert not (free.npv > 1e-6 * scale(free) and dear.npv < -1e-6 * scale(dear))
    if even.intakes_per_month is None:
        bounds = resolved.inputs["clinic.intakes_per_month"].quantity
        few, many = (at(**{"clinic.intakes_per_month": value}) for value in (bounds.ge, bounds.le))
        assert not (few.npv < -1e-6 * scale(few) and many.npv > 1e-6 * scale(many))
    if even.minutes_per_unit is None:
        bounds = resolved.inputs["program.minutes_per_unit"].quantity
        none, many = (at(**{"program.minutes_per_unit": value}) for value in (bounds.ge, bounds.le))
        assert not (none.npv > 1e-6 * scale(none) and many.npv < -1e-6 * scale(many))
    if even.hazard_ratio is None:
        nothing, everything = (reference.point_flows(resolved, given_hazard_ratio=ratio) for ratio in (1.0, 0.0))
        assert not (nothing.npv < -1e-6 * scale(nothing) and everything.npv > 1e-6 * scale(everything))


def test_break_evens_of_a_paying_clinic_against_scipy() -> None:
    """brentq on the second implementation; the four numbers answer the same question in four units."""
    resolved, even = solved(plain(**PAYING))

    def npv(path: str, value: float) -> float:
        return float(reference.point_flows(resolved, **{path: value}).npv)

    price = optimize.brentq(lambda value: npv(PRICE, value), 0.0, 1e5, xtol=1e-10)
    intakes = optimize.brentq(lambda value: npv("clinic.intakes_per_month", value), 0.1, 1e5, xtol=1e-10)
    ratio = optimize.brentq(lambda value: float(reference.point_flows(resolved, value).npv), 0.0, 1.0, xtol=1e-12)
    assert even.subscription_per_clinician_month == pytest.approx(price, rel=1e-9)
    assert even.intakes_per_month == pytest.approx(intakes, rel=1e-9)
    assert even.hazard_ratio == pytest.approx(ratio, rel=1e-8)
    # D = 0.35: the fall in dropout that this hazard ratio means
    assert even.relative_dropout_reduction == pytest.approx(1.0 - (1.0 - 0.65**ratio) / 0.35, rel=1e-8)


def test_price_by_hand() -> None:
    """Where the programme does nothing and has costs beside the price, only a negative price would do: out of reach.
    Without any other cost the break-even price is exactly zero.
    """
    nothing = {
        "program__odds_ratio": 1.0,
        "program__training_hours_per_clinician": 0.0,
        "program__minutes_per_unit": 0.0,
    }
    _, costly = solved(plain(**nothing, program__implementation_cost=1.0))
    assert costly.subscription_per_clinician_month is None
    _, free = solved(plain(**nothing, program__implementation_cost=0.0))
    assert free.subscription_per_clinician_month == pytest.approx(0.0, abs=1e-12)


def test_fall_in_dropout_beside_what_trials_found() -> None:
    """Trials' odds ratio 0.72 to 0.97 at 19.7 %: D' = 15.0 to 19.2 %, a fall of 23.7 to 2.4 % (their interval)."""
    even = result_of(plain(clinic__dropout_rate=0.197)).break_even
    high = 1.0 - 0.72 / (1.0 - 0.197 + 0.72 * 0.197)
    low = 1.0 - 0.97 / (1.0 - 0.197 + 0.97 * 0.197)
    assert even.trial_reduction_high == pytest.approx(high, abs=0.005)
    assert even.trial_reduction_low == pytest.approx(low, abs=0.005)


@pytest.mark.parametrize(
    "changes",
    [
        {"program__adoption_rate": 0.0},
        {"clinic__dropout_rate": 0.0},
        {"clinic__planned_units": 1, "clinic__median_dropout_unit": 1},
        {"clinic__backfill_rate": 1.0, "clinic__acquisition_cost_per_intake": 0.0},
        {"clinic__variable_cost_per_unit": 500.0, "clinic__acquisition_cost_per_intake": 0.0},
        {"program__subscription_per_clinician_month": 100_000.0},
    ],
)
def test_where_nothing_can_pay_all_is_none(changes: dict[str, Any]) -> None:
    even = result_of(plain(**changes)).break_even
    assert even.hazard_ratio is None
    assert even.alliance_lift_sd is None
    assert even.relative_dropout_reduction is None
    if "program__subscription_per_clinician_month" not in changes:
        assert even.subscription_per_clinician_month is None


def test_no_price_is_asked_of_a_clinic_without_clinicians() -> None:
    assert result_of(plain(**PAYING, clinic__clinicians=0)).break_even.subscription_per_clinician_month is None


def test_roots_agree_with_brentq() -> None:
    cases = [
        (lambda x: x**3 - x - 2.0, 1.0, 2.0),
        (lambda x: 1.0 - x**0.5, 0.0, 3.0),
        (lambda x: 5.0 - 7.0 * x, 0.0, 1.0),
    ]
    for function, low, high in cases:
        assert first_root(function, low, high) == pytest.approx(optimize.brentq(function, low, high), rel=1e-9)
    assert first_root(lambda x: x**2 + 1.0, 0.0, 1.0) is None
    assert first_root(lambda x: x - 1.0, 1.0, 2.0) == pytest.approx(1.0)
    assert first_root(lambda x: x - 2.0, 1.0, 2.0) == pytest.approx(2.0)


def test_first_of_several_roots_is_the_one() -> None:
    """sin x from 1 to 10 crosses zero at π, 2π and 3π."""
    assert first_root(np.sin, 1.0, 10.0) == pytest.approx(math.pi, rel=1e-9)


def test_point_value_of_the_break_even_does_not_depend_on_the_road_of_the_lift() -> None:
    """The lift is solved on the alliance road, whichever road the scenario takes; flags are no part of that road."""
    gap = {"program__alliance_gap_sd": 0.55, "program__causal_share": 0.5}
    lifts = {result_of(plain(**PAYING, **gap, program__evidence_road=road)).break_even.alliance_lift_sd
             for road in ("program", "alliance", "targeted")}  # fmt: skip
    assert len(lifts) == 1
    lift = lifts.pop()
    assert lift is not None
    data = plain(**PAYING, **gap, program__evidence_road="alliance", program__alliance_lift_sd=lift)
    assert is_nil(reference.point_flows(resolved_of(data)))

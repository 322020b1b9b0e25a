"""Staff hours: by hand, and as the part of the cost that is no price; and what becomes of the loss."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from assumptions import load_library
from calculator import Result, evaluate, parse_scenario
from tests.calculator.clinics import plain, result_of
from tests.strategies import scenarios

TARGETED: dict[str, Any] = {
    "program__evidence_road": "targeted", "program__sensitivity": 0.6, "program__specificity": 0.7,
    "program__action_rate": 0.5, "program__save_rate": 0.4, "program__minutes_per_flag": 15.0,
}  # fmt: skip


def test_training_by_hand() -> None:
    """10 clinicians, 4 hours each."""
    assert result_of(plain()).workings["staff_hours_go_live"] == pytest.approx(40.0)


def test_measuring_by_hand() -> None:
    """Plan of one unit: 12 · 40 · 0.8 = 384 clients a year, one unit each, 88 % attended, 2 minutes: 675.84 minutes."""
    result = result_of(plain(clinic__planned_units=1, clinic__median_dropout_unit=1))
    assert result.workings["staff_hours_per_year"] == pytest.approx(675.84 / 60.0)
    assert result.workings["flag_minutes_per_intake"] == 0.0


def test_acting_on_flags_by_hand() -> None:
    """0.35·0.6 + 0.65·0.3 = 0.405 flags a client, 15 minutes each: 6.075; 384 clients a year: 2332.8 minutes.

    That comes on top of measuring a plan of one unit as above.
    """
    result = result_of(plain(**TARGETED, clinic__planned_units=1, clinic__median_dropout_unit=1))
    assert result.workings["flag_minutes_per_intake"] == pytest.approx(6.075)
    assert result.workings["staff_hours_per_year"] == pytest.approx((675.84 + 2332.8) / 60.0)
    assert result.explain("staff_hours_per_year").shown == "50.1"


def prices(result: Result) -> tuple[float, float]:
    """Return what is paid to others: once, and in a steady year."""
    value = {path: item.value for path, item in result.resolved.inputs.items()}
    covered = 12.0 * value["clinic.intakes_per_month"] * value["program.adoption_rate"]
    heads = 12.0 * value["program.subscription_per_clinician_month"] * value["clinic.clinicians"]
    return value["program.implementation_cost"], heads + covered * value["program.subscription_per_intake"]


@given(data=scenarios(horizon=12))
@settings(max_examples=25)
def test_hours_at_their_hourly_cost_and_prices_are_all_that_is_paid(data: dict[str, Any]) -> None:
    result = result_of(data)
    hourly = result.resolved.inputs["clinic.clinician_hourly_cost"].value
    for (hours, cost), price in zip(
        (("staff_hours_go_live", "go_live_cost"), ("staff_hours_per_year", "program_cost_per_year")),
        prices(result),
        strict=True,
    ):
        paid = result.workings[hours] * hourly + price
        assert result.workings[cost] == pytest.approx(paid, rel=1e-9, abs=1e-9)


def test_the_two_parts_of_the_loss_by_hand() -> None:
    """N = 3, D = 0.5, m = 1: S = 1, 0.75, 0.5; 0.75 units are lost, 12·10·0.75·0.9·100 = 8,100, a quarter refilled."""
    result = evaluate(
        parse_scenario(
            {
                "clinic": {
                    "setting": "outpatient",
                    "intakes_per_month": 10,
                    "planned_units": 3,
                    "dropout_rate": 0.5,
                    "median_dropout_unit": 1,
                    "no_show_rate": 0.1,
                    "backfill_rate": 0.25,
                },
                "payers": [{"share": 1.0, "allowed_per_unit": 100.0, "collection_rate": 1.0}],
                "analysis": {"draws": 64},
            }
        ),
        load_library(),
    )
    assert result.point["revenue_lost_per_year"] == pytest.approx(8_100.0)
    assert result.workings["revenue_lost_refilled_per_year"] == pytest.approx(2_025.0)
    assert result.workings["revenue_lost_for_good_per_year"] == pytest.approx(6_075.0)

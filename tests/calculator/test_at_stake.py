"""What a worklist means in money, by hand."""

from __future__ import annotations

import pytest

from assumptions import load_library
from calculator.at_stake import at_stake
from calculator.parse import parse_scenario

MEASURED = ["no_show_rate", "backfill_rate", "clinician_hourly_cost"]
MEASURED += [f"payers.{n}.{key}" for n in (1, 2) for key in ("share", "allowed_per_unit", "collection_rate")]


def _clinic(**more: object) -> dict[str, object]:
    return {
        "clinic": {
            "setting": "outpatient",
            "intakes_per_month": 40,
            "no_show_rate": 0.1,
            "backfill_rate": 0.5,
            "clinician_hourly_cost": 60.0,
            "measured": [*MEASURED, *(["program.minutes_per_flag"] if more else [])],
        },
        "payers": [
            {"name": "plan", "share": 0.75, "allowed_per_unit": 100.0, "collection_rate": 0.9},
            {"name": "self", "share": 0.25, "allowed_per_unit": 120.0, "collection_rate": 1.0},
        ],
        **more,
    }  # fmt: skip


def test_money_at_stake_by_hand() -> None:
    """30 units · .9 attended · (.75·100·.9 + .25·120·1 = 97.50) = 2,632.50; half refilled: 1,316.25; 20 % saved."""
    program = {"save_rate": {"low": 0.2, "likely": 0.2, "high": 0.2}, "minutes_per_flag": 15.0}
    stake = at_stake(parse_scenario(_clinic(program=program)), load_library(), units=30.0, calls=8)
    for spread, expected in ((stake.revenue, 2632.5), (stake.for_good, 1316.25), (stake.kept, 263.25)):
        assert (spread.p5, spread.p50, spread.p95) == pytest.approx((expected,) * 3)
    assert stake.call_cost.p50 == pytest.approx(8 * 15 / 60 * 60)  # eight quarters of an hour at 60
    assert stake.save_rate == pytest.approx(0.2)


def test_what_is_not_known_gives_a_range_and_nothing_at_stake_is_nothing() -> None:
    scenario = parse_scenario({"clinic": {"setting": "outpatient", "intakes_per_month": 40}, "payers": [{"name": "x"}]})
    stake = at_stake(scenario, load_library(), units=30.0, calls=8)
    for spread in (stake.revenue, stake.for_good, stake.kept, stake.call_cost):
        assert 0.0 < (spread.p5 or 0) < (spread.p50 or 0) < (spread.p95 or 0)
    assert (stake.kept.p95 or 0) < (stake.for_good.p5 or 0)
    none = at_stake(scenario, load_library(), units=0.0, calls=0)
    assert (none.revenue.p95, none.kept.p95, none.call_cost.p95) == (0.0, 0.0, 0.0)


def test_the_save_rate_is_the_published_one_unless_the_clinic_says_otherwise() -> None:
    library = load_library()
    stake = at_stake(parse_scenario(_clinic()), library, units=1.0, calls=1)
    assert stake.save_rate == library.settings["outpatient"].defaults["program.save_rate"].value

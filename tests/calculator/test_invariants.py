"""What must hold whatever a user types, over the whole allowed input space."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from calculator import FIGURES, parse_scenario
from calculator.quantity import quantity_of
from calculator.scenario import Clinic, Program
from calculator.serialize import canonical
from tests.calculator.clinics import PAYING, plain, point_of, result_of, with_changes
from tests.strategies import declared, number, scenarios, span

LIFT = declared(Program)["alliance_lift_sd"]
PERCENTILES = ("p5", "p25", "p50", "p75", "p95")
MONTH_TOTALS = {
    "revenue_kept": "revenue_kept_horizon",
    "contribution_kept": "contribution_kept_horizon",
    "acquisition_saved": "acquisition_saved_horizon",
    "program_cost": "program_cost_horizon",
    "net_benefit": "net_benefit_horizon",
}


def leaves(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value in nested data, with the way to it."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from leaves(value, f"{path}.{key}")
    elif isinstance(data, (list, tuple)):
        for row, value in enumerate(data):
            yield from leaves(value, f"{path}[{row}]")
    else:
        yield path, data


def same(first: float, second: float, scale: float = 0.0) -> bool:
    """Return whether two numbers differ by rounding only."""
    return math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-9 * scale + 1e-12)


@given(data=scenarios())
@settings(max_examples=50)
@example(data=plain())
@example(data=plain(clinic__planned_units=1, clinic__median_dropout_unit=1, clinic__dropout_rate=0.99))
@example(data=plain(clinic__planned_units={"low": 1, "likely": 2, "high": 400}, clinic__median_dropout_unit=1))
@example(data=plain(clinic__intakes_per_month=100_000, clinic__clinicians=10_000, analysis__horizon_months=120))
@example(data=plain(clinic__dropout_rate={"low": 0.0, "likely": 0.0, "high": 0.99}))
@example(data=plain(clinic__variable_cost_per_unit=0.0, clinic__clinicians=0, program__implementation_cost=0.0,
                    program__minutes_per_unit=0.0, program__training_hours_per_clinician=0.0))  # fmt: skip
def test_a_result_is_whole_whatever_is_asked(data: dict[str, Any]) -> None:
    result = result_of(data)
    published = result.to_dict()

    for path, value in leaves(published):
        assert not isinstance(value, float) or math.isfinite(value), path

    for name in FIGURES:
        spread = result.distribution[name]
        known = [getattr(spread, key) for key in PERCENTILES]
        assert 0.0 <= spread.exists <= 1.0
        assert all(value is None for value in known) == (spread.exists == 0.0), name
        if spread.exists:
            assert all(low <= high for low, high in pairwise(known)), name
    assert 0.0 <= result.probability_npv_positive <= 1.0
    for cash in result.cash:
        assert cash.p5 <= cash.p25 <= cash.p50 <= cash.p75 <= cash.p95

    *steps, last = result.bridge
    size = math.fsum(abs(step.amount) for step in steps)
    assert last.step == "net_per_year"
    assert same(math.fsum(step.amount for step in steps), last.amount, size)
    assert last.amount == result.point["net_per_year"]

    point = result.point
    for column, figure in MONTH_TOTALS.items():
        amounts = [getattr(month, column) for month in result.monthly]
        total = point[figure]
        assert total is not None
        assert same(math.fsum(amounts), total, math.fsum(map(abs, amounts)) + point["program_cost_horizon"])
        by_year = math.fsum(getattr(year, column) for year in result.years)
        assert same(by_year, total, math.fsum(map(abs, amounts)) + point["program_cost_horizon"])
    assert sum(year.months for year in result.years) == len(result.monthly) == result.resolved.horizon_months
    assert result.monthly[-1].cumulative_net_benefit == pytest.approx(
        point["net_benefit_horizon"], rel=1e-6, abs=1e-6 * (1.0 + point["program_cost_horizon"])
    )

    planned = result.resolved.inputs["clinic.planned_units"].value
    before, after = point["units_per_episode_before"], point["units_per_episode_after"]
    assert 1.0 <= before <= planned * (1.0 + 1e-12)
    assert 1.0 <= after <= planned * (1.0 + 1e-12)
    covered = math.fsum(month.covered_intakes for month in result.monthly)
    extra = math.fsum(month.extra_units for month in result.monthly)
    assert extra <= covered * (planned - before) * (1.0 + 1e-9) + 1e-9 * covered
    assert list(result.retention_before) == sorted(result.retention_before, reverse=True)

    again = result_of(json.loads(json.dumps(published["inputs"])))
    for name in FIGURES:
        assert (
            again.point[name] == pytest.approx(point[name], rel=1e-9, abs=1e-9)
            if (point[name] is not None)
            else again.point[name] is None
        ), name


@given(data=scenarios(ranges=False))
@settings(max_examples=30)
def test_where_nobody_adopts_it_only_costs(data: dict[str, Any]) -> None:
    """Adoption 0 leaves net = −cost: the subscription by clinician and what is paid at go-live."""
    point = point_of(with_changes(data, {"program.adoption_rate": 0.0}))
    assert point["revenue_kept_per_year"] == point["acquisition_saved_horizon"] == 0.0
    assert point["contribution_kept_horizon"] == point["dropouts_avoided_per_year"] == 0.0
    assert point["net_benefit_horizon"] == -point["program_cost_horizon"]
    assert point["npv"] <= 0.0


@given(data=scenarios(ranges=False))
@settings(max_examples=30)
def test_where_every_slot_is_refilled_no_revenue_is_kept(data: dict[str, Any]) -> None:
    point = point_of(with_changes(data, {"clinic.backfill_rate": 1.0}))
    for name in ("revenue_kept_per_year", "revenue_kept_horizon", "revenue_kept_first_year"):
        assert point[name] == 0.0
    assert point["contribution_kept_horizon"] == 0.0


@given(data=scenarios(ranges=False), road=st.sampled_from(["program", "alliance", "targeted"]))
@settings(max_examples=40)
def test_a_hazard_ratio_of_one_changes_nothing(data: dict[str, Any], road: str) -> None:
    nothing = {"program": "program.odds_ratio", "alliance": "program.alliance_lift_sd", "targeted": "program.save_rate"}
    none = 1.0 if road == "program" else 0.0
    point = point_of(with_changes(data, {"program.evidence_road": road, nothing[road]: none}))
    assert point["hazard_ratio"] == pytest.approx(1.0, abs=1e-12)
    assert point["odds_ratio"] == pytest.approx(1.0, abs=1e-9)
    assert point["units_per_episode_after"] == pytest.approx(point["units_per_episode_before"], rel=1e-12)
    lost = point["revenue_lost_per_year"] + 1.0
    assert abs(point["revenue_kept_per_year"]) <= 1e-9 * lost
    assert abs(point["dropouts_avoided_per_year"]) <= 1e-6


@given(data=scenarios(ranges=False, road="alliance"), lifts=st.tuples(number(LIFT), number(LIFT)))
@settings(max_examples=40)
def test_more_lift_never_lowers_revenue_kept(data: dict[str, Any], lifts: tuple[float, float]) -> None:
    less, more = (point_of(with_changes(data, {"program.alliance_lift_sd": lift})) for lift in sorted(lifts))
    for name in ("revenue_kept_per_year", "revenue_kept_horizon", "units_per_episode_after"):
        assert more[name] >= less[name] - 1e-9 * (abs(less[name]) + less["revenue_lost_per_year"])


@given(data=scenarios(ranges=False, payer_keys=("allowed_per_unit",)), factor=st.floats(0.0, 1.0))
@settings(max_examples=30)
def test_price_scales_money_linearly(data: dict[str, Any], factor: float) -> None:
    """What payers allow times c gives c times the revenue, lost and kept."""
    prices = {
        f"payers.{row}.allowed_per_unit": payer["allowed_per_unit"] * factor
        for row, payer in enumerate(data["payers"], 1)
    }
    whole, part = point_of(data), point_of(with_changes(data, prices))
    for name in ("revenue_lost_per_year", "revenue_kept_per_year", "revenue_kept_horizon", "revenue_kept_first_year"):
        assert part[name] == pytest.approx(factor * whole[name], rel=1e-9, abs=1e-12)


@given(data=scenarios(ranges=False, payer_keys=("allowed_per_unit",)), factor=st.floats(0.01, 1.0))
@settings(max_examples=30)
def test_the_currency_does_not_matter(data: dict[str, Any], factor: float) -> None:
    """All money times c, as in another currency: all money figures times c, all others as they were."""
    money = {}
    for table, model in (("clinic", Clinic), ("program", Program)):
        for key, field in model.model_fields.items():
            item = quantity_of(field)
            if item is not None and item.unit.startswith("money"):
                money[f"{table}.{key}"] = data[table].get(key, item.le / 1000.0)
    for row, payer in enumerate(data["payers"], 1):
        money[f"payers.{row}.allowed_per_unit"] = payer["allowed_per_unit"]
    here = point_of(with_changes(data, money))
    there = point_of(with_changes(data, {path: value * factor for path, value in money.items()}))
    parts = ("program_cost_horizon", "contribution_kept_horizon", "acquisition_saved_horizon")
    size = sum(abs(here[name]) for name in parts)
    for name in (*parts, "revenue_kept_horizon", "npv", "net_benefit_horizon"):
        assert there[name] == pytest.approx(factor * here[name], rel=1e-9, abs=1e-9 * factor * size + 1e-12), name
    for name in ("units_per_episode_after", "dropout_rate_after", "hazard_ratio", "odds_ratio"):
        assert there[name] == here[name]


@given(data=scenarios(), low=st.integers(1, 119))
@settings(max_examples=20)
def test_a_longer_horizon_only_adds_months(data: dict[str, Any], low: int) -> None:
    """The months both horizons see are the same months."""
    long = point_of(with_changes(data, {"analysis.horizon_months": 120}))
    short = point_of(with_changes(data, {"analysis.horizon_months": low}))
    assert short["program_cost_horizon"] <= long["program_cost_horizon"] * (1.0 + 1e-12)
    for name in ("revenue_kept_per_year", "net_per_year", "units_per_episode_after"):
        assert short[name] == long[name]
    if low >= 12:
        assert short["revenue_kept_first_year"] == pytest.approx(long["revenue_kept_first_year"], rel=1e-9, abs=1e-9)


@given(item=st.sampled_from([*declared(Clinic).values(), *declared(Program).values()]), data=st.data())
def test_strategies_stay_within_what_is_declared(item: Any, data: st.DataObject) -> None:
    """The strategies themselves: a number and a range of every input are accepted as written."""
    value = data.draw(number(item))
    assert item.check(value) == value
    if item.ranged:
        found = data.draw(span(item))
        assert item.check(found).model_dump() == found


@given(data=scenarios())
@settings(max_examples=30)
def test_every_generated_scenario_is_one(data: dict[str, Any]) -> None:
    parse_scenario(data)


SCRIPT = """
import sys
sys.path.insert(0, "tests/calculator")
from calculator.serialize import canonical
from clinics import PAYING, plain, result_of
data = plain(**PAYING, analysis__seed=0, program__fidelity={"low": 0.3, "likely": 0.9, "high": 1.0})
sys.stdout.write(canonical(result_of(data, indices=True).to_dict()))
"""


def test_same_input_same_bytes_in_other_processes_too() -> None:
    """Seed 0, other hash seeds, another process: the same text to the last digit."""
    root = Path(__file__).resolve().parents[2]
    texts = []
    for hash_seed in ("0", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(root)}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], capture_output=True, check=True, cwd=root, env=environment, encoding="utf-8"
        )
        texts.append(done.stdout)
    data = plain(**PAYING, analysis__seed=0, program__fidelity={"low": 0.3, "likely": 0.9, "high": 1.0})
    here = canonical(result_of(data, indices=True).to_dict())
    assert texts[0] == texts[1] == here
    assert json.loads(here)["reproducibility"]["seed"] == 0


def test_order_of_keys_does_not_matter() -> None:
    """A TOML file says the same whichever key comes first."""
    data = plain()
    turned = {table: dict(reversed(list(value.items()))) if isinstance(value, dict) else value
              for table, value in reversed(list(data.items()))}  # fmt: skip
    assert canonical(result_of(turned).to_dict()) == canonical(result_of(data).to_dict())

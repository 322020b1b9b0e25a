"""The grid of NPV over two inputs against evaluating each scenario by itself."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assumptions import load_library
from calculator import InputError, evaluate, parse_scenario
from calculator.grid import Grid, default_pair, grid_inputs, npv_grid
from calculator.parse import parse_scenario as parsed
from calculator.resolve import resolve
from calculator.scenario import Road
from tests.calculator.clinics import plain, resolved_of, with_changes
from tests.strategies import scenarios

DEFAULTED: dict[str, Any] = {
    "clinic": {"setting": "outpatient", "intakes_per_month": 40},
    "payers": [{}],
    "analysis": {"draws": 64},
}


def grid_of(data: dict[str, Any], across: str, down: str, columns: int = 7, rows: int = 7) -> Grid:
    return npv_grid(parse_scenario(data), load_library(), across, down, columns, rows)


def npv_of(data: dict[str, Any], changes: dict[str, float]) -> float:
    """Return NPV of the scenario with some numbers written into it, by the way every page takes."""
    result = evaluate(parse_scenario(with_changes(data, changes | {"analysis.draws": 64})), load_library())
    return result.point["npv"] or 0.0


@pytest.mark.parametrize(
    ("data", "across", "down"),
    [
        (plain(), "program.odds_ratio", "program.subscription_per_clinician_month"),
        (plain(), "clinic.dropout_rate", "clinic.planned_units"),
        (plain(), "clinic.median_dropout_unit", "payers.2.allowed_per_unit"),
        (plain(program__evidence_road="alliance"), "program.alliance_lift_sd", "program.causal_share"),
        (plain(program__evidence_road="targeted"), "program.save_rate", "program.specificity"),
        (DEFAULTED, "clinic.planned_units", "payers.1.collection_rate"),  # three defaults are shares of these
        (DEFAULTED, "clinic.intakes_per_month", "clinic.intake_growth_rate"),  # clinicians follow intakes
        (DEFAULTED, "clinic.variable_cost_per_unit", "payers.1.allowed_per_unit"),
        (DEFAULTED, "clinic.clinicians", "analysis.discount_rate"),
    ],
)
def test_each_cell_is_the_scenario_with_both_numbers_set(data: dict[str, Any], across: str, down: str) -> None:
    grid = grid_of(data, across, down, 4, 4)
    assert len(grid.npv) == len(grid.down_values) >= 2
    assert len(grid.npv[0]) == len(grid.across_values) >= 2
    size = max(abs(value) for row in grid.npv for value in row)
    for row, second in zip(grid.npv, grid.down_values, strict=True):
        for cell, first in zip(row, grid.across_values, strict=True):
            assert cell == pytest.approx(npv_of(data, {across: first, down: second}), abs=1e-9 * size + 1e-6)


def test_the_scenarios_own_cell_is_its_own_result() -> None:
    for data in (plain(), DEFAULTED):
        resolved = resolved_of(data)
        grid = grid_of(data, *default_pair("program"))
        row, column = grid.own
        assert grid.across_values[column] == resolved.inputs[grid.across].value
        assert grid.down_values[row] == resolved.inputs[grid.down].value
        result = evaluate(parse_scenario(data), load_library())
        assert grid.npv[row][column] == pytest.approx(result.point["npv"], rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    data=scenarios(),
    picks=st.tuples(st.integers(0, 999), st.integers(0, 999)),
    sizes=st.tuples(*[st.integers(1, 7)] * 2),
)
def test_any_pair_of_any_scenario_gives_a_grid(
    data: dict[str, Any], picks: tuple[int, int], sizes: tuple[int, int]
) -> None:
    """Values ascend, are allowed, hold the scenario's own and are no more than asked for."""
    scenario = parsed(data)
    resolved = resolve(scenario, load_library())
    allowed = grid_inputs(resolved)
    across, down = (allowed[pick % len(allowed)] for pick in picks)
    if across == down or {across, down} == {"clinic.planned_units", "clinic.median_dropout_unit"}:
        return
    grid = npv_grid(scenario, load_library(), across, down, *sizes)
    for path, values, most in ((across, grid.across_values, sizes[0]), (down, grid.down_values, sizes[1])):
        declared = resolved.inputs[path].quantity
        assert 1 <= len(values) <= most
        assert list(values) == sorted(set(values))
        assert all(declared.ge <= value <= declared.le for value in values)
        assert resolved.inputs[path].value in values
        if declared.whole:
            assert all(value == int(value) for value in values)


def test_values_span_the_plausible_range_in_round_numbers() -> None:
    """A certain price of 30: from 15 to 60, in tens, since in fives they would be too many. 40 clients, 1.25 times."""
    grid = grid_of(plain(), "clinic.intakes_per_month", "program.subscription_per_clinician_month")
    assert grid.down_values == (20.0, 30.0, 40.0, 50.0, 60.0)
    low, high = (float(end) for end in (grid.across_values[0], grid.across_values[-1]))
    assert 32.0 <= low < 40.0 < high <= 50.0
    assert 40.0 in grid.across_values


def test_payers_shares_and_other_roads_are_refused() -> None:
    resolved = resolved_of(plain())
    assert "payers.1.share" not in grid_inputs(resolved)
    assert "program.save_rate" not in grid_inputs(resolved)
    assert "program.odds_ratio" in grid_inputs(resolved)
    for across, down, wrong in (
        ("payers.1.share", "clinic.dropout_rate", "payers.1.share"),
        ("clinic.dropout_rate", "program.save_rate", "program.save_rate"),
        ("clinic.dropout_rate", "clinic.dropout_rate", "clinic.dropout_rate"),
        ("clinic.dropout_rate", "nothing", "nothing"),
        ("clinic.planned_units", "clinic.median_dropout_unit", "clinic.median_dropout_unit"),
    ):
        with pytest.raises(InputError) as caught:
            grid_of(plain(), across, down)
        assert [problem.path for problem in caught.value.problems] == [wrong]


@pytest.mark.parametrize("road", ["program", "alliance", "targeted"])
def test_the_default_pair_bears_on_its_road(road: Road) -> None:
    data = plain(program__evidence_road=road)
    allowed = grid_inputs(resolved_of(data))
    assert set(default_pair(road)) <= set(allowed)
    grid = grid_of(data, *default_pair(road))
    assert dataclasses.replace(grid) == grid
    assert len({value for row in grid.npv for value in row}) > len(grid.across_values)

"""Every explanation says what was computed: its formula, evaluated with its own values, is the figure."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import example, given, settings

from assumptions import load_library
from calculator import FIGURES, Result, display
from calculator.explain import names
from calculator.formulas import FORMULAS, ODDS_RATIO
from tests.calculator import reference
from tests.calculator.clinics import PAYING, plain, result_of
from tests.strategies import scenarios


def sum_of_survival(planned_units: float, dropout_rate: float, median_dropout_unit: float, ratio: float) -> float:
    """Return Σ S_k ** HR by the second implementation."""
    log_s = reference.log_survival(int(planned_units), dropout_rate, median_dropout_unit)
    return math.fsum(math.exp(ratio * float(value)) for value in log_s)


FUNCTIONS = {"log": math.log, "exp": math.exp, "sqrt": math.sqrt, "pi": math.pi, "sum_of_survival": sum_of_survival}


RATIOS = ("odds_ratio", "hazard_ratio", "dropout_rate_after", "units_per_episode_before", "units_per_episode_after")


def evaluated(result: Result, name: str) -> float | None:
    """Return what the explanation's formula comes to with the explanation's values; None where it is words only."""
    expression = ODDS_RATIO[result.resolved.road] if name == "odds_ratio" else FORMULAS[name].expression
    if not expression:
        return None
    values = {value.name: value.value for value in result.explain(name).values}
    return float(eval(expression, {"__builtins__": {}}, {**FUNCTIONS, **values}))  # noqa: S307  our own formulas


def size(result: Result) -> float:
    """Return the money and units that a figure may be a small difference of."""
    v = reference.point_values(result.resolved)
    years = 2.0 + sum(month.covered_intakes for month in result.monthly) / v["clinic.intakes_per_month"]
    units = 12.0 * v["clinic.intakes_per_month"] * v["clinic.planned_units"] * years
    money = result.workings["net_revenue_per_unit"] + v["clinic.variable_cost_per_unit"]
    return units * (1.0 + money + v["clinic.acquisition_cost_per_intake"]) + result.point["program_cost_horizon"]


@given(data=scenarios(ranges=False))
@settings(max_examples=40)
@example(data=plain())
@example(data=plain(**PAYING, program__evidence_road="alliance", program__alliance_lift_sd=0.4))
@example(data=plain(**PAYING, program__evidence_road="targeted", analysis__horizon_months=7))
@example(data=plain(clinic__planned_units=1, clinic__median_dropout_unit=1))
@example(
    data=plain(
        program__subscription_per_clinician_month=0.0,
        program__implementation_cost=0.0,
        program__training_hours_per_clinician=0.0,
        program__minutes_per_unit=0.0,
    )
)
@example(data=plain(clinic__planned_units=2, clinic__median_dropout_unit=1))
def test_every_formula_comes_to_its_figure(data: dict[str, Any]) -> None:
    result = result_of(data)
    rate = result.resolved.inputs["clinic.dropout_rate"].value
    for name in names():
        if name == "probability_npv_positive":
            continue  # counted over the draws; see below
        if name == "hazard_ratio" and rate < 1e-6:
            continue  # a limit there: 0/0 as written, or all rounding
        figure = result.point[name] if name in result.point else result.workings[name]
        if figure is None:  # without any cost there is nothing to return on
            assert name in ("roi", "irr", "payback_months")
            continue
        found = evaluated(result, name)
        if found is None:
            continue
        loose = 1.0 if name in RATIOS else size(result)
        if name == "roi":
            loose = size(result) / max(result.point["program_cost_horizon"], 1e-9)
        assert math.isclose(found, figure, rel_tol=1e-6, abs_tol=1e-11 * loose), (name, found, figure)


def test_the_chance_that_it_pays_says_what_was_counted() -> None:
    result = result_of(plain(**PAYING))
    explanation = result.explain("probability_npv_positive")
    assert explanation.shown == display.chance(result.probability_npv_positive)
    assert "above zero" in explanation.formula
    assert [value.value for value in explanation.values] == [result.point["npv"]]


def test_dropouts_avoided_in_a_plan_of_one_unit() -> None:
    """Nobody drops out of one unit: the explanation must not show a dropout rate that the figure did not use."""
    result = result_of(plain(clinic__planned_units=1, clinic__median_dropout_unit=1))
    assert result.point["dropouts_avoided_per_year"] == 0.0
    assert evaluated(result, "dropouts_avoided_per_year") == pytest.approx(0.0, abs=1e-12)


def test_collected_a_unit_is_the_sum_over_payers() -> None:
    """0.7·140·0.95 + 0.3·130·0.98 = 93.10 + 38.22 = 131.32."""
    explanation = result_of(plain()).explain("net_revenue_per_unit")
    by_path = {value.path: value.value for value in explanation.values}
    assert set(by_path) == {
        f"payers.{row}.{key}" for row in (1, 2) for key in ("share", "allowed_per_unit", "collection_rate")
    }
    keys = ("share", "allowed_per_unit", "collection_rate")
    collected = sum(math.prod(by_path[f"payers.{row}.{key}"] for key in keys) for row in (1, 2))
    assert collected == pytest.approx(131.32)
    assert explanation.shown == "$131.32"


@pytest.mark.parametrize("road", ["program", "alliance", "targeted"])
def test_every_value_has_a_source(road: str) -> None:
    """Measured, estimate, a figure that exists in the library, or computed and then itself explained or explainable."""
    result = result_of(plain(program__evidence_road=road, clinic__no_show_rate=None, clinic__measured=["dropout_rate"]))
    library = load_library()
    seen = set()
    for name in names():
        explanation = result.explain(name)
        assert explanation.label
        assert explanation.formula
        assert explanation.shown
        assert explanation.values
        for value in explanation.values:
            kind, _, figure = value.source.partition(":")
            seen.add(kind)
            assert kind in ("measured", "estimate", "benchmark", "computed")
            assert value.label
            assert value.shown
            if kind == "benchmark":
                assert figure in library.figures
            if kind == "computed":
                assert value.path is None
            else:
                item = result.resolved.inputs[value.path or ""]
                assert value.value == item.value
                assert value.unit == item.quantity.unit
                assert value.source == item.source
    assert seen == {"measured", "estimate", "benchmark", "computed"}


@pytest.mark.parametrize("road", ["program", "alliance", "targeted"])
def test_every_figure_can_explain_itself(road: str) -> None:
    result = result_of(plain(**PAYING, program__evidence_road=road))
    for name in FIGURES:
        explanation = result.explain(name)
        assert explanation.name == name
        assert not any(word in explanation.formula for word in ("_rate", "_per_", "**", "program."))


def test_filled_formula_shows_the_values() -> None:
    """12 × 40 × (12 − …) × (1 − 12%) × $131.32: the numbers of the plain clinic stand where the names were."""
    filled = result_of(plain()).explain("revenue_lost_per_year").filled
    for part in ("12 ×", "× 40 ×", "1 − 12%", "$131.32"):
        assert part in filled


def test_unknown_figure_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        result_of(plain()).explain("profit")


@pytest.mark.parametrize("changes", [{"program__subscription_per_clinician_month": 5000.0}, {}])
def test_note_says_how_often_a_figure_exists(changes: dict[str, Any]) -> None:
    """A payback exists in some futures only, or in none; its explanation says in how many of a hundred."""
    result = result_of(plain(**PAYING | changes, analysis__horizon_months=14))
    exists = result.distribution["payback_months"].exists
    assert exists < 1.0
    assert (exists > 0.0) == (not changes)
    assert display.share(exists) in result.explain("payback_months").note

"""Ranges against a plain Monte Carlo with numpy's samplers; the tornado by hand; the rule that widens an estimate."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from assumptions import Distribution
from calculator.figures import figures
from calculator.resolve import QUANTITIES, Resolved
from calculator.result import Result
from calculator.uncertainty import _middle_irr, npv_summary, uniforms
from tests.calculator import reference
from tests.calculator.clinics import PAYING, plain, point_of, resolved_of, result_of, with_changes

MONTE_CARLO = 60_000
LEVELS = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


def sample(distribution: Distribution, chance: np.random.Generator, count: int) -> np.ndarray:
    """Draw from a distribution with numpy's own sampler."""
    first, *rest = distribution.parameters
    match distribution.kind:
        case "fixed":
            return np.full(count, first)
        case "normal":
            return chance.normal(first, rest[0], count)
        case "lognormal":
            return chance.lognormal(first, rest[0], count)
        case "beta":
            return chance.beta(first, rest[0], count)
        case "logitnormal":
            return special.expit(chance.normal(first, rest[0], count))
        case "pert":
            likely, high = rest
            width = high - first
            return first + width * chance.beta(
                1.0 + 4.0 * (likely - first) / width, 1.0 + 4.0 * (high - likely) / width, count
            )
    raise AssertionError(distribution.kind)


def quantile_at(distribution: Distribution, u: float) -> float:
    """Return a quantile by scipy."""
    first, *rest = distribution.parameters
    match distribution.kind:
        case "fixed":
            return first
        case "normal":
            return float(stats.norm(first, rest[0]).ppf(u))
        case "lognormal":
            return float(stats.lognorm(rest[0], scale=math.exp(first)).ppf(u))
        case "beta":
            return float(stats.beta(first, rest[0]).ppf(u))
        case "logitnormal":
            return float(special.expit(stats.norm(first, rest[0]).ppf(u)))
        case "pert":
            likely, high = rest
            width = high - first
            shape = (1.0 + 4.0 * (likely - first) / width, 1.0 + 4.0 * (high - likely) / width)
            return float(stats.beta(*shape, first, width).ppf(u))
    raise AssertionError(distribution.kind)


def settled(resolved: Resolved, raw: dict[str, Any]) -> dict[str, Any]:
    """Return the value of every input from what was drawn: shares add up to 1, shares of a basis become amounts."""
    values: dict[str, Any] = {path: item.value for path, item in resolved.inputs.items()} | raw
    rows = range(1, resolved.payers + 1)
    if any(f"payers.{row}.share" in raw for row in rows):
        total = sum(values[f"payers.{row}.share"] for row in rows)
        values |= {f"payers.{row}.share": values[f"payers.{row}.share"] / total for row in rows}
    for path in raw:
        item = resolved.inputs[path]
        if item.basis == "course_length":
            values[path] = values[path] * np.maximum(values["clinic.planned_units"] - 1.0, 1.0)
        elif item.basis == "net_revenue_per_unit":
            collected = (
                values[f"payers.{row}.share"]
                * values[f"payers.{row}.allowed_per_unit"]
                * values[f"payers.{row}.collection_rate"]
                for row in rows
            )
            values[path] = values[path] * sum(collected)
        else:
            assert item.basis is None
        values[path] = np.clip(values[path], item.quantity.ge, item.quantity.le)
    return values


def monte_carlo(resolved: Resolved, seed: int) -> dict[str, np.ndarray]:
    """Return NPV and revenue kept a year over plain random draws of all that is uncertain."""
    chance = np.random.default_rng(seed)
    raw = {path: sample(resolved.inputs[path].distribution, chance, MONTE_CARLO) for path in resolved.uncertain}
    v = settled(resolved, raw)
    out = reference.flows(v, resolved.road, resolved.payers, resolved.horizon_months)
    kept = 12.0 * v["clinic.intakes_per_month"] * v["program.adoption_rate"] * (out.units_after - out.units_before)
    kept = kept * (1.0 - v["clinic.no_show_rate"]) * (1.0 - v["clinic.backfill_rate"]) * out.net_revenue_per_unit
    return {"npv": out.npv, "revenue_kept_per_year": kept, "hazard_ratio": out.hazard_ratio}


UNCERTAIN: dict[str, dict[str, Any]] = {
    "own estimates": plain(**PAYING, analysis__draws=8192, analysis__horizon_months=24),
    "mostly benchmarks": {
        "clinic": {"setting": "outpatient", "intakes_per_month": 40, "clinicians": 10},
        "payers": [{"allowed_per_unit": 140.0}],
        "program": {"evidence_road": "alliance"},
        "analysis": {"draws": 8192, "horizon_months": 18, "seed": 0},
    },
    "ranges": plain(
        program__evidence_road="targeted",
        program__sensitivity={"low": 0.5, "likely": 0.7, "high": 0.8},
        program__save_rate={"low": 0.0, "likely": 0.2, "high": 0.6},
        clinic__dropout_rate={"low": 0.1, "likely": 0.2, "high": 0.7},
        clinic__variable_cost_per_unit=None,
        payers__1__share={"low": 0.5, "likely": 0.7, "high": 0.9},
        payers__2__share={"low": 0.1, "likely": 0.3, "high": 0.5},
        analysis__draws=8192,
        analysis__horizon_months=12,
    ),
}


@pytest.fixture(scope="module", params=UNCERTAIN)
def pair(request: pytest.FixtureRequest) -> tuple[Result, dict[str, np.ndarray]]:
    """A result, and the same clinic drawn by plain Monte Carlo."""
    result = result_of(UNCERTAIN[request.param])
    return result, monte_carlo(result.resolved, seed=99)


@pytest.mark.parametrize("figure", ["npv", "revenue_kept_per_year", "hazard_ratio"])
def test_spread_is_that_of_a_plain_monte_carlo(pair: tuple[Result, dict[str, np.ndarray]], figure: str) -> None:
    """A percentile p of n draws lies, four times out of 10⁵ excepted, between the percentiles p ± 4·√(p(1 − p)/n).

    Sobol draws are at least as good as as many random ones, so both errors together are those of
    n = 1/(1/60,000 + 1/8,192) draws.
    """
    result, drawn = pair
    spread, values = result.distribution[figure], drawn[figure]
    n = 1.0 / (1.0 / MONTE_CARLO + 1.0 / result.resolved.draws)
    for name, level in LEVELS.items():
        half = 4.0 * math.sqrt(level * (1.0 - level) / n)
        low, high = np.quantile(values, [level - half, level + half])
        assert low <= getattr(spread, name) <= high, name
    assert spread.mean == pytest.approx(values.mean(), abs=4.0 * values.std() / math.sqrt(n))
    assert spread.exists == 1.0


def test_probability_is_that_of_a_plain_monte_carlo(pair: tuple[Result, dict[str, np.ndarray]]) -> None:
    result, drawn = pair
    chance = (drawn["npv"] > 0.0).mean()
    n = 1.0 / (1.0 / MONTE_CARLO + 1.0 / result.resolved.draws)
    assert result.probability_npv_positive == pytest.approx(chance, abs=4.0 * math.sqrt(0.25 / n))


def test_something_is_uncertain_in_each_case() -> None:
    """The comparison above means little where hardly anything varies."""
    for data in UNCERTAIN.values():
        assert len(resolved_of(data).uncertain) >= 10


def test_uncertain_plans_are_drawn_as_whole_numbers() -> None:
    """A plan of 8, 12 or 20 units: units per episode without dropout are whole and between 8 and 20."""
    data = plain(clinic__dropout_rate=0.0, clinic__planned_units={"low": 8, "likely": 12, "high": 20})
    spread = result_of(data).distribution["units_per_episode_before"]
    assert 8 <= spread.p5 < spread.p50 < spread.p95 <= 20
    assert spread.p50 == pytest.approx(round(spread.p50), abs=1e-9)
    # PERT(8, 12, 20): mean (8 + 48 + 20)/6 = 12.67
    assert spread.mean == pytest.approx(76.0 / 6.0, abs=0.1)


def test_tornado_by_hand(pair: tuple[Result, dict[str, np.ndarray]]) -> None:
    """Each input at its 5th and 95th percentile, the others at their median, worked out by scipy and the loop."""
    resolved = pair[0].resolved
    medians = {path: quantile_at(resolved.inputs[path].distribution, 0.5) for path in resolved.uncertain}
    swings = {swing.input: swing for swing in pair[0].tornado}
    assert set(swings) <= set(resolved.uncertain)
    assert len(swings) >= 5
    base = abs(float(reference.flows(settled(resolved, medians), resolved.road, resolved.payers,
                                     resolved.horizon_months).npv))  # fmt: skip
    for path, swing in swings.items():
        for level, at, npv in ((0.05, swing.low, swing.npv_low), (0.95, swing.high, swing.npv_high)):
            raw = medians | {path: quantile_at(resolved.inputs[path].distribution, level)}
            values = settled(resolved, raw)
            if not path.endswith(".share"):
                assert at == pytest.approx(float(values[path]), rel=2e-3), path
            out = reference.flows(values, resolved.road, resolved.payers, resolved.horizon_months)
            assert npv == pytest.approx(float(out.npv), rel=5e-3, abs=5e-3 * (base + 1000.0)), path


def test_tornado_is_sorted_by_width() -> None:
    widths = [abs(swing.npv_high - swing.npv_low) for swing in result_of(plain(**PAYING)).tornado]
    assert widths == sorted(widths, reverse=True)


def test_measured_numbers_stay_fixed() -> None:
    """A measured value is in no draw anything else: no bar, no spread."""
    keys = ["dropout_rate", "no_show_rate", "payers", "program.odds_ratio"]
    result = result_of(plain(clinic__measured=keys))
    for path in ("clinic.dropout_rate", "clinic.no_show_rate", "payers.1.allowed_per_unit", "program.odds_ratio"):
        item = result.resolved.inputs[path]
        assert item.distribution == Distribution("fixed", (item.value,))
        assert item.source == "measured"
        assert path not in {swing.input for swing in result.tornado}
    assert result.resolved.inputs["clinic.backfill_rate"].source == "estimate"
    spread = result.distribution["revenue_lost_per_year"]
    assert spread.p5 < spread.p95  # intakes are still an estimate


def test_everything_measured_or_decided_leaves_a_point() -> None:
    every = [path.removeprefix("clinic.") for path in QUANTITIES if path.startswith(("clinic.", "program."))]
    result = result_of(plain(clinic__measured=[*every, "payers"]))
    given = [path for path in result.resolved.uncertain if result.resolved.inputs[path].given is not None]
    assert given == []
    spread = result.distribution["npv"]
    assert spread.p5 == pytest.approx(spread.p95, rel=1e-12)
    assert spread.mean == pytest.approx(result.point["npv"], rel=1e-9)
    assert result.tornado == ()


@pytest.mark.parametrize(
    "path", ["clinic.dropout_rate", "clinic.backfill_rate", "program.odds_ratio", "clinic.intakes_per_month"]
)
def test_a_small_change_of_input_gives_a_small_change_of_result(path: str) -> None:
    """A thousandth more of an input moves each percentile by about what it moves the point, not by sampling noise.

    Sampling noise of a percentile of 256 draws would be about a tenth of the spread.
    """
    data = plain(**PAYING)
    before = resolved_of(data).inputs[path].value
    first, second = result_of(data), result_of(with_changes(data, {path: before * 1.001}))
    spread = first.distribution["npv"]
    width = spread.p95 - spread.p5
    assert second.point["npv"] != first.point["npv"]
    for name in (*LEVELS, "mean"):
        moved = abs(getattr(second.distribution["npv"], name) - getattr(spread, name))
        assert moved < 0.01 * width, name
    assert abs(second.probability_npv_positive - first.probability_npv_positive) <= 2.0 / 256.0


def test_seed_zero_works_and_seeds_differ() -> None:
    found = [result_of(plain(**PAYING, analysis__seed=seed)).distribution["npv"] for seed in (0, 1, 2)]
    assert len({spread.p50 for spread in found}) == 3
    width = found[0].p95 - found[0].p5
    for spread in found[1:]:  # the same distribution all the same
        assert spread.p50 == pytest.approx(found[0].p50, abs=0.05 * width)
    again = result_of(plain(**PAYING, analysis__seed=0)).distribution["npv"]
    assert again == found[0]


def test_what_is_drawn_does_not_move_the_point() -> None:
    data = plain(**PAYING)
    other = with_changes(data, {"analysis.seed": 9, "analysis.draws": 64})
    assert result_of(data).point["npv"] == point_of(other)["npv"]


def test_point_takes_likely_and_the_distribution_the_range() -> None:
    """Dropout 10 %, likely 20 %, up to 60 %: the point is 20 %, the mean of the PERT (10 + 80 + 60)/6 = 25 %."""
    data = plain(clinic__dropout_rate={"low": 0.1, "likely": 0.2, "high": 0.6}, program__odds_ratio=1.0,
                 clinic__measured=["program.odds_ratio"], analysis__draws=4096)  # fmt: skip
    result = result_of(data)
    assert result.point["dropout_rate_after"] == pytest.approx(0.2, rel=1e-12)
    assert result.distribution["dropout_rate_after"].mean == pytest.approx(0.25, abs=0.001)


def test_draws_beyond_what_is_kept_agree_with_fewer() -> None:
    """More draws than are kept one by one (65,536): the same distribution, up to the sampling error of the fewer."""
    data = plain(**PAYING, analysis__horizon_months=6)
    few = result_of(with_changes(data, {"analysis.draws": 16_384}))
    many = result_of(with_changes(data, {"analysis.draws": 131_072}))
    for name in ("npv", "revenue_kept_per_year", "dropout_rate_after"):
        width = few.distribution[name].p95 - few.distribution[name].p5
        for level in (*LEVELS, "mean"):
            here, there = getattr(few.distribution[name], level), getattr(many.distribution[name], level)
            assert there == pytest.approx(here, abs=0.02 * width)


def test_net_present_value_alone_is_that_of_the_whole_result() -> None:
    """The fast way to NPV only, for millions of draws, against the same draws with every figure."""
    for data in (plain(**PAYING), plain(**PAYING, analysis__draws=100)):
        result = result_of(data)
        alone = npv_summary(result.resolved)
        assert alone.spread() == result.distribution["npv"]
        assert alone.share_positive == result.probability_npv_positive


def test_cash_band_is_that_of_the_months() -> None:
    """The last point of the band is the net benefit over the horizon; the first is what is paid at go-live."""
    result = result_of(plain(**PAYING))
    last, spread = result.cash[-1], result.distribution["net_benefit_horizon"]
    assert last.months == 36
    assert last.point == pytest.approx(result.point["net_benefit_horizon"], rel=1e-9)
    for level in LEVELS:
        assert getattr(last, level) == pytest.approx(getattr(spread, level), rel=1e-6, abs=1e-6)
    first = result.cash[0]
    assert first.months == 0
    assert first.point == pytest.approx(-(2500.0 + 4 * 10 * 60.0))
    for point, month in zip(result.cash[1:], result.monthly, strict=True):
        assert point.point == month.cumulative_net_benefit


@pytest.mark.parametrize("road", ["program", "alliance", "targeted"])
def test_every_draw_is_a_clinic_of_its_own(road: str) -> None:
    """Draws are computed all at once; each must be what the second implementation says of its numbers alone."""
    data = plain(
        program__evidence_road=road,
        clinic__planned_units={"low": 1, "likely": 3, "high": 30},
        clinic__median_dropout_unit=None,
        clinic__units_per_month={"low": 2.0, "likely": 4.33, "high": 9.0},
        clinic__intake_growth_rate={"low": -0.5, "likely": 0.1, "high": 0.5},
        clinic__variable_cost_per_unit=None,
        program__alliance_lift_sd={"low": -0.5, "likely": 0.4, "high": 2.0},
        program__ramp_months={"low": 0.0, "likely": 3.0, "high": 12.0},
        program__subscription_per_intake={"low": 0.0, "likely": 3.0, "high": 30.0},
        analysis__discount_rate={"low": 0.0, "likely": 0.1, "high": 0.3},
        analysis__horizon_months=15,
    )
    resolved = resolved_of(data)
    raw = resolved.raw_values(uniforms(resolved, resolved.uncertain, 0, 32))
    block = resolved.block(raw)
    drawn = figures(block)
    plans = set()
    for draw in range(32):
        values = {path: float(np.broadcast_to(value, 32)[draw]) for path, value in block.values.items()}
        plans.add(values["clinic.planned_units"])
        longest = values["clinic.planned_units"] - 1.0
        if longest > 1.0:  # a median at or beyond the last unit is taken as just below it
            values["clinic.median_dropout_unit"] = min(values["clinic.median_dropout_unit"], longest * (1.0 - 1e-9))
        expected = reference.figures_of(values, road, resolved.payers, resolved.horizon_months)
        size = abs(expected["program_cost_horizon"]) + 12.0 * abs(expected["revenue_lost_per_year"])
        for name, value in expected.items():
            assert drawn[name][draw] == pytest.approx(value, rel=1e-6, abs=1e-9 * size), (draw, name)
        once, months = float(np.broadcast_to(block.go_live_cost, 32)[draw]), block.net_benefit_by_month[draw].tolist()
        payback, found = reference.payback(once, months), float(drawn["payback_months"][draw])
        assert math.isnan(found) if payback is None else found == pytest.approx(payback, rel=1e-6)
    assert len(plans) > 5


def test_the_irr_of_the_middle_future_ranks_those_without_one_by_whether_they_gain() -> None:
    """Five futures: one loses and has no IRR, one gains beyond measure and has none; the middle of the rest is 0.2."""
    missing = np.nan
    assert _middle_irr(np.array([0.1, 0.2, missing, 0.3, missing]), np.array([1.0, 1.0, -1.0, 1.0, 9.0])) == 0.2
    assert _middle_irr(np.array([missing, missing, 0.3]), np.array([-1.0, -2.0, 5.0])) is None
    assert _middle_irr(np.array([missing, missing, 0.3]), np.array([4.0, 2.0, 5.0])) is None

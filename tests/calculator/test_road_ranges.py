"""How far dropout may fall by each road, and the NPV the tornado starts from: against the second implementation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from calculator.resolve import QUANTITIES
from calculator.scenario import Road
from tests.calculator import reference
from tests.calculator.clinics import PAYING, plain, resolved_of, result_of
from tests.calculator.test_uncertainty import UNCERTAIN, quantile_at, sample, settled

DRAWS = 60_000


@pytest.mark.parametrize("case", UNCERTAIN)
@pytest.mark.parametrize("road", ["program", "alliance", "targeted"])
def test_the_range_of_the_fall_is_that_of_a_plain_monte_carlo(case: str, road: Road) -> None:
    """Within four standard errors of a percentile, those of 1/(1/60,000 + 1/8,192) draws."""
    result = result_of(UNCERTAIN[case])
    resolved, effect = result.resolved, result.roads[road]
    chance = np.random.default_rng(7)
    raw = {path: sample(item.distribution, chance, DRAWS) for path, item in resolved.inputs.items() if not item.certain}
    values = settled(resolved, raw)
    rate = np.asarray(values["clinic.dropout_rate"])
    fall = 1.0 - reference.road_dropout(road, values) / rate
    fall = np.broadcast_to(fall, (DRAWS,))
    n = 1.0 / (1.0 / DRAWS + 1.0 / resolved.draws)
    half = 4.0 * math.sqrt(0.05 * 0.95 / n)
    for level, found in ((0.05, effect.relative_reduction_p5), (0.95, effect.relative_reduction_p95)):
        low, high = np.quantile(fall, [max(level - half, 0.0), min(level + half, 1.0)])
        assert low - 1e-9 <= found <= high + 1e-9
    assert effect.relative_reduction_p5 <= effect.relative_reduction_p95


def test_dropout_may_rise() -> None:
    """An alliance that may fall as well as rise: the range reaches below zero."""
    falling = plain(
        program__evidence_road="alliance", program__alliance_lift_sd={"low": -0.6, "likely": 0.0, "high": 0.6}
    )
    effect = result_of(falling).roads["alliance"]
    assert effect.relative_reduction_p5 < 0.0 < effect.relative_reduction_p95


def test_the_tornado_starts_from_every_input_at_its_median() -> None:
    for data in UNCERTAIN.values():
        resolved = resolved_of(data)
        medians = {path: quantile_at(resolved.inputs[path].distribution, 0.5) for path in resolved.uncertain}
        values = settled(resolved, medians)
        expected = reference.flows(values, resolved.road, resolved.payers, resolved.horizon_months).npv
        result = result_of(data)
        widest = max(abs(swing.npv_high - swing.npv_low) for swing in result.tornado)
        assert result.npv_at_medians == pytest.approx(float(expected), abs=0.01 * widest)


def test_without_uncertainty_the_tornado_starts_from_the_point() -> None:
    """All measured: the odds ratios of the other roads still vary between draws, and change nothing here."""
    every = [path.removeprefix("clinic.") for path in QUANTITIES if path.startswith(("clinic.", "program."))]
    result = result_of(plain(**PAYING, clinic__measured=[*every, "payers"]))
    assert result.tornado == ()
    assert result.npv_at_medians == result.point["npv"]
    assert result.roads["alliance"].relative_reduction_p5 < result.roads["alliance"].relative_reduction_p95
    assert result.roads["program"].relative_reduction_p5 == result.roads["program"].relative_reduction_p95

"""When the change shows in a clinic's own records: by hand, from a normal quantile, and by trying it out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from calculator.detection import months_to_detect
from calculator.result import Detection
from tests.calculator.clinics import plain, result_of

Z = float(stats.norm.ppf(0.975) + stats.norm.ppf(0.8))  # two-sided 5 %, power 80 %


def test_two_equal_periods_by_hand() -> None:
    """D = 0.20, D' = 0.15: (1.959964 + 0.841621)² = 7.848880; ·(0.16 + 0.1275)/0.05² = 7.848880·115 = 902.62.

    With 40 intakes a month that is 22.57 months in each period.
    """
    found = months_to_detect(0.20, 0.15, 40.0, 0.0)
    assert found.months_per_period == pytest.approx(22.5655, abs=5e-4)
    assert found.episodes_per_period == pytest.approx(902.62, abs=0.01)
    assert found.episodes_after_with_history is None


def test_with_a_history_by_hand() -> None:
    """The same with 48 months held: n₀ = 1,920. 0.1275/n = 0.0025/7.848880 − 0.16/1920 = 2.351816e−4,

    n = 542.13, which takes 13.55 months of 40 intakes.
    """
    found = months_to_detect(0.20, 0.15, 40.0, 48.0)
    assert found.months_after_with_history == pytest.approx(13.553, abs=2e-3)
    assert found.episodes_after_with_history == pytest.approx(542.13, abs=0.05)


@given(
    before=st.floats(0.01, 0.98),
    after=st.floats(0.01, 0.98),
    intakes=st.floats(0.1, 1000.0),
    history=st.floats(0.0, 240.0),
)
def test_formula_with_the_quantiles_of_scipy(before: float, after: float, intakes: float, history: float) -> None:
    found = months_to_detect(before, after, intakes, history)
    gap = (before - after) ** 2
    if gap < 1e-14:
        return
    equal = Z**2 * (before * (1.0 - before) + after * (1.0 - after)) / gap / intakes
    assert found.months_per_period == pytest.approx(equal, rel=1e-6)
    left = gap / Z**2 - before * (1.0 - before) / (intakes * history) if history > 0.0 else -1.0
    if left <= 0.0:
        assert found.months_after_with_history is None
    else:
        expected = after * (1.0 - after) / left / intakes
        assert found.months_after_with_history == pytest.approx(expected, rel=1e-5)


def test_power_is_80_percent_when_tried_out() -> None:
    """Two-proportion z-tests on 20,000 pairs of periods of that length reject in 80 %: within 4 standard errors
    (0.0113) and 0.005 for the whole number of clients and the discrete test.
    """
    chance = np.random.default_rng(11)
    months = months_to_detect(0.35, 0.30, 1.0, 0.0).months_per_period
    assert months is not None
    n = math.ceil(months)
    before, after = chance.binomial(n, 0.35, 20_000) / n, chance.binomial(n, 0.30, 20_000) / n
    error = np.sqrt((before * (1.0 - before) + after * (1.0 - after)) / n)
    power = (abs(before - after) / error > stats.norm.ppf(0.975)).mean()
    assert power == pytest.approx(0.80, abs=4.0 * math.sqrt(0.16 / 20_000) + 0.005)


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.99])
def test_no_change_is_never_seen(rate: float) -> None:
    found = months_to_detect(rate, rate, 40.0, 12.0)
    assert found == Detection(None, None, None, None)


def test_more_history_never_takes_longer() -> None:
    waits = [months_to_detect(0.35, 0.28, 20.0, history).months_after_with_history for history in (60, 120, 240)]
    known = [wait for wait in waits if wait is not None]
    assert len(known) == 3
    assert known == sorted(known, reverse=True)


def test_equal_history_and_wait_are_the_two_equal_periods() -> None:
    equal = months_to_detect(0.35, 0.28, 20.0, 0.0).months_per_period
    assert equal is not None
    after = months_to_detect(0.35, 0.28, 20.0, equal).months_after_with_history
    assert after == pytest.approx(equal, rel=1e-9)


def test_result_uses_its_own_dropout_intakes_and_history() -> None:
    """The plain clinic: D = 0.35, D' = 0.294/0.944, 40 intakes a month, 12 months held."""
    expected = months_to_detect(0.35, 0.294 / 0.944, 40.0, 12.0)
    found = result_of(plain()).detection
    assert found.months_per_period == pytest.approx(expected.months_per_period, rel=1e-9)
    assert (
        found.months_after_with_history == pytest.approx(expected.months_after_with_history)
        if (expected.months_after_with_history is not None)
        else found.months_after_with_history is None
    )


def test_a_plan_of_one_unit_has_no_change_to_see() -> None:
    """Nobody can drop out of one unit (model, section 1), so there is nothing that a programme could change."""
    found = result_of(plain(clinic__planned_units=1, clinic__median_dropout_unit=1)).detection
    assert found.months_per_period is None
    assert found.months_after_with_history is None


def test_a_programme_without_effect_has_no_change_to_see() -> None:
    found = result_of(plain(program__odds_ratio=1.0)).detection
    assert found.months_per_period is None

"""Percentiles and means against numpy, for few draws and for more than are kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.summary import EXACT_DRAWS, PERCENTILES, Summary, percentiles

LEVELS = (5.0, 25.0, 50.0, 75.0, 95.0)


def collect(values: np.ndarray, block: int = 8192) -> Summary:
    """Return a summary of values that come block by block."""
    summary = Summary()
    for start in range(0, len(values), block):
        summary.add(values[start : start + block])
    return summary


def levels(summary: Summary) -> list[float | None]:
    """Return the percentiles of a summary."""
    spread = summary.spread()
    return [spread.p5, spread.p25, spread.p50, spread.p75, spread.p95]


def test_levels_are_the_published_ones() -> None:
    assert PERCENTILES == LEVELS


@given(values=st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=300))
def test_percentiles_are_numpys(values: list[float]) -> None:
    expected = np.percentile(values, LEVELS)
    assert percentiles(np.array(values)) == pytest.approx(expected, rel=1e-12, abs=1e-9)
    assert levels(collect(np.array(values), block=17)) == pytest.approx(list(expected), rel=1e-12, abs=1e-9)


def test_percentiles_by_hand() -> None:
    """Of 0, 10, …, 100 the 5th percentile lies half-way between the first two, the median is 50."""
    found = percentiles(np.arange(0.0, 101.0, 10.0)[::-1])
    assert found == pytest.approx([5.0, 25.0, 50.0, 75.0, 95.0])


def test_percentiles_of_several_rows() -> None:
    values = np.random.default_rng(0).normal(size=(3, 101))
    assert percentiles(values) == pytest.approx(np.percentile(values, LEVELS, axis=1).T)


@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_many_draws_are_exact_to_a_bin(shift: float) -> None:
    """Beyond the draws that are kept, a percentile is exact to 1/65,536 of the span of those first draws."""
    values = np.random.default_rng(3).normal(shift, 1000.0, 3 * EXACT_DRAWS)
    found = collect(values)
    first = values[:EXACT_DRAWS]
    width = (first.max() - first.min()) / 65_536.0
    assert levels(found) == pytest.approx(list(np.percentile(values, LEVELS)), abs=2.0 * width)
    assert found.spread().mean == pytest.approx(values.mean(), rel=1e-9)
    assert found.share_positive == pytest.approx((values > 0.0).mean(), abs=1e-12)


def test_draws_beyond_the_first_span_are_not_lost() -> None:
    """Later draws ten times as wide: what lies outside the bins still counts on its side, and in the mean."""
    chance = np.random.default_rng(4)
    values = np.concatenate([chance.uniform(-1.0, 1.0, EXACT_DRAWS), chance.uniform(-1.05, 1.05, EXACT_DRAWS)])
    found = collect(values)
    assert levels(found) == pytest.approx(list(np.percentile(values, LEVELS)), abs=4.0 / 65_536.0)
    assert found.spread().mean == pytest.approx(values.mean(), abs=1e-9)


def test_a_figure_that_does_not_always_exist() -> None:
    """NaN counts as absent: percentiles are of the draws in which the figure exists, and it says how many those are."""
    spread = collect(np.array([1.0, np.nan, 3.0, np.nan])).spread()
    assert spread.exists == 0.5
    assert spread.p50 == spread.mean == 2.0


@pytest.mark.parametrize("draws", [10, EXACT_DRAWS + 10])
def test_a_figure_that_never_exists(draws: int) -> None:
    spread = collect(np.full(draws, np.nan)).spread()
    assert spread.exists == 0.0
    assert spread.mean is None
    assert spread.p5 is None
    assert spread.p95 is None


@pytest.mark.parametrize("draws", [100, EXACT_DRAWS + 100])
def test_a_constant_is_all_its_percentiles(draws: int) -> None:
    found = collect(np.full(draws, 7.25))
    assert levels(found) == [7.25] * 5
    assert found.spread().mean == pytest.approx(7.25)
    assert found.share_positive == 1.0


def test_a_figure_that_exists_only_late() -> None:
    """None in all the draws that are kept, then some: they must not vanish."""
    values = np.concatenate([np.full(EXACT_DRAWS, np.nan), np.linspace(0.0, 10.0, 1001)])
    spread = collect(values).spread()
    assert spread.exists == pytest.approx(1001 / len(values))
    assert spread.p50 == pytest.approx(5.0, abs=0.05)


def test_zero_is_not_positive() -> None:
    assert collect(np.array([0.0, -0.0, 1.0, -1.0])).share_positive == 0.25

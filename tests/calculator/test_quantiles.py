"""Quantiles of every distribution against scipy's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import special, stats

from assumptions import Distribution
from calculator.points import sobol_points
from calculator.quantiles import quantile

U = np.array([1e-6, 0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999, 1.0 - 1e-6])
MIDDLE = np.linspace(0.005, 0.995, 199)
TABLE_ERROR = 0.0002  # of the range, as documented in the package's README


def scipy_pert(low: float, likely: float, high: float) -> stats.rv_continuous:
    """Return the PERT distribution as the beta it is by definition."""
    width = high - low
    return stats.beta(1.0 + 4.0 * (likely - low) / width, 1.0 + 4.0 * (high - likely) / width, low, width)


def test_normal_and_lognormal() -> None:
    assert quantile(Distribution("normal", (0.55, 0.12)), U) == pytest.approx(stats.norm(0.55, 0.12).ppf(U), abs=1e-9)
    found = quantile(Distribution("lognormal", (-0.174, 0.0746)), U)
    assert found == pytest.approx(stats.lognorm(0.0746, scale=math.exp(-0.174)).ppf(U), rel=1e-9)


def test_logitnormal() -> None:
    expected = special.expit(stats.norm(-1.4, 0.75).ppf(U))
    assert quantile(Distribution("logitnormal", (-1.4, 0.75)), U) == pytest.approx(expected, rel=1e-9)


def test_fixed() -> None:
    assert (quantile(Distribution("fixed", (0.3,)), U) == 0.3).all()


@given(alpha=st.floats(1.0, 500.0), beta=st.floats(1.0, 500.0))
@example(alpha=1.0, beta=1.0)
@example(alpha=1.0, beta=5.0)
def test_beta(alpha: float, beta: float) -> None:
    expected = stats.beta(alpha, beta).ppf(MIDDLE)
    assert quantile(Distribution("beta", (alpha, beta)), MIDDLE) == pytest.approx(expected, abs=TABLE_ERROR)


@st.composite
def three_numbers(draw: st.DrawFn) -> tuple[float, float, float]:
    """Return low < high and likely between."""
    low, width, part = draw(st.floats(-1e5, 1e5)), draw(st.floats(1e-3, 1e5)), draw(st.floats(0.0, 1.0))
    high = low + width
    return low, min(max(low + part * width, low), high), high


@given(parts=three_numbers())
@example(parts=(0.0, 0.0, 1.0))
@example(parts=(0.0, 1.0, 1.0))
@example(parts=(0.6, 1.0, 1.0))
def test_pert_is_the_beta_it_is_defined_as(parts: tuple[float, float, float]) -> None:
    low, _, high = parts
    expected = scipy_pert(*parts).ppf(MIDDLE)
    found = quantile(Distribution("pert", parts), MIDDLE)
    assert found == pytest.approx(expected, abs=TABLE_ERROR * (high - low))
    assert (np.diff(found) >= 0.0).all()


@pytest.mark.parametrize("parts", [(1.0, 2.0, 4.0), (0.0, 0.0, 6.0), (32.0, 40.0, 50.0), (-1.0, 0.2, 3.0)])
def test_mean_of_pert_by_its_formula(parts: tuple[float, float, float]) -> None:
    """Mean (low + 4·likely + high)/6, whose standard deviation is at most a quarter of the range.

    4,096 Sobol points, one in each of 4,096 strata, miss the mean by less than a stratum's width.
    """
    low, likely, high = parts
    values = quantile(Distribution("pert", parts), sobol_points(1, (6,), 0, 4096)[0])
    assert values.mean() == pytest.approx((low + 4.0 * likely + high) / 6.0, abs=(high - low) / 4096.0)
    assert low <= values.min() < values.max() <= high


def test_range_without_width_is_a_number() -> None:
    assert quantile(Distribution("pert", (2.0, 2.0, 2.0)), U) == pytest.approx(2.0)


def test_tails_stay_inside_and_in_order() -> None:
    extreme = np.array([1e-12, 1e-9, 1e-6, 0.5, 1.0 - 1e-6, 1.0 - 1e-9, 1.0 - 1e-12])
    for distribution in (
        Distribution("pert", (0.0, 0.1, 1.0)),
        Distribution("beta", (2.0, 30.0)),
        Distribution("logitnormal", (-1.4, 0.75)),
        Distribution("lognormal", (0.0, 1.0)),
        Distribution("normal", (0.0, 1.0)),
    ):
        found = quantile(distribution, extreme)
        assert np.isfinite(found).all()
        assert (np.diff(found) >= 0.0).all()
        if distribution.kind in ("pert", "beta", "logitnormal"):
            assert (found >= 0.0).all()
            assert (found <= 1.0).all()


def test_shape_is_kept() -> None:
    u = np.linspace(0.1, 0.9, 6).reshape(2, 3)
    assert quantile(Distribution("pert", (0.0, 1.0, 3.0)), u).shape == (2, 3)
    assert quantile(Distribution("normal", (0.0, 1.0)), u).shape == (2, 3)

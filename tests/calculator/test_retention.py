"""The retention curve against its definition (design/model.md, section 1) and against cases worked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calculator.retention import log_survival, planned, weibull_shape
from tests.calculator import reference
from tests.calculator.clinics import plain, point_block

rates = st.floats(0.0, 0.99, allow_subnormal=False)
plans = st.integers(3, 400)


def curve(units: int, rate: float, median: float) -> np.ndarray:
    """Return S_1 … S_N."""
    n, d = np.array([float(units)]), np.array([rate])
    return np.exp(log_survival(n, d, weibull_shape(d, np.array([median]), n)))[0]


@st.composite
def plan_and_median(draw: st.DrawFn) -> tuple[int, float]:
    """Return a plan and a median dropout unit that fits it."""
    units = draw(plans)
    return units, draw(st.floats(1.0, math.nextafter(units - 1.0, 0.0)))


@given(plan=plan_and_median(), rate=rates)
@example(plan=(3, 1.0), rate=0.0)
@example(plan=(400, 1.0), rate=0.99)
@example(plan=(12, 3.0), rate=1e-300)
def test_curve_starts_at_one_never_rises_and_ends_at_completion(plan: tuple[int, float], rate: float) -> None:
    found = curve(plan[0], rate, plan[1])
    assert len(found) == plan[0]
    assert found[0] == 1.0
    assert found[-1] == pytest.approx(1.0 - rate, rel=1e-12)
    assert (np.diff(found) <= 0.0).all()


@given(data=st.data(), units=plans, rate=st.floats(1e-6, 0.99))
@example(data=None, units=12, rate=0.99)
def test_half_of_the_dropouts_are_gone_after_unit_m(data: st.DataObject | None, units: int, rate: float) -> None:
    """At a whole m the curve must pass S_{m+1} = 1 − D/2: whoever left after unit m is not there at unit m + 1."""
    median = 3 if data is None else data.draw(st.integers(1, units - 2))
    assert curve(units, rate, float(median))[median] == pytest.approx(1.0 - rate / 2.0, rel=1e-9)


def test_a_small_case_by_hand() -> None:
    """N = 3, D = 0.75, m = 1: S = 1, then 1 − 0.375 = 0.625 (half of the dropouts are gone), then 0.25."""
    assert curve(3, 0.75, 1.0) == pytest.approx([1.0, 0.625, 0.25], abs=1e-15)


def test_a_curve_of_shape_one_by_hand() -> None:
    """Constant hazard: with D = 0.75 and N = 5 it is 0.25 ** (1/4) = 0.7071 a unit; S = 1, .7071, .5, .3536, .25.

    Half of the dropouts, 0.375, are gone where S = 0.625 = 0.25 ** x, x = ln 0.625 / ln 0.25 = 0.33904, of the four
    steps: m = 4·0.33904 = 1.35616.
    """
    median = 4.0 * math.log(0.625) / math.log(0.25)
    root = math.sqrt(0.5)
    assert curve(5, 0.75, median) == pytest.approx([1.0, root, 0.5, root / 2.0, 0.25], rel=1e-12)
    shape = weibull_shape(np.array([0.75]), np.array([median]), np.array([5.0]))
    assert shape[0] == pytest.approx(1.0, rel=1e-12)


def test_shape_by_hand() -> None:
    """D = 0.75, m = 3, N = 13: ln(ln 0.625 / ln 0.25) / ln(3/12) = ln 0.339036 / ln 0.25 = −1.081650/−1.386294."""
    shape = weibull_shape(np.array([0.75]), np.array([3.0]), np.array([13.0]))
    assert shape[0] == pytest.approx(1.081650 / 1.386294, abs=2e-6)


@pytest.mark.parametrize("rate", [1e-300, 1e-17, 1e-9, 1e-4])
def test_tiny_rates_tend_to_the_limit(rate: float) -> None:
    """As D → 0: (1 − S_k)/D → ((k − 1)/(N − 1)) ** s with s → ln(1/2)/ln(m/(N − 1)), here ln 2/ln 4 = 1/2.

    A billionth of the shape is far less than any figure shows.
    """
    n, d = np.array([13.0]), np.array([rate])
    shape = weibull_shape(d, np.array([3.0]), n)
    assert shape[0] == pytest.approx(0.5, abs=max(rate, 1e-9))
    gone = -np.expm1(log_survival(n, d, shape))[0] / rate
    assert gone == pytest.approx(np.sqrt(np.arange(13) / 12.0), rel=max(2.0 * rate, 1e-8))


@pytest.mark.parametrize(("units", "median"), [(3, 1.9995), (12, 10.995), (30, 28.98), (400, 398.9)])
def test_a_median_just_before_the_end_is_taken_as_given(units: int, median: float) -> None:
    """1 ≤ m < N − 1 may be written (model, section 1), so the curve must follow m right up to the end.

    The curve of section 1 passes 1 − D/2 at x = m/(N − 1): ln S_k = ln(1 − D)·x_k^s with s from that point.
    """
    expected = [math.exp(float(value)) for value in reference.log_survival(units, 0.5, median)]
    assert curve(units, 0.5, median) == pytest.approx(expected, rel=1e-9)


def test_without_dropout_everybody_stays() -> None:
    assert (curve(12, 0.0, 3.0) == 1.0).all()


@pytest.mark.parametrize(("units", "expected"), [(1, [1.0]), (2, [1.0, 0.65])])
def test_plans_of_one_and_two_units(units: int, expected: list[float]) -> None:
    """With one unit nobody can leave before the last; with two, whoever leaves does so after the first."""
    block = point_block(plain(clinic__planned_units=units, clinic__median_dropout_unit=1))
    assert block.survival_before[0] == pytest.approx(expected)
    assert block.units_before[0] == pytest.approx(sum(expected))


def test_programme_raises_the_curve_to_the_hazard_ratio() -> None:
    """S'_k = S_k ** HR; with the plain clinic D' = 0.84·0.35/(0.65 + 0.84·0.35) = 0.294/0.944 = 0.311441."""
    block = point_block(plain())
    ratio = math.log(1.0 - 0.294 / 0.944) / math.log(0.65)
    assert block.hazard_ratio[0] == pytest.approx(ratio, rel=1e-12)
    assert block.survival_after[0] == pytest.approx(block.survival_before[0] ** ratio, rel=1e-12)
    assert block.survival_after[0, -1] == pytest.approx(1.0 - 0.294 / 0.944, rel=1e-12)


def test_plans_may_differ_between_draws() -> None:
    """Units beyond a draw's own plan do not exist: the curve of N = 3 inside a block that also has N = 5."""
    n, d, m = np.array([3.0, 5.0]), np.array([0.75, 0.75]), np.array([1.0, 2.0])
    found = np.exp(log_survival(n, d, weibull_shape(d, m, n))) * planned(n)
    assert found[0] == pytest.approx([1.0, 0.625, 0.25, 0.0, 0.0])
    assert found[1, [0, 2, 4]] == pytest.approx([1.0, 0.625, 0.25])
    assert planned(np.array([2.0, 4.0])).tolist() == [[1, 1, 0, 0], [1, 1, 1, 1]]

"""Slope, intercept and E/O against hand calculations and statsmodels; the two curves."""

from __future__ import annotations

import math

import numpy as np
import patsy
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from plugin.evaluation.calibration import binned, calibration, logistic, logit, smoothed


def simulated(n: int, slope: float = 1.0, intercept: float = 0.0, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return predictions, and events whose log odds are intercept + slope times the predicted ones."""
    random = np.random.default_rng(seed)
    x = random.normal(-0.5, 1.0, n)
    truth = 1.0 / (1.0 + np.exp(-(intercept + slope * x)))
    return 1.0 / (1.0 + np.exp(-x)), random.uniform(size=n) < truth


@pytest.mark.parametrize("weighted", [False, True])
def test_slope_and_intercept_are_those_of_statsmodels(weighted: bool) -> None:
    risk, happened = simulated(700, slope=0.7, intercept=0.3)
    weight = np.random.default_rng(2).integers(0, 4, len(risk)).astype(float) if weighted else np.ones(len(risk))
    rows = np.repeat(np.arange(len(risk)), weight.astype(int))  # a weight of three is a person three times
    y, x = happened[rows].astype(float), logit(risk[rows])
    slope = sm.GLM(y, sm.add_constant(x), family=sm.families.Binomial()).fit().params[1]
    large = sm.GLM(y, np.ones(len(y)), family=sm.families.Binomial(), offset=x).fit().params[0]
    found = calibration(risk, happened, weight)
    assert found.slope == pytest.approx(slope, rel=1e-6)
    assert found.intercept == pytest.approx(large, rel=1e-6)
    assert found.expected_observed == pytest.approx(risk[rows].mean() / y.mean())


def test_the_slope_lies_within_the_interval_of_statsmodels_around_the_truth() -> None:
    """Predictions twice as extreme as they should be have a slope of one half."""
    risk, happened = simulated(4000, slope=0.5)
    fitted = sm.GLM(happened.astype(float), sm.add_constant(logit(risk)), family=sm.families.Binomial()).fit()
    low, high = fitted.conf_int()[1]
    assert low < 0.5 < high
    assert low < calibration(risk, happened).slope < high


def test_hand_calculation() -> None:
    """Two answers: .2 (10 people, 4 leave), .5 (10 people, 6 leave).

    The saturated fit has log odds ln(4/6) and ln(6/4): slope = 2·ln 1.5/(0 − ln .25) = .5850; E/O = 7/10.
    """
    risk = np.repeat([0.2, 0.5], 10)
    happened = np.array([True] * 4 + [False] * 6 + [True] * 6 + [False] * 4)
    found = calibration(risk, happened)
    assert found.slope == pytest.approx(2.0 * math.log(1.5) / math.log(4.0))
    assert found.expected_observed == pytest.approx(0.7)
    assert found.intercept > 0.0


def test_what_does_not_exist_is_not_a_number() -> None:
    constant = calibration(np.full(10, 0.4), np.arange(10) < 4)
    assert math.isnan(constant.slope)
    assert constant.intercept == pytest.approx(0.0, abs=1e-9)
    assert constant.expected_observed == pytest.approx(1.0)
    nobody = calibration(np.linspace(0.1, 0.9, 10), np.zeros(10, dtype=bool))
    assert all(math.isnan(value) for value in (nobody.slope, nobody.intercept, nobody.expected_observed))
    perfect = calibration(np.linspace(0.1, 0.9, 10), np.arange(10) >= 5)
    assert math.isnan(perfect.slope)  # it separates: no finite slope is the best
    assert np.isnan(logistic(np.ones((3, 1)), np.ones(3), np.ones(3))).all()


@given(shift=st.floats(-1.5, 1.5), scale=st.floats(0.4, 2.5))
def test_the_slope_undoes_any_scaling_of_the_log_odds(shift: float, scale: float) -> None:
    risk, happened = simulated(200)
    bent = 1.0 / (1.0 + np.exp(-(shift + scale * logit(risk))))
    assert calibration(bent, happened).slope == pytest.approx(calibration(risk, happened).slope / scale, rel=1e-5)


def test_points_are_those_of_scikit_learn() -> None:
    risk, happened = simulated(2000)
    observed, predicted = calibration_curve(happened, risk, n_bins=10, strategy="quantile")
    found = binned(risk, happened)
    assert found.people.sum() == len(risk)
    assert found.predicted == pytest.approx(predicted, abs=0.01)  # a person at an edge may fall on either side
    assert found.observed == pytest.approx(observed, abs=0.02)


def test_a_rule_with_two_answers_makes_two_points_and_a_small_clinic_few() -> None:
    two = binned(np.repeat([0.2, 0.6], 100), np.arange(200) % 2 == 0)
    assert two.predicted.tolist() == pytest.approx([0.2, 0.6])
    assert two.people.tolist() == [100.0, 100.0]
    few = binned(*simulated(45))
    assert len(few.people) == 2
    assert few.people.min() >= 20


def test_the_smooth_curve_follows_a_bent_truth() -> None:
    """Events happen with the square of the predicted risk; the curve shows it to within three standard errors."""
    risk, _ = simulated(20_000)
    happened = np.random.default_rng(3).uniform(size=len(risk)) < risk**2
    found = smoothed(risk, happened)
    assert found is not None
    assert found.observed == pytest.approx(found.predicted**2, abs=0.03)
    assert smoothed(np.full(50, 0.3), np.arange(50) < 10) is None


def test_the_spline_is_the_one_of_patsy() -> None:
    """An independent basis of the same space gives the same fitted curve."""
    risk, happened = simulated(600)
    found = smoothed(risk, happened)
    assert found is not None
    low, middle, high = np.quantile(logit(risk), [0.1, 0.5, 0.9])
    basis = patsy.cr(logit(risk), knots=[middle], lower_bound=low, upper_bound=high)
    beta = sm.GLM(happened.astype(float), basis, family=sm.families.Binomial()).fit().params
    there = patsy.cr(logit(found.predicted), knots=[middle], lower_bound=low, upper_bound=high)
    inside = (logit(found.predicted) > low) & (logit(found.predicted) < high)
    assert found.observed[inside] == pytest.approx(1.0 / (1.0 + np.exp(-(there @ beta)))[inside], abs=0.002)

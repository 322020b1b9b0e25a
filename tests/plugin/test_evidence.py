"""The evidence model's slopes, each worked by hand from its figure."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assumptions import load_library
from plugin.evidence import evidence_model, log_hazard_ratio
from plugin.hazard import BASELINE, SLOPES
from plugin.records import COMPONENTS


def mean_and_sd(name: str) -> tuple[float, float]:
    model = evidence_model()
    place = model.columns.index(name)
    return float(model.mean[place]), math.sqrt(model.covariance[place, place])


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_part_of_the_alliance_by_hand(name: str) -> None:
    """D = .197, d = .55: odds .197/.803 = .245330, times e^−.55 = .141542, so D' = .141542/1.141542 = .123992.

    ln HR = ln(ln(1 − .123992)/ln .803) = ln(.132380/.219401) = −.505217. Three parts correlated by r = .7 add up to
    the whole where each has 1/(3·sqrt((1 + 1.4)/3)) = 1/2.683282 of it: −.188283.
    """
    assert mean_and_sd(name)[0] == pytest.approx(-0.188283, abs=2e-6)


def test_the_three_parts_together_are_the_whole() -> None:
    """Over clients with parts correlated by .7, x·β of the three has the spread of the whole alliance's slope.

    Its variance is βᵀRβ, written out; and their variances add up so that the sum is as uncertain as the figure.
    """
    slopes = [mean_and_sd(name)[0] for name in COMPONENTS]
    related = np.full((3, 3), 0.7) + 0.3 * np.eye(3)
    whole = log_hazard_ratio(0.197, -0.55)
    assert math.sqrt(np.array(slopes) @ related @ np.array(slopes)) == pytest.approx(-whole, rel=1e-12)
    sd = math.sqrt(sum(mean_and_sd(name)[1] ** 2 for name in COMPONENTS))
    figure = load_library().roles["risk_alliance_gap_sd"]
    assert figure.interval is not None
    relative = (figure.interval.high - figure.interval.low) / (2.0 * 1.959964) / 0.55
    assert sd / abs(sum(slopes)) == pytest.approx(relative, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "ratio", "low", "high"),
    [
        ("symptoms", 1.15, 0.95, 1.4),
        ("symptoms_change", 1.15, 0.95, 1.4),
        ("satisfaction", 0.85, 0.7, 1.05),
        ("missed_share", 2.0, 1.2, 3.3),
    ],
)
def test_the_other_slopes_are_logs_of_the_figures_hazard_ratios(
    name: str, ratio: float, low: float, high: float
) -> None:
    """The interval holds 95 percent: ln(high/low) is 3.92 standard deviations."""
    mean, sd = mean_and_sd(name)
    assert mean == pytest.approx(math.log(ratio), abs=1e-12)
    assert sd == pytest.approx(math.log(high / low) / 3.92, rel=1e-4)


def test_clinics_and_clinicians_differ_as_published() -> None:
    """.75 and .446 of log-odds, times D/(−ln(1 − D)) = .197/.2194006 = .897901: .673426 and .400464 of log hazard."""
    assert mean_and_sd("intercept") == (0.0, pytest.approx(0.673426, abs=1e-6))
    assert math.sqrt(evidence_model().clinician_variance) == pytest.approx(0.400464, abs=1e-6)


def test_a_small_shift_of_the_odds_shrinks_as_the_derivative_says() -> None:
    """d ln(−ln(1 − D))/d logit D = D/(−ln(1 − D)): by central differences of .001."""
    slope = (log_hazard_ratio(0.197, 0.001) - log_hazard_ratio(0.197, -0.001)) / 0.002
    assert slope == pytest.approx(0.897901, abs=1e-5)


@given(rate=st.floats(0.01, 0.95), shift=st.floats(-2.0, 2.0))
def test_the_hazard_ratio_gives_back_the_shifted_odds(rate: float, shift: float) -> None:
    """1 − (1 − D)^HR must have the odds of D times e^shift."""
    after = -math.expm1(math.log1p(-rate) * math.exp(log_hazard_ratio(rate, shift)))
    assert math.log(after / (1.0 - after)) == pytest.approx(math.log(rate / (1.0 - rate)) + shift, abs=1e-9)


def test_the_model_starts_from_the_published_course_and_knows_no_clinician() -> None:
    model = evidence_model()
    assert model.columns == (*BASELINE, *SLOPES)
    assert model.mean[: len(BASELINE)].tolist() == [0.0] * len(BASELINE)
    assert not model.clinicians
    assert np.array_equal(model.covariance, np.diag(np.diag(model.covariance)))
    assert (np.diag(model.covariance) > 0.0).all()

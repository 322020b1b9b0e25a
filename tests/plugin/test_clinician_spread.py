"""The spread between clinicians is printed on the log-odds of dropout and used on the log hazard."""

from __future__ import annotations

import math

import pytest

from assumptions import load_library
from plugin.evidence import TYPICAL_SETTING, evidence_model
from plugin.retention import course


def log_hazard(log_odds: float) -> float:
    """ln(−ln(1 − D)), the log of the whole course's hazard, for logit D."""
    return math.log(math.log1p(math.exp(log_odds)))


@pytest.mark.parametrize("role", ["risk_clinician_logit_sd", "between_clinics_logit_sd"])
def test_a_spread_of_log_odds_becomes_one_of_log_hazard(role: str) -> None:
    """By the slope of the one on the other at the published dropout rate, here as a difference quotient."""
    rate = course(TYPICAL_SETTING).dropout_rate
    odds, step = math.log(rate / (1.0 - rate)), 1e-5
    slope = (log_hazard(odds + step) - log_hazard(odds - step)) / (2.0 * step)
    model = evidence_model()
    used = model.clinician_variance if role.startswith("risk") else model.covariance[0, 0]
    assert math.sqrt(used) == pytest.approx((load_library().roles[role].value or 0.0) * slope, rel=1e-8)

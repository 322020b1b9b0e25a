"""The *evidence* predictor: works on day one, without any data of the clinic, from published figures alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np

from assumptions import Figure, load_library
from plugin.hazard import BASELINE, SLOPES, HazardModel
from plugin.records import COMPONENTS
from plugin.retention import course

VERSION: Final = "1.0.0"
TYPICAL_SETTING: Final = "outpatient"  # where the alliance's link with dropout was studied
_HAZARD_RATIOS: Final[Mapping[str, str]] = {
    "symptoms": "risk_symptoms_hr",
    "symptoms_change": "risk_symptoms_change_hr",
    "satisfaction": "risk_satisfaction_hr",
    "missed_share": "risk_missed_visits_hr",
}


@cache
def evidence_model() -> HazardModel:
    """Return the hazard model whose slopes and their uncertainty are published figures or marked judgements.

    The alliance of completers lies d standard deviations above that of dropouts, so that the log-odds of dropout fall
    by d for each standard deviation (two normal groups of equal spread). At the published dropout rate D that is the
    log hazard ratio ln(ln(1 − D')/ln(1 − D)), logit D' = logit D − d. It is shared among bond, goals and tasks so
    that the three together, correlated by r, make up the whole: β/(3·sqrt((1 + 2r)/3)) each.
    """
    roles = load_library().roles
    mean, variance = dict.fromkeys((*BASELINE, *SLOPES), 0.0), dict.fromkeys((*BASELINE, *SLOPES), 0.0)
    rate = course(TYPICAL_SETTING).dropout_rate
    gap = roles["risk_alliance_gap_sd"].distribution()
    slope = log_hazard_ratio(rate, -gap.parameters[0])
    spread = slope / gap.parameters[0] * gap.parameters[1]
    correlation = _value(roles, "risk_component_correlation")
    part = 1.0 / (3.0 * math.sqrt((1.0 + 2.0 * correlation) / 3.0))
    for name in COMPONENTS:
        mean[name], variance[name] = slope * part, 3.0 * (spread * part) ** 2  # three independent parts
    for name, role in _HAZARD_RATIOS.items():
        mean[name], variance[name] = math.log(_value(roles, role)), _log_sd(roles[role]) ** 2
    # clinics and clinicians differ in the log-odds of dropout; on the log hazard that spread shrinks by D/(-ln(1 - D))
    shrink = rate / -math.log1p(-rate)
    variance["intercept"] = (_value(roles, "between_clinics_logit_sd") * shrink) ** 2
    for name in BASELINE[1:]:
        variance[name] = _value(roles, "risk_baseline_log_sd") ** 2
    return HazardModel(
        mean=np.array(list(mean.values())),
        covariance=np.diag(list(variance.values())),
        clinician_variance=(_value(roles, "risk_clinician_logit_sd") * shrink) ** 2,
    )


def log_hazard_ratio(dropout_rate: float, log_odds: float) -> float:
    """Return ln HR for a shift of the log-odds of dropout: HR = ln(1 − D')/ln(1 − D), logit D' = logit D + shift.

    >>> import math
    >>> round(log_hazard_ratio(0.2, 0.0), 12)
    0.0
    >>> round(math.exp(log_hazard_ratio(0.4, math.log(0.8))), 4)  # D' = .8*.4/(.6 + .32) = .3478; ln .6522/ln .6
    0.8368
    """
    odds = math.exp(math.log(dropout_rate / (1.0 - dropout_rate)) + log_odds)
    return math.log(math.log1p(odds) / -math.log1p(-dropout_rate))


def _value(roles: Mapping[str, Figure], role: str) -> float:
    return float(roles[role].value or 0.0)


def _log_sd(figure: Figure) -> float:
    """Return the spread of a ratio's logarithm, its interval read as holding 95 percent."""
    if figure.interval is None:
        raise ValueError(f"{figure.id} needs an interval to stand behind a prediction")
    return math.log(figure.interval.high / figure.interval.low) / (2.0 * 1.959964)

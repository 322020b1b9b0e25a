"""Three roads of evidence to one hazard ratio. Two roads are never multiplied for one programme."""

from __future__ import annotations

import math

import numpy as np

from calculator.arrays import FloatArray
from calculator.retention import NEARLY_NEVER

LOGISTIC_NORMAL = 16.0 * math.sqrt(3.0) / (15.0 * math.pi)  # c of Zeger, Liang & Albert (1988), p. 1054


def program_odds_ratio(trial_odds_ratio: FloatArray, fidelity: FloatArray) -> FloatArray:
    """Return the odds ratio on dropout of a programme delivered with ``fidelity`` f: OR ** f.

    >>> program_odds_ratio(np.array([0.81]), np.array([0.5])).round(2)
    array([0.9])
    """
    odds: FloatArray = trial_odds_ratio**fidelity
    return odds


def alliance_odds_ratio(lift: FloatArray, gap: FloatArray, causal_share: FloatArray) -> FloatArray:
    """Return the clinic's average odds ratio on dropout when alliance rises by ``lift`` standard deviations.

    OR = exp( −φ·d·Δ / sqrt(1 + c²·d²) ): with two normal groups of equal variance, d apart, the log-odds of dropout
    fall by d for each SD of alliance; φ is the share of that taken as causal; the root turns one client's odds ratio
    into the average over clients.

    Args:
        lift: Δ, standard deviations of alliance.
        gap: d, completers minus dropouts, standard deviations.
        causal_share: φ, 0 to 1.

    References:
        Zeger SL, Liang K-Y, Albert PS (1988). Biometrics 44(4):1049-1060, doi:10.2307/2531734.
    """
    slope = -causal_share * gap * lift
    odds: FloatArray = np.exp(slope / np.sqrt(1.0 + (LOGISTIC_NORMAL * gap) ** 2))
    return odds


def alliance_lift(odds_ratio: float, gap: float, causal_share: float) -> float:
    """Return the rise in alliance, Δ, that ``alliance_odds_ratio`` turns into the clinic's average odds ratio.

    Args:
        odds_ratio: above 0, up to 1.
        gap: d, standard deviations, at least 0.
        causal_share: φ, 0 to 1.

    Returns:
        At least 0; infinite where no rise does.

    >>> round(alliance_lift(alliance_odds_ratio(np.array([0.4]), np.array([0.55]), np.array([0.5]))[0], 0.55, 0.5), 12)
    0.4
    """
    needed = -math.log(odds_ratio) * math.sqrt(1.0 + (LOGISTIC_NORMAL * gap) ** 2)
    slope = causal_share * gap
    if needed <= 0.0:
        return 0.0
    return needed / slope if slope > 0.0 else math.inf


def relative_dropout(dropout_rate: FloatArray, odds_ratio: FloatArray) -> FloatArray:
    """Return D'/D for an odds ratio: OR / (1 − D + OR·D); D' itself is OR·D / (1 − D + OR·D).

    >>> (relative_dropout(np.array([0.197]), np.array([1 / 1.19])) * 0.197).round(3)  # 19.7 % becomes 17.1 %
    array([0.171])
    """
    relative: FloatArray = odds_ratio / (1.0 - dropout_rate + odds_ratio * dropout_rate)
    return relative


def targeted_relative_dropout(sensitivity: FloatArray, action_rate: FloatArray, save_rate: FloatArray) -> FloatArray:
    """Return D'/D when flagged clients are acted on: 1 − sensitivity·action_rate·save_rate."""
    relative: FloatArray = 1.0 - sensitivity * action_rate * save_rate
    return relative


def flags_per_intake(dropout_rate: FloatArray, sensitivity: FloatArray, specificity: FloatArray) -> FloatArray:
    """Return how many flags one intake raises, false ones included: D·sens + (1 − D)·(1 − spec)."""
    flags: FloatArray = dropout_rate * sensitivity + (1.0 - dropout_rate) * (1.0 - specificity)
    return flags


def hazard_ratio(dropout_rate: FloatArray, relative: FloatArray) -> FloatArray:
    """Return HR = ln(1 − D')/ln(1 − D) from D and D'/D; the limit D'/D where D nears zero."""
    d = np.maximum(dropout_rate, NEARLY_NEVER)
    ratio: FloatArray = np.where(
        dropout_rate > NEARLY_NEVER, np.log1p(-relative * d) / np.log1p(-d), relative + 0.0 * d
    )
    return ratio


def odds_ratio_of(dropout_rate: FloatArray, relative: FloatArray) -> FloatArray:
    """Return the odds ratio that turns D into D': relative·(1 − D) / (1 − relative·D)."""
    odds: FloatArray = relative * (1.0 - dropout_rate) / (1.0 - relative * dropout_rate)
    return odds

"""How far predicted risks lie from what happened."""

from __future__ import annotations

from plugin.caseload import BoolArray, FloatArray


def brier(risk: FloatArray, happened: BoolArray, weight: FloatArray) -> float:
    """Return the Brier score: mean squared distance of risk and outcome; 0 is best, NaN where nobody counts.

    With weights of inverse probability of censoring (``outcome.weights``) it is that of Graf et al. at the end of the
    plan; all people are in the denominator, since the weights add up to them.

    References:
        Graf E et al. (1999). Statistics in Medicine 18:2529-2545.

    >>> import numpy as np
    >>> round(brier(np.array([0.2, 0.9]), np.array([False, True]), np.ones(2)), 3)  # (.04 + .01)/2
    0.025
    """
    total = float(weight.sum())
    return float((weight * (risk - happened) ** 2).sum()) / total if total > 0.0 else float("nan")


def scaled_brier(risk: FloatArray, happened: BoolArray, weight: FloatArray) -> float:
    """Return 1 − Brier/Brier of the observed share for everybody; 1 is best, 0 no better than that share.

    References:
        Steyerberg EW et al. (2010). Assessing the performance of prediction models. Epidemiology 21:128-138.
    """
    total = float(weight.sum())
    share = float((weight * happened).sum()) / total if total > 0.0 else 0.0
    worst = share * (1.0 - share)
    return 1.0 - brier(risk, happened, weight) / worst if worst > 0.0 else float("nan")

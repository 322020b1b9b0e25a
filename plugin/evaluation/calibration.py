"""Whether predicted risks come true: as many as foretold, and where more are foretold, more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from plugin.caseload import BoolArray, FloatArray, IntArray

NEAR_CERTAIN: Final = 1e-6  # a risk of 0 or 1 has no logit; it is taken this far from it
STEPS: Final = 50  # of Newton's method, which needs fewer than ten where there is an answer
BINS: Final = 10
LEAST_IN_BIN: Final = 20.0  # people; a clinic's own picture has fewer points rather than random ones
SMOOTH_POINTS: Final = 41
_MIDDLE: Final = (0.025, 0.975)
_KNOTS: Final = (0.1, 0.5, 0.9)  # of a restricted cubic spline with three knots (Harrell 2015, table 2.3)


@dataclass(frozen=True)
class Calibration:
    """Agreement of predicted and observed risk; NaN where a figure does not exist.

    Attributes:
        slope: of the observed log odds on the predicted; 1 is right, below 1 the predictions are too extreme.
        intercept: of the observed log odds with the predicted as offset; 0 is right, above 0 too few were foretold.
        expected_observed: expected over observed share; 1 is right.
    """

    slope: float
    intercept: float
    expected_observed: float


def calibration(risk: FloatArray, happened: BoolArray, weight: FloatArray | None = None) -> Calibration:
    """Return slope, intercept and E/O of predicted risks.

    Args:
        risk: predicted, 0 to 1, shape (n,).
        happened: whether it did, shape (n,).
        weight: of each person (inverse probability of censoring, times in a bootstrap draw), 1 by default, shape (n,).

    References:
        Van Calster B et al. (2019). Calibration: the Achilles heel of predictive analytics. BMC Medicine 17:230.
    """
    w = np.ones(len(risk)) if weight is None else weight
    y, x = happened.astype(np.float64), logit(risk)
    total, events = float(w.sum()), float((w * y).sum())
    if not 0.0 < events < total:
        return Calibration(np.nan, np.nan, float((w * risk).sum() / events) if events > 0.0 else np.nan)
    intercept = logistic(np.ones((len(risk), 1)), y, w, x)[0]
    spread = np.ptp(x[w > 0.0])
    slope = logistic(np.column_stack([np.ones(len(risk)), x]), y, w)[1] if spread > 1e-9 else np.nan
    return Calibration(float(slope), float(intercept), float((w * risk).sum() / events))


def logit(risk: FloatArray) -> FloatArray:
    """Return ln(p/(1 − p)).

    >>> logit(np.array([0.5, 0.8])).round(4)
    array([0.    , 1.3863])
    """
    p = np.clip(risk, NEAR_CERTAIN, 1.0 - NEAR_CERTAIN)
    odds: FloatArray = np.log(p / (1.0 - p))
    return odds


def logistic(x: FloatArray, y: FloatArray, weight: FloatArray, offset: FloatArray | float = 0.0) -> FloatArray:
    """Return the maximum-likelihood coefficients of y on the columns of x, shape (p,), by Newton's method.

    NaN where there are none, as where x separates y wholly.
    """
    beta = np.zeros(x.shape[1])
    with np.errstate(over="ignore"):
        for _ in range(STEPS):
            p = 1.0 / (1.0 + np.exp(-(x @ beta + offset)))
            info = (x * (weight * p * (1.0 - p))[:, None]).T @ x
            if np.linalg.cond(info) > 1e12:
                break
            step = np.asarray(np.linalg.solve(info, x.T @ (weight * (y - p))), dtype=np.float64)
            beta = beta + np.clip(step, -5.0, 5.0)
            if np.abs(step).max() < 1e-10:
                return np.asarray(beta)
    return np.full(x.shape[1], np.nan)


@dataclass(frozen=True, eq=False)
class Curve:
    """Observed share against predicted risk, shape (k,) each; ``people`` is how many stand behind a point."""

    predicted: FloatArray
    observed: FloatArray
    people: FloatArray


def binned(risk: FloatArray, happened: BoolArray, weight: FloatArray | None = None) -> Curve:
    """Return mean predicted risk and observed share by tenths of the people, or fewer groups of at least twenty.

    People with the same prediction stand in the same group, so that a rule with two answers makes two points.
    """
    w = np.ones(len(risk)) if weight is None else weight
    order = np.argsort(risk, kind="stable")
    groups = int(np.clip(w.sum() // LEAST_IN_BIN, 1, BINS))
    reached = np.cumsum(w[order]) - w[order] / 2.0
    wanted = np.empty(len(risk), dtype=np.int64)
    wanted[order] = np.clip(groups * reached / max(float(w.sum()), 1e-300), 0, groups - 1).astype(np.int64)
    _, answer = np.unique(risk, return_inverse=True)
    first = np.full(answer.max(initial=-1) + 1, groups, dtype=np.int64)
    np.minimum.at(first, answer, wanted)
    group: IntArray = first[answer]
    people = np.asarray(np.bincount(group, w, groups), dtype=np.float64)
    there = people > 0.0
    with np.errstate(invalid="ignore"):
        predicted = np.bincount(group, w * risk, groups)[there] / people[there]
        observed = np.bincount(group, w * happened, groups)[there] / people[there]
    return Curve(predicted, observed, people[there])


def smoothed(risk: FloatArray, happened: BoolArray, weight: FloatArray | None = None) -> Curve | None:
    """Return a smooth curve of observed share over predicted risk; None where predictions hardly differ.

    A logistic regression on a restricted cubic spline of the predicted log odds with three knots, over the middle
    95 percent of the predictions. ``people`` is NaN.

    References:
        Austin PC, Steyerberg EW (2014). Graphical assessment of internal and external calibration of logistic
        regression models by using loess smoothers. Statistics in Medicine 33:517-535 (splines do as well).
        Harrell FE (2015). Regression modeling strategies, 2nd ed., section 2.4.5.
    """
    w = np.ones(len(risk)) if weight is None else weight
    x = logit(risk)
    knots = np.quantile(x, _KNOTS)
    if np.diff(knots).min() < 1e-6:
        return None
    beta = logistic(_spline(x, knots), happened.astype(np.float64), w)
    if np.isnan(beta).any():
        return None
    lowest, highest = (float(end) for end in np.quantile(risk, [0.025, 0.975]))
    grid = np.linspace(lowest, highest, SMOOTH_POINTS)
    observed = 1.0 / (1.0 + np.exp(-(_spline(logit(grid), knots) @ beta)))
    return Curve(grid, observed, np.full(SMOOTH_POINTS, np.nan))


def _spline(x: FloatArray, knots: FloatArray) -> FloatArray:
    """Return the columns 1, x and the one cubic term of a restricted cubic spline with three knots, shape (n, 3)."""
    low, middle, high = knots
    cube = [np.maximum(x - knot, 0.0) ** 3 for knot in knots]
    bend = cube[0] - cube[1] * (high - low) / (high - middle) + cube[2] * (middle - low) / (high - middle)
    return np.column_stack([np.ones(len(x)), x, bend / (high - low) ** 2])

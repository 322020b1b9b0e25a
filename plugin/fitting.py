"""Fit the hazard model: the most probable slopes and clinician effects, given a prior and person-units.

With Λ = ΔH·exp(x·β + b_c), a row that stayed has log-likelihood −Λ and one that left ln(1 − exp(−Λ)). Added are the
logs of β ~ N(m, Σ) and b ~ N(0, τ²). Newton's method, in which the clinicians' block is diagonal and is eliminated,
so that a step costs one pass over the rows however many clinicians there are. τ² maximises its marginal posterior in
Laplace's approximation, by the fixed point below.

References:
    MacKay DJC (1992). Bayesian interpolation. Neural Computation 4:415-447 (τ² = Σb²/γ, γ the number of
    well-determined effects).
    Breslow NE, Clayton DG (1993). Approximate inference in generalized linear mixed models. JASA 88:9-25.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from plugin.caseload import BoolArray, FloatArray, IntArray

#: How many clinicians of one's own weigh as much as the published spread between clinicians; a judgement.
PRIOR_CLINICIANS: Final = 5.0

_BLOCK = 8192  # rows worked on at once: they stay in the processor's cache, and memory does not grow with a fit
_MOST_STEPS, _MOST_HALVINGS, _MOST_ROUNDS = 100, 40, 500
_LONGEST_STEP = 3.0  # of log hazard for a slope or an effect: beyond, the quadratic says nothing
_CLOSE = 1e-7  # a step this small, in posterior standard deviations, is the last


@dataclass(frozen=True, eq=False)
class Rows:
    """Person-units as the fit sees them, in the order of clinicians.

    Attributes:
        x: shape (n, p).
        hazard: ΔH, above 0, shape (n,).
        left: shape (n,).
        clinician: from 0 up, never falling; −1 where unknown, with no effect; shape (n,).
    """

    x: FloatArray
    hazard: FloatArray
    left: BoolArray
    clinician: IntArray

    @property
    def clinicians(self) -> int:
        """Return how many clinicians there are."""
        return int(self.clinician[-1]) + 1 if len(self.clinician) else 0


@dataclass(frozen=True, eq=False)
class Prior:
    """β ~ N(mean, precision⁻¹), b ~ N(0, τ²), and τ² as if ``clinicians`` of them had shown ``clinician_variance``."""

    mean: FloatArray
    precision: FloatArray
    clinician_variance: float
    clinicians: float = PRIOR_CLINICIANS


@dataclass(frozen=True, eq=False)
class Posterior:
    """The most probable values and their uncertainty.

    Attributes:
        mean, covariance: of β, shapes (p,) and (p, p).
        effects, variances: of b by clinician, shape (clinicians,) each; the variance includes that of β.
        clinician_variance: τ².
        steps: passes over the rows.
    """

    mean: FloatArray
    covariance: FloatArray
    effects: FloatArray
    variances: FloatArray
    clinician_variance: float
    steps: int


@dataclass(frozen=True, eq=False)
class _Curve:
    """Minus the log-likelihood at a point: value, gradients and the blocks of its Hessian (beta, cross, own)."""

    value: float
    beta_gradient: FloatArray
    own_gradient: FloatArray
    beta: FloatArray
    cross: FloatArray
    own: FloatArray


@dataclass(frozen=True, eq=False)
class _Point:
    beta: FloatArray
    own: FloatArray


def fit(rows: Rows, prior: Prior, progress: Callable[[], None] = lambda: None) -> Posterior:
    """Return the posterior of slopes and clinician effects.

    Args:
        rows: at least one.
        prior: of slopes and effects.
        progress: called after each pass over the rows.

    Raises:
        ArithmeticError: where no maximum is found, as with a flat prior on a column that tells nothing.
    """
    # more threads make products this small slower, and let the last digit depend on the number of cores
    with threadpool_limits(1, "blas"):
        return _fitted(rows, prior, progress)


def _fitted(rows: Rows, prior: Prior, progress: Callable[[], None]) -> Posterior:
    blocks = list(_blocks(rows))
    point = _Point(prior.mean.copy(), np.zeros(rows.clinicians))
    variance, damping, before = prior.clinician_variance, 1.0, 0.0
    curve = _curve(rows, blocks, point)
    progress()
    for step in range(1, _MOST_STEPS + 1):
        change = _log_change(curve, point, prior, variance)
        damping = _damped(damping, change, before)
        variance, before = variance * math.exp(damping * change), change
        target, covariance, variances = _step(curve, point, prior, variance)
        if max(_largest(target, point, covariance, variances), abs(change)) < _CLOSE:
            return Posterior(target.beta, covariance, target.own, variances, variance, step)
        point, curve = _descended(rows, blocks, (point, curve), target, prior, variance)
        progress()
    raise ArithmeticError("the fit does not settle")


def inverse(matrix: FloatArray) -> FloatArray:
    """Return the inverse of a symmetric matrix, symmetric to the last digit.

    Raises:
        ArithmeticError: where it has none.
    """
    try:
        found = np.asarray(np.linalg.inv(matrix), dtype=np.float64)
    except np.linalg.LinAlgError:
        found = np.zeros_like(matrix)
    if not np.abs(matrix @ found - np.eye(len(matrix))).max() < 1e-6:
        raise ArithmeticError("the data do not settle all slopes, and the prior does not either")
    return (found + found.T) / 2.0


def _blocks(rows: Rows) -> Iterator[tuple[slice, IntArray, IntArray, IntArray]]:
    """Return for each block its rows, those that left, where each clinician starts in it, and which clinicians."""
    for start in range(0, len(rows.hazard), _BLOCK):
        part = slice(start, min(start + _BLOCK, len(rows.hazard)))
        codes = rows.clinician[part]
        starts = np.flatnonzero(np.diff(codes, prepend=-2))
        yield part, np.flatnonzero(rows.left[part]), starts, codes[starts]


def _curve(rows: Rows, blocks: list[tuple[slice, IntArray, IntArray, IntArray]], point: _Point) -> _Curve:
    p, clinicians = rows.x.shape[1], rows.clinicians
    value, beta_gradient, beta = 0.0, np.zeros(p), np.zeros((p, p))
    # one place more than there are clinicians: −1 is the last, and is thrown away
    own_gradient, own, cross = np.zeros(clinicians + 1), np.zeros(clinicians + 1), np.zeros((clinicians + 1, p))
    effects = np.append(point.own, 0.0)
    with np.errstate(over="ignore", invalid="ignore"):  # a step too long has an infinite value, and is halved
        for part, left, starts, codes in blocks:
            x = rows.x[part]
            log_ratio = x @ point.beta
            log_ratio += effects[rows.clinician[part]]
            gradient = rows.hazard[part] * np.exp(log_ratio)
            weight = gradient.copy()
            gone = np.maximum(gradient[left], 1e-300)
            ratio = gone / np.expm1(gone)
            value += float(gradient.sum() - gone.sum() - np.log(-np.expm1(-gone)).sum())
            gradient[left] = -ratio
            # Λ + ratio − 1, by its series where the difference would lose digits
            weight[left] = ratio * np.where(gone < 1e-3, gone / 2.0 + gone**2 / 12.0, gone + ratio - 1.0)
            beta_gradient += gradient @ x
            weighted = x * weight[:, None]
            beta += x.T @ weighted
            own_gradient[codes] += np.add.reduceat(gradient, starts)
            own[codes] += np.add.reduceat(weight, starts)
            cross[codes] += np.add.reduceat(weighted, starts, axis=0)
    return _Curve(value if np.isfinite(value) else np.inf, beta_gradient, own_gradient[:-1], beta, cross[:-1], own[:-1])


def _log_change(curve: _Curve, point: _Point, prior: Prior, variance: float) -> float:
    """Return by how much the fixed point of ln τ² on the quadratic through a point lies above ``variance``."""
    if not len(point.own):
        return 0.0
    found = variance
    for _ in range(_MOST_ROUNDS):
        target, _, variances = _step(curve, point, prior, found)
        determined = len(variances) - float(variances.sum()) / found
        shown = float(target.own @ target.own) + prior.clinicians * prior.clinician_variance
        last, found = found, shown / (determined + prior.clinicians)
        if abs(found - last) <= _CLOSE / 10.0 * found:
            break
    return math.log(found / variance)


def _damped(damping: float, change: float, before: float) -> float:
    """Return which part of a change of ln τ² to make, by the secant of the last two.

    The quadratic moves with τ²; where it overshoots, whole changes would go to and fro for ever.
    """
    if before == 0.0 or change / before >= 1.0:
        return 1.0
    return min(max(damping / (1.0 - change / before), 0.05), 1.0)


def _step(curve: _Curve, point: _Point, prior: Prior, variance: float) -> tuple[_Point, FloatArray, FloatArray]:
    """Return where the quadratic has its minimum for one τ², and the variances of β and b there."""
    own = curve.own + 1.0 / variance  # without clinicians all that follows is empty, and adds nothing
    own_gradient = curve.own_gradient + point.own / variance
    beta_gradient = curve.beta_gradient + prior.precision @ (point.beta - prior.mean)
    share = curve.cross / own[:, None]
    covariance = inverse(curve.beta + prior.precision - curve.cross.T @ share)
    beta = -covariance @ (beta_gradient - own_gradient @ share)
    effects = -own_gradient / own - share @ beta
    variances = 1.0 / own + ((share @ covariance) * share).sum(axis=1)
    return _Point(point.beta + beta, point.own + effects), covariance, variances


def _largest(target: _Point, point: _Point, covariance: FloatArray, variances: FloatArray) -> float:
    """Return the longest way between two points, in posterior standard deviations; NaN if there is none."""
    beta = np.abs(target.beta - point.beta) / np.sqrt(np.diag(covariance))
    own = np.abs(target.own - point.own) / np.sqrt(variances)
    return float(np.max(np.concatenate([beta, own])))


def _descended(
    rows: Rows,
    blocks: list[tuple[slice, IntArray, IntArray, IntArray]],
    start: tuple[_Point, _Curve],
    target: _Point,
    prior: Prior,
    variance: float,
) -> tuple[_Point, _Curve]:
    """Return a point on the way to the target that is better than where it starts."""
    point, curve = start
    here = curve.value + _penalty(point, prior, variance)
    longest = max(np.abs(target.beta - point.beta).max(), np.abs(target.own - point.own).max(initial=0.0))
    part = min(1.0, _LONGEST_STEP / longest) if longest > 0.0 else 1.0
    for _ in range(_MOST_HALVINGS):
        there = _Point(point.beta + part * (target.beta - point.beta), point.own + part * (target.own - point.own))
        found = _curve(rows, blocks, there)
        if found.value + _penalty(there, prior, variance) <= here + 1e-9 * abs(here):
            return there, found
        part /= 2.0
    raise ArithmeticError("the fit does not get better")


def _penalty(point: _Point, prior: Prior, variance: float) -> float:
    away = point.beta - prior.mean
    return float(away @ prior.precision @ away + point.own @ point.own / variance) / 2.0

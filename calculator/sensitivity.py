"""Which uncertain input matters: what it is worth to know one before deciding, and variance-based indices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from scipy import special

from calculator.arrays import FloatArray
from calculator.points import sobol_points
from calculator.resolve import DIMENSIONS, Resolved
from calculator.result import AskNext, SobolIndex
from calculator.uncertainty import uniforms

MOST_RUNS = 4096  # draws that both rest on at most; more would not change a digit that is shown
KNOTS = (-1.3, -0.7, 0.0, 0.7, 1.3)  # of the regression spline, in standard normal scores


def runs_of(draws: int) -> int:
    """Return how many of the draws are looked at here: a power of two, since Sobol points are even only then."""
    return min(MOST_RUNS, 1 << (draws.bit_length() - 1))


def ask_next(probabilities: Mapping[str, FloatArray], benefit: FloatArray) -> tuple[AskNext, ...]:
    """Return the inputs in the order in which to find them out: by what knowing one is worth, then by variance.

    Both come from one regression of the benefit on each input, which needs no run of the model beyond those there are.
    The share of variance is Var(E[benefit | x])/Var(benefit), the first-order Sobol index, here the adjusted R² of that
    regression. At 4,096 runs it is nearer the truth than the pick-freeze estimator of ``sobol_indices``, which runs the
    model again for each input; below 512 runs it is noisier.

    Args:
        probabilities: of each input in each run, shape (runs,), with runs from ``runs_of``.
        benefit: net benefit of buying in each run, shape (runs,).

    References:
        Value of information: Strong M, Oakley JE, Brennan A (2014). Med. Decis. Making 34(3):311-326.
        Share of variance from given runs: Plischke E, Borgonovo E, Smith CL (2013). Eur. J. Oper. Res. 226(3):536-550.
    """
    if not probabilities:
        return ()
    expected = expectations(np.stack(list(probabilities.values())), benefit)
    worth, shares = perfect_information(expected, benefit), variance_shares(expected, benefit)
    found = [AskNext(*row) for row in zip(probabilities, worth, shares, strict=True)]
    return tuple(sorted(found, key=lambda ask: (-ask.evppi, -ask.variance_share)))


def expectations(probabilities: FloatArray, benefit: FloatArray) -> FloatArray:
    """Return E[benefit | x] over the runs for each input x: a cubic spline of its normal score.

    Args:
        probabilities: of each input in each run, shape (inputs, runs): a Sobol sequence from its start, runs a power of
            two, so that each of the intervals from i/runs to (i + 1)/runs holds one. They count as its middle, and one
            spline basis serves every input.
        benefit: shape (runs,).

    Returns:
        Shape (inputs, runs), the runs in the order of the input.
    """
    runs = len(benefit)
    mean = benefit.mean()
    ordered = np.empty_like(probabilities)
    for row, places in zip(ordered, (probabilities * runs).astype(np.intp), strict=True):
        row[places] = benefit - mean
    basis = _spline_basis(runs)
    expected: FloatArray = (ordered @ basis) @ basis.T + mean
    return expected


def perfect_information(expected: FloatArray, benefit: FloatArray) -> list[float]:
    """Return the expected value of knowing each input exactly, for the decision to buy (benefit above 0) or not.

    E[max(0, E[benefit | x])] − max(0, E[benefit]) (Strong, Oakley & Brennan 2014).

    Args:
        expected: E[benefit | x] in each run, shape (inputs, runs).
        benefit: net benefit of buying in each run, shape (runs,).

    Returns:
        At least zero, in the unit of ``benefit``.
    """
    gains = np.maximum(expected, 0.0).mean(axis=1) - max(0.0, float(benefit.mean()))
    noise = 1e-9 * float(np.abs(benefit).max())
    return [gain if gain > noise else 0.0 for gain in gains.tolist()]


def variance_shares(expected: FloatArray, benefit: FloatArray) -> list[float]:
    """Return the share of variance that knowing each input would remove, 0 to 1: the adjusted R² of its regression.

    Args:
        expected: E[benefit | x] in each run, shape (inputs, runs).
        benefit: shape (runs,).
    """
    runs, variance = len(benefit), float(benefit.var())
    if variance <= (1e-12 * float(np.abs(benefit).max())) ** 2:
        return [0.0] * len(expected)
    free = (runs - 1.0) / (runs - len(KNOTS) - 4.0)
    shares = 1.0 - (1.0 - expected.var(axis=1) / variance) * free
    return [float(share) for share in np.clip(shares, 0.0, 1.0)]


@lru_cache(maxsize=8)
def _spline_basis(runs: int) -> FloatArray:
    """Return an orthonormal basis of cubic splines in the normal score, shape (runs, 9)."""
    score = special.ndtri((np.arange(runs) + 0.5) / runs)
    columns = [score**power for power in range(4)] + [np.maximum(score - knot, 0.0) ** 3 for knot in KNOTS]
    basis: FloatArray = np.linalg.qr(np.stack(columns, axis=1))[0]
    return basis


def sobol(resolved: Resolved) -> tuple[SobolIndex, ...]:
    """Return the Sobol indices of NPV, the largest total first; the model is run anew for each input."""
    paths = resolved.uncertain
    if not paths:
        return ()
    runs = runs_of(resolved.draws)
    others = [DIMENSIONS[path] + len(DIMENSIONS) for path in paths]
    raw_a = resolved.raw_values(uniforms(resolved, paths, 0, runs))
    raw_b = resolved.raw_values(dict(zip(paths, sobol_points(resolved.seed, others, 0, runs), strict=True)))
    f_a, f_b = resolved.block(raw_a).npv, resolved.block(raw_b).npv
    mixed = [resolved.block({**raw_a, path: raw_b[path]}).npv for path in paths]
    found = [SobolIndex(path, *pair) for path, pair in zip(paths, sobol_indices(f_a, f_b, mixed), strict=True)]
    return tuple(sorted(found, key=lambda index: -index.total))


def sobol_indices(f_a: FloatArray, f_b: FloatArray, f_ab: Sequence[FloatArray]) -> list[tuple[float, float]]:
    """Return (first-order, total) Sobol indices, one pair an input; zeros where nothing varies.

    Args:
        f_a: results at sample A, shape (runs,).
        f_b: results at an independent sample B.
        f_ab: for each input, results at A with that input's column taken from B.

    References:
        First order: Saltelli A et al. (2010). Comput. Phys. Commun. 181(2):259-270, table 2 (b).
        Total: Jansen MJW (1999). Comput. Phys. Commun. 117(1-2):35-43.
    """
    both = np.concatenate([f_a, f_b])
    variance = float(both.var())
    scale = float(np.abs(both).max())
    if variance <= (1e-12 * scale) ** 2:
        return [(0.0, 0.0)] * len(f_ab)
    centred = f_b - both.mean()
    return [
        (float(np.mean(centred * (f_i - f_a))) / variance, float(np.mean((f_a - f_i) ** 2)) / 2.0 / variance)
        for f_i in f_ab
    ]

"""Which uncertain input matters: variance-based indices, and what it is worth to know one before deciding."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy import special

from calculator.arrays import FloatArray
from calculator.points import sobol_points
from calculator.resolve import DIMENSIONS, Resolved
from calculator.result import AskNext, Indices, SobolIndex
from calculator.uncertainty import uniforms

MOST_RUNS = 4096  # base sample of the indices; more draws would not change a digit that is shown
KNOTS = (-1.3, -0.7, 0.0, 0.7, 1.3)  # of the regression spline, in standard normal scores


def indices(resolved: Resolved) -> Indices:
    """Return Sobol indices of NPV and the order in which to find things out."""
    paths = resolved.uncertain
    if not paths:
        return Indices((), ())
    runs = min(MOST_RUNS, 1 << (resolved.draws.bit_length() - 1))
    first = uniforms(resolved, paths, 0, runs)
    others = [DIMENSIONS[path] + len(DIMENSIONS) for path in paths]
    raw_a = resolved.raw_values(first)
    raw_b = resolved.raw_values(dict(zip(paths, sobol_points(resolved.seed, others, 0, runs), strict=True)))
    f_a, f_b = resolved.block(raw_a).npv, resolved.block(raw_b).npv
    mixed = [resolved.block({**raw_a, path: raw_b[path]}).npv for path in paths]
    found = [SobolIndex(path, *pair) for path, pair in zip(paths, sobol_indices(f_a, f_b, mixed), strict=True)]
    worth = [perfect_information(column, f_a) for column in first.values()]
    order = [
        AskNext(index.input, value, min(max(index.first_order, 0.0), 1.0))
        for index, value in zip(found, worth, strict=True)
    ]
    return Indices(
        tuple(sorted(found, key=lambda index: -index.total)),
        tuple(sorted(order, key=lambda ask: (-ask.evppi, -ask.variance_share))),
    )


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


def perfect_information(uniform: FloatArray, benefit: FloatArray) -> float:
    """Return the expected value of knowing one input exactly, for the decision to buy (benefit above 0) or not.

    E[max(0, E[benefit | x])] − max(0, E[benefit]); the inner expectation is a regression of the benefit on the input
    (Strong M, Oakley JE, Brennan A 2014, Med. Decis. Making 34(3):311-326), here a cubic spline of its normal score.

    Args:
        uniform: the input's probability in each run, shape (runs,).
        benefit: net benefit of buying in each run, shape (runs,).

    Returns:
        At least zero, in the unit of ``benefit``.
    """
    mean = float(benefit.mean())
    basis = _spline_basis(uniform.tobytes())
    expected = basis @ (basis.T @ (benefit - mean)) + mean
    gain = float(np.maximum(expected, 0.0).mean()) - max(0.0, mean)
    noise = 1e-9 * float(np.abs(benefit).max())
    return gain if gain > noise else 0.0


@lru_cache(maxsize=256)
def _spline_basis(uniform: bytes) -> FloatArray:
    """Return an orthonormal basis of cubic splines in the normal score, shape (runs, 9)."""
    score = special.ndtri(np.frombuffer(uniform))
    columns = [score**power for power in range(4)] + [np.maximum(score - knot, 0.0) ** 3 for knot in KNOTS]
    basis: FloatArray = np.linalg.qr(np.stack(columns, axis=1))[0]
    return basis

"""An episode of care: who is still there when each unit comes."""

from __future__ import annotations

import numpy as np

from calculator.arrays import FloatArray

NEARLY_NEVER = 1e-9  # below this dropout rate the limit for D -> 0 is exact to double precision
LATEST_MEDIAN = 1.0 - 1e-9  # of N - 1: keeps the shape finite where a drawn median meets a drawn plan


def weibull_shape(dropout_rate: FloatArray, median_dropout_unit: FloatArray, planned_units: FloatArray) -> FloatArray:
    """Return the shape s of the retention curve: below 1 dropout is front-loaded.

    s = ln( ln(1 − D/2) / ln(1 − D) ) / ln( m/(N − 1) ), so that half of those who drop out have left after unit m.

    Args:
        dropout_rate: D, share of episodes in [0, 1), shape (draws,) or (1,).
        median_dropout_unit: m, units, at least 1; where it reaches N − 1 it is taken as just below.
        planned_units: N, units, at least 1. With N up to 2 the shape has no effect and 1 is returned.

    Returns:
        s > 0, shape by broadcasting.

    >>> weibull_shape(np.array([0.0]), np.array([3.0]), np.array([13.0])).round(4)  # ln(1/2)/ln(1/4)
    array([0.5])
    """
    d = np.maximum(dropout_rate, NEARLY_NEVER)
    ratio = np.log1p(-0.5 * d) / np.log1p(-d)
    last = np.maximum(planned_units - 1.0, 1.0)
    progress = np.minimum(median_dropout_unit / last, LATEST_MEDIAN)
    shape: FloatArray = np.where(planned_units > 2.0, np.log(ratio) / np.log(progress), 1.0)
    return shape


def log_survival(planned_units: FloatArray, dropout_rate: FloatArray, shape: FloatArray) -> FloatArray:
    """Return ln S_k, the log of the probability that a client is still in care when each unit comes.

    S_k = (1 − D) ** (((k − 1)/(N − 1)) ** s), a discrete Weibull. Where plans differ between draws, units beyond a
    draw's own plan mean nothing here; ``planned`` says which exist.

    Args:
        planned_units: N, whole numbers of at least 1, shape (draws,) or (1,).
        dropout_rate: D, share of episodes in [0, 1), shape (draws,) or (1,).
        shape: s > 0, shape (draws,) or (1,).

    Returns:
        Shape (draws, largest N) by broadcasting; the first column is zero.

    References:
        Nakagawa T, Osaki S (1975). The discrete Weibull distribution. IEEE Trans. Reliab. R-24(5):300-301.

    >>> np.exp(log_survival(np.array([3.0]), np.array([0.36]), np.array([1.0]))).round(2)
    array([[1.  , 0.8 , 0.64]])
    """
    most = int(planned_units.max())
    hazard_to_end = np.where(planned_units > 1.0, np.log1p(-dropout_rate), 0.0)
    draws = np.broadcast_shapes(hazard_to_end.shape, shape.shape, planned_units.shape)
    curve = np.zeros((most, *draws)).T  # unit after unit in memory: numpy is faster over many draws than over few units
    if most > 1:
        units = np.arange(1.0, most)
        last = np.maximum(planned_units - 1.0, 1.0)
        log_progress = np.minimum(np.log(units) - np.log(last)[:, None], 0.0)  # no further than the draw's own plan
        np.multiply(shape[:, None], log_progress, out=curve[:, 1:])
        np.exp(curve[:, 1:], out=curve[:, 1:])
        curve[:, 1:] *= hazard_to_end[:, None]
    return curve


def planned(planned_units: FloatArray) -> FloatArray:
    """Return 1 where a draw's plan has unit k and 0 beyond it, shape (draws, largest N) or (1, N)."""
    units = np.arange(int(planned_units.max()))
    return (units < planned_units[:, None]).astype(np.float64)

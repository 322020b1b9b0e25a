"""The draws of NPV as a histogram that a reader can trust: round edges, zero among them, no tail that flattens it."""

from __future__ import annotations

import math

import numpy as np

from calculator.arrays import FloatArray
from calculator.result import NpvBin
from calculator.summary import percentiles

MOST_BINS = 40  # that would span the inner draws and zero; 25 at least
STEPS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
INNER = (0.5, 99.5)  # percentiles: what lies outside is counted in the outer bins
LEAST_SPAN = 1.0  # of money; below it the draws are as good as equal


def npv_histogram(npv: FloatArray) -> tuple[NpvBin, ...]:
    """Return bins of equal width with round edges, from the first to the last that has draws in it.

    Zero is an edge, and the width is such that at most ``MOST_BINS`` span the draws and zero. The outermost half
    percent on each side is counted in the outer bins, yet never across zero: the shares of the bins above zero add up
    to the share of draws that are positive.

    Args:
        npv: at least one draw, finite, shape (draws,).

    >>> npv_histogram(np.array([100.0, 100.0]))
    (NpvBin(low=99.0, high=102.0, share=1.0),)
    """
    low, high = (float(value) for value in percentiles(npv, INNER))
    edges = _edges(low, high)
    inner = np.clip(npv, low, high)
    inner = np.where((npv > 0.0) == (inner > 0.0), inner, np.where(npv > 0.0, edges[edges > 0.0].min(), 0.0))
    counts = np.bincount(np.searchsorted(edges, inner, side="left"), minlength=len(edges) + 1)[1:]
    filled = np.flatnonzero(counts)
    return tuple(
        NpvBin(float(edges[number]), float(edges[number + 1]), float(counts[number]) / len(npv))
        for number in range(filled[0], filled[-1] + 1)
    )


def _edges(low: float, high: float) -> FloatArray:
    """Return round edges from below the lowest value to above the highest, zero among them."""
    first, last = min(low, 0.0), max(high, 0.0)
    width = max(last - first, LEAST_SPAN) / (MOST_BINS - 2)  # the ends need not be round
    power = math.floor(math.log10(width))
    factor = next(step for step in STEPS if step * 10.0**power >= width)
    step = factor * 10.0**power
    whole = np.arange(math.floor(first / step) - 1, math.ceil(last / step) + 2).astype(np.float64)
    edges: FloatArray = whole * factor * 10.0**power if power >= 0 else whole * factor / 10.0**-power
    return edges

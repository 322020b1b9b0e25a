"""From values to places: linear scales and round ticks."""

from __future__ import annotations

import math
from dataclasses import dataclass

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Linear:
    """Maps values from ``low`` to ``high`` onto places from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def invert(self, place: float) -> float:
        """Return the value at a place."""
        return self.low + (place - self.start) / (self.end - self.start) * (self.high - self.low)


def span(values: list[float], least: float = 1.0) -> tuple[float, float]:
    """Return the lowest and highest value with zero among them, at least ``least`` apart so that nothing divides by 0.

    >>> span([3.0, 8.0]), span([0.0]), span([-4.0, -2.0])
    ((0.0, 8.0), (0.0, 1.0), (-4.0, 0.0))
    """
    low, high = min(0.0, *values), max(0.0, *values)
    return (low, high) if high - low >= least else (low, low + least)


def ticks(low: float, high: float, count: int) -> tuple[float, ...]:
    """Return at most ``count`` round values within the span, zero among them where it is in the span.

    >>> ticks(0.0, 176000.0, 5), ticks(-30193.0, 0.0, 4)
    ((0.0, 50000.0, 100000.0, 150000.0), (-30000.0, -20000.0, -10000.0, 0.0))
    """
    power = 10.0 ** math.floor(math.log10((high - low) / max(count, 1)))
    for step in (factor * power * scale for scale in (1.0, 10.0) for factor in STEPS):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < count:
            return tuple(whole * step + 0.0 for whole in range(first, last + 1))
    return (0.0,)

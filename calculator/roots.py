"""Where a function of one number crosses zero.

``scipy.optimize.brentq`` would do, and is what the tests compare with; importing it takes a quarter of the time that a
whole ``rapport estimate`` may take, and the model evaluates hundreds of candidates at once for the price of one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from calculator.arrays import FloatArray

CELLS = 256
ROUNDS = 3  # a line through a cell of 256**-3 of the width is as exact as doubles are


def first_root(function: Callable[[FloatArray], FloatArray], low: float, high: float) -> float | None:
    """Return the first x from ``low`` up at which ``function`` is zero or changes sign, or None.

    Args:
        function: from an array of x to an array of values, without NaN.
        low: where the search starts.
        high: where it ends.

    >>> round(first_root(lambda x: x**2 - 2.0, 0.0, 2.0), 12)
    1.414213562373
    """
    for _ in range(ROUNDS):
        x = np.linspace(low, high, CELLS + 1)
        values = function(x)
        zero = np.flatnonzero(values == 0.0)
        change = np.flatnonzero(np.sign(values[:-1]) * np.sign(values[1:]) < 0.0)
        if zero.size and (not change.size or zero[0] <= change[0]):
            return float(x[zero[0]])
        if not change.size:
            return None
        cell = int(change[0])
        low, high = float(x[cell]), float(x[cell + 1])
    width = values[cell + 1] - values[cell]
    return float(low - values[cell] * (high - low) / width) if width else low

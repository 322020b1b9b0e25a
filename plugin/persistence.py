"""How long what is known of a client today holds: missed visits are soon forgotten, the alliance is not."""

from __future__ import annotations

from typing import Final

import numpy as np

from plugin.caseload import FloatArray, IntArray

LONGEST_LAG: Final = 12  # units; what holds until then is taken to hold on
PRIOR_PAIRS: Final = 100.0  # pairs of a clinic's own units that weigh as much as the guess that nothing changes


def persistence(x: FloatArray, episode: IntArray) -> FloatArray:
    """Return which part of each column is still there j units later, on average, shape (LONGEST_LAG + 1, columns).

    r_j is the slope through the origin of x at unit k + j on x at unit k, over all pairs of the same episode, k ≥ 0;
    with few pairs it stays near r_{j−1}, and r_0 = 1. Columns are 0 for the middle client and where nothing is known,
    so that r says how far a client comes back to the middle: by measurement error in what was seen today, and by
    real change.

    Args:
        x: person-units in the order of episode and unit, shape (n, columns).
        episode: of each, shape (n,).
    """
    found = np.ones((LONGEST_LAG + 1, x.shape[1]))
    for lag in range(1, LONGEST_LAG + 1):
        same = (episode[lag:] == episode[:-lag])[:, None]
        now, then = x[:-lag], x[lag:]
        both, alone = (now * then * same).sum(axis=0), (now * now * same).sum(axis=0)
        found[lag] = np.clip((both + PRIOR_PAIRS * found[lag - 1]) / (alone + PRIOR_PAIRS), 0.0, 1.0)
    return found


def lags(persist: FloatArray, units: int) -> FloatArray:
    """Return which part is there 0, 1, … units later, shape (units, columns)."""
    return persist[np.minimum(np.arange(units), len(persist) - 1)]

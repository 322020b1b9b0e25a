"""How far a figure might be off: the same figure over draws of whole clinicians, or of whole clients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from plugin.caseload import Caseload, FloatArray
from plugin.evaluation.folds import By, clusters

LEVEL: Final = 0.95
MOST_MISSING: Final = 0.1  # share of draws in which a figure may not exist before its interval says nothing


def draws(caseload: Caseload, by: By, count: int, seed: int) -> Iterator[FloatArray]:
    """Return for each draw how often each episode is in it, shape (n,); clusters are drawn with replacement.

    What the models learnt is not drawn again: intervals say how far the people judged on make a difference.

    References:
        Field CA, Welsh AH (2007). Bootstrapping clustered data. J. R. Statist. Soc. B 69:369-390.
    """
    cluster = clusters(caseload, by)
    groups = int(cluster.max()) + 1
    rng = np.random.default_rng(seed)
    for _ in range(count):
        times = rng.multinomial(groups, np.full(groups, 1.0 / groups))
        yield times[cluster].astype(np.float64)


def interval(drawn: FloatArray) -> tuple[float, float]:
    """Return the percentile interval over draws; NaN where it says nothing.

    >>> low, high = interval(np.arange(201.0))
    >>> round(low, 9), round(high, 9)  # 2.5 and 97.5 percent of 200
    (5.0, 195.0)
    """
    found = drawn[np.isfinite(drawn)]
    if not len(drawn) or len(found) < (1.0 - MOST_MISSING) * len(drawn):
        return float("nan"), float("nan")
    low, high = np.quantile(found, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    return float(low), float(high)

"""Whether acting on a prediction does more good than acting on nobody or on everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from plugin.caseload import BoolArray, FloatArray

#: Risks at and above which somebody might act. A call costs little, so low ones count; above .9 nobody needs a model.
THRESHOLDS: Final = tuple(round(0.05 * step, 2) for step in range(1, 19))


@dataclass(frozen=True, eq=False)
class Decisions:
    """What comes of flagging whose risk is at or above each threshold, shape (thresholds,) each.

    Attributes:
        net_benefit: true positives less false positives weighed by the odds of the threshold, a share of all people.
        sensitivity: share of those who drop out that is flagged; NaN where nobody does.
        specificity: share of those who do not that is not flagged; NaN where all do.
        flagged: share of all people that is flagged.
    """

    net_benefit: FloatArray
    sensitivity: FloatArray
    specificity: FloatArray
    flagged: FloatArray


def decisions(
    risk: FloatArray, happened: BoolArray, weight: FloatArray, thresholds: tuple[float, ...] = THRESHOLDS
) -> Decisions:
    """Return what comes of acting at each threshold; people count by weight (``outcome.weights``).

    References:
        Vickers AJ, Elkin EB (2006). Decision curve analysis. Medical Decision Making 26:565-574.
    """
    cut = np.asarray(thresholds)
    flags = risk[None, :] >= cut[:, None]
    total, events = weight.sum(), (weight * happened).sum()
    right, wrong = flags @ (weight * happened), flags @ (weight * ~happened)
    with np.errstate(invalid="ignore", divide="ignore"):
        return Decisions(
            net_benefit=(right - wrong * cut / (1.0 - cut)) / total,
            sensitivity=right / events,
            specificity=1.0 - wrong / (total - events),
            flagged=(right + wrong) / total,
        )


def treat_all(share: float, thresholds: tuple[float, ...] = THRESHOLDS) -> FloatArray:
    """Return the net benefit of acting on everybody where a share drops out; that of acting on nobody is 0.

    >>> treat_all(0.5, (0.5, 0.2)).round(3)  # .5 − .5; .5 − .5/4
    array([0.   , 0.375])
    """
    cut = np.asarray(thresholds)
    benefit: FloatArray = share - (1.0 - share) * cut / (1.0 - cut)
    return benefit

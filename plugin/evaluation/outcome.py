"""What became of people after the moment of the prediction, and the weights that stand in for those not followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from plugin.caseload import BoolArray, FloatArray, IntArray

END: Final = 1.0  # of the plan


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of n people, on a clock that runs from 0 at the moment of the prediction to 1 at the end of the plan.

    The clock is the share of the remaining units, so that plans of any length end together.

    Attributes:
        time: clock when it ended: for who dropped out, halfway from the last unit attended to the one that did not
            come; for who completed, 1, however many units that took; for all others, at the last unit attended.
        left: whether the client dropped out then. Those who did not and whose time is below 1 were followed no
            further: they are still in care or were discharged for another reason.
    """

    time: FloatArray
    left: BoolArray

    def __len__(self) -> int:
        return len(self.time)

    @property
    def followed(self) -> BoolArray:
        """Return who was followed to dropout or to the end of the plan."""
        return self.left | (self.time >= END)

    def take(self, rows: BoolArray | IntArray) -> Outcome:
        """Return some of the people."""
        return Outcome(self.time[rows], self.left[rows])


def still_followed(outcome: Outcome, at: FloatArray, count: FloatArray | None = None) -> FloatArray:
    """Return G(t−), the probability of being still followed just before each time of ``at``, in its shape.

    The Kaplan-Meier estimate of not being censored; where a dropout and a censoring fall together, the dropout comes
    first. ``count`` says how often each person is there (a bootstrap draw), 1 by default.
    """
    n = np.ones(len(outcome)) if count is None else count
    times, place = np.unique(outcome.time, return_inverse=True)
    there = np.bincount(place, n, len(times))
    gone = np.bincount(place, n * ~outcome.followed, len(times))
    left = np.bincount(place, n * outcome.left, len(times))
    at_risk = np.cumsum(there[::-1])[::-1] - left
    stays = 1.0 - np.divide(gone, at_risk, out=np.zeros(len(times)), where=gone > 0.0)
    before: FloatArray = np.concatenate([[1.0], np.cumprod(stays)])[np.searchsorted(times, at)]
    return before


def left_by(outcome: Outcome, by: float = END) -> BoolArray:
    """Return who had dropped out by a time, shape (n,)."""
    gone: BoolArray = outcome.left & (outcome.time < by)
    return gone


def weights(outcome: Outcome, by: float = END, count: FloatArray | None = None) -> FloatArray:
    """Return each person's weight for the question "has this person dropped out by ``by``?", shape (n,).

    Inverse probability of censoring: 1/G(T−) for who dropped out by then, 1/G(by−) for who was followed so far
    without, 0 for who was not; times ``count``. Without censoring all are 1. They add up to the number of people
    wherever anybody is followed to ``by``. Censoring is taken to be unrelated to the risk of dropout.

    References:
        Graf E et al. (1999). Assessment and comparison of prognostic classification schemes for survival data.
        Statistics in Medicine 18:2529-2545.
    """
    n = np.ones(len(outcome)) if count is None else count
    chance = still_followed(outcome, np.minimum(outcome.time, by), n)
    known = (left_by(outcome, by) | (outcome.time >= by)) & (chance > 0.0)
    return np.divide(n, chance, out=np.zeros(len(outcome)), where=known)


def rate(outcome: Outcome, by: float = END) -> float:
    """Return the share that drops out by a time (1 minus Kaplan-Meier); NaN where nobody is followed so far.

    >>> rate(Outcome(np.array([0.1, 0.5, 1.0, 1.0]), np.array([True, True, False, False])))
    0.5
    """
    weight = weights(outcome, by)
    total = weight.sum()
    return float((weight * left_by(outcome, by)).sum() / total) if total > 0.0 else float("nan")

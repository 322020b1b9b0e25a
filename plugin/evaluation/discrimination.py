"""How well predictions sort people: who leaves, and who leaves sooner."""

from __future__ import annotations

import numpy as np

from plugin.caseload import BoolArray, FloatArray, IntArray
from plugin.evaluation.outcome import END, Outcome, left_by, weights


def c_index(
    outcome: Outcome, risk: FloatArray, count: FloatArray | None = None, stratum: IntArray | None = None
) -> float:
    """Return Harrell's C-index, NaN where no two people can be compared.

    Of two people, one of whom is known to have left first: how often that one's risk is higher; ties count half.

    Args:
        outcome: what became of n people.
        risk: predicted, any scale, shape (n,).
        count: how often each is there, 1 by default, shape (n,).
        stratum: pairs are made within one alone (a fold: predictions of two models are not compared), shape (n,).

    References:
        Harrell FE et al. (1982). Evaluating the yield of medical tests. JAMA 247:2543-2546.
    """
    n = np.ones(len(outcome)) if count is None else count
    return _concordance(outcome.time, outcome.left, risk, n, stratum)


def auc(
    outcome: Outcome,
    risk: FloatArray,
    by: float = END,
    count: FloatArray | None = None,
    stratum: IntArray | None = None,
) -> float:
    """Return the time-dependent AUC: how often who has left by a time had the higher risk than who has not.

    Cumulative cases, dynamic controls; people not followed so far count by inverse probability of censoring (see
    ``outcome.weights``). At the end of the plan and without censoring it is the usual AUC. Arguments as ``c_index``.

    References:
        Uno H et al. (2007). Evaluating prediction rules for t-year survivors. JASA 102:527-537.
    """
    left = left_by(outcome, by)
    return _concordance(np.where(left, 0.0, 1.0), left, risk, weights(outcome, by, count), stratum)


def _concordance(
    time: FloatArray, left: BoolArray, risk: FloatArray, weight: FloatArray, stratum: IntArray | None
) -> float:
    right, pairs = 0.0, 0.0
    strata = [np.arange(len(time))] if stratum is None else _rows_of(stratum)
    for rows in strata:
        found, made = _pairs(time[rows], left[rows], risk[rows], weight[rows])
        right, pairs = right + found, pairs + made
    return right / pairs if pairs > 0.0 else float("nan")


def _rows_of(stratum: IntArray) -> list[IntArray]:
    order = np.argsort(stratum, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(stratum[order])) + 1)


def _pairs(time: FloatArray, left: BoolArray, risk: FloatArray, weight: FloatArray) -> tuple[float, float]:
    """Return the weight of concordant pairs (ties half) and of all pairs.

    Works down from the latest time with a running count of later people by the rank of their risk, so that time grows
    with people times distinct times of dropout. Of a dropout and a censoring at one time, the dropout was first.
    """
    there = weight > 0.0
    time, left, risk, weight = time[there], left[there], risk[there], weight[there]
    levels, rank = np.unique(risk, return_inverse=True)
    order = np.lexsort((left, -time))  # latest first; of one time, those who stayed first
    events = np.flatnonzero(left[order])
    if not len(events):
        return 0.0, 0.0
    later = np.zeros(len(levels))
    right, pairs, done = 0.0, 0.0, 0
    starts = events[np.flatnonzero(np.diff(time[order[events]], prepend=np.inf))]
    ends = np.append(starts[1:], len(order))
    for start, end in zip(starts, ends, strict=True):
        np.add.at(later, rank[order[done:start]], weight[order[done:start]])
        done = start
        below = np.concatenate([[0.0], np.cumsum(later)])
        now = order[start:end][left[order[start:end]]]
        place = rank[now]
        right += float((weight[now] * (below[place] + 0.5 * later[place])).sum())
        pairs += float(weight[now].sum() * below[-1])
    return right, pairs

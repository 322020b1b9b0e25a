"""From a hazard to what a clinician reads: risks with intervals, units to come, the weakest part, the reasons."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from plugin.caseload import BoolArray, Caseload, FloatArray, IntArray
from plugin.features import Features, scales
from plugin.hazard import BASELINE, SLOPES, HazardModel, bent_hazard, linear, moments_today
from plugin.persistence import lags
from plugin.records import COMPONENTS, STATUSES

INTERVAL: Final = 0.90  # as wide as the calculator's ranges
_Z: Final = NormalDist().inv_cdf(0.5 + INTERVAL / 2.0)

#: Why an episode has no score; the place in this tuple is ``Scores.reason``.
REASONS: Final = (
    "",
    "the episode is not open",
    "the planned units are done: there is nothing left to predict",
    "the intake lies after the day of the prediction",
)


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of n episodes; NaN where there is none. Shares 0 to 1, intervals hold 90 percent. Shape (n,) each.

    Attributes:
        risk_next_unit: probability that the client leaves before the next unit.
        risk_before_completion: probability that the client leaves before the last planned unit.
        expected_units_remaining: units still to come, on average, of those planned.
        weakest: place in ``COMPONENTS`` of the part of the alliance rated lowest; -1 where fewer than two are rated.
        reason: place in ``REASONS``; 0 where there is a score.
        terms: what each of ``term_names`` adds to the log hazard, against the middle client, shape (n, terms).
    """

    risk_next_unit: FloatArray
    next_low: FloatArray
    next_high: FloatArray
    risk_before_completion: FloatArray
    completion_low: FloatArray
    completion_high: FloatArray
    expected_units_remaining: FloatArray
    weakest: IntArray
    reason: IntArray
    terms: FloatArray
    term_names: tuple[str, ...]


def score(model: HazardModel, caseload: Caseload, day: int) -> Scores:
    """Return the scores of a caseload on a day (days since 1970), from what is dated up to it.

    With e = exp(x·β + b): the risk before the next unit is 1 − exp(−e·ΔH_k), before completion
    1 − exp(−e·(H(N) − H(k))), and the units to come are Σ exp(−e·(H(u) − H(k))), u = k + 1 … N. What is known today
    stays so, or fades over the units to come where the model says how (``HazardModel.persistence``). Intervals come
    from the error of x·β + b.
    """
    reason = _reasons(caseload, day)
    scored = np.flatnonzero(reason == 0)
    open_cases = caseload.take(scored)
    known = moments_today(open_cases, day)
    fact = linear(model, open_cases, known)
    # bent_hazard holds the bend of every coming unit, so today's is taken out of the client's own part
    own = fact.value - _ordered(fact.terms[:, 1 : len(BASELINE)])
    sides = (own, own - _Z * fact.error, own + _Z * fact.error)
    slopes = fact.terms[:, len(BASELINE) : len(BASELINE) + len(SLOPES)]
    likely, low, high = _ahead(model, open_cases, known, sides, slopes)
    (next_risk, done_risk, units), (next_low, done_low, _), (next_high, done_high, _) = likely, low, high
    names = (*model.columns[len(BASELINE) :], "clinician")
    clinician = own - fact.terms[:, 0] - _ordered(fact.terms[:, len(BASELINE) :])
    terms = np.column_stack([fact.terms[:, len(BASELINE) :], clinician])

    def spread(values: FloatArray) -> FloatArray:
        full = np.full((len(caseload), *values.shape[1:]), np.nan)
        full[scored] = values
        return full

    weakest = np.full(len(caseload), -1, dtype=np.int64)
    weakest[scored] = weakest_component(known)
    return Scores(
        risk_next_unit=spread(next_risk),
        next_low=spread(next_low),
        next_high=spread(next_high),
        risk_before_completion=spread(done_risk),
        completion_low=spread(done_low),
        completion_high=spread(done_high),
        expected_units_remaining=spread(units),
        weakest=weakest,
        reason=reason,
        terms=spread(terms),
        term_names=names,
    )


def _reasons(caseload: Caseload, day: int) -> IntArray:
    conditions: list[BoolArray] = [
        caseload.status != STATUSES.index("open"),
        caseload.units_attended >= caseload.planned_units,
        caseload.intake_day > day,
    ]
    return np.select(conditions, [np.int64(1), np.int64(2), np.int64(3)], default=np.int64(0)).astype(np.int64)


def _ordered(terms: FloatArray) -> FloatArray:
    """Return the sum of each row, column by column."""
    total = np.zeros(len(terms))
    for place in range(terms.shape[1]):
        total = total + terms[:, place]
    return total


def _ahead(
    model: HazardModel, caseload: Caseload, known: Features, own: tuple[FloatArray, ...], slopes: FloatArray
) -> list[tuple[FloatArray, FloatArray, FloatArray]]:
    """Return risk before the next unit, risk before completion and expected units, (n,) each, for each of ``own``."""
    found = [(np.empty(len(known)), np.empty(len(known)), np.empty(len(known))) for _ in own]
    courses: dict[tuple[int, int], FloatArray] = {}
    for rows, setting, planned, unit in _alike(caseload, known):
        if (setting, planned) not in courses:
            courses[setting, planned] = bent_hazard(model, setting, planned)
        hazard = courses[setting, planned]
        ahead = hazard[unit + 1 :] - hazard[unit]
        if model.persistence is not None:
            ahead = _fading(np.diff(hazard[unit:]), slopes[rows], lags(model.persistence, len(ahead)))
        for facts, (following, completion, units) in zip(own, found, strict=True):
            stay = np.exp(-np.exp(facts[rows])[:, None] * ahead)
            following[rows], completion[rows] = 1.0 - stay[:, 0], 1.0 - stay[:, -1]
            units[rows] = _ordered(stay)
    return found


def _fading(steps: FloatArray, slopes: FloatArray, persist: FloatArray) -> FloatArray:
    """Return the hazard up to each unit ahead where what is known today fades, shape (n, units).

    Σ ΔH·exp(Σ t·(r_j − 1)), t today's terms of the slopes and r_j what is left of them j units later.
    """
    lost = np.zeros((len(slopes), len(steps)))
    for place in range(slopes.shape[1]):
        lost += slopes[:, place, None] * (persist[:, place] - 1.0)
    hazard: FloatArray = np.cumsum(steps * np.exp(lost), axis=1)
    return hazard


def _alike(caseload: Caseload, known: Features) -> list[tuple[IntArray, int, int, int]]:
    """Return rows that share setting, plan and units attended, with the three."""
    setting, planned = caseload.setting[known.episode], caseload.planned_units[known.episode]
    key = (setting * 2**20 + planned) * 2**20 + known.unit
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    groups = np.split(order, starts[1:]) if len(order) else []
    return [(rows, int(setting[rows[0]]), int(planned[rows[0]]), int(known.unit[rows[0]])) for rows in groups]


def weakest_component(known: Features) -> IntArray:
    """Return the place of the part of the alliance rated lowest; -1 where fewer than two are, or the lowest two tie.

    The parts share a scale of 0 to 1, and a difference below a tenth of the spread between clients is no difference.
    """
    parts = np.column_stack([known.recent[name] for name in COMPONENTS])
    rated = ~np.isnan(parts)
    low = np.where(rated, parts, 2.0)  # above any scale
    lowest = low.argmin(axis=1)
    ordered = np.sort(low, axis=1)
    clear = (rated.sum(axis=1) >= 2) & (ordered[:, 1] - ordered[:, 0] > 0.1 * scales().sd["bond"])
    return np.where(clear, lowest, -1).astype(np.int64)

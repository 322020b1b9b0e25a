"""What is known about a client at one moment: the numbers a predictor works on, and nothing dated later."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from assumptions import load_library
from plugin.caseload import BoolArray, Caseload, FloatArray, IntArray
from plugin.records import COMPONENTS, MEASURES, MISSED, VISIT_STATUSES

LAST_VISITS: Final = 4  # over which missed visits are counted; the figure of their hazard says so too

_DAY_BITS = 2**33  # a day number fits below; makes one key of row, measure and day


@dataclass(frozen=True)
class Scales:
    """Where the middle client lies on a measure's scale, and how far clients differ, both as parts of the scale."""

    mean: dict[str, float]
    sd: dict[str, float]
    averaged: int
    noise: float  # of one rating against true differences: reliability of n ratings is n/(n + noise)


@cache
def scales() -> Scales:
    """Return the scales from the evidence library."""
    roles = load_library().roles
    value = {name: float(figure.value or 0.0) for name, figure in roles.items()}
    alliance = (*COMPONENTS, "alliance_total")
    averaged = round(value["risk_ratings_averaged"])
    return Scales(
        mean=dict.fromkeys(alliance, value["risk_alliance_mean"])
        | {"symptoms": value["risk_symptoms_mean"], "satisfaction": value["risk_satisfaction_mean"]},
        # the published SD is that of item means on a scale of 1 to 7
        sd=dict.fromkeys(alliance, value["risk_alliance_item_sd"] / 6.0)
        | {"symptoms": value["risk_symptoms_sd"], "satisfaction": value["risk_satisfaction_sd"]},
        averaged=averaged,
        noise=averaged * (1.0 / value["risk_rating_reliability"] - 1.0),
    )


@dataclass(frozen=True, eq=False)
class Features:
    """One row for each moment; NaN where nothing is known. Shape (n,) each.

    Attributes:
        episode: row of the episode in the caseload.
        unit: k, units attended by then.
        measures: mean of the last ratings by then, in standard deviations above the middle client, shrunken towards
            0 by its reliability; by the names in ``MEASURES``.
        symptoms_change: change of symptoms since the first score, in standard deviations; above 0 is worse.
        missed_share: share of the last visits that were missed.
        recent: mean of the last ratings as a part of the scale, unshrunken; by the names of the components.
    """

    episode: IntArray
    unit: IntArray
    measures: dict[str, FloatArray]
    symptoms_change: FloatArray
    missed_share: FloatArray
    recent: dict[str, FloatArray]

    def __len__(self) -> int:
        return len(self.episode)


def features(caseload: Caseload, episode: IntArray, unit: IntArray, day: IntArray) -> Features:
    """Return what is known of each episode on each day, from ratings and visits dated up to and including it.

    Args:
        caseload: the episodes.
        episode: rows in it, shape (n,).
        unit: units attended by that day, shape (n,).
        day: the moments, days since 1970, shape (n,).

    References:
        Only the mean alliance over sessions was related to dropout, not single scores (Sijercic et al. 2021); the
        number of ratings averaged and their reliability are figures of the evidence library.
    """
    scale, found, recent = scales(), {}, {}
    for measure in MEASURES:
        shares, known = _last_ratings(caseload, episode, day, measure, scale.averaged)
        count = known.sum(axis=0)
        mean = _ordered_sum(shares, known) / np.where(count, count, np.nan)
        found[measure] = (mean - scale.mean[measure]) / scale.sd[measure] * (count / (count + scale.noise))
        recent[measure] = mean
    return Features(
        episode=episode,
        unit=unit,
        measures=found,
        symptoms_change=_symptoms_change(caseload, episode, day),
        missed_share=_missed_share(caseload, episode, day),
        recent={name: recent[name] for name in COMPONENTS},
    )


def _ordered_sum(values: FloatArray, known: BoolArray) -> FloatArray:
    """Return the sum over the first axis, always in the same order: a row's sum may not depend on other rows."""
    total = np.zeros(values.shape[1:])
    for row, mask in zip(values, known, strict=True):
        total = total + np.where(mask, row, 0.0)
    return total


def _span(caseload: Caseload, episode: IntArray, day: IntArray, measure: str) -> tuple[IntArray, IntArray]:
    """Return first and one past the last place in the ratings of each episode's ratings on a measure up to a day."""
    rated = caseload.ratings
    keys = _key(rated.episode * len(MEASURES) + rated.measure, rated.day)
    group = episode * len(MEASURES) + MEASURES.index(measure)
    first = np.searchsorted(keys, _key(group, np.full(len(group), -(_DAY_BITS // 2) + 1)), side="left")
    end = np.searchsorted(keys, _key(group, day), side="right")
    return first, np.maximum(first, end)


def _key(group: IntArray, day: IntArray) -> IntArray:
    key: IntArray = group * _DAY_BITS + day
    return key


def _last_ratings(
    caseload: Caseload, episode: IntArray, day: IntArray, measure: str, most: int
) -> tuple[FloatArray, BoolArray]:
    """Return the last ratings up to a day, the latest first, and which exist; shape (most, n) both."""
    first, end = _span(caseload, episode, day, measure)
    return _gather(caseload.ratings.share, first, end, most)


def _gather(values: FloatArray, first: IntArray, end: IntArray, most: int) -> tuple[FloatArray, BoolArray]:
    places = end[None, :] - 1 - np.arange(most)[:, None]
    known = places >= first[None, :]
    if not len(values):
        return np.zeros(known.shape), known
    return values[np.where(known, places, 0)], known


def _symptoms_change(caseload: Caseload, episode: IntArray, day: IntArray) -> FloatArray:
    first, end = _span(caseload, episode, day, "symptoms")
    several = end - first >= 2
    share = caseload.ratings.share
    change = np.full(len(episode), np.nan)
    change[several] = (share[end[several] - 1] - share[first[several]]) / scales().sd["symptoms"]
    return change


def _missed_share(caseload: Caseload, episode: IntArray, day: IntArray) -> FloatArray:
    booked = caseload.visits
    keys = _key(booked.episode, booked.day)
    first = np.searchsorted(keys, _key(episode, np.full(len(episode), -(_DAY_BITS // 2) + 1)), side="left")
    end = np.maximum(first, np.searchsorted(keys, _key(episode, day), side="right"))
    missed = np.isin(booked.status, [VISIT_STATUSES.index(status) for status in MISSED]).astype(np.float64)
    values, known = _gather(missed, first, end, LAST_VISITS)
    count = known.sum(axis=0)
    share: FloatArray = _ordered_sum(values, known) / np.where(count, count, np.nan)
    return share

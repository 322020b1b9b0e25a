"""What is known about a client at one moment: the numbers a predictor works on, and nothing dated later."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from assumptions import load_library
from plugin.caseload import BoolArray, Caseload, FloatArray, IntArray, Ratings, Visits
from plugin.records import COMPONENTS, MEASURES, MISSED, VISIT_STATUSES

LAST_VISITS: Final = 4  # over which missed visits are counted; the figure of their hazard says so too

_DAY_BITS = 2**33  # a day number fits below; makes one key of group and day


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
    rated, booked = caseload.ratings, caseload.visits
    log = _Log.of(rated.episode * len(MEASURES) + rated.measure, rated.day, len(caseload) * len(MEASURES))
    spans = {measure: log.span(episode * len(MEASURES) + place, day) for place, measure in enumerate(MEASURES)}
    for measure in MEASURES:
        shares, known = _gather(rated.share, *spans[measure], scale.averaged)
        count = known.sum(axis=0)
        mean = _ordered_sum(shares, known) / np.where(count, count, np.nan)
        found[measure] = (mean - scale.mean[measure]) / scale.sd[measure] * (count / (count + scale.noise))
        recent[measure] = mean
    return Features(
        episode=episode,
        unit=unit,
        measures=found,
        symptoms_change=_symptoms_change(rated, *spans["symptoms"]),
        missed_share=_missed_share(booked, *_Log.of(booked.episode, booked.day, len(caseload)).span(episode, day)),
        recent={name: recent[name] for name in COMPONENTS},
    )


def _ordered_sum(values: FloatArray, known: BoolArray) -> FloatArray:
    """Return the sum over the first axis, always in the same order: a row's sum may not depend on other rows."""
    total = np.zeros(values.shape[1:])
    for row, mask in zip(values, known, strict=True):
        total = total + np.where(mask, row, 0.0)
    return total


@dataclass(frozen=True, eq=False)
class _Log:
    """Dated entries in the order of group and day: their days, shape (m,), and where each group starts."""

    group: IntArray
    day: IntArray
    starts: IntArray

    @classmethod
    def of(cls, group: IntArray, day: IntArray, groups: int) -> _Log:
        """Return the log of some entries."""
        starts = np.zeros(groups + 1, dtype=np.int64)
        np.cumsum(np.bincount(group, minlength=groups), out=starts[1:])
        return cls(group, day, starts)

    def span(self, group: IntArray, day: IntArray) -> tuple[IntArray, IntArray]:
        """Return first and one past the last place of the entries of groups up to a day, shape (n,) both."""
        first, end = self.starts[group], self.starts[group + 1]
        if not len(self.day) or not len(day) or self.day.max() <= day.min():
            return first, end
        found = np.searchsorted(self.group * _DAY_BITS + self.day, group * _DAY_BITS + day, side="right")
        return first, np.maximum(first, found)


def _gather(values: FloatArray, first: IntArray, end: IntArray, most: int) -> tuple[FloatArray, BoolArray]:
    places = end[None, :] - 1 - np.arange(most)[:, None]
    known = places >= first[None, :]
    if not len(values):
        return np.zeros(known.shape), known
    return values[np.where(known, places, 0)], known


def _symptoms_change(rated: Ratings, first: IntArray, end: IntArray) -> FloatArray:
    several = end - first >= 2
    change = np.full(len(first), np.nan)
    change[several] = (rated.share[end[several] - 1] - rated.share[first[several]]) / scales().sd["symptoms"]
    return change


def _missed_share(booked: Visits, first: IntArray, end: IntArray) -> FloatArray:
    missed = np.isin(booked.status, [VISIT_STATUSES.index(status) for status in MISSED]).astype(np.float64)
    values, known = _gather(missed, first, end, LAST_VISITS)
    count = known.sum(axis=0)
    share: FloatArray = _ordered_sum(values, known) / np.where(count, count, np.nan)
    return share

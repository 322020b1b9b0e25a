"""When each attended unit took place, and what was known of a caseload on an earlier day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from plugin.caseload import NO_DAY, BoolArray, Caseload, IntArray, day_number
from plugin.records import STATUSES, VISIT_STATUSES

USUAL_GAPS: Final = 0.95  # of all gaps between units are no longer than the one after which silence means leaving

_ATTENDED: Final = VISIT_STATUSES.index("attended")
_OPEN: Final = STATUSES.index("open")
_DROPPED: Final = STATUSES.index("dropped_out")


@dataclass(frozen=True, eq=False)
class UnitDays:
    """The days of attended units.

    They are those of the attended visits where an episode has one for each unit attended; otherwise the units are
    spread evenly from intake to the last of them.

    Attributes:
        first: place of each episode's first attended visit in ``visit_day``, shape (n,).
        by_visit: whether the visits of an episode give its days, shape (n,).
        visit_day: days of all attended visits, in the order of episode and day.
    """

    caseload: Caseload
    first: IntArray
    by_visit: BoolArray
    visit_day: IntArray

    def day(self, episode: IntArray, unit: IntArray) -> IntArray:
        """Return the day of unit k, from 0 (intake) to the units attended, of episodes; all of one shape.

        Without visits it is rounded down to a day, so that nothing is taken as known before it was.
        """
        own = self.caseload
        intake, attended = own.intake_day[episode], np.maximum(own.units_attended[episode], 1)
        last = np.maximum(own.last_unit_day[episode], intake)  # a last day that is not known counts as intake
        day = intake + (last - intake) * unit // attended
        visited = self.by_visit[episode] & (unit > 0)
        places = self.first[episode[visited]] + unit[visited] - 1
        day[visited] = np.maximum(self.visit_day[places], intake[visited])
        return day

    def through(self, limit: int | IntArray) -> IntArray:
        """Return how many of each episode's units took place up to and including a day (or one each), shape (n,)."""
        attended = self.caseload.units_attended
        episode = np.repeat(np.arange(len(attended)), attended)
        unit = np.arange(len(episode)) - np.repeat(np.cumsum(attended) - attended, attended) + 1
        past = self.day(episode, unit) <= np.broadcast_to(limit, attended.shape)[episode]
        return np.bincount(episode[past], minlength=len(attended)).astype(np.int64)


def unit_days(caseload: Caseload) -> UnitDays:
    """Return when the units of a caseload took place."""
    took_place = caseload.visits.status == _ATTENDED
    episode = caseload.visits.episode[took_place]
    count = np.bincount(episode, minlength=len(caseload)).astype(np.int64)
    by_visit = (count == caseload.units_attended) & (count > 0)
    return UnitDays(caseload, np.cumsum(count) - count, by_visit, caseload.visits.day[took_place])


def usual_gap(caseload: Caseload, share: float = USUAL_GAPS) -> int:
    """Return how many days a share of the gaps between units (intake included) does not exceed; 0 without any."""
    days, attended = unit_days(caseload), caseload.units_attended
    episode = np.repeat(np.arange(len(attended)), attended)
    unit = np.arange(len(episode)) - np.repeat(np.cumsum(attended) - attended, attended)
    if not len(episode):
        return 0
    gaps = days.day(episode, unit + 1) - days.day(episode, unit)
    return int(np.quantile(gaps, share, method="higher"))


def as_known_on(caseload: Caseload, day: dt.date) -> Caseload:
    """Return the caseload as its records stood on an earlier day, with nothing that happened later.

    Intakes, ratings, visits and units after ``day`` are left out. A client who dropped out is open as long as the
    silence since the last unit is no longer than the usual gap between units: nobody could know.
    """
    limit = day_number(day)
    full = caseload.take(caseload.intake_day <= limit)
    days = unit_days(full)
    attended = days.through(limit)
    last = days.day(np.arange(len(full)), attended)
    ended = attended == full.units_attended
    then = replace(
        full.known_on(day),
        units_attended=attended,
        last_unit_day=np.where(attended > 0, last, NO_DAY),
        status=np.where(ended, full.status, _OPEN),
    )
    silent = last + usual_gap(then) <= limit
    return replace(then, status=np.where((then.status == _DROPPED) & ~silent, _OPEN, then.status))

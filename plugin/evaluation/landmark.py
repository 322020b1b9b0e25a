"""Who is predicted for, when, and from what: at intake, or at a number of days after it, with nothing dated later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from plugin.caseload import NO_DAY, BoolArray, Caseload, IntArray, Ratings, Visits
from plugin.evaluation.outcome import END, Outcome
from plugin.records import MEASURES, STATUSES
from plugin.unit_days import USUAL_GAPS, unit_days, usual_gap

_OPEN, _COMPLETED, _DROPPED, _OTHER = (
    STATUSES.index(name) for name in ("open", "completed", "dropped_out", "discharged_other")
)
MOST_GAPS: Final = 0.75  # of all gaps between units; a longer silence is one that somebody should have noticed
_SYMPTOMS = MEASURES.index("symptoms")


@dataclass(frozen=True, eq=False)
class Landmark:
    """The people who were in care at the moment of the prediction, shape (m,) each.

    Attributes:
        caseload: as it was known at each one's moment: all open, units and ratings and visits up to then.
        rows: places in the caseload it was made from.
        day: the moments, days since 1970.
        outcome: what became of them afterwards.
        overdue: who had not been seen for longer than most gaps between units last, so that a call is due whatever a
            model says; they are judged apart.
        left_out: how many are not among them, by reason.
    """

    caseload: Caseload
    rows: IntArray
    day: IntArray
    outcome: Outcome
    overdue: BoolArray
    left_out: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, places: IntArray | BoolArray) -> Landmark:
        """Return some of the people."""
        kept = self.caseload.take(places)
        outcome = self.outcome.take(places)
        return Landmark(kept, self.rows[places], self.day[places], outcome, self.overdue[places], self.left_out)


def landmark(caseload: Caseload, days: int | None = None) -> Landmark:
    """Return who was in care ``days`` days after intake (at intake without it) and what was known then.

    At intake that is everybody, before the first unit: of what bears the intake's own date, only what can be known
    without a unit counts (symptoms, and ratings that say they belong to unit 0).

    Later, in care is who has not ended and was last seen no longer ago than 95 percent of the gaps between units in
    their setting last: longer silences cannot be told from leaving. Whoever was last seen longer ago than
    ``MOST_GAPS`` of them is overdue. Neither looks ahead: who comes back from a silence is treated like who does not,
    since on the day nobody could know.
    """
    left_out: dict[str, int] = {}
    if days is None:
        moment, kept = caseload.intake_day, np.ones(len(caseload), dtype=np.bool_)
        attended = np.zeros(len(caseload), dtype=np.int64)
        last, overdue = caseload.intake_day, np.zeros(len(caseload), dtype=np.bool_)
    else:
        moment = caseload.intake_day + days
        took_place = unit_days(caseload)
        attended = took_place.through(moment)
        last = took_place.day(np.arange(len(caseload)), attended)
        kept, left_out = _in_care(caseload, attended, last, moment, days)
        overdue = moment - last > _gaps(caseload, MOST_GAPS)
    beyond = kept & (attended >= caseload.planned_units)
    if beyond.any():
        left_out["had no planned unit left"] = int(beyond.sum())
    rows = np.flatnonzero(kept & ~beyond)
    then = replace(
        _dated(caseload, attended, moment, days is None),
        units_attended=attended,
        last_unit_day=np.where(attended > 0, last, NO_DAY),
        status=np.full(len(caseload), _OPEN),
    )
    outcome = outcome_of(caseload.take(rows), attended[rows])
    return Landmark(then.take(rows), rows, moment[rows], outcome, overdue[rows], left_out)


def records_end(caseload: Caseload) -> int:
    """Return the latest day in the records, days since 1970."""
    columns = (caseload.intake_day, caseload.last_unit_day, caseload.ratings.day, caseload.visits.day)
    return int(np.concatenate(columns).max())


def outcome_of(caseload: Caseload, attended: IntArray) -> Outcome:
    """Return what became of people after they had attended so many units, fewer than planned, shape (n,)."""
    planned, status = caseload.planned_units, caseload.status
    after = np.minimum(caseload.units_attended, planned) - attended
    left = (status == _DROPPED) & (caseload.units_attended < planned)
    done = (status == _COMPLETED) | (caseload.units_attended >= planned)
    clock = (after + 0.5 * left) / (planned - attended)
    return Outcome(np.where(done & ~left, END, clock), left)


def _in_care(
    caseload: Caseload, attended: IntArray, last: IntArray, moment: IntArray, days: int
) -> tuple[BoolArray, dict[str, int]]:
    """Return who was in care at the moment, and how many were not, by the first reason that holds."""
    ended = attended >= caseload.units_attended
    reasons = {
        f"had not been in care for {days} days when the records end": moment > records_end(caseload),
        "had completed by then": ended & (caseload.status == _COMPLETED),
        "had been discharged for another reason by then": ended & (caseload.status == _OTHER),
        "had been silent for longer than 95 of 100 gaps last": moment - last > _gaps(caseload, USUAL_GAPS),
    }
    kept = np.ones(len(caseload), dtype=np.bool_)
    left_out = {}
    for reason, holds in reasons.items():
        if count := int((kept & holds).sum()):
            left_out[reason] = count
        kept &= ~holds
    return kept, left_out


def _gaps(caseload: Caseload, share: float) -> IntArray:
    """Return the days that a share of the gaps between units in each one's setting does not exceed, shape (n,)."""
    longest = np.zeros(len(caseload), dtype=np.int64)
    for setting in np.unique(caseload.setting):
        same = caseload.setting == setting
        longest[same] = usual_gap(caseload.take(same), share)
    return longest


def _dated(caseload: Caseload, attended: IntArray, moment: IntArray, at_intake: bool) -> Caseload:
    """Return the caseload without the ratings and visits that nobody knew at each one's moment."""
    r, v = caseload.ratings, caseload.visits
    unit = attended[r.episode]
    before_any = (unit > 0) | (r.unit == 0) | (r.measure == _SYMPTOMS)  # nobody rates a unit that has not been
    rated = (r.day <= moment[r.episode]) & (r.unit <= unit) & before_any
    visited = (v.day < moment[v.episode]) if at_intake else (v.day <= moment[v.episode])
    return replace(
        caseload,
        ratings=Ratings(r.episode[rated], r.measure[rated], r.day[rated], r.unit[rated], r.share[rated]),
        visits=Visits(v.episode[visited], v.day[visited], v.status[visited]),
    )

"""Episodes as person-units: one row for each time a client could have left before the next unit, or did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plugin.caseload import BoolArray, Caseload, FloatArray, IntArray
from plugin.features import Features, features
from plugin.records import STATUSES
from plugin.retention import cumulative_hazard
from plugin.unit_days import unit_days

_DROPPED = STATUSES.index("dropped_out")


@dataclass(frozen=True, eq=False)
class PersonUnits:
    """Rows in the order of episode and unit; shape (n,) each.

    Attributes:
        caseload: the episodes.
        episode: row of the episode in the caseload.
        unit: k, units attended by then.
        day: of that unit (of intake for k = 0); what is known by then predicts whether the client leaves.
        left: whether the client left before unit k + 1.
    """

    caseload: Caseload
    episode: IntArray
    unit: IntArray
    day: IntArray
    left: BoolArray

    def __len__(self) -> int:
        return len(self.episode)

    def known(self) -> Features:
        """Return what was known of each client on the day of each row."""
        return features(self.caseload, self.episode, self.unit, self.day)

    def hazard(self) -> FloatArray:
        """Return ΔH_k, the published hazard of leaving between unit k and k + 1, shape (n,)."""
        setting, planned = self.caseload.setting[self.episode], self.caseload.planned_units[self.episode]
        return cumulative_hazard(setting, planned, self.unit + 1) - cumulative_hazard(setting, planned, self.unit)


def person_units(caseload: Caseload, settled_by: int | None = None) -> PersonUnits:
    """Return the rows of a caseload: k = 0 … attended − 1 stayed, and k = attended left, where the client dropped out.

    Who is still in care, completed, or ended for another reason is followed to the last unit and no further, and
    nobody beyond the plan: units past it are no risk of falling short of it.

    Args:
        caseload: the episodes.
        settled_by: leaves out rows later than this day (days since 1970). Whoever came again is known at once, whoever
            left only after a silence; rows too recent for both to show would make leaving look rare.
    """
    attended, planned = caseload.units_attended, caseload.planned_units
    dropped = (caseload.status == _DROPPED) & (attended < planned)
    count = np.minimum(attended, planned) + dropped
    end = np.cumsum(count)
    episode = np.repeat(np.arange(len(caseload)), count)
    unit = np.arange(len(episode)) - np.repeat(end - count, count)
    left = np.zeros(len(episode), dtype=np.bool_)
    left[end[dropped] - 1] = True
    day = unit_days(caseload).day(episode, unit)
    if settled_by is not None:
        kept = day <= settled_by
        episode, unit, day, left = episode[kept], unit[kept], day[kept], left[kept]
    return PersonUnits(caseload, episode, unit, day, left)

"""How many of those who drop out, and of those who complete, are in care and judged on the day of the prediction."""

from __future__ import annotations

from typing import Any

from plugin.caseload import BoolArray, Caseload
from plugin.evaluation.landmark import Landmark, records_end
from plugin.records import STATUSES

_COMPLETED, _DROPPED = STATUSES.index("completed"), STATUSES.index("dropped_out")


def reach(caseload: Caseload, people: Landmark, days: int | None) -> dict[str, Any]:
    """Return the days of a landmark, and which share of all dropouts and of all completers it reaches.

    At intake it reaches everybody. Later, whoever has gone (or been silent so long that a call is due whatever a model
    says) is never flagged, so what the model does for those it sees is not what it does for the clinic's dropouts.
    Counted are episodes whose end is known and that began early enough to reach the day.

    Args:
        caseload: the episodes.
        people: what ``landmark(caseload, days)`` returned.
        days: of the landmark; None for at intake.
    """
    judged = caseload.take(people.rows[~people.overdue])
    early = caseload if days is None else caseload.take(caseload.intake_day + days <= records_end(caseload))
    return {
        "days": days,
        "dropouts_reached": _share(_dropped(judged), _dropped(early)),
        "completers_reached": _share(_completed(judged), _completed(early)),
    }


def _dropped(caseload: Caseload) -> BoolArray:
    found: BoolArray = (caseload.status == _DROPPED) & (caseload.units_attended < caseload.planned_units)
    return found


def _completed(caseload: Caseload) -> BoolArray:
    done = (caseload.status == _COMPLETED) | (caseload.units_attended >= caseload.planned_units)
    found: BoolArray = done & ~_dropped(caseload)
    return found


def _share(some: BoolArray, whole: BoolArray) -> float:
    return float(some.sum() / whole.sum()) if whole.any() else 1.0

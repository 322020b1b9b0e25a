"""Who is due for a conversation by plain facts alone: for a model whose risks have not proved true here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np

from plugin.caseload import Caseload, day_number, day_of
from plugin.features import LAST_VISITS
from plugin.hazard import moments_today
from plugin.records import COMPONENTS, STATUSES
from plugin.unit_days import usual_gap

LOW: Final = 0.5  # of a scale; a rating below its middle is a reason to talk, whatever else one thinks of it


@dataclass(frozen=True)
class Due:
    """One open client for whom a fact speaks.

    Attributes:
        episode_id, clinician: as the caseload names them.
        units_attended, planned_units: how far the client is.
        last_seen: day of the last attended unit; of intake before the first.
        silent: days since then where they are longer than 95 percent of the gaps between units, else 0.
        missed, visits: of the last visits, at most four.
        weakest: the part of the alliance rated lowest of late; None where none lies below the middle of its scale.
        rating: where on its scale that rating lies, as a share.
    """

    episode_id: str
    clinician: str
    units_attended: int
    planned_units: int
    last_seen: dt.date
    silent: int
    missed: int
    visits: int
    weakest: str | None
    rating: float | None


@dataclass(frozen=True)
class DueList:
    """The ``capacity`` clients at the top, how many facts speak for at all, and how many are open."""

    as_of: dt.date
    cases: tuple[Due, ...]
    due: int
    open_clients: int


def due_list(caseload: Caseload, as_of: dt.date, capacity: int) -> DueList:
    """Return whom to talk to: those long unseen first, then by missed visits, then by their lowest rating.

    Open clients only, whose plan is not done and whose intake is not after ``as_of``; ties keep the order of ids.
    """
    day = day_number(as_of)
    gap = usual_gap(caseload)
    still = (
        (caseload.status == STATUSES.index("open"))
        & (caseload.units_attended < caseload.planned_units)
        & (caseload.intake_day <= day)
    )
    opened = caseload.take(still).known_on(as_of)
    found = [case for case in _cases(opened, day, gap) if case.silent or case.missed or case.weakest]
    ranked = sorted(found, key=_order)
    return DueList(as_of, tuple(ranked[:capacity]), len(found), len(opened))


def _cases(opened: Caseload, day: int, gap: int) -> list[Due]:
    known = moments_today(opened, day)
    visits = np.minimum(np.bincount(opened.visits.episode, minlength=len(opened)), LAST_VISITS)
    missed = np.rint(np.nan_to_num(known.missed_share) * visits).astype(np.int64)
    parts = np.column_stack([known.recent[name] for name in COMPONENTS])
    lowest = np.where(np.isnan(parts), np.inf, parts)
    weakest, rating = lowest.argmin(axis=1), lowest.min(axis=1, initial=np.inf)
    last = np.maximum(opened.last_unit_day, opened.intake_day)  # no last day lies long before any intake
    silent = np.where(day - last > gap, day - last, 0)
    cases = []
    for row in range(len(opened)):
        seen = day_of(int(last[row]))
        assert seen is not None  # noqa: S101 - each episode has a day of intake
        low = bool(rating[row] < LOW)
        cases.append(
            Due(
                episode_id=str(opened.episode_id[row]),
                clinician=str(opened.clinician[row]),
                units_attended=int(opened.units_attended[row]),
                planned_units=int(opened.planned_units[row]),
                last_seen=seen,
                silent=int(silent[row]),
                missed=int(missed[row]),
                visits=int(visits[row]),
                weakest=COMPONENTS[int(weakest[row])] if low else None,
                rating=float(rating[row]) if low else None,
            )
        )
    return cases


def _order(case: Due) -> tuple[int, int, float, str]:
    return -case.silent, -case.missed, 1.0 if case.rating is None else case.rating, case.episode_id

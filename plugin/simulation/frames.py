"""A simulated caseload as the three tables that a clinic would export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugin.caseload import NO_DAY, Caseload, IntArray, texts
from plugin.records import MEASURES, SETTINGS, STATUSES, VISIT_STATUSES
from plugin.simulation.paths import DECIMALS, RATED, TOP

if TYPE_CHECKING:
    import pandas as pd

_MINUTES = 50.0  # of an attended visit


class Frames(NamedTuple):
    """Three tables in the format of the files."""

    episodes: pd.DataFrame
    ratings: pd.DataFrame
    visits: pd.DataFrame


def frames(caseload: Caseload) -> Frames:
    """Return the tables of a simulated caseload; every identifier in them starts with ``sim-``."""
    import pandas as pd  # slow to import, and not needed to simulate

    episodes = pd.DataFrame(
        {
            "episode_id": caseload.episode_id,
            "client_id": caseload.client,
            "clinician_id": caseload.clinician,
            "setting": texts(SETTINGS)[caseload.setting],
            "intake_date": _dates(caseload.intake_day),
            "planned_units": caseload.planned_units,
            "units_attended": caseload.units_attended,
            "last_unit_date": _dates(caseload.last_unit_day),
            "status": texts(STATUSES)[caseload.status],
        }
        | {f"x_{name}": values for name, values in caseload.covariates.items()}
    )
    r, v = caseload.ratings, caseload.visits
    top = np.array([TOP.get(name, np.nan) for name in MEASURES])[r.measure]
    decimals = [DECIMALS.get(name, 0) for name in MEASURES]
    score = np.empty(len(r.share))
    for place, name in enumerate(MEASURES):
        if name in RATED:
            own = r.measure == place
            score[own] = np.round(r.share[own] * top[own], decimals[place])
    ratings = pd.DataFrame(
        {
            "episode_id": caseload.episode_id[r.episode],
            "unit": r.unit,
            "date": _dates(r.day),
            "measure": texts(MEASURES)[r.measure],
            "score": score,
            "scale_min": np.zeros(len(score)),
            "scale_max": top,
        }
    )
    attended = v.status == VISIT_STATUSES.index("attended")
    visits = pd.DataFrame(
        {
            "episode_id": caseload.episode_id[v.episode],
            "date": _dates(v.day),
            "status": texts(VISIT_STATUSES)[v.status],
            "minutes": np.where(attended, _MINUTES, np.nan),
        }
    )
    return Frames(episodes, ratings, visits)


def _dates(day: IntArray) -> NDArray[Any]:
    """Return ISO dates as text, empty where there is none."""
    days, place = np.unique(day, return_inverse=True)
    words = texts(["" if number == NO_DAY else str(np.datetime64(int(number), "D")) for number in days])
    written: NDArray[Any] = words[place]
    return written

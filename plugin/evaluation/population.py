"""Who is judged, in counts: settings, days, plans, and what was known of how many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from plugin.caseload import Caseload, day_of
from plugin.evaluation.landmark import Landmark, records_end
from plugin.features import features
from plugin.records import MEASURES, SETTINGS, STATUSES

_CENSORED: Final = ("open", "discharged_other")


def population(caseload: Caseload, people: Landmark) -> dict[str, Any]:
    """Return counts of the people judged; ``caseload`` is the file they come from."""
    own = caseload.take(people.rows)
    statuses = np.bincount(own.status, minlength=len(STATUSES))
    unfollowed = ~people.outcome.followed
    low, middle, high = np.quantile(own.planned_units, [0.0, 0.5, 1.0], method="nearest")
    return {
        "episodes_in_file": len(caseload),
        "clients": len(set(own.client)),
        "clinicians": len({name for name in own.clinician if name}),
        "settings": {name: int((own.setting == place).sum()) for place, name in enumerate(SETTINGS)},
        "statuses": {name: int(statuses[place]) for place, name in enumerate(STATUSES)},
        "not_followed": {name: int((unfollowed & (own.status == STATUSES.index(name))).sum()) for name in _CENSORED},
        "intake_from": _text(int(own.intake_day.min())),
        "intake_to": _text(int(own.intake_day.max())),
        "records_end": _text(records_end(caseload)),
        "planned_units": {"low": int(low), "median": int(middle), "high": int(high)},
    }


def predictors(people: Landmark, clinician_known: bool) -> list[dict[str, Any]]:
    """Return what predictions may rest on: name, when it is measured, and the share of people for whom it is known."""
    own = people.caseload
    known = features(own, np.arange(len(own)), own.units_attended, people.day)
    shares: Mapping[str, Any] = {
        **{name: ~np.isnan(known.measures[name]) for name in MEASURES},
        "change of symptoms": ~np.isnan(known.symptoms_change),
        "missed visits": ~np.isnan(known.missed_share),
    }
    always = np.ones(len(own), dtype=np.bool_)
    rows = [("setting", "at intake", always), ("planned units", "at intake", always)]
    rows += [("units attended", "on the day of the prediction", always)]
    if clinician_known:
        rows.append(("clinician (fitted model only)", "at intake", own.clinician != ""))
    rows += [(name, "up to the day of the prediction", share) for name, share in shares.items()]
    rows += [(f"x_{name}", "at intake", _filled(values)) for name, values in sorted(own.covariates.items())]
    return [{"name": name, "when": when, "known": float(np.mean(share))} for name, when, share in rows]


def _filled(values: Any) -> Any:
    if values.dtype == np.object_:
        return np.array([value is not None for value in values], dtype=np.bool_)
    return ~np.isnan(values)


def simulated(caseload: Caseload) -> bool:
    """Return whether any episode is a simulated one, whose identifier begins with ``sim-``."""
    return any(str(name).startswith("sim-") for name in caseload.episode_id)


def _text(day: int) -> str:
    return str(day_of(day))

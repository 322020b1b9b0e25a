"""How many clients of each episode's kind leave: what clinicians are set against."""

from __future__ import annotations

import numpy as np

from plugin.caseload import Caseload, FloatArray
from plugin.clinicians import ClinicianEstimate, clinician_estimates
from plugin.features import features
from plugin.hazard import BASELINE, SLOPES, HazardModel, design
from plugin.person_units import person_units
from plugin.records import STATUSES

_ENDED = [STATUSES.index(name) for name in ("completed", "dropped_out")]


def estimates(model: HazardModel, caseload: Caseload) -> list[ClinicianEstimate]:
    """Return one estimate for each clinician with ended episodes, in the order of their pseudonyms.

    Expected is what the model says of clients like these by setting, plan and what was known at intake. What came
    after, ratings of the alliance and missed visits, is part of the work and is not taken out; nor are the model's own
    effects of clinicians in it.
    """
    ended = caseload.take(np.isin(caseload.status, _ENDED))
    hazard, left = _followed(model, ended)
    return clinician_estimates(ended, hazard, left)


def _followed(model: HazardModel, ended: Caseload) -> tuple[FloatArray, FloatArray]:
    """Return the cumulative hazard of each episode while it was in care, and whether it ended in dropout."""
    rows = person_units(ended)
    at_intake = features(ended, rows.episode, rows.unit, ended.intake_day[rows.episode])
    beta = model.mean.copy()
    symptoms = len(BASELINE) + SLOPES.index("symptoms")
    beta[len(BASELINE) : len(BASELINE) + len(SLOPES)] = 0.0
    beta[symptoms] = model.mean[symptoms]
    step = rows.hazard() * np.exp(design(ended, at_intake, model.covariates).x @ beta)
    hazard = np.bincount(rows.episode, step, len(ended)).astype(np.float64)
    return hazard, np.bincount(rows.episode, rows.left, len(ended)).astype(np.float64)

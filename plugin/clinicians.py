"""How clinicians' clients stay, shrunken towards the clinic's average: for supervision, never for a league table.

A clinician with few clients differs from colleagues mostly by chance, and by the clients they are given. So what is
observed is set against what the model expects of those clients, small numbers are pulled towards the average, and
clinicians are listed by name. It is not for hiring, pay or discipline.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import gammaincinv

from assumptions import load_library
from plugin.caseload import Caseload, FloatArray

MINIMUM: Final = 20  # ended episodes below which nothing is shown of a clinician; a judgement
INTERVAL: Final = 0.90


@dataclass(frozen=True)
class ClinicianEstimate:
    """One clinician's clients.

    Attributes:
        clinician: pseudonym.
        ended: episodes that were completed or dropped out of.
        dropped_out: of those.
        expected: dropouts that the clinic's average would have had among the same clients.
        ratio, low, high: dropouts against expectation, shrunken, with its 90 percent interval; None below the minimum.
        differs: whether the interval leaves out 1.
    """

    clinician: str
    ended: int
    dropped_out: int
    expected: float
    ratio: float | None
    low: float | None
    high: float | None

    @property
    def differs(self) -> bool:
        """Return whether chance and case mix alone do not explain it, as far as 90 percent can say."""
        return self.low is not None and self.high is not None and not self.low <= 1.0 <= self.high


def clinician_estimates(caseload: Caseload, expected: FloatArray, dropped_out: FloatArray) -> list[ClinicianEstimate]:
    """Return one estimate for each clinician, in the order of their pseudonyms.

    Dropouts O are taken as Poisson around E·θ, and θ between clinicians as gamma with mean 1 and the published spread:
    shape a = 1/(exp(σ²) − 1). Given the clients, θ is gamma with shape a + O and rate a + E. Expectations are scaled
    so that those of all clinicians add up to the dropouts of all.

    Args:
        caseload: episodes that have ended.
        expected: cumulative hazard that a model without clinicians gives each episode while it was in care, shape (n,).
        dropped_out: 1 where the client dropped out, else 0, shape (n,).

    References:
        Clayton D, Kaldor J (1987). Empirical Bayes estimates of age-standardized relative risks. Biometrics
        43(3):671-681. The spread is that of Zimmermann et al. (2017), in the evidence library.
    """
    spread = float(load_library().roles["risk_clinician_logit_sd"].value or 0.0)
    shape = 1.0 / math.expm1(spread**2)
    known = np.array([name != "" for name in caseload.clinician], dtype=np.bool_)
    total = expected[known].sum()
    scale = dropped_out[known].sum() / total if total > 0.0 else 0.0
    found = []
    for name in sorted({str(each) for each in caseload.clinician[known]}):
        mine = caseload.clinician == name
        ended, events, due = int(mine.sum()), int(dropped_out[mine].sum()), float(expected[mine].sum() * scale)
        ratio: tuple[float | None, float | None, float | None] = (None, None, None)
        if ended >= MINIMUM:
            tails = ((1.0 - INTERVAL) / 2.0, (1.0 + INTERVAL) / 2.0)
            low, high = (float(gammaincinv(shape + events, tail) / (shape + due)) for tail in tails)
            ratio = ((shape + events) / (shape + due), low, high)
        found.append(ClinicianEstimate(name, ended, events, due, *ratio))
    return found

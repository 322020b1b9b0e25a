"""What became of clients, beside what a model says of them who did not teach it: the points of the page's picture."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from plugin.caseload import Caseload, FloatArray, day_number
from plugin.errors import PluginError
from plugin.evaluation.calibration import binned
from plugin.hazard import HazardModel
from plugin.linear_predictor import LinearPredictor
from plugin.model_schema import NAME as FITTED
from plugin.out_of_time import FEWEST_DROPOUTS, last_intakes, model_before, next_risk
from plugin.person_units import PersonUnits, person_units
from plugin.training import Training

LEVEL: Final = 0.95  # of the interval around an observed share
ROUNDING: Final = 1e-9  # of a sum, by which its terms in another order may differ

#: Who stands in the picture: everybody (nobody taught the model), those who came after it was made, or those who came
#: last, foretold by a model of those who came before.
Basis = Literal["everybody", "later", "last"]


@dataclass(frozen=True)
class Point:
    """Clients who were told a like risk of leaving before the next unit: its mean, and the share that left.

    Attributes:
        predicted, observed: shares.
        low, high: 95 percent interval of the observed share (Wilson).
        units: how many predictions stand behind it, one for each unit after which a client could leave.
        clients: of how many clients.
    """

    predicted: float
    observed: float
    low: float
    high: float
    units: int
    clients: int


@dataclass(frozen=True)
class Picture:
    """The points, from low to high risk, and whom they are about."""

    basis: Basis
    clients: int
    left: int
    points: tuple[Point, ...]


def picture(caseload: Caseload, predictor: LinearPredictor, training: Training | None) -> Picture | None:
    """Return how a model's risks came true among clients who did not teach it; None where they are too few to tell.

    Each unit counts once: the risk of leaving before the next one, predicted on its day, against what happened.

    Args:
        caseload: the episodes, ended ones among them.
        predictor: the model.
        training: what it learnt from; None for one that learnt from nobody.
    """
    if predictor.name != FITTED or training is None:
        return _judged("everybody", predictor.model, caseload)
    learnt_until = day_number(dt.date.fromisoformat(training.last_intake))
    later = _judged("later", predictor.model, caseload.take(caseload.intake_day > learnt_until))
    return later or _last(caseload)


def _last(caseload: Caseload) -> Picture | None:
    """Judge a model of the earlier intakes on the last ones, as ``rapport fit`` does."""
    if not len(caseload):
        return None
    split, later = last_intakes(caseload)
    try:
        model = model_before(caseload, split)
    except PluginError:
        return None
    return _judged("last", model, later)


def _judged(basis: Basis, model: HazardModel, caseload: Caseload) -> Picture | None:
    rows = person_units(caseload)
    left = int(rows.left.sum())
    if left < FEWEST_DROPOUTS:
        return None
    return Picture(basis, len(np.unique(rows.episode)), left, _points(next_risk(model, rows), rows))


def _points(risk: FloatArray, rows: PersonUnits) -> tuple[Point, ...]:
    """Return one point for each group of clients with like risks, in each of which as many are expected to leave."""
    from scipy.stats import binomtest  # slow to import, and needed for uploads alone

    expected = np.cumsum(np.sort(risk, kind="stable"))
    reached = np.cumsum(binned(risk, rows.left, risk).people)  # weighted by risk: groups of like expectation
    ends = np.searchsorted(expected, reached * (1.0 - ROUNDING)) + 1
    found = []
    for members in np.split(np.argsort(risk, kind="stable"), ends[:-1]):
        left = int(rows.left[members].sum())
        interval = binomtest(left, len(members)).proportion_ci(LEVEL, "wilson")
        found.append(
            Point(
                predicted=float(risk[members].mean()),
                observed=left / len(members),
                low=float(interval.low),
                high=float(interval.high),
                units=len(members),
                clients=len(np.unique(rows.episode[members])),
            )
        )
    return tuple(found)

"""How a model does on later clients: fitted as of an earlier day, judged on those whose care began after it."""

from __future__ import annotations

from typing import Final

import numpy as np

from plugin.caseload import Caseload, FloatArray, IntArray, day_of
from plugin.contract import LocalRecord
from plugin.errors import PluginError
from plugin.evaluation.bootstrap import draws, interval
from plugin.evaluation.calibration import calibration
from plugin.evaluation.discrimination import c_index
from plugin.evaluation.folds import By
from plugin.evaluation.outcome import Outcome
from plugin.hazard import HazardModel, linear
from plugin.learning import in_order, learn
from plugin.person_units import PersonUnits, person_units
from plugin.unit_days import as_known_on, usual_gap

EARLIER: Final = 0.75  # of intakes are learnt from, the later ones judged on
FEWEST_DROPOUTS: Final = 20  # among those judged on; with fewer, calibration cannot be told from chance
FEWEST_CLINICIANS: Final = 30  # to draw clinicians in the bootstrap; with fewer, intervals come out too narrow
DRAWS: Final = 200


def out_of_time(caseload: Caseload, as_of: str, settled_by: int | None = None) -> tuple[LocalRecord | None, str]:
    """Return how a model of the earlier intakes does on the later ones, or None and why that cannot be told.

    On the day of the split the model knows only what was known then. Each unit of the later clients counts once:
    the risk of leaving before the next one, predicted on its day, against what happened. The C-index compares clients
    who have attended equally many units. Intervals hold 95 percent, from a bootstrap of whole clinicians (of whole
    clients where there are few), seeded, so that they are the same each time.

    Args:
        caseload: in the order of ``in_order``.
        as_of: ISO date that the record bears.
        settled_by: later rows are left out; see ``person_units``.
    """
    if not len(caseload):
        return None, "there are no episodes"
    split, later = last_intakes(caseload)
    rows = person_units(later, settled_by)
    if int(rows.left.sum()) < FEWEST_DROPOUTS:
        return None, f"fewer than {FEWEST_DROPOUTS} of the clients who came last have dropped out"
    try:
        model = model_before(caseload, split)
    except PluginError:
        return None, "nothing was known yet when the last clients came"
    risk = next_risk(model, rows)
    outcome = Outcome(np.where(rows.left, 0.0, 1.0), rows.left)
    found = _figures(outcome, risk, rows.unit, np.ones(len(rows)))
    by: By = "clinician" if len(set(later.clinician)) >= FEWEST_CLINICIANS else "client"
    drawn = np.array([_figures(outcome, risk, rows.unit, count[rows.episode]) for count in draws(later, by, DRAWS, 0)])
    intervals = [interval(drawn[:, place]) for place in range(len(found))]
    if not np.isfinite([*found, *np.ravel(intervals)]).all():
        return None, "too few of the clients who came last have dropped out"
    slope, ratio, concordance = ((value, low, high) for value, (low, high) in zip(found, intervals, strict=True))
    return LocalRecord(len(later), int(rows.left.sum()), as_of, slope, ratio, concordance), ""


def last_intakes(caseload: Caseload) -> tuple[int, Caseload]:
    """Return the day of the split, as a day number, and the episodes whose intake came after it; not of none."""
    split = int(np.quantile(caseload.intake_day, EARLIER, method="lower"))
    return split, caseload.take(caseload.intake_day > split)


def model_before(caseload: Caseload, split: int) -> HazardModel:
    """Return a model of what was known on the day of the split.

    Raises:
        PluginError: where that was too little.
    """
    day = day_of(split)
    if day is None:
        raise PluginError(["nothing was known yet"])
    earlier = in_order(as_known_on(caseload, day))
    return learn(earlier, split - usual_gap(earlier)).model


def next_risk(model: HazardModel, rows: PersonUnits) -> FloatArray:
    """Return the risk of leaving before the next unit, as predicted on the day of each row, shape (n,)."""
    value = linear(model, rows.caseload, rows.known()).value
    risk: FloatArray = -np.expm1(-rows.hazard() * np.exp(value))
    return risk


def _figures(outcome: Outcome, risk: FloatArray, unit: IntArray, count: FloatArray) -> tuple[float, float, float]:
    """Return calibration slope, E/O and C-index; NaN where one does not exist."""
    agreement = calibration(risk, outcome.left, count)
    return agreement.slope, agreement.expected_observed, c_index(outcome, risk, count, unit)

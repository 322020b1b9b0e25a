"""All figures of one prediction on one sample of people, which may be a draw of the bootstrap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from plugin.caseload import BoolArray, FloatArray, IntArray
from plugin.evaluation.brier import brier, scaled_brier
from plugin.evaluation.calibration import calibration
from plugin.evaluation.discrimination import auc, c_index
from plugin.evaluation.net_benefit import decisions, treat_all
from plugin.evaluation.outcome import Outcome, left_by, weights

FIGURES: Final = (
    "c_index",
    "auc",
    "brier",
    "scaled_brier",
    "calibration_slope",
    "calibration_intercept",
    "expected_observed",
)
PARTS: Final = (0.25, 0.5, 0.75)  # of the plan, by which the AUC is told too
DECISIONS: Final = ("net_benefit", "sensitivity", "specificity", "flagged")


@dataclass(frozen=True, eq=False)
class Sample:
    """People as a figure counts them; shape (rows,) each.

    Attributes:
        outcome: what became of them.
        stratum: rows that were predicted by the same fits.
        count: how often each is there.
    """

    outcome: Outcome
    stratum: IntArray
    count: FloatArray

    def take(self, rows: BoolArray | IntArray) -> Sample:
        """Return some of the rows."""
        return Sample(self.outcome.take(rows), self.stratum[rows], self.count[rows])


def figures(sample: Sample, risk: FloatArray) -> dict[str, float]:
    """Return each of ``FIGURES``; NaN where one does not exist. Rows without a prediction are left out."""
    sample, risk = answered(sample, risk)
    outcome, count, stratum = sample.outcome, sample.count, sample.stratum
    weight, left = weights(outcome, count=count), left_by(outcome)
    agreement = calibration(risk, left, weight)
    return {
        "c_index": c_index(outcome, risk, count, stratum),
        "auc": auc(outcome, risk, count=count, stratum=stratum),
        "brier": brier(risk, left, weight),
        "scaled_brier": scaled_brier(risk, left, weight),
        "calibration_slope": agreement.slope if differs(risk, stratum) else np.nan,
        "calibration_intercept": agreement.intercept,
        "expected_observed": agreement.expected_observed,
    }


def by_part(sample: Sample, risk: FloatArray) -> dict[str, float]:
    """Return the AUC for having left by each of ``PARTS`` of the plan, by its share as text."""
    sample, risk = answered(sample, risk)
    return {
        f"{part:.2f}": auc(sample.outcome, risk, part, count=sample.count, stratum=sample.stratum) for part in PARTS
    }


def by_threshold(sample: Sample, risk: FloatArray) -> Mapping[str, FloatArray]:
    """Return each of ``DECISIONS`` at each of ``THRESHOLDS``."""
    sample, risk = answered(sample, risk)
    found = decisions(risk, left_by(sample.outcome), weights(sample.outcome, count=sample.count))
    return {name: getattr(found, name) for name in DECISIONS}


def acting_on_all(sample: Sample) -> FloatArray:
    """Return the net benefit of acting on everybody at each of ``THRESHOLDS``."""
    weight = weights(sample.outcome, count=sample.count)
    total = float(weight.sum())
    return treat_all(float((weight * left_by(sample.outcome)).sum()) / total if total > 0.0 else float("nan"))


def answered(sample: Sample, risk: FloatArray) -> tuple[Sample, FloatArray]:
    """Return the rows that have a prediction."""
    known = ~np.isnan(risk)
    return (sample, risk) if known.all() else (sample.take(known), risk[known])


def differs(risk: FloatArray, stratum: IntArray) -> bool:
    """Return whether predictions of the same fits differ; a constant that differs between folds tells nobody apart."""
    low, high = np.full(int(stratum.max(initial=0)) + 1, np.inf), np.full(int(stratum.max(initial=0)) + 1, -np.inf)
    np.minimum.at(low, stratum, risk)
    np.maximum.at(high, stratum, risk)
    return bool((high - low > 1e-9).any())

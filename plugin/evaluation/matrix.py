"""What the comparators see: the columns of the hazard model's own design, as one row of numbers for each person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from plugin.caseload import Caseload, FloatArray, IntArray
from plugin.covariates import covariate_specs
from plugin.features import features
from plugin.hazard import BASELINE, CovariateSpec, design
from plugin.records import SETTINGS

_SAME: Final = 0.9999  # correlation from which two columns are one


@dataclass(frozen=True, eq=False)
class Columns:
    """How rows are made, learnt from the people who are fitted to alone.

    Attributes:
        specs: covariates with their means, spreads and levels.
        kept: places of the raw columns in use, shape (p,): none that is the same for all, and none twice.
        mean, spread: of those columns, shape (p,) each.
    """

    specs: tuple[CovariateSpec, ...]
    kept: IntArray
    mean: FloatArray
    spread: FloatArray

    def of(self, caseload: Caseload, day: IntArray) -> FloatArray:
        """Return the rows of people at their moments, standardised, shape (n, p)."""
        rows: FloatArray = (_raw(caseload, day, self.specs)[:, self.kept] - self.mean) / self.spread
        return rows


def learn_columns(caseload: Caseload, day: IntArray) -> Columns:
    """Return how rows are made for people like these."""
    specs, _ = covariate_specs(caseload)
    raw = _raw(caseload, day, specs)
    mean, spread = raw.mean(axis=0), raw.std(axis=0)
    kept: list[int] = []
    for place in np.flatnonzero(spread > 1e-9):
        like = (raw[:, kept] - mean[kept]).T @ (raw[:, place] - mean[place]) / (spread[kept] * spread[place] * len(raw))
        if not (np.abs(like) > _SAME).any():
            kept.append(int(place))
    return Columns(specs, np.array(kept, dtype=np.int64), mean[kept], spread[kept])


def _raw(caseload: Caseload, day: IntArray, specs: tuple[CovariateSpec, ...]) -> FloatArray:
    """Return ratings, visits and covariates with what is unknown of them, plan, units attended and setting."""
    everyone = np.arange(len(caseload))
    known = features(caseload, everyone, caseload.units_attended, day)
    made = design(caseload, known, specs)
    first = len(BASELINE)
    return np.column_stack(
        [
            made.x[:, first:],
            made.missing[:, first:],
            np.log(caseload.planned_units),
            caseload.units_attended,
            *(caseload.setting == place for place in range(len(SETTINGS))),
        ]
    ).astype(np.float64)

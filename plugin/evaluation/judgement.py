"""Figures with their intervals, as the plain values of the evaluation's JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from plugin.caseload import FloatArray
from plugin.evaluation.bootstrap import interval
from plugin.evaluation.calibration import binned, smoothed
from plugin.evaluation.figures import (
    DECISIONS,
    FIGURES,
    PARTS,
    Sample,
    acting_on_all,
    answered,
    by_part,
    by_threshold,
    differs,
    figures,
)
from plugin.evaluation.net_benefit import THRESHOLDS
from plugin.evaluation.outcome import left_by, weights

CONSTANT: Final = "the prediction is the same for everybody"
ONE_SIDED: Final = "nobody, or everybody, dropped out"
SEPARATES: Final = "the predictions part those who left from those who stayed without a miss"
UNSTEADY: Final = "it does not exist in more than a tenth of the bootstrap's draws"
NO_DRAWS: Final = "the bootstrap was left out"

Draws = Sequence[FloatArray]


def judged(sample: Sample, risk: Mapping[str, FloatArray], counts: Draws, progress: Callable[[], None]) -> Any:
    """Return the figures of each model: {model: {figure: {"estimate", "low", "high"}}}.

    Args:
        sample: the rows, each there once.
        risk: predictions by model.
        counts: for each draw, how often each row is there.
        progress: called after each draw.
    """
    drawn: dict[str, list[list[float]]] = {name: [] for name in risk}
    for count in counts:
        draw = Sample(sample.outcome, sample.stratum, count)
        for name, values in risk.items():
            drawn[name].append(list(figures(draw, values).values()))
        progress()
    found = {}
    for name, values in risk.items():
        table = np.array(drawn[name]).reshape(-1, len(FIGURES))
        own = figures(sample, values)
        found[name] = {
            figure: estimate(own[figure], table[:, place], _why(figure, sample, values))
            for place, figure in enumerate(FIGURES)
        }
    return found


def by_parts(sample: Sample, risk: FloatArray, counts: Draws) -> dict[str, Any]:
    """Return the AUC for having left by parts of the plan, each with its interval."""
    drawn = [list(by_part(Sample(sample.outcome, sample.stratum, count), risk).values()) for count in counts]
    table = np.array(drawn).reshape(-1, len(PARTS))
    own = by_part(sample, risk)
    return {part: estimate(own[part], table[:, place], ONE_SIDED) for place, part in enumerate(own)}


def decision_curve(sample: Sample, risk: Mapping[str, FloatArray], counts: Draws) -> dict[str, Any]:
    """Return net benefit, sensitivity, specificity and share flagged by threshold, beside acting on all and on none."""
    draws = [Sample(sample.outcome, sample.stratum, count) for count in counts]
    all_drawn = np.array([acting_on_all(draw) for draw in draws]).reshape(-1, len(THRESHOLDS))
    return {
        "thresholds": list(THRESHOLDS),
        "treat_none": [0.0] * len(THRESHOLDS),
        "treat_all": _by_threshold(acting_on_all(sample), all_drawn),
        "models": {name: _curve(sample, values, draws) for name, values in risk.items()},
    }


def _curve(sample: Sample, risk: FloatArray, draws: Sequence[Sample]) -> dict[str, Any]:
    own = by_threshold(sample, risk)
    drawn = [by_threshold(draw, risk) for draw in draws]
    return {
        name: _by_threshold(own[name], np.array([one[name] for one in drawn]).reshape(-1, len(THRESHOLDS)))
        for name in DECISIONS
    }


def _by_threshold(own: FloatArray, drawn: FloatArray) -> list[dict[str, Any]]:
    return [estimate(float(value), drawn[:, place], ONE_SIDED) for place, value in enumerate(own)]


def curve(sample: Sample, risk: FloatArray, counts: Draws = ()) -> dict[str, Any]:
    """Return observed shares against predicted risks.

    ``points`` are tenths of the people; ``smooth`` is a curve with the interval at each place, or null where there is
    none (predictions hardly differ).
    """
    sample, risk, *counts = _answered(sample, risk, counts)
    points = binned(risk, left_by(sample.outcome), weights(sample.outcome, count=sample.count))
    columns = ("predicted", "observed", "people")
    rows = np.column_stack([points.predicted, points.observed, points.people]).tolist()
    return {
        "points": [dict(zip(columns, row, strict=True)) for row in rows],
        "smooth": _smooth(sample, risk, counts) if differs(risk, sample.stratum) else None,
    }


def _answered(sample: Sample, risk: FloatArray, counts: Draws) -> tuple[Any, ...]:
    known = ~np.isnan(risk)
    return (*answered(sample, risk), *(count[known] for count in counts))


def _smooth(sample: Sample, risk: FloatArray, counts: Draws) -> list[dict[str, float | None]] | None:
    left = left_by(sample.outcome)
    own = smoothed(risk, left, weights(sample.outcome, count=sample.count))
    if own is None:
        return None
    drawn = [smoothed(risk, left, weights(sample.outcome, count=count)) for count in counts]
    nothing = np.full(len(own.predicted), np.nan)
    table = np.array([nothing if one is None else one.observed for one in drawn]).reshape(-1, len(nothing))
    return [
        {"predicted": float(at), "observed": float(value), **_ends(column)}
        for at, value, column in zip(own.predicted, own.observed, table.T, strict=True)
    ]


def _ends(drawn: FloatArray) -> dict[str, float | None]:
    low, high = interval(drawn)
    return {"low": None, "high": None} if math.isnan(low) else {"low": low, "high": high}


def estimate(value: float, drawn: FloatArray, why: str) -> dict[str, Any]:
    """Return a figure with its interval; null with the reason where either does not exist."""
    if not math.isfinite(value):
        return {"estimate": None, "low": None, "high": None, "reason": why}
    low, high = interval(drawn)
    if math.isnan(low):
        return {"estimate": value, "low": None, "high": None, "reason": UNSTEADY if len(drawn) else NO_DRAWS}
    return {"estimate": value, "low": low, "high": high}


def _why(figure: str, sample: Sample, risk: FloatArray) -> str:
    if figure != "calibration_slope":
        return ONE_SIDED
    sample, risk = answered(sample, risk)
    if not differs(risk, sample.stratum):
        return CONSTANT
    left = left_by(sample.outcome)
    return SEPARATES if left.any() and not left.all() else ONE_SIDED

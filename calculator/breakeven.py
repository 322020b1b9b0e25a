"""Where the programme neither gains nor loses: each solved with everything else at its point value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assumptions import Figure
from calculator.arrays import FloatArray
from calculator.model import Block
from calculator.resolve import QUANTITIES
from calculator.result import BreakEven
from calculator.roads import alliance_lift, relative_dropout
from calculator.roots import first_root

LIFT = "program.alliance_lift_sd"
PRICE = "program.subscription_per_clinician_month"
INTAKES = "clinic.intakes_per_month"
MINUTES = "program.minutes_per_unit"


def break_even(point: Block, trials: Figure) -> BreakEven:
    """Return the break-evens of one point block (shape (1,) throughout); ``trials`` is the trials' odds ratio."""
    ratio = _hazard_ratio(point)
    rate = point.values["clinic.dropout_rate"]
    odds = (trials.interval.low, trials.interval.high) if trials.interval else (trials.value or 1.0,) * 2
    best, worst = (1.0 - relative_dropout(rate, np.array([ratio])) for ratio in odds)
    return BreakEven(
        alliance_lift_sd=_alliance_lift(point, ratio),
        hazard_ratio=ratio,
        subscription_per_clinician_month=_price(point),
        intakes_per_month=_intakes(point),
        relative_dropout_reduction=_reduction(float(rate[0]), ratio),
        trial_reduction_low=float(worst[0]),
        trial_reduction_high=float(best[0]),
        minutes_per_unit=_minutes(point),
    )


def _hazard_ratio(point: Block) -> float | None:
    """Search from no effect (1) to no dropout at all (0)."""

    def npv(one_less: FloatArray) -> FloatArray:
        return replace(point, given_hazard_ratio=1.0 - one_less).npv

    root = first_root(npv, 0.0, 1.0)
    return None if root is None else 1.0 - root


def _alliance_lift(point: Block, ratio: float | None) -> float | None:
    """Return the lift that leads to the hazard ratio, another on the alliance road than where flags cost time."""
    if point.road == "targeted":
        ratio = _hazard_ratio(replace(point, road="alliance"))
    if ratio is None or ratio <= 0.0:
        return None
    odds = replace(point, given_hazard_ratio=np.array([ratio])).odds_ratio
    gap, causal = (float(point.values[f"program.{key}"][0]) for key in ("alliance_gap_sd", "causal_share"))
    lift = alliance_lift(float(odds[0]), gap, causal)
    return lift if lift <= QUANTITIES[LIFT].le else None


def _price(point: Block) -> float | None:
    """Solve the price directly: NPV falls by clinicians × discounted months for each unit of money."""
    slope = float((point.values["clinic.clinicians"] * point.discount_factors.sum(axis=1))[0])
    if slope <= 0.0:
        return None
    price = float(point.values[PRICE][0]) + float(point.npv[0]) / slope
    return price if 0.0 <= price <= QUANTITIES[PRICE].le else None


def _intakes(point: Block) -> float | None:
    """Solve the volume directly: all flows but the costs by clinician and at go-live scale with intakes."""
    months = point.discount_factors.sum(axis=1)
    unscaled = float((point.go_live_cost + point.cost_per_month * months)[0])
    scaled = float(point.npv[0]) + unscaled
    if scaled <= 0.0:
        return None
    intakes = float(point.values[INTAKES][0]) * unscaled / scaled
    return intakes if intakes <= QUANTITIES[INTAKES].le else None


def _minutes(point: Block) -> float | None:
    """Solve the time of measuring directly: NPV falls evenly with it."""
    free = float(replace(point, values={**point.values, MINUTES: np.zeros(1)}).npv[0])
    slope = free - float(replace(point, values={**point.values, MINUTES: np.ones(1)}).npv[0])
    minutes = free / slope if slope > 0.0 else -1.0
    return minutes if 0.0 <= minutes <= QUANTITIES[MINUTES].le else None


def _reduction(dropout_rate: float, hazard_ratio: float | None) -> float | None:
    """Return 1 − D'/D at the break-even hazard ratio."""
    if hazard_ratio is None or dropout_rate <= 0.0:
        return None
    return 1.0 + float(np.expm1(hazard_ratio * np.log1p(-dropout_rate))) / dropout_rate

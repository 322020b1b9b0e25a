"""The published course of dropout: the cumulative hazard of leaving, unit by unit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from assumptions import load_library
from plugin.caseload import FloatArray, IntArray
from plugin.records import SETTINGS


@dataclass(frozen=True)
class Course:
    """How clients of one setting leave.

    Attributes:
        dropout_rate: D, share of episodes that end before the last planned unit, of those that had a first unit.
        before_first: share that never comes to a first unit.
        shape: s of the discrete Weibull; below 1 dropout is front-loaded.
    """

    dropout_rate: float
    before_first: float
    shape: float


@cache
def course(setting: str) -> Course:
    """Return the published course of a setting; each number names its figure in the evidence library."""
    library = load_library()
    defaults = library.settings[setting].defaults
    rate = defaults["clinic.dropout_rate"].value
    median = defaults["clinic.median_dropout_unit"].value  # as a share of N - 1
    shape = math.log(math.log1p(-rate / 2.0) / math.log1p(-rate)) / math.log(median)
    before = library.roles["risk_before_first_unit"].value or 0.0
    return Course(rate, before, shape)


def cumulative_hazard(setting: IntArray, planned_units: IntArray, unit: IntArray) -> FloatArray:
    """Return the published cumulative hazard of leaving up to the moment at which unit ``unit`` comes.

    H(0) = 0 at intake; H(u) = −ln(1 − B) − ln(1 − D)·((u − 1)/(N − 1))^s for u = 1 … N. A client who has attended k
    units comes to the next with probability exp(−(H(k + 1) − H(k))): B is lost before the first unit, and of those
    who had one, D before the last. That is S_u = (1 − D)^(((u − 1)/(N − 1))^s), the retention of the financial model.

    Args:
        setting: places in ``SETTINGS``, shape (n,).
        planned_units: N, at least 1, shape (n,).
        unit: u, from 0 to N, shape (n,).

    Returns:
        Hazard, no unit, shape (n,).
    """
    courses = [course(name) for name in SETTINGS]
    to_end = np.array([-math.log1p(-c.dropout_rate) for c in courses])[setting]
    before = np.array([-math.log1p(-c.before_first) for c in courses])[setting]
    shape = np.array([c.shape for c in courses])[setting]
    last = np.maximum(planned_units - 1, 1)
    progress = np.clip((unit - 1) / last, 0.0, 1.0)
    hazard: FloatArray = np.where(unit >= 1, before + to_end * progress**shape, 0.0)
    return hazard


@cache
def usual_missed_share() -> FloatArray:
    """Return the published no-show rate of each setting, shape (settings,)."""
    library = load_library()
    return np.array([library.settings[name].defaults["clinic.no_show_rate"].value for name in SETTINGS])

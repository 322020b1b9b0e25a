"""What simulated clients would go through if none of them left: their days, visits and ratings up to the plan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from assumptions import load_library
from plugin.caseload import BoolArray, Caseload, FloatArray, IntArray, Ratings, Texts, Visits, texts
from plugin.features import scales
from plugin.records import COMPONENTS, MEASURES, SETTINGS, STATUSES, VISIT_STATUSES
from plugin.simulation.truth import AGE, REFERRAL, REFERRAL_SHARES, Truth

RATED: Final = (*COMPONENTS, "symptoms", "satisfaction")  # in the order of MEASURES; no total of the alliance
TOP: Final = {name: 27.0 if name == "symptoms" else 10.0 for name in RATED}  # scales that start at 0
DECIMALS: Final = {name: 0 if name == "symptoms" else 1 for name in RATED}

_DAYS_A_MONTH = 365.25 / 12.0
_LONGEST_GAP = 3  # booked visits that fall out in a row
_FIRST_WAIT = (2, 15)  # days from intake to the first booked visit
_COURSE = (-0.08, 0.06)  # mean and spread of the change of symptoms at each unit, in standard deviations
_SYMPTOM_NOISE = 0.35  # of one score, in standard deviations
_SATISFACTION_SHARE = 0.5  # correlation of satisfaction with the bond


@dataclass(frozen=True, eq=False)
class Paths:
    """The full paths of n clients over U units, U the longest plan.

    Attributes:
        caseload: the episodes with every visit and rating up to unit U; nobody has left, ``units_attended`` is U.
        day: of intake and of each unit, shape (n, U + 1).
        true: what the ratings measure: by measure, in standard deviations above the middle client, shape (n, U + 1).
        visit_unit: of each visit, the unit it led to, or whose place it was booked for.
        rating_unit: of each rating, the unit it belongs to; 0 at intake.
    """

    caseload: Caseload
    day: IntArray
    true: dict[str, FloatArray]
    visit_unit: IntArray

    @property
    def rating_unit(self) -> IntArray:
        """Return the unit of each rating."""
        return self.caseload.ratings.unit

    @cached_property
    def planned(self) -> IntArray:
        """Return each client's plan."""
        return self.caseload.planned_units


def paths(truth: Truth, ids: Texts, clients: Texts, as_of: int, rng: np.random.Generator) -> Paths:
    """Return the full paths of clients that come to intake in the days before ``as_of``."""
    n, units = len(ids), max(truth.plans)
    planned = np.array(truth.plans)[rng.integers(len(truth.plans), size=n)]
    intake = as_of - rng.integers(truth.intake_days, size=n)
    clinicians = texts([f"sim-clinician-{number + 1:02d}" for number in range(truth.clinicians)])
    covariates: dict[str, NDArray[Any]] = _covariates(truth, n, rng)
    day, visits, visit_unit = _visits(truth, intake, units, rng)
    true = _true_course(n, units, rng)
    caseload = Caseload(
        episode_id=ids,
        client=clients,
        clinician=clinicians[rng.integers(truth.clinicians, size=n)],
        setting=np.full(n, SETTINGS.index(truth.setting)),
        intake_day=intake,
        planned_units=planned,
        units_attended=np.full(n, units),
        last_unit_day=day[:, -1],
        status=np.full(n, STATUSES.index("open")),
        covariates=covariates,
        ratings=_ratings(truth, day, true, rng),
        visits=visits,
    )
    return Paths(caseload, day, true, visit_unit)


def _covariates(truth: Truth, n: int, rng: np.random.Generator) -> dict[str, NDArray[Any]]:
    age = np.clip(np.round(rng.normal(AGE.mean, AGE.sd, n)), 18.0, 90.0)
    referral = texts(REFERRAL.levels)[rng.choice(len(REFERRAL.levels), size=n, p=REFERRAL_SHARES)]
    age[rng.random(n) < truth.unknown_rate] = np.nan
    referral[rng.random(n) < truth.unknown_rate] = None
    return {AGE.name: age, REFERRAL.name: referral}


def _visits(truth: Truth, intake: IntArray, units: int, rng: np.random.Generator) -> tuple[IntArray, Visits, IntArray]:
    """Return the day of each unit, all visits, and the unit that each of them was booked for.

    Visits are booked at a steady pace; before each unit up to ``_LONGEST_GAP`` of them fall out.
    """
    n, missed = len(intake), truth.missed_rate
    sameness = truth.no_show_sameness
    own = rng.beta(missed * sameness, (1.0 - missed) * sameness, n) if 0.0 < missed < 1.0 else np.full(n, missed)
    own = np.minimum(own, 0.9)
    fails = own + (1.0 - own) * truth.cancel_rate
    fallen = np.minimum(rng.geometric(1.0 - fails[:, None], (n, units)) - 1, _LONGEST_GAP)
    slot = np.cumsum(fallen + 1, axis=1) - 1
    pace = max(_DAYS_A_MONTH / truth.units_per_month, 1.0)  # days between booked visits, so that no two share a day
    start = intake + rng.integers(*_FIRST_WAIT, size=n)

    place = np.arange(_LONGEST_GAP + 1)
    booked = (slot - fallen)[:, :, None] + place
    day = start[:, None, None] + np.floor(booked * pace).astype(np.int64)
    cause = rng.random(day.shape) * fails[:, None, None]
    late = own[:, None, None] * 0.75
    status = np.select(
        [place == fallen[:, :, None], cause < late, cause < own[:, None, None]],
        [VISIT_STATUSES.index(name) for name in ("attended", "no_show", "late_cancel")],
        VISIT_STATUSES.index("cancelled"),
    )
    exists = place <= fallen[:, :, None]
    row, unit, _ = np.nonzero(exists)
    attended = start[:, None] + np.floor(slot * pace).astype(np.int64)
    days = np.concatenate([intake[:, None], attended], axis=1)
    return days, Visits(row, day[exists], status[exists]), unit + 1


def _true_course(n: int, units: int, rng: np.random.Generator) -> dict[str, FloatArray]:
    """Return what the ratings measure, in standard deviations, shape (n, units + 1) each."""
    shared = float(load_library().roles["risk_component_correlation"].value or 0.0)
    common = rng.normal(size=n)
    flat = np.zeros(units + 1)
    true = {
        name: (np.sqrt(shared) * common + np.sqrt(1.0 - shared) * rng.normal(size=n))[:, None] + flat
        for name in COMPONENTS
    }
    change = rng.normal(*_COURSE, n)
    true["symptoms"] = rng.normal(size=n)[:, None] + change[:, None] * np.arange(units + 1)
    own = np.sqrt(1.0 - _SATISFACTION_SHARE**2)
    true["satisfaction"] = _SATISFACTION_SHARE * true["bond"] + own * rng.normal(size=n)[:, None]
    return true


def _ratings(truth: Truth, day: IntArray, true: dict[str, FloatArray], rng: np.random.Generator) -> Ratings:
    """Return the ratings: symptoms at intake, all measures after each unit at which they are collected."""
    n, moments = day.shape
    scale = scales()
    noise = scale.noise if truth.rating_noise is None else truth.rating_noise
    collected = rng.random((n, moments)) < truth.rating_rate
    exists = np.repeat(collected[:, None, :], len(RATED), axis=1)
    exists[:, :, 0] = False
    exists[:, RATED.index("symptoms"), 0] = truth.rating_rate > 0.0
    share = np.empty(exists.shape)
    for place, name in enumerate(RATED):
        error = _SYMPTOM_NOISE if name == "symptoms" else np.sqrt(noise)
        felt = true[name] + error * rng.normal(size=(n, moments))
        part = np.clip(scale.mean[name] + scale.sd[name] * felt, 0.0, 1.0)
        share[:, place] = np.round(part * TOP[name], DECIMALS[name]) / TOP[name]
    row, rated, unit = np.nonzero(exists)
    measure = np.array([MEASURES.index(name) for name in RATED])[rated]
    return Ratings(row, measure, day[row, unit], unit, share[exists])


def kept(paths: Paths, ratings: BoolArray, visits: BoolArray, visit_status: IntArray) -> tuple[Ratings, Visits]:
    """Return the ratings and visits that did take place, visits with the status they really had."""
    r, v = paths.caseload.ratings, paths.caseload.visits
    return (
        Ratings(r.episode[ratings], r.measure[ratings], r.day[ratings], r.unit[ratings], r.share[ratings]),
        Visits(v.episode[visits], v.day[visits], visit_status[visits]),
    )

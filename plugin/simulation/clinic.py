"""Simulate a clinic: who leaves, and what its records show on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from plugin.caseload import NO_DAY, Caseload, FloatArray, IntArray, Ratings, Visits, day_number, texts
from plugin.features import features
from plugin.hazard import design
from plugin.records import COMPONENTS, STATUSES, VISIT_STATUSES
from plugin.retention import cumulative_hazard
from plugin.simulation.frames import Frames, frames
from plugin.simulation.paths import Paths, kept, paths
from plugin.simulation.truth import COLUMNS, COVARIATES, LABEL, Truth

AS_OF: Final = dt.date(2026, 6, 30)  # a day of its own, for no clock is read
_BLOCK = 20_000  # episodes made at once, so that memory does not grow with the longest path of all


@dataclass(frozen=True, eq=False)
class Simulated:
    """A simulated clinic and what is true of it; rows are episodes. No real person is in it.

    Attributes:
        caseload: what the clinic's records show on ``as_of``.
        truth: what made it.
        as_of: the day.
        log_hazard: x·β + b after each unit k = 0 … U − 1, also after units that never came; NaN beyond the plan;
            shape (n, U), U the longest plan.
        leaving: probability of leaving after each of these units, before the next, same shape.
        fate: how the episode ends, also where that lies after ``as_of``: place in ``STATUSES``, never open.
        last_unit: units attended when it has ended.
        effects: b of each clinician.
    """

    caseload: Caseload
    truth: Truth
    as_of: dt.date
    log_hazard: FloatArray
    leaving: FloatArray
    fate: IntArray
    last_unit: IntArray
    effects: Mapping[str, float]

    @property
    def label(self) -> str:
        """Say what this is, wherever it shows."""
        return LABEL

    def frames(self) -> Frames:
        """Return episodes, ratings and visits as tables in the format that ``plugin.loading`` reads."""
        return frames(self.caseload)


def simulate(truth: Truth, episodes: int, seed: int, as_of: dt.date = AS_OF) -> Simulated:
    """Return a simulated clinic; the same arguments give the same one.

    Each client goes through a full path; after each unit k they leave with probability 1 − exp(−ΔH_k·exp(x_k·β + b)),
    ΔH_k the published hazard and x_k what is known on the day of unit k (of intake for k = 0). Whoever leaves does not
    come to the next unit, which stands as a no-show, and nothing after it took place.

    Args:
        truth: what is true in the clinic.
        episodes: n, at least 1.
        seed: of all that is random.
        as_of: the day on which its records are read; episodes whose end lies later are open.
    """
    if episodes < 1:
        raise ValueError("a caseload has at least one episode")
    day = day_number(as_of)
    sources = np.random.SeedSequence(seed).spawn(1 + -(-episodes // _BLOCK))
    spread = np.random.default_rng(sources[0]).normal(0.0, 1.0, truth.clinicians) * truth.clinician_sd
    effects = {f"sim-clinician-{number + 1:02d}": float(b) for number, b in enumerate(spread)}
    parts = [
        _block(truth, start, min(_BLOCK, episodes - start), day, effects, np.random.default_rng(source))
        for start, source in zip(range(0, episodes, _BLOCK), sources[1:], strict=True)
    ]
    caseload = _joined([part[0] for part in parts])
    log_hazard, leaving, fate, last_unit = (np.concatenate([part[place] for part in parts]) for place in range(1, 5))
    return Simulated(caseload, truth, as_of, log_hazard, leaving, fate, last_unit, effects)


def _block(
    truth: Truth, start: int, n: int, as_of: int, effects: Mapping[str, float], rng: np.random.Generator
) -> tuple[Caseload, FloatArray, FloatArray, IntArray, IntArray]:
    numbers = range(start + 1, start + n + 1)
    ids, clients = texts([f"sim-{i:05d}" for i in numbers]), texts([f"sim-client-{i:05d}" for i in numbers])
    path = paths(truth, ids, clients, as_of, rng)
    log_hazard, leaving = _hazard(truth, path, effects)
    planned = path.planned
    drawn = rng.random(leaving.shape) < np.nan_to_num(leaving)  # beyond the plan nobody leaves
    left = np.where(drawn.any(axis=1), drawn.argmax(axis=1), planned)
    moved = rng.random(leaving.shape) < truth.other_rate
    ended = np.where(moved.any(axis=1), moved.argmax(axis=1), planned)
    last_unit = np.minimum(np.minimum(left, ended), planned)
    fate = np.select(
        [last_unit == planned, ended <= left],  # an end for another reason comes right after the unit
        [STATUSES.index("completed"), STATUSES.index("discharged_other")],
        STATUSES.index("dropped_out"),
    )
    return _seen(path, fate, last_unit, as_of), log_hazard, leaving, fate, last_unit


def _hazard(truth: Truth, path: Paths, effects: Mapping[str, float]) -> tuple[FloatArray, FloatArray]:
    """Return x·β + b and the probability of leaving after each unit, shape (n, U); NaN beyond the plan."""
    n, units = len(path.caseload), path.day.shape[1] - 1
    rows, unit = np.repeat(np.arange(n), units), np.tile(np.arange(units), n)
    within = unit < path.planned[rows]
    rows, unit = rows[within], unit[within]
    known = features(path.caseload, rows, unit, path.day[rows, unit])
    x = design(path.caseload, known, COVARIATES).x
    if not truth.observed:
        for name in (*COMPONENTS, "symptoms", "satisfaction"):
            x[:, COLUMNS.index(name)] = path.true[name][rows, unit]
        course = path.true["symptoms"]
        x[:, COLUMNS.index("symptoms_change")] = course[rows, unit] - course[rows, 0]
    own = np.array([effects[name] for name in path.caseload.clinician])
    log_hazard, leaving = np.full((n, units), np.nan), np.full((n, units), np.nan)
    log_hazard[rows, unit] = x @ truth.beta + own[rows]
    setting, planned = path.caseload.setting[rows], path.planned[rows]
    step = cumulative_hazard(setting, planned, unit + 1) - cumulative_hazard(setting, planned, unit)
    leaving[rows, unit] = -np.expm1(-step * np.exp(log_hazard[rows, unit]))
    return log_hazard, leaving


def _seen(path: Paths, fate: IntArray, last_unit: IntArray, as_of: int) -> Caseload:
    """Return what the records show on a day of paths that end so."""
    everyone = np.arange(len(fate))
    dropped = fate == STATUSES.index("dropped_out")
    attended = np.minimum(last_unit, (path.day[:, 1:] <= as_of).sum(axis=1))
    # one who leaves is known to have left when the next unit comes without them
    end_day = path.day[everyone, last_unit + dropped]
    r, v = path.caseload.ratings, path.caseload.visits
    absent = dropped[v.episode] & (path.visit_unit == last_unit[v.episode] + 1)
    attended_visit = v.status == VISIT_STATUSES.index("attended")
    status = np.where(absent & attended_visit, VISIT_STATUSES.index("no_show"), v.status)
    ended = end_day <= as_of
    found, booked = kept(
        path,
        ratings=path.rating_unit <= attended[r.episode],
        visits=((path.visit_unit <= last_unit[v.episode]) | absent) & (v.day <= as_of),
        visit_status=status,
    )
    return replace(
        path.caseload,
        units_attended=attended,
        last_unit_day=np.where(attended > 0, path.day[everyone, attended], NO_DAY),
        status=np.where(ended, fate, STATUSES.index("open")),
        ratings=found,
        visits=booked,
    )


def _joined(parts: list[Caseload]) -> Caseload:
    """Return the episodes of several blocks as one caseload, in their order."""
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *(len(part) for part in parts[:-1])])

    def joined(columns: list[NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate(columns)

    own = {
        name: joined([getattr(part, name) for part in parts])
        for name in (
            "episode_id",
            "client",
            "clinician",
            "setting",
            "intake_day",
            "planned_units",
            "units_attended",
            "last_unit_day",
            "status",
        )
    }
    r, v = [part.ratings for part in parts], [part.visits for part in parts]
    return Caseload(
        **own,
        covariates={name: joined([part.covariates[name] for part in parts]) for name in parts[0].covariates},
        ratings=Ratings(
            joined([one.episode + start for one, start in zip(r, starts, strict=True)]),
            *(joined([getattr(one, name) for one in r]) for name in ("measure", "day", "unit", "share")),
        ),
        visits=Visits(
            joined([one.episode + start for one, start in zip(v, starts, strict=True)]),
            *(joined([getattr(one, name) for one in v]) for name in ("day", "status")),
        ),
    )

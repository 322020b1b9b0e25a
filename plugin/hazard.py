"""The hazard model that both predictors share: a published course of dropout, moved by what is known of a client.

With k units attended, the hazard of leaving before the next is ΔH_k·exp(x_k·β + b), where ΔH_k is the published
hazard (``retention``), x_k what is known (0 for the middle client, and where nothing is known), β slopes and b the
clinician's effect. This is a discrete-time model with a complementary log-log link: hazards are proportional, as in
the financial model, where a programme raises S_k to the power of a hazard ratio.

References:
    Prentice RL, Gloeckler LA (1978). Regression analysis of grouped survival data. Biometrics 34(1):57-67.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from plugin.caseload import BoolArray, Caseload, FloatArray, IntArray, covariate_text, texts
from plugin.features import Features, features
from plugin.records import COMPONENTS
from plugin.retention import cumulative_hazard, usual_missed_share

BASELINE: Final = ("intercept", "before_first", "early", "late")
SLOPES: Final = (*COMPONENTS, "symptoms", "symptoms_change", "satisfaction", "missed_share")
MISSED_STEP: Final = 0.5  # the published hazard ratio is for half of the last visits
EARLY_UNITS: Final = 3


@dataclass(frozen=True)
class NumberCovariate:
    """A number known at intake; it enters as (value − mean)/sd."""

    name: str
    mean: float
    sd: float


@dataclass(frozen=True)
class ChoiceCovariate:
    """A category known at intake; one column for each level, and nothing for a level never seen."""

    name: str
    levels: tuple[str, ...]


CovariateSpec = NumberCovariate | ChoiceCovariate


@dataclass(frozen=True, eq=False)
class HazardModel:
    """Slopes with their uncertainty, and what they belong to.

    Attributes:
        mean: β, shape (p,), in the order of ``columns``.
        covariance: of β, shape (p, p).
        covariates: further facts known at intake that have slopes.
        clinicians: b and its variance by clinician; a clinician not in it has ``clinician_variance`` around 0.
        clinician_variance: variance of b between clinicians.
        persistence: which part of each of ``SLOPES`` is still there some units later, shape (lags, slopes); see
            ``persistence``. None: what is known today stays so.
    """

    mean: FloatArray
    covariance: FloatArray
    covariates: tuple[CovariateSpec, ...] = ()
    clinicians: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    clinician_variance: float = 0.0
    persistence: FloatArray | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns of x, in order."""
        return columns(self.covariates)


def columns(covariates: tuple[CovariateSpec, ...]) -> tuple[str, ...]:
    """Return the names of the columns of x: baseline, slopes, then covariates (``name`` or ``name=level``)."""
    own: list[str] = []
    for spec in covariates:
        own += [spec.name] if isinstance(spec, NumberCovariate) else [f"{spec.name}={level}" for level in spec.levels]
    return (*BASELINE, *SLOPES, *own)


@dataclass(frozen=True, eq=False)
class Design:
    """x for each moment, shape (n, p), zero where unknown, and which entries are unknown, same shape."""

    x: FloatArray
    missing: BoolArray


def design(caseload: Caseload, known: Features, covariates: tuple[CovariateSpec, ...] = ()) -> Design:
    """Return x for each moment of ``known``.

    A part of the alliance that was not rated is taken to be as the parts that were, or as the total.
    """
    n, names = len(known), columns(covariates)
    shape = (n, len(names))
    x, missing = np.zeros(shape, order="F"), np.zeros(shape, dtype=np.bool_, order="F")  # column by column is quick
    planned = caseload.planned_units[known.episode]
    x[:, : len(BASELINE)] = baseline(known.unit, planned)
    for place, (values, unknown) in enumerate(_slope_columns(caseload, known), start=len(BASELINE)):
        x[:, place], missing[:, place] = values, unknown
    place = len(BASELINE) + len(SLOPES)
    for spec in covariates:
        if isinstance(spec, NumberCovariate):
            values = _numbers(caseload, spec.name)[known.episode]
            unknown = np.isnan(values)
            x[:, place] = np.where(unknown, 0.0, (values - spec.mean) / spec.sd)
            missing[:, place] = unknown
            place += 1
        else:
            chosen = _choices(caseload, spec.name)[known.episode]
            for level in spec.levels:
                x[:, place] = chosen == level
                place += 1
    return Design(x, missing)


def baseline(unit: IntArray, planned_units: IntArray) -> FloatArray:
    """Return the columns by which a clinic's course may bend away from the published one, shape (n, 4)."""
    bend = np.empty((*np.shape(unit), len(BASELINE)))
    bend[..., 0] = 1.0
    bend[..., 1] = unit == 0
    bend[..., 2] = (unit >= 1) & (unit <= EARLY_UNITS)
    bend[..., 3] = np.minimum(unit / planned_units, 1.0) - 0.5
    return bend


def _slope_columns(caseload: Caseload, known: Features) -> list[tuple[FloatArray, BoolArray]]:
    parts = [known.measures[name] for name in COMPONENTS]
    total = known.measures["alliance_total"]
    rated = [~np.isnan(part) for part in parts]
    count = rated[0].astype(np.float64) + rated[1] + rated[2]
    filled = [np.where(has, part, 0.0) for has, part in zip(rated, parts, strict=True)]
    others = (filled[0] + filled[1] + filled[2]) / np.where(count > 0, count, 1.0)
    stand_in = np.where(count > 0, others, np.where(np.isnan(total), 0.0, total))
    nothing = (count == 0) & np.isnan(total)
    found = [(np.where(has, part, stand_in), nothing) for has, part in zip(rated, parts, strict=True)]
    others_known = (known.measures["symptoms"], known.symptoms_change, known.measures["satisfaction"])
    found += [(np.where(np.isnan(values), 0.0, values), np.isnan(values)) for values in others_known]
    usual = usual_missed_share()[caseload.setting[known.episode]]
    unknown = np.isnan(known.missed_share)
    missed = np.where(unknown, 0.0, (np.where(unknown, 0.0, known.missed_share) - usual) / MISSED_STEP)
    found.append((missed, unknown))
    return found


def _numbers(caseload: Caseload, name: str) -> FloatArray:
    values = caseload.covariates.get(name)
    if values is None:
        return np.full(len(caseload), np.nan)
    if values.dtype == np.object_:  # one client's text must not hide another one's number
        return np.array([_number(value) for value in values], dtype=np.float64)
    return np.asarray(values, dtype=np.float64)


def _number(text: str | None) -> float:
    try:
        number = float(text or "nan")
    except ValueError:
        return np.nan
    return number if np.isfinite(number) else np.nan


def _choices(caseload: Caseload, name: str) -> NDArray[Any]:
    values = caseload.covariates.get(name)
    if values is None:
        return np.full(len(caseload), None, dtype=np.object_)
    return values if values.dtype == np.object_ else texts([None if v != v else covariate_text(v) for v in values])


@dataclass(frozen=True, eq=False)
class Linear:
    """x·β + b for each moment with its standard error, the term of each column, and x itself; see ``linear``."""

    value: FloatArray
    error: FloatArray
    terms: FloatArray
    x: FloatArray


def linear(model: HazardModel, caseload: Caseload, known: Features) -> Linear:
    """Return what a client's own facts add to the log hazard, shape (n,), and its parts, shape (n, p).

    The error holds that of the slopes, of the clinician's effect, and of what is not known: a fact that is missing
    lies one standard deviation around the middle client, the parts of the alliance together. Sums run column by
    column, so that a row does not depend on the rows beside it.
    """
    made = design(caseload, known, model.covariates)
    terms = made.x * model.mean
    effect, variance = clinician_effects(model, caseload, known.episode)
    value = effect.copy()
    for place in range(terms.shape[1]):
        value = value + terms[:, place]
        together = np.flatnonzero(model.covariance[place])  # the evidence model has next to no covariance
        if len(together):
            row = np.zeros(len(known))
            for other in together:
                row += made.x[:, other] * model.covariance[place, other]
            variance = variance + made.x[:, place] * row
    first, alliance = len(BASELINE), len(COMPONENTS)
    unknown_alliance = float(np.sum(model.mean[first : first + alliance])) ** 2
    variance = variance + np.where(made.missing[:, first], unknown_alliance, 0.0)
    for place in range(first + alliance, terms.shape[1]):
        variance = variance + np.where(made.missing[:, place], model.mean[place] ** 2, 0.0)
    return Linear(value, np.sqrt(variance), terms, made.x)


def clinician_effects(model: HazardModel, caseload: Caseload, episode: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return each moment's clinician effect and its variance; those of a clinician never seen are 0 and the spread."""
    names = caseload.clinician[episode]
    if not model.clinicians:
        return np.zeros(len(names)), np.full(len(names), model.clinician_variance)
    unseen = (0.0, model.clinician_variance)
    pairs = [model.clinicians.get(name, unseen) for name in names]
    return np.array([pair[0] for pair in pairs], dtype=np.float64), np.array([pair[1] for pair in pairs])


def bent_hazard(model: HazardModel, setting: int, planned_units: int) -> FloatArray:
    """Return this model's cumulative hazard H(u) of the middle client for u = 0 … N, shape (N + 1,).

    Steps are ΔH_k·exp(bend_k·β), k = 0 … N − 1, without the intercept, which is among the client's own facts.
    """
    units = np.arange(planned_units + 1)
    plan = np.full(len(units), planned_units)
    steps = np.diff(cumulative_hazard(np.full(len(units), setting), plan, units))
    bend = baseline(units[:-1], plan[:-1])[:, 1:] @ model.mean[1 : len(BASELINE)]
    return np.concatenate([[0.0], np.cumsum(steps * np.exp(bend))])


def moments_today(caseload: Caseload, day: int) -> Features:
    """Return what is known on a day, one moment for each episode, with the units attended as they stand."""
    everyone = np.arange(len(caseload))
    return features(caseload, everyone, caseload.units_attended, np.full(len(caseload), day))


__all__ = [
    "BASELINE",
    "SLOPES",
    "ChoiceCovariate",
    "CovariateSpec",
    "Design",
    "HazardModel",
    "Linear",
    "NumberCovariate",
    "baseline",
    "bent_hazard",
    "clinician_effects",
    "columns",
    "design",
    "linear",
    "moments_today",
]

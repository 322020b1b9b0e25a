"""Learn a hazard model from episodes, starting from what is published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from assumptions import load_library
from plugin.caseload import Caseload, IntArray
from plugin.covariates import covariate_specs
from plugin.errors import PluginError
from plugin.evidence import evidence_model
from plugin.fitting import Prior, Rows, fit, inverse
from plugin.hazard import BASELINE, SLOPES, CovariateSpec, HazardModel, columns, design
from plugin.persistence import persistence
from plugin.person_units import PersonUnits, person_units


@dataclass(frozen=True, eq=False)
class Learnt:
    """A model, where it started from, and how much it was learnt from.

    Attributes:
        model, prior: with the same columns.
        person_units, dropouts: rows of the fit, and those that left.
        left_out: covariates, or levels of them, that were not used: why, by name.
    """

    model: HazardModel
    prior: HazardModel
    person_units: int
    dropouts: int
    left_out: Mapping[str, str]


def in_order(caseload: Caseload) -> Caseload:
    """Return the caseload in the order of clinicians and episodes, whatever order it came in.

    A sum depends on the order of its terms in the last digit, and a model file shall not depend on the order of rows.
    """
    keys = zip(caseload.clinician, caseload.episode_id, caseload.client, caseload.intake_day, strict=True)
    named = list(keys)
    return caseload.take(np.array(sorted(range(len(named)), key=named.__getitem__), dtype=np.int64))


def learn(caseload: Caseload, settled_by: int | None = None, progress: Callable[[], None] = lambda: None) -> Learnt:
    """Return the model of a caseload that stands in the order of ``in_order``.

    Args:
        caseload: the episodes, as they were known on the day of the fit.
        settled_by: rows after this day are left out; see ``person_units``.
        progress: called after each pass over the rows.

    Raises:
        PluginError: where there is nothing to learn from.
    """
    rows = person_units(caseload, settled_by)
    if not len(rows):
        raise PluginError(["there is no episode with a unit attended or a dropout, so there is nothing to learn from"])
    specs, left_out = covariate_specs(caseload)
    prior = prior_model(specs)
    names, clinician = clinicians(caseload, rows)
    data = Rows(design(caseload, rows.known(), specs).x, rows.hazard(), rows.left, clinician)
    start = Prior(prior.mean, inverse(prior.covariance), prior.clinician_variance)
    try:
        found = fit(data, start, progress)
    except ArithmeticError as error:
        raise PluginError([f"{error}; look for a covariate with values far from all others"]) from None
    effects = zip(found.effects.tolist(), found.variances.tolist(), strict=True)
    model = HazardModel(
        mean=found.mean,
        covariance=found.covariance,
        covariates=specs,
        clinicians=dict(zip(names, effects, strict=True)),
        clinician_variance=found.clinician_variance,
        persistence=persistence(data.x[:, len(BASELINE) : len(BASELINE) + len(SLOPES)], rows.episode),
    )
    return Learnt(model, prior, len(rows), int(rows.left.sum()), left_out)


def prior_model(specs: tuple[CovariateSpec, ...]) -> HazardModel:
    """Return the evidence model with a slope for each covariate: 0, and not far from it."""
    evidence = evidence_model()
    own = len(columns(specs)) - len(evidence.mean)
    spread = float(load_library().roles["risk_covariate_log_sd"].value or 0.0)
    variances = np.concatenate([np.zeros(len(evidence.mean)), np.full(own, spread**2)])
    covariance = np.diag(variances)
    covariance[: len(evidence.mean), : len(evidence.mean)] = evidence.covariance
    return HazardModel(
        mean=np.concatenate([evidence.mean, np.zeros(own)]),
        covariance=covariance,
        covariates=specs,
        clinician_variance=evidence.clinician_variance,
    )


def clinicians(caseload: Caseload, rows: PersonUnits) -> tuple[list[str], IntArray]:
    """Return the clinicians with rows, in order, and the place of each row's clinician; −1 where unknown."""
    own = caseload.clinician[rows.episode]
    starts = np.flatnonzero(own != np.concatenate([[None], own[:-1]]))
    names = [str(own[start]) for start in starts]
    place = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(own))))
    if names[0] == "":
        names, place = names[1:], place - 1
    return names, place

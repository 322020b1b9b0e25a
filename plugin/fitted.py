"""The *fitted* predictor: starts from the evidence predictor and learns from a clinic's own episodes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from assumptions import load_library
from plugin.caseload import Caseload, day_number, day_of
from plugin.contract import LocalRecord, ModelCard
from plugin.errors import PluginError
from plugin.learning import Learnt, in_order, learn
from plugin.linear_predictor import LinearPredictor
from plugin.model_cards import own_card
from plugin.model_file import version_of
from plugin.model_schema import NAME
from plugin.out_of_time import out_of_time
from plugin.training import Training, fewest_episodes
from plugin.unit_days import as_known_on, usual_gap


@dataclass(frozen=True, eq=False)
class Fitted:
    """A predictor with what it was learnt from and where it started.

    Attributes:
        predictor: to score with, or to write with ``model_file.model_bytes``.
        training: counts and dates.
        learnt: the model beside its prior.
        unjudged: why there is no local record; empty where there is one.
    """

    predictor: LinearPredictor
    training: Training
    learnt: Learnt
    unjudged: str


def fit_predictor(caseload: Caseload, as_of: dt.date | None = None) -> LinearPredictor:
    """Return a predictor fitted to a caseload; see ``fit_caseload``."""
    return fit_caseload(caseload, as_of).predictor


def fit_caseload(
    caseload: Caseload, as_of: dt.date | None = None, progress: Callable[[], None] = lambda: None
) -> Fitted:
    """Return a predictor fitted to a caseload, judged on the last quarter of its intakes.

    Args:
        caseload: the episodes; the order of rows makes no difference.
        as_of: nothing after this day is used, and only what was known on it. Without it, all that the records say
            counts as known, and the model bears the latest day in them.
        progress: called after each pass over the person-units.

    Raises:
        PluginError: where there is nothing to learn from.
    """
    settled_by = None
    if as_of is not None:
        caseload = as_known_on(caseload, as_of)
        settled_by = day_number(as_of) - usual_gap(caseload)
    if not len(caseload):
        when = "" if as_of is None else f" with an intake up to {as_of.isoformat()}"
        raise PluginError([f"there is no episode{when}, so there is nothing to learn from"])
    caseload = in_order(caseload)
    learnt = learn(caseload, settled_by, progress)
    training = _training(caseload, learnt, (as_of or latest_day(caseload)).isoformat())
    record, unjudged = out_of_time(caseload, training.as_of, settled_by)
    version = version_of(learnt.model, training)
    card = _card(training, record, unjudged, version)
    return Fitted(LinearPredictor(NAME, version, learnt.model, card, record), training, learnt, unjudged)


def latest_day(caseload: Caseload) -> dt.date:
    """Return the latest day in the records of at least one episode."""
    columns = (caseload.intake_day, caseload.last_unit_day, caseload.ratings.day, caseload.visits.day)
    latest = day_of(int(np.concatenate(columns).max()))
    assert latest is not None  # noqa: S101 - each episode has a day of intake
    return latest


def _training(caseload: Caseload, learnt: Learnt, as_of: str) -> Training:
    first, last = day_of(int(caseload.intake_day.min())), day_of(int(caseload.intake_day.max()))
    return Training(
        episodes=len(caseload),
        dropouts=learnt.dropouts,
        person_units=learnt.person_units,
        clinicians=len(learnt.model.clinicians),
        first_intake=str(first),
        last_intake=str(last),
        as_of=as_of,
        evidence_sha256=load_library().sha256,
        left_out=dict(learnt.left_out),
    )


def _card(training: Training, record: LocalRecord | None, unjudged: str, version: str) -> ModelCard:
    """Return the model card, filled with counts."""
    card = own_card(NAME)
    words = {
        "episodes": f"{training.episodes:,}",
        "dropouts": f"{training.dropouts:,}",
        "person_units": f"{training.person_units:,}",
        "clinicians": f"{training.clinicians:,}",
        "first_intake": training.first_intake,
        "last_intake": training.last_intake,
        "as_of": training.as_of,
        "version": version,
        "performance": performance(record, unjudged),
    }
    small = (
        f"It was fitted to {training.episodes} episodes. Fewer than {fewest_episodes()} make a small model, which "
        "rests mostly on published figures.",
    )
    return replace(
        card,
        trained_on=card.trained_on.format_map(words),
        performance=card.performance.format_map(words),
        version=card.version.format_map(words),
        date=card.date.format_map(words),
        limits=(*(small if training.small else ()), *card.limits),
    )


def performance(record: LocalRecord | None, unjudged: str) -> str:
    """Say how the model did on later clients, with 95 percent intervals."""
    if record is None:
        return f"Not known: {unjudged}. `rapport evaluate` judges it on other episodes."
    slope, ratio, sorting = (
        f"{value:.2f} ({low:.2f} to {high:.2f})"
        for value, low, high in (record.calibration_slope, record.expected_observed, record.c_index)
    )
    return (
        f"Fitted to the earlier intakes and judged on the {record.episodes:,} later ones, {record.events:,} of whom "
        f"dropped out, for the risk before the next unit: calibration slope {slope}, expected over observed {ratio}, "
        f"C-index {sorting}; 95 percent intervals."
    )

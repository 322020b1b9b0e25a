"""A hazard model as a predictor: questions in, scores with reasons out. Both predictors of our own are one of these."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from plugin.caseload import Caseload, caseload_of, day_number
from plugin.contract import (
    API_VERSION,
    Abstention,
    Answer,
    Contribution,
    LocalRecord,
    ModelCard,
    Need,
    Probability,
    Request,
    Score,
)
from plugin.hazard import HazardModel
from plugin.records import COMPONENTS, MEASURES
from plugin.scores import REASONS, Scores, score
from plugin.words import UNSPOKEN, term_words

HORIZON: Final = "leaving before the next planned unit, and leaving before the last planned unit"
MOST_REASONS: Final = 3
LEAST_REASON: Final = 0.05  # of log hazard: less than a twentieth is no reason


@dataclass(frozen=True, eq=False)
class LinearPredictor:
    """A named hazard model; see ``contract.Predictor`` for what each attribute means."""

    name: str
    version: str
    model: HazardModel
    model_card: ModelCard
    local_record: LocalRecord | None = None

    @property
    def api_version(self) -> tuple[int, int]:
        """The contract of this release."""
        return API_VERSION

    @property
    def horizon(self) -> str:
        """What the two risks mean."""
        return HORIZON

    @property
    def needs(self) -> tuple[Need, ...]:
        """Ratings, visits, and the facts at intake that have slopes; it makes do without any of them."""
        covariates = tuple(spec.name for spec in self.model.covariates)
        own = (Need("covariate", covariates),) if covariates else ()
        return (Need("ratings", MEASURES), Need("visits"), *own)

    def card(self) -> ModelCard:
        """Return the model card."""
        return self.model_card

    def score(self, caseload: Caseload, as_of: dt.date) -> Scores:
        """Return the scores of a caseload as seen on a day."""
        return score(self.model, caseload, day_number(as_of))

    def predict(self, requests: Sequence[Request]) -> Sequence[Answer]:
        """Return one answer for each request, in their order."""
        answers: dict[int, Answer] = {}
        for day in sorted({request.as_of for request in requests}):
            rows = [row for row, request in enumerate(requests) if request.as_of == day]
            asked = [requests[row] for row in rows]
            caseload = caseload_of([r.episode for r in asked], [r.ratings for r in asked], [r.visits for r in asked])
            answers |= zip(rows, answers_of(self.score(caseload, day)), strict=True)
        return [answers[row] for row in range(len(requests))]


def answers_of(scores: Scores) -> list[Answer]:
    """Return scores as answers of the contract, one for each episode."""
    return [_answer(scores, row) for row in range(len(scores.reason))]


def _answer(scores: Scores, row: int) -> Answer:
    if scores.reason[row]:
        return Abstention(REASONS[scores.reason[row]])
    weakest = int(scores.weakest[row])
    return Score(
        risk_next_unit=_probability(scores.risk_next_unit[row], scores.next_low[row], scores.next_high[row]),
        risk_before_completion=_probability(
            scores.risk_before_completion[row], scores.completion_low[row], scores.completion_high[row]
        ),
        expected_units_remaining=float(scores.expected_units_remaining[row]),
        weakest_component=None if weakest < 0 else COMPONENTS[weakest],
        contributions=contributions(scores, row),
    )


def _probability(value: float, low: float, high: float) -> Probability:
    return Probability(float(value), float(low), float(high))


def contributions(scores: Scores, row: int) -> tuple[Contribution, ...]:
    """Return what moves one score, the weightiest first; what hardly moves it and what is not said is left out."""
    terms = scores.terms[row]
    order = np.argsort(-np.abs(terms), kind="stable")
    return tuple(
        Contribution(scores.term_names[place], float(terms[place]), term_words(scores.term_names[place], terms[place]))
        for place in order
        if abs(terms[place]) >= LEAST_REASON and scores.term_names[place] not in UNSPOKEN
    )

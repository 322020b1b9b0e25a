"""One call from its data to its answer. It reads no clock, no network and no file, and keeps nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from plugin.caseload import caseload_of, day_number
from plugin.cds.body import without_nothing
from plugin.cds.cards import Maker, ratings_card, risk_card
from plugin.cds.fhir_in import ClientRecord
from plugin.cds.request import HookRequest
from plugin.cds.risk_assessment import risk_assessment
from plugin.contract import Abstention, Answer, Request, Score
from plugin.hazard import moments_today
from plugin.records import COMPONENTS
from plugin.scores import weakest_component


class Asks(Protocol):
    """Who asks the predictor; ``plugin.host.Host`` is one."""

    def predict(self, requests: Sequence[Request]) -> Sequence[Answer]:
        """Return one sound answer for each request."""
        ...

    def process_card(self, card: dict[str, Any], answer: Answer, request: Request) -> dict[str, Any]:
        """Return a card as side plugins leave it."""
        ...


@dataclass(frozen=True, slots=True)
class Speech:
    """What the service says and how far it may go.

    Attributes:
        host: asks the predictor.
        maker: who speaks in the cards.
        withheld: why no risk may be shown to clinicians (``plugin.trust``); empty where it may.
    """

    host: Asks
    maker: Maker
    withheld: str


def respond(
    request: HookRequest, client: ClientRecord | None, speech: Speech, as_of: dt.date, *, wants_assessment: bool = False
) -> dict[str, Any]:
    """Return the answer of a service; no cards where there is nothing to say.

    Clients and their relatives are shown nothing: a risk of leaving is a clinician's matter. A model that may not be
    shown is not even asked; then the card says what the client's own ratings say.

    Args:
        request: the call.
        client: what is known of the client; None where there is no open episode.
        speech: see there.
        as_of: the day of the call.
        wants_assessment: answer with a RiskAssessment, too.
    """
    if client is None or not request.for_clinician:
        return {"cards": []}
    question = Request(client.episode, as_of, client.ratings, client.visits)
    answer: Answer = Abstention(f"the model has not been found calibrated here: {speech.withheld}")
    if not speech.withheld:
        (answer,) = speech.host.predict([question])
    card_id = uuid.uuid5(request.hook_instance, f"{speech.maker.model}|{speech.maker.version}|{type(answer).__name__}")
    if isinstance(answer, Score):
        card = risk_card(answer, client, speech.maker, card_id)
    else:
        weakest = _rated_lowest(question)
        if weakest is None:
            return {"cards": []}
        card = ratings_card(weakest, answer.reason, speech.maker, card_id)
    body: dict[str, Any] = {"cards": [speech.host.process_card(without_nothing(card), answer, question)]}
    if wants_assessment and isinstance(answer, Score):
        made = risk_assessment(answer, client, request, speech.maker, as_of)
        body["systemActions"] = [
            {"type": "create", "description": "Record the risk of leaving care early", "resource": made}
        ]
    return without_nothing(body)


def _rated_lowest(question: Request) -> str | None:
    """Return the part of the alliance that the client rated lowest, if one stands out; no model is asked for it."""
    if not any(rating.measure in COMPONENTS for rating in question.ratings):
        return None
    caseload = caseload_of([question.episode], [question.ratings], [question.visits])
    place = int(weakest_component(moments_today(caseload, day_number(question.as_of)))[0])
    return None if place < 0 else COMPONENTS[place]

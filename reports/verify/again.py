"""The proposal made a second time from what its attachment asks for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from assumptions import Library
from calculator.errors import InputError
from calculator.evaluate import evaluate
from calculator.language import Language, speaking
from calculator.result import Result
from reports.attachment import proposal_attachment
from reports.proposal import build_proposal
from reports.verify.asked import Asked, DifferenceError


@dataclass(frozen=True)
class Again:
    """What comes out the second time.

    Attributes:
        data: of the attachment, in the order in which a result tells it.
        digest: the SHA-256 of the attachment.
        pdf: the document.
    """

    data: dict[str, Any]
    digest: str
    pdf: bytes


def make_again(asked: Asked, library: Library, language: Language, *, indices: bool, most_draws: int) -> Again:
    """Return the proposal computed and drawn anew.

    Raises:
        DifferenceError: where more than ``most_draws`` futures are asked for, or what was given does not fit together.
    """
    draws = sum(scenario.analysis.draws or 0 for scenario in asked.scenarios)
    if draws > most_draws:
        raise DifferenceError(f"analysis.draws: {draws:,} futures in all; at most {most_draws:,} are drawn to verify")
    with speaking(language):
        result, *beside = _results(asked, library, indices=indices)
        about: dict[str, Any] = {
            "brand": asked.brand,
            "prepared_for": asked.prepared_for,
            "prepared_by": asked.prepared_by,
            "prepared_on": asked.prepared_on,
            "page_size": asked.page_size,
            "form": asked.form,
            "beside": beside,
        }
        pdf = build_proposal(result, library, **about)
        attachment = proposal_attachment(result, **about)
    attached = json.loads(attachment.content)
    told = {name: attached[name] for name in result.to_dict()}  # its order: the inputs first, then the headline
    return Again(told | attached, attachment.digest, pdf)


def _results(asked: Asked, library: Library, *, indices: bool) -> list[Result]:
    found = []
    for place, scenario in enumerate(asked.scenarios):
        try:
            found.append(evaluate(scenario, library, indices=indices and not place))
        except InputError as error:
            where = f"document.beside.{place}" if place else "given"
            raise DifferenceError(f"{where}.{error.problems[0]}") from None
    return found

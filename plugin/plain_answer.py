"""Answers as plain data, so that what comes out of a predictor's process is text and numbers and never an object."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any, Final

from plugin.answer_check import LONGEST_WORDS, MOST_CONTRIBUTIONS
from plugin.contract import Abstention, Contribution, Probability, Score

Plain = Mapping[str, Any]
_SCORE: Final = "score"
_ABSTENTION: Final = "abstention"


def to_plain(answer: object) -> Plain:
    """Return an answer as JSON has it; what is no number or no text in it becomes null."""
    if isinstance(answer, Abstention):
        return {"kind": _ABSTENTION, "reason": _text(answer.reason)}
    if not isinstance(answer, Score):
        return {"kind": type(answer).__name__}
    return {
        "kind": _SCORE,
        "next": _probability(answer.risk_next_unit),
        "completion": _probability(answer.risk_before_completion),
        "units": _number(answer.expected_units_remaining),
        "weakest": None if answer.weakest_component is None else _text(answer.weakest_component) or "",
        "contributions": _contributions(answer.contributions),
    }


def from_plain(plain: object) -> object:
    """Return the answer that ``to_plain`` was given, with None for whatever in it was neither number nor text."""
    if not isinstance(plain, dict) or plain.get("kind") not in (_SCORE, _ABSTENTION):
        return None
    if plain["kind"] == _ABSTENTION:
        return Abstention(plain["reason"])
    return Score(
        risk_next_unit=_read_probability(plain["next"]),
        risk_before_completion=_read_probability(plain["completion"]),
        expected_units_remaining=plain["units"],
        weakest_component=plain["weakest"],
        contributions=_read_contributions(plain["contributions"]),
    )


def _probability(value: object) -> list[float | None] | None:
    return [_number(part) for part in (value.value, value.low, value.high)] if isinstance(value, Probability) else None


def _read_probability(parts: Any) -> Any:
    return parts and Probability(*parts)


def _read_contributions(parts: Any) -> Any:
    return None if parts is None else tuple(each and Contribution(*each) for each in parts)


def _contributions(value: object) -> list[list[Any] | None] | None:
    if not isinstance(value, tuple | list):
        return None
    return [_contribution(each) for each in value[: MOST_CONTRIBUTIONS + 1]]


def _contribution(value: object) -> list[Any] | None:
    if not isinstance(value, Contribution):
        return None
    return [_text(value.name), _number(value.log_hazard), _text(value.words)]


def _number(value: object) -> float | None:
    """Return a number as a float, also one that is not finite; the host says what is wrong with it."""
    if not isinstance(value, Real) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _text(value: object) -> str | None:
    return str.__str__(value)[: LONGEST_WORDS + 1] if isinstance(value, str) else None

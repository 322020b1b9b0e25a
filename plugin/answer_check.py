"""Whether what a predictor returned is an answer, so that nothing after this point needs to look again."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from numbers import Real
from typing import Final

from plugin.contract import Abstention, Answer, Contribution, Probability, Request, Score
from plugin.records import COMPONENTS

ROUNDING: Final = 1e-9  # two ways of computing the same number may differ by this much
MOST_CONTRIBUTIONS: Final = 100
LONGEST_WORDS: Final = 300  # characters
SHORTEST_NAME: Final = 3  # characters; a shorter identifier may be a word like any other
PLAIN: Final = frozenset({"episode", "client", "clinician", "unknown"})  # stand-ins where there is no identifier


class NoAnswer(Exception):  # noqa: N818 - "no answer" is what it is called
    """What was returned is no answer; the message says why, without a client's data."""


def sound(answer: object, request: Request, names: Names) -> Answer:
    """Return an answer made of plain numbers and text, equal to the one given but for ``ROUNDING``.

    Args:
        answer: what the predictor returned for a request.
        request: the question, for the units that are left.
        names: the identifiers that may not stand in its words.

    Raises:
        NoAnswer: where it breaks a rule of ``contract.Score``, ``Probability``, ``Contribution`` or ``Abstention``.
    """
    if isinstance(answer, Abstention):
        return Abstention(_words(answer.reason, "reason", names))
    if not isinstance(answer, Score):
        raise NoAnswer(f"it is a {type(answer).__name__}, neither Score nor Abstention")
    following = probability(answer.risk_next_unit, "risk_next_unit")
    completion = probability(answer.risk_before_completion, "risk_before_completion")
    if completion.value < following.value - ROUNDING:
        raise NoAnswer("risk_before_completion is below risk_next_unit, although it is the longer horizon")
    if completion.value < following.value:
        completion = Probability(following.value, completion.low, max(completion.high, following.value))
    return Score(
        risk_next_unit=following,
        risk_before_completion=completion,
        expected_units_remaining=units(answer.expected_units_remaining, request),
        weakest_component=component(answer.weakest_component),
        contributions=contributions(answer.contributions, names),
    )


def probability(value: object, name: str) -> Probability:
    """Return a probability with its interval, or raise ``NoAnswer``."""
    if not isinstance(value, Probability):
        raise NoAnswer(f"{name} is a {type(value).__name__}, not a Probability")
    parts = [number(part, name) for part in (value.low, value.value, value.high)]
    if not all(0.0 <= part <= 1.0 for part in parts):
        raise NoAnswer(f"{name} is not between 0 and 1")
    if not parts[0] - ROUNDING <= parts[1] <= parts[2] + ROUNDING:
        raise NoAnswer(f"{name} lies outside its own interval")
    return Probability(parts[1], min(parts[0], parts[1]), max(parts[1], parts[2]))


def units(value: object, request: Request) -> float:
    """Return the expected units that remain, or raise ``NoAnswer``."""
    found = number(value, "expected_units_remaining")
    left = max(request.episode.planned_units - request.episode.units_attended, 0)
    if not 0.0 <= found <= left * (1.0 + ROUNDING):
        raise NoAnswer("expected_units_remaining is not between 0 and the units left of the plan")
    return min(found, float(left))


def component(value: object) -> str | None:
    """Return a part of the alliance or None, or raise ``NoAnswer``."""
    if value is None:
        return None
    if not isinstance(value, str) or str.__str__(value) not in COMPONENTS:
        raise NoAnswer(f"weakest_component is none of {', '.join(COMPONENTS)}")
    return str.__str__(value)


def contributions(value: object, names: Names) -> tuple[Contribution, ...]:
    """Return the reasons of a score, or raise ``NoAnswer``."""
    if not isinstance(value, tuple | list):
        raise NoAnswer(f"contributions are a {type(value).__name__}, not a tuple")
    if len(value) > MOST_CONTRIBUTIONS:
        raise NoAnswer(f"there are more than {MOST_CONTRIBUTIONS} contributions")
    if not all(isinstance(each, Contribution) for each in value):
        raise NoAnswer("contributions hold something that is no Contribution")
    return tuple(
        Contribution(
            _words(each.name, "the name of a contribution", names),
            number(each.log_hazard, "log_hazard of a contribution"),
            _words(each.words, "the words of a contribution", names),
        )
        for each in value
    )


def number(value: object, name: str) -> float:
    """Return a finite number, or raise ``NoAnswer``."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise NoAnswer(f"{name} is a {type(value).__name__}, not a number")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise NoAnswer(f"{name} is not finite")
    return found


def _words(value: object, what: str, names: Names) -> str:
    text = words(value, what)
    if names.found_in(text):
        raise NoAnswer(f"{what} holds an identifier")
    return text


def words(value: object, what: str) -> str:
    """Return one line of text, or raise ``NoAnswer``."""
    text = str.__str__(value) if isinstance(value, str) else ""  # a subclass may say one thing and show another
    if not text.strip():
        raise NoAnswer(f"{what} is empty, or no text")
    if len(text) > LONGEST_WORDS or not text.isprintable():
        raise NoAnswer(f"{what} is not one line of at most {LONGEST_WORDS} characters")
    return text


@dataclass(slots=True)
class Names:
    """The identifiers of some requests; whether a text holds one of them as a word of its own.

    An underscore ends a word: a predictor that makes a column of each clinician calls them ``clinician_k17``.
    Left out are those that say nothing: shorter than ``SHORTEST_NAME``, plain words, and levels of a covariate, which
    a reason may well name ("site: 101").
    """

    pattern: re.Pattern[str] | None
    seen: dict[str, bool] = field(default_factory=dict)  # words repeat from client to client

    @classmethod
    def of(cls, requests: Iterable[Request]) -> Names:
        """Return the names of episodes, clients and clinicians in some requests."""
        episodes = [request.episode for request in requests]
        found = {name for e in episodes for name in (e.episode_id, e.client_id, e.clinician_id)}
        found -= {str(value) for e in episodes for value in e.covariates.values()} | PLAIN
        telling = sorted(name for name in found if len(name.strip()) >= SHORTEST_NAME)
        if not telling:
            return cls(None)
        either = "|".join(map(re.escape, telling))
        return cls(re.compile(rf"(?<![^\W_])(?:{either})(?![^\W_])", re.IGNORECASE))

    def found_in(self, text: str) -> bool:
        """Return whether one of the names stands in a text."""
        if self.pattern is None:
            return False
        if text not in self.seen:
            self.seen[text] = self.pattern.search(text) is not None
        return self.seen[text]

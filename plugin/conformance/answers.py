"""Checks of single answers: each is a score that keeps its rules, or an abstention that says why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Final

from plugin.answer_check import (
    ROUNDING,
    Names,
    NoAnswer,
    contributions,
    probability,
    units,
    words,
)
from plugin.conformance.check import Check
from plugin.conformance.sample import told
from plugin.conformance.trial import CheckFailed, Trial
from plugin.contract import Abstention, Contribution, Request, Score
from plugin.records import COMPONENTS

_NOBODY: Final = Names(None)


def answers(trial: Trial) -> None:
    """Expect one answer for each request, also where there is none to answer."""
    trial.ask([])
    for answer, asked in zip(trial.answers, trial.questions, strict=True):
        if not isinstance(answer, Score | Abstention):
            raise CheckFailed(f"a {type(answer).__name__} is neither Score nor Abstention, for {told(asked)}")


def scores_some(trial: Trial) -> None:
    """Expect a score for at least one client of whom all is known that it requires."""
    if not any(isinstance(answer, Score) for answer in trial.answers):
        reasons = sorted({answer.reason for answer in trial.answers if isinstance(answer, Abstention)}, key=str)
        said = f"; it says: {'; '.join(map(str, reasons[:3]))}" if reasons else ""
        raise CheckFailed(f"it scores none of {len(trial.answers)} clients of all settings{said}")


def probabilities(trial: Trial) -> None:
    """Expect probabilities from 0 to 1 inside their intervals."""

    def examine(score: Score, _: Request) -> None:
        probability(score.risk_next_unit, "risk_next_unit")
        probability(score.risk_before_completion, "risk_before_completion")

    _each_score(trial, examine)


def longer_horizon(trial: Trial) -> None:
    """Expect no more risk before the next unit than before the last one."""

    def examine(score: Score, _: Request) -> None:
        near, far = score.risk_next_unit, score.risk_before_completion
        if _is_share(near) and _is_share(far) and far.value < near.value - ROUNDING:
            raise NoAnswer(
                f"risk_before_completion is {far.value:.6g}, below risk_next_unit, {near.value:.6g}: "
                "whoever leaves before the next unit also leaves before the last"
            )

    _each_score(trial, examine)


def units_remaining(trial: Trial) -> None:
    """Expect units from 0 to those left of the plan."""

    def examine(score: Score, asked: Request) -> None:
        units(score.expected_units_remaining, asked)

    _each_score(trial, examine)


def reasons_for_scores(trial: Trial) -> None:
    """Expect contributions in words and finite numbers, the weightiest first, and a part of the alliance or none."""

    def examine(score: Score, _: Request) -> None:
        found = contributions(score.contributions, _NOBODY)
        sizes = [abs(each.log_hazard) for each in found]
        if any(later > earlier + ROUNDING for earlier, later in pairwise(sizes)):
            raise NoAnswer("contributions are not in order; put the weightiest first")
        if score.weakest_component is not None and score.weakest_component not in COMPONENTS:
            raise NoAnswer(
                f"weakest_component is {score.weakest_component!r}; it is one of {', '.join(COMPONENTS)} or None"
            )

    _each_score(trial, examine)


def abstention_reason(trial: Trial) -> None:
    """Expect each abstention to say why."""
    for answer, asked in zip(trial.answers, trial.questions, strict=True):
        if isinstance(answer, Abstention):
            with _told_of(asked):
                words(answer.reason, "the reason of an abstention")


def no_identifiers(trial: Trial) -> None:
    """Expect no name of an episode, client or clinician in any words."""
    names = Names.of(trial.in_full)
    for answer, asked in zip(trial.ask(trial.in_full), trial.in_full, strict=True):
        for text in _said(answer):
            if names.found_in(text):
                raise CheckFailed(f"an identifier stands in its words, for {told(asked)}; leave it out")


def _said(answer: object) -> Iterable[str]:
    said: Sequence[object] = ()
    if isinstance(answer, Abstention):
        said = (answer.reason,)
    elif isinstance(answer, Score) and isinstance(answer.contributions, tuple | list):
        own = [each for each in answer.contributions if isinstance(each, Contribution)]
        said = [text for each in own for text in (each.name, each.words)]
    return (text for text in said if isinstance(text, str))


def _each_score(trial: Trial, examine: Callable[[Score, Request], None]) -> None:
    for answer, asked in zip(trial.answers, trial.questions, strict=True):
        if isinstance(answer, Score):
            with _told_of(asked):
                examine(answer, asked)


@contextmanager
def _told_of(asked: Request) -> Iterator[None]:
    """Say for whom something is no answer."""
    try:
        yield
    except NoAnswer as error:
        raise CheckFailed(f"{error}, for {told(asked)}") from None


def _is_share(value: object) -> bool:
    """Return whether a probability is one that can be compared; another check says where it is not."""
    try:
        probability(value, "")
    except NoAnswer:
        return False
    return True


CHECKS: Final = (
    Check("answers", "each request has one answer, a Score or an Abstention", answers),
    Check("scores_some", "it scores at least some clients of whom all that it requires is known", scores_some),
    Check("probabilities", "risks are finite, from 0 to 1 and inside their own intervals", probabilities),
    Check("longer_horizon", "the risk before completion is never below that before the next unit", longer_horizon),
    Check("units_remaining", "expected units lie between 0 and those left of the plan", units_remaining),
    Check("contributions", "reasons are words with finite numbers, the weightiest first", reasons_for_scores),
    Check("abstention_reason", "an abstention says why in one line", abstention_reason),
    Check("no_identifiers", "no episode, client or clinician is named in its words", no_identifiers),
)

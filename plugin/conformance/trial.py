"""A predictor under examination: asked, its answers kept, and what can be said when one is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from plugin.answer_check import Names, NoAnswer, sound
from plugin.asking import need_problem
from plugin.conformance.same import CLOSE, difference
from plugin.conformance.sample import in_full, questions, told
from plugin.contract import Need, Predictor, Request
from plugin.host import TIME_LIMIT

_NOBODY: Final = Names(None)


class CheckFailed(AssertionError):  # noqa: N818 - what happened to the check
    """A predictor does not keep a rule; the message says which one and for whom."""


class NoReply(CheckFailed):
    """A predictor did not answer in time and may never do so."""


@dataclass(eq=False)
class Trial:
    """A predictor and the questions it is asked.

    A mistake is reported by the check that it belongs to: where an answer to the plain question is wrong already, the
    checks that change the question do not report it again.

    Attributes:
        predictor: who is examined.
        opener: opens it anew; None where only a copy of it can be had.
        seconds: what a batch may take.
    """

    predictor: Predictor
    opener: Callable[[], Predictor] | None = None
    seconds: float = TIME_LIMIT

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        """Return what it declared, without what is malformed."""
        declared = self.predictor.needs
        return tuple(need for need in declared if not need_problem(need)) if isinstance(declared, tuple | list) else ()

    @cached_property
    def questions(self) -> tuple[Request, ...]:
        """Return what it is asked, as the host would ask."""
        return questions(self.needs)

    @cached_property
    def in_full(self) -> tuple[Request, ...]:
        """Return the same questions with all that it did not declare."""
        return in_full(self.needs)

    @cached_property
    def answers(self) -> list[object]:
        """Return its answers to the questions, unchecked."""
        return self.ask(self.questions)

    @cached_property
    def faulty(self) -> list[bool]:
        """Return which of its answers are wrong already."""
        return [bool(fault(answer, asked)) for answer, asked in zip(self.answers, self.questions, strict=True)]

    def ask(self, requests: Sequence[Request], predictor: Predictor | None = None) -> list[object]:
        """Return what it answers.

        Raises:
            CheckFailed: where it raises, or does not answer each request once.
        """
        asked = predictor or self.predictor
        try:
            answers: object = asked.predict([own_copy(request) for request in requests])
        except Exception as error:  # another author's code may raise anything
            raise CheckFailed(f"predict raises {type(error).__name__}: {error}{_culprit(asked, requests)}") from error
        if not isinstance(answers, Sequence) or isinstance(answers, str | bytes):
            raise CheckFailed(
                f"predict returns a {type(answers).__name__}; it returns a sequence, one answer a request"
            )
        if len(answers) != len(requests):
            raise CheckFailed(f"predict returns {len(answers)} answers to {len(requests)} requests")
        return list(answers)

    def expect_same(self, changed: Iterable[Request], what: str, within: float = CLOSE) -> None:
        """Ask the questions in another way and expect the same answers.

        Args:
            changed: the questions, in their order.
            what: how they were changed, as the end of a sentence.
            within: see ``same.difference``.

        Raises:
            CheckFailed: where an answer is another one.
        """
        self.compare(self.ask(list(changed)), what, within)

    def compare(self, answers: Sequence[object], what: str, within: float = CLOSE) -> None:
        """Expect answers to be those to the plain questions; raises as ``expect_same`` does."""
        for asked, before, now in zip(self.questions, self.answers, answers, strict=True):
            differs = difference(before, now, within)
            if differs:
                raise CheckFailed(f"the answer changes {what}: {differs}, for {told(asked)}")

    def expect_sound(self, changed: Iterable[Request], what: str) -> list[object]:
        """Ask changed questions, expect an answer or an abstention to each, and return them.

        Raises:
            CheckFailed: where it raises or an answer is wrong.
        """
        requests = list(changed)
        try:
            answers = self.ask(requests)
        except CheckFailed as error:
            raise CheckFailed(f"{what}, {error}") from error
        for request, answer, known in zip(requests, answers, self.faulty, strict=True):
            wrong = fault(answer, request)
            if wrong and not known:
                raise CheckFailed(f"{what}, {wrong}, for {told(request)}; answer, or abstain and say why")
        return answers


def own_copy(request: Request) -> Request:
    """Return a request that shares nothing that can be changed."""
    return replace(request, episode=replace(request.episode, covariates=dict(request.episode.covariates)))


def fault(answer: object, request: Request) -> str:
    """Return why something is no answer to a request; empty where it is one."""
    try:
        sound(answer, request, _NOBODY)
    except NoAnswer as error:
        return str(error)
    return ""


def _culprit(predictor: Predictor, requests: Sequence[Request]) -> str:
    for request in requests:
        try:
            predictor.predict([request])
        except Exception:  # another author's code may raise anything
            return f", for {told(request)}"
    return f", for a batch of {len(requests)}"

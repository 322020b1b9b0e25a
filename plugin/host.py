"""Where predictors run: whatever one does, it costs its own scores and nothing else.

A request goes through the hooks, loses what is dated after its day and what the predictor did not declare, and is
asked. Answers come back checked, one for each request: a score that keeps its rules, or an abstention with a reason.
"""

from __future__ import annotations

import logging
import time
import types
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import pluggy

from plugin.answer_check import Names, NoAnswer, sound
from plugin.asking import Cause, as_declared, known_by_then, lacking, need_problem, unaskable
from plugin.contract import Abstention, Answer, Need, Predictor, Request, Score
from plugin.errors import PluginError
from plugin.hook_calls import HookCalls
from plugin.hooks import AuditRecord
from plugin.isolation import Answers, ask_in_halves
from plugin.linear_predictor import LinearPredictor
from plugin.registry import open_predictor
from plugin.worker_pool import WorkerPool

TIME_LIMIT: Final = 5.0
WORKERS: Final = 2

_SAID: Final[dict[str, str]] = {
    "failed": "the model failed on this record",
    "too late": "the model took too long",
    "busy": "the model is busy with other questions",
}
_log = logging.getLogger(__name__)


class Host:
    """Asks one predictor, from any number of threads.

    Attributes:
        predictor: who is asked.
        needs: what it declared.
    """

    def __init__(
        self,
        predictor: Predictor,
        hooks: pluggy.PluginManager | None = None,
        time_limit: float = TIME_LIMIT,
        *,
        trusted: bool = False,
        opener: Callable[[], Predictor] | None = None,
        workers: int = WORKERS,
    ) -> None:
        """Take on a predictor; its processes start when the first question comes.

        Args:
            predictor: who is asked.
            hooks: side plugins.
            time_limit: seconds for a batch; then its process is stopped, and the batch asked again in halves for
                ``isolation.PATIENCE`` times as long in all. Not counted are the start of a process, which happens once
                and after a failure, and the wait for a free one, which takes as long at most.
            trusted: run it in this process, without the limit. For predictors of our own.
            opener: what opens it in its own process; it must be possible to pickle it. Without one, the predictor
                itself is pickled.
            workers: processes at most, each of which answers one batch at a time.

        Raises:
            PluginError: where what it says about itself cannot be read, or it declares needs that nobody can meet.
        """
        self.predictor = predictor
        try:
            self.needs: tuple[Need, ...] = tuple(predictor.needs)
            self._model, self._version = str(predictor.name), str(predictor.version)
        except Exception as error:  # another author's code may raise anything
            raise PluginError([f"the model cannot say what it is: {type(error).__name__}"]) from error
        problems = [(place, need_problem(need)) for place, need in enumerate(self.needs, 1)]
        if any(problem for _, problem in problems):
            raise PluginError(f"model {self._model}: need {place} {said}" for place, said in problems if said)
        self._hooks = HookCalls(hooks or pluggy.PluginManager("rapport"))
        self._limit = time_limit
        self._pool = None if trusted else WorkerPool(opener or partial(_same, predictor), workers)

    def predict(self, requests: Sequence[Request]) -> list[Answer]:
        """Return one sound answer for each request, in their order; whatever the predictor does, this does not raise.

        Raises:
            PluginError: where the predictor cannot be started in a process of its own.
        """
        start = time.monotonic()
        answers: list[Answer | None] = [None] * len(requests)
        causes: Counter[str] = Counter()
        asked: dict[int, Request] = {}
        for place, request in enumerate(requests):
            known = known_by_then(self._hooks.enriched(request))
            refusals: tuple[tuple[Cause, Abstention | None], ...] = (
                ("not open", unaskable(known)),
                ("lacks data", lacking(known, self.needs)),
            )
            refused = next(((cause, answer) for cause, answer in refusals if answer is not None), None)
            if refused is None:
                asked[place] = as_declared(known, self.needs)
            else:
                causes[refused[0]] += 1
                answers[place] = refused[1]
        names = Names.of(requests)
        for place, answer in zip(asked, self._asked(list(asked.values())), strict=True):
            cause, answers[place] = self._checked(answer, requests[place], names)
            causes[cause] += cause != ""
        found = [answer for answer in answers if answer is not None]
        self._report(requests, found, causes, time.monotonic() - start)
        return found

    def process_card(self, card: dict[str, Any], answer: Answer, request: Request) -> dict[str, Any]:
        """Return a card as the hooks leave it; one that a hook has spoiled is as it was before."""
        return self._hooks.processed(card, answer, request)

    def close(self) -> None:
        """Stop the predictor's processes; the next question starts them again."""
        if self._pool is not None:
            self._pool.close()

    def __enter__(self) -> Host:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        self.close()

    def _asked(self, requests: list[Request]) -> Answers:
        if not requests:
            return []
        if self._pool is None:
            return ask_in_halves(self._ask_here, requests)
        with self._pool.lent(self._limit) as worker:
            if worker is None:
                return ["busy"] * len(requests)
            return ask_in_halves(worker.ask, requests, self._limit, worker.ready)

    def _ask_here(self, requests: Sequence[Request], _: float) -> list[object]:
        answers = self.predictor.predict(requests)
        return list(answers) if isinstance(answers, Sequence) and not isinstance(answers, str | bytes) else []

    def _checked(self, answer: object, request: Request, names: Names) -> tuple[str, Answer]:
        """Return an answer that can be relied on, and the cause where it is no score."""
        if type(answer) is str and answer in _SAID:
            return answer, Abstention(_SAID[answer])
        try:
            good = sound(answer, request, names)
        except NoAnswer as error:
            return "unsound answer", Abstention(f"the model's answer was refused: {error}")
        except Exception:  # an object of another author's may raise anything when it is looked at
            return "unsound answer", Abstention("the model's answer was refused: it cannot be read")
        return ("" if isinstance(good, Score) else "abstained"), good

    def _report(self, requests: Sequence[Request], found: list[Answer], causes: Counter[str], seconds: float) -> None:
        """Tell the log what went wrong, and the hooks what was done; no client's data in either."""
        wrong = {cause: causes[cause] for cause in ("unsound answer", "failed", "too late", "busy") if causes[cause]}
        if wrong:
            said = ", ".join(f"{count} {cause}" for cause, count in wrong.items())
            _log.warning("model %s %s: of %d requests %s", self._model, self._version, len(requests), said)
        self._hooks.audited(
            AuditRecord(
                model=self._model,
                version=self._version,
                days=tuple(sorted({request.as_of for request in requests})),
                requests=len(requests),
                scored=sum(isinstance(answer, Score) for answer in found),
                abstentions=types.MappingProxyType(dict(sorted((+causes).items()))),
                seconds=seconds,
            )
        )


def open_host(
    model: str, hooks: pluggy.PluginManager | None = None, time_limit: float = TIME_LIMIT, workers: int = WORKERS
) -> Host:
    """Return a host for a predictor by name or model file: ours in this process, any other in its own.

    Raises:
        PluginError: where there is none of that name, or it does not fit.
    """
    predictor = open_predictor(model)
    ours = type(predictor) is LinearPredictor
    opener = partial(open_predictor, model)
    return Host(predictor, hooks, time_limit, trusted=ours, opener=opener, workers=workers)


def _same(predictor: Predictor) -> Predictor:
    return predictor

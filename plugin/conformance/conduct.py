"""Checks of how a predictor behaves: the same answer to the same question, in time, without a trace."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Final

from plugin.conformance.another_time import SHIFT, another_time
from plugin.conformance.check import Check
from plugin.conformance.same import EXACT
from plugin.conformance.trial import CheckFailed, NoReply, Trial, own_copy
from plugin.conformance.watch import watching
from plugin.contract import Predictor

BATCH: Final = 256  # requests of which a batch is made that must be answered in time
_THREADS: Final = 4
_ROUNDS: Final = 3


def time_limit(trial: Trial) -> None:
    """Expect the answers to a batch before the host would stop waiting."""
    batch = (trial.questions * (BATCH // len(trial.questions) + 1))[:BATCH]
    raised: list[CheckFailed] = []

    def ask() -> None:
        try:
            trial.ask(batch)
        except CheckFailed as error:
            raised.append(error)

    asking = threading.Thread(target=ask, daemon=True)  # one that never returns must not keep the process
    asking.start()
    asking.join(trial.seconds)
    if asking.is_alive():
        asking.join(trial.seconds)  # slow is not the same as stuck
        message = f"{BATCH} requests took longer than {trial.seconds:g} seconds"
        raise NoReply(message) if asking.is_alive() else CheckFailed(message)
    if raised:
        raise raised[0]


def one_by_one(trial: Trial) -> None:
    """Expect the same answers where clients are asked about one by one."""
    trial.compare([trial.ask([asked])[0] for asked in trial.questions], "where a client is asked about alone")


def row_order(trial: Trial) -> None:
    """Expect the same answers where clients stand in another order."""
    trial.compare(trial.ask(trial.questions[::-1])[::-1], "with the order of the requests")


def same_answer(trial: Trial) -> None:
    """Expect exactly the same answer to a question that was asked before."""
    trial.expect_same(trial.questions, "where the same is asked again", EXACT)


def leaves_requests(trial: Trial) -> None:
    """Expect the requests as they were after they have been answered."""
    asked = [own_copy(request) for request in trial.questions]
    trial.predictor.predict(asked)
    if asked != list(trial.questions):
        raise CheckFailed("a request is not as it was after predict; copy what you want to change")


def reload(trial: Trial) -> None:
    """Expect the same answers from the predictor opened anew, or from a copy."""
    if trial.opener is None:
        what, again = "after pickling", _copied(trial.predictor)
    else:
        what, again = "where it is opened anew", trial.opener()
    if (again.name, again.version) != (trial.predictor.name, trial.predictor.version):
        raise CheckFailed(f"name or version changes {what}")
    trial.compare(trial.ask(trial.questions, again), what)


def threads(trial: Trial) -> None:
    """Expect the same answers where several threads ask at once."""
    before = trial.answers
    places = [list(range(start, len(before), _THREADS + start)) for start in range(_THREADS)]
    ready = threading.Barrier(_THREADS)

    def ask(rows: Sequence[int]) -> list[list[object]]:
        ready.wait()
        return [trial.ask([trial.questions[row] for row in rows]) for _ in range(_ROUNDS)]

    with ThreadPoolExecutor(_THREADS) as pool:
        for rows, rounds in zip(places, pool.map(ask, places), strict=True):
            for found in rounds:
                answers = dict(zip(rows, found, strict=True))
                trial.compare([answers.get(row, old) for row, old in enumerate(before)], "where threads ask at once")


def no_clock(trial: Trial) -> None:
    """Expect the same answers at another time: the day of a prediction is in the request."""
    before = trial.answers
    with another_time(trial.predictor):
        now = trial.ask(trial.questions)
    assert len(before) == len(now)  # noqa: S101 - ask says where they are not
    trial.compare(now, f"where the clock is {SHIFT.days} days ahead")


def sends_nothing(trial: Trial) -> None:
    """Expect no attempt to reach the network or to start a program."""
    _leaves_no_trace(trial, watching("sends"), "it tries to leave its process")


def keeps_nothing(trial: Trial) -> None:
    """Expect no attempt to write, move or remove a file."""
    _leaves_no_trace(trial, watching("keeps"), "it tries to change files")


def _leaves_no_trace(trial: Trial, watch: AbstractContextManager[list[str]], what: str) -> None:
    before = trial.answers  # the first question may import modules, which writes their bytecode
    with watch as seen:
        try:
            found = trial.ask(trial.questions)
        except CheckFailed:
            if not seen:
                raise
    if seen:
        raise CheckFailed(f"{what}: {', '.join(sorted(set(seen)))}; all that it may use is in the request")
    assert len(found) == len(before)  # noqa: S101 - ask says where they are not


def _copied(predictor: Predictor) -> Predictor:
    try:
        copied: Predictor = pickle.loads(pickle.dumps(predictor))  # noqa: S301 - the predictor's own
    except Exception as error:  # another author's object may raise anything
        raise CheckFailed(f"it cannot be pickled: {type(error).__name__}: {error}") from error
    return copied


FIRST: Final = (Check("time_limit", f"a batch of {BATCH} requests is answered in time", time_limit),)
CHECKS: Final = (
    Check("one_by_one", "a batch has the same answers as its requests one by one", one_by_one),
    Check("row_order", "the order of requests makes no difference", row_order),
    Check("same_answer", "the same question has exactly the same answer", same_answer),
    Check("leaves_requests", "requests are as they were afterwards", leaves_requests),
    Check("reload", "opened anew, or copied, it gives the same answers", reload),
    Check("threads", "several threads may ask at once", threads),
    Check("no_clock", "the time of asking makes no difference", no_clock),
    Check("sends_nothing", "it reaches for no network and starts no program", sends_nothing),
    Check("keeps_nothing", "it changes no file", keeps_nothing),
)

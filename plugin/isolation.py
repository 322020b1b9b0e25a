"""Find the request that spoils a batch: ask in halves until it stands alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final, Literal

from plugin.contract import Request
from plugin.errors import PluginError
from plugin.worker_process import Failed, TooLate

MOST_RESTARTS: Final = 16  # of the process in one batch: enough to find one request among 60,000
PATIENCE: Final = 3.0  # times the limit: for the batch, for those of its halves that hang, and for those that answer
LEAST_SHARE: Final = 1 / 16  # of the limit, for however few requests: asking at all takes some time

#: What came back for each request: an answer that nobody has checked, or why there is none.
Answers = list[object | Literal["failed", "too late", "busy"]]


def ask_in_halves(
    ask: Callable[[Sequence[Request], float], list[object]],
    requests: Sequence[Request],
    seconds: float = float("inf"),
    ready: Callable[[], None] = lambda: None,
) -> Answers:
    """Return what a predictor answers; a request on which it fails costs its own answer only.

    Args:
        ask: asks a batch, with the seconds that it may take.
        requests: what to ask, in order.
        seconds: for all of them at once. A part of them has its share of that, and all attempts together ``PATIENCE``
            times as long; what is not answered by then is "too late".
        ready: what has to be done before each question, off the clock. Where it raises ``PluginError`` nothing more
            is asked, and what is left is "failed".
    """
    found: Answers = ["too late"] * len(requests)
    waiting = [(0, len(requests))] if requests else []
    left = PATIENCE * seconds
    restarts = 0
    while waiting and left > 0.0:
        try:
            ready()
        except PluginError:
            for start, end in waiting:
                found[start:end] = ["failed"] * (end - start)
            break
        start, end = waiting.pop()
        share = max((end - start) / len(requests), LEAST_SHARE)
        began = time.monotonic()
        answers: list[object] = []
        why: Literal["failed", "too late"] = "failed"
        try:
            answers = ask(requests[start:end], min(seconds * share, left))
        except TooLate:
            why = "too late"
            restarts += 1
        except Exception as error:  # another author's code may raise anything
            restarts += isinstance(error, Failed) and error.gone
        left -= time.monotonic() - began
        if len(answers) == end - start:
            found[start:end] = answers
        elif end - start == 1 or restarts > MOST_RESTARTS:
            found[start:end] = [why] * (end - start)
        else:
            middle = (start + end) // 2
            waiting += [(middle, end), (start, middle)]
    return found

"""Find the request that spoils a batch: ask in halves until it stands alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final, Literal

from plugin.contract import Request
from plugin.worker_process import Failed, TooLate

MOST_RESTARTS: Final = 16  # of the process in one batch: enough to find one request among 60,000

#: What came back for each request: an answer that nobody has checked, or why there is none.
Answers = list[object | Literal["failed", "too late", "busy"]]


def ask_in_halves(
    ask: Callable[[Sequence[Request], float], list[object]], requests: Sequence[Request], seconds: float = float("inf")
) -> Answers:
    """Return what a predictor answers; a request on which it fails costs its own answer only.

    Args:
        ask: asks a batch, with the seconds that are left for it.
        requests: what to ask, in order.
        seconds: for all of it, first attempt and halves; what is not answered by then is "too late". A batch that
            takes too long is not tried again: whichever request it was, the time is gone.
    """
    found: Answers = ["too late"] * len(requests)
    waiting = [(0, len(requests))] if requests else []
    end_of_time = time.monotonic() + seconds
    restarts = 0
    while waiting:
        start, end = waiting.pop()
        left = end_of_time - time.monotonic()
        if left <= 0.0:
            break
        try:
            answers = ask(requests[start:end], left)
        except TooLate:
            break
        except Exception as error:  # another author's code may raise anything
            answers = []
            restarts += isinstance(error, Failed) and error.gone
        if len(answers) == end - start:
            found[start:end] = answers
        elif end - start == 1 or restarts > MOST_RESTARTS:
            found[start:end] = ["failed"] * (end - start)
        else:
            middle = (start + end) // 2
            waiting += [(middle, end), (start, middle)]
    return found

"""Which of the server's workers this process is: a number that its successor takes over."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

DIRECTORY: Final = "PROMETHEUS_MULTIPROC_DIR"  # where processes count together; prometheus-client's name

_taken: list[int] = []


def take(place: int) -> None:
    """Be the worker of a place, in this process; no two processes may have the same at once."""
    _taken[:] = [place]


def name() -> str:
    """Return the name of what this process keeps for itself among the server's processes."""
    return f"worker-{_taken[0]}" if _taken else f"process-{os.getpid()}"


def free(taken: Iterable[int]) -> int:
    """Return the lowest place that nobody has.

    >>> free([]), free([0, 1, 3])
    (0, 2)
    """
    held = set(taken)
    return next(place for place in range(len(held) + 1) if place not in held)

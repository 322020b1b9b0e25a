"""Hand rows to the workers and take what comes back, in the order of the rows; only so many are under way at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass, replace

from calculator.errors import RapportError
from reports.batch.executors import Workers
from reports.batch.prospects import Row
from reports.batch.work import Job, Options, Outcome, fingerprint

CHUNK = 4  # rows handed over at once: enough to hide the way there and back, few enough to lose with a worker
QUEUED = 3  # chunks a worker, so that none waits while files are written
POLL = 0.25  # seconds between two looks whether to stop


def never() -> bool:
    """Say that nobody wants it to stop."""
    return False


@dataclass(frozen=True)
class Ticket:
    """A row under way; ``place`` is its position among all rows, ``key`` the digest of what it depends on."""

    row: Row
    job: Job
    key: str = ""
    place: int = 0


def outcomes(
    tickets: Iterable[Ticket], options: Options, workers: Workers, should_stop: Callable[[], bool]
) -> Iterator[tuple[Ticket, Outcome]]:
    """Yield the outcome of each ticket in order, a bounded number being under way; stop early where asked to.

    Raises:
        RapportError: if the workers are lost.
    """
    expected = fingerprint()
    under_way: deque[tuple[Future[list[Outcome]], list[Ticket]]] = deque()

    def submit(chunk: list[Ticket]) -> None:
        jobs = [ticket.job for ticket in chunk if ticket.row.data is not None]
        under_way.append((workers.submit(options, expected, jobs), chunk))

    try:
        chunk: list[Ticket] = []
        for ticket in tickets:
            if should_stop():
                return
            chunk.append(ticket)
            if len(chunk) == CHUNK:
                submit(chunk)
                chunk = []
            if len(under_way) >= workers.slots * QUEUED:
                yield from _settled(*under_way.popleft(), should_stop)
        if chunk:
            submit(chunk)
        while under_way and not should_stop():
            yield from _settled(*under_way.popleft(), should_stop)
    except BrokenExecutor:
        raise RapportError(
            "a worker process ended unexpectedly (was it out of memory?). Run the same command again: what is finished "
            "is kept. --workers 1 needs the least memory."
        ) from None
    finally:
        for future, _chunk in under_way:
            future.cancel()


def _settled(
    future: Future[list[Outcome]], chunk: list[Ticket], should_stop: Callable[[], bool]
) -> Iterator[tuple[Ticket, Outcome]]:
    while not wait([future], POLL).done:
        if should_stop():
            future.cancel()
            return
    try:
        found = iter(future.result())
    except (BrokenExecutor, RapportError):
        raise
    except CancelledError:
        raise RapportError("the scheduler was lost. Run the same command again: what is finished is kept.") from None
    except Exception as error:  # what a cluster reports: no such module there, a row that kills every worker
        text = " ".join(str(error).split())[:300]
        raise RapportError(
            f"the workers cannot do the work ({type(error).__name__}: {text}). Each needs the same rapport-roi as this "
            "computer, and memory enough. Run the same command again: what is finished is kept."
        ) from None
    for ticket in chunk:
        outcome = Outcome() if ticket.row.data is None else next(found)
        if ticket.row.problems:
            outcome = replace(outcome, problems=(*ticket.row.problems, *outcome.problems))
        yield ticket, outcome

"""A few processes with the same predictor, lent to one thread each, replaced when they are gone."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from plugin.contract import Predictor, Request
from plugin.worker_process import Worker


class WorkerPool:
    """Up to ``size`` processes. They are started when they are needed, and stopped with the pool.

    After a fork (a web server that loads its application before it makes workers) the child starts its own.
    """

    def __init__(self, opener: Callable[[], Predictor], size: int) -> None:
        self._opener = opener
        self._size = size
        self._begin()

    def _begin(self) -> None:
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(self._size)
        self._idle: list[Worker] = []
        self._end = weakref.finalize(self, _close_all, self._idle, self._owner)

    @contextmanager
    def lent(self, seconds: float) -> Iterator[Lent | None]:
        """Lend a process, or None where all are busy for that long.

        Raises:
            PluginError: where none can be started.
        """
        self._after_fork()
        if not self._free.acquire(timeout=seconds):
            yield None
            return
        lent = None
        try:
            with self._lock:
                worker = self._idle.pop() if self._idle else None
            lent = Lent(worker or Worker(self._opener), self._opener)
            yield lent
        finally:
            if lent is not None and lent.worker.alive:
                with self._lock:
                    self._idle.append(lent.worker)
            self._free.release()

    def close(self) -> None:
        """Stop the processes that nobody uses just now."""
        self._after_fork()
        with self._lock:
            idle, self._idle[:] = self._idle[:], []
        for worker in idle:
            worker.close()

    def _after_fork(self) -> None:
        if self._owner == os.getpid():
            return
        inherited = self._idle
        self._end.detach()
        self._begin()
        for worker in inherited:
            worker.leave()


class Lent:
    """A process on loan; one that is gone is replaced at the next question."""

    def __init__(self, worker: Worker, opener: Callable[[], Predictor]) -> None:
        self.worker = worker
        self._opener = opener

    def ask(self, requests: Sequence[Request], seconds: float) -> list[object]:
        """Ask the process; see ``Worker.ask``."""
        if not self.worker.alive:
            self.worker = Worker(self._opener)
        return self.worker.ask(requests, seconds)


def _close_all(idle: list[Worker], owner: int) -> None:
    if owner == os.getpid():
        for worker in idle:
            worker.close()

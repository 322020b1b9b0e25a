"""A few processes with the same predictor, lent to one thread each, replaced when they are gone."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from plugin.contract import Predictor, Request
from plugin.worker_process import Worker

_pools: weakref.WeakSet[WorkerPool] = weakref.WeakSet()


class WorkerPool:
    """Up to ``size`` processes. They are started when they are needed, and stopped with the pool.

    After a fork (a web server that loads its application before it makes workers) the child starts its own.
    """

    def __init__(self, opener: Callable[[], Predictor], size: int) -> None:
        self._opener = opener
        self._size = size
        self._begin()
        _pools.add(self)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(self._size)
        self._idle: list[Worker] = []
        self._end = weakref.finalize(self, _close_all, self._idle, os.getpid())

    @contextmanager
    def lent(self, seconds: float) -> Iterator[Lent | None]:
        """Lend a process, or None where all are busy for that long.

        Raises:
            PluginError: where none can be started.
        """
        if not self._free.acquire(timeout=seconds):
            yield None
            return
        lent = None
        try:
            lent = Lent(self._taken() or Worker(self._opener), self._opener)
            yield lent
        finally:
            if lent is not None and lent.worker.alive:
                with self._lock:
                    self._idle.append(lent.worker)
            self._free.release()

    def _taken(self) -> Worker | None:
        while True:
            with self._lock:
                worker = self._idle.pop() if self._idle else None
            if worker is None or worker.usable():
                return worker
            worker.close()  # the system may have ended it, for want of memory

    def close(self) -> None:
        """Stop the processes that nobody uses just now."""
        with self._lock:
            idle, self._idle[:] = self._idle[:], []
        for worker in idle:
            worker.close()

    def begin_anew(self) -> None:
        """Leave the processes to the parent of a fork."""
        inherited = self._idle
        self._end.detach()
        self._begin()
        for worker in inherited:
            worker.leave()


class Lent:
    """A process on loan; ``ready`` replaces one that is gone."""

    def __init__(self, worker: Worker, opener: Callable[[], Predictor]) -> None:
        self.worker = worker
        self._opener = opener

    def ready(self) -> None:
        """See to it that there is a process to ask.

        Raises:
            PluginError: where none can be started.
        """
        if not self.worker.alive:
            self.worker = Worker(self._opener)

    def ask(self, requests: Sequence[Request], seconds: float) -> list[object]:
        """Ask the process; see ``Worker.ask``."""
        return self.worker.ask(requests, seconds)


def _close_all(idle: list[Worker], owner: int) -> None:
    if owner == os.getpid():
        for worker in idle:
            worker.close()


def _begin_all_anew() -> None:
    for pool in list(_pools):
        pool.begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_all_anew)  # at once, before there are threads that could race

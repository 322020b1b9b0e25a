"""The one worker in the background: takes what waits, oldest first, one job at a time among all the server's processes.

A thread that starts when something waits and ends a while after the last job. Its processes stay warm in between, for
whoever has looked at the check usually wants the proposals next.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from assumptions import Library
from calculator.language import speaking
from reports.batch import Prospects, Summary, Workers, check, local_workers, run
from reports.brand import Brand
from web.batch.checked import checked_row, writing
from web.batch.choices import read_upload
from web.batch.job import CANCELLED, CHECK, DISK, DONE, FAILED, OTHER, QUEUED, RUNNING, Job, Status
from web.batch.locks import locked
from web.batch.store import Store
from web.languages import language
from web.operations.metrics import count_batch

IDLE = 30.0  # seconds that the workers stay after the last job
PAUSE = 0.2  # seconds between two looks at the queue
TOLD_EVERY = 0.25  # seconds between two notes of how far it is


class _StoppedError(Exception):
    """Somebody asked to stop."""


def worker_count() -> int:
    """Return how many processes do the work: one core is left for the pages."""
    return max((os.cpu_count() or 1) - 1, 1)


class Runner:
    """Works on what a store holds; safe to be woken from any thread, as often as one likes."""

    def __init__(self, store: Store, library: Library, brand: Brand, log: logging.Logger) -> None:
        self.store = store
        self.library = library
        self.brand = brand
        self.log = log
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """See to it that somebody works on what waits."""
        with self._guard:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="rapport-batch", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        healthy = True
        while True:
            with self._guard:
                if not healthy or not self.store.waiting():
                    self._thread = None
                    return
            try:
                healthy = self._serve()
            except Exception as error:  # the next look at a page that waits tries again
                self.log.error("%s while starting the workers of a batch", type(error).__name__)
                healthy = False

    def _serve(self) -> bool:
        """Work until nothing has waited for a while; another process's turn is waited for."""
        with locked(self.store.worker_lock, wait=False) as mine:
            if not mine:
                time.sleep(PAUSE)
                return True
            with local_workers(worker_count()) as workers:
                last = time.monotonic()
                while time.monotonic() - last < IDLE:
                    if not (queue := self.store.waiting()):
                        time.sleep(PAUSE)
                        continue
                    if not self._do(queue[0], workers):
                        return True  # with new workers, if these were lost
                    last = time.monotonic()
        return True

    def _do(self, job: Job, workers: Workers) -> bool:
        """Do the step that a job waits for; return False where it failed."""
        try:
            with locked(job.lock, wait=False) as mine:
                if not mine or not self.store.change(job, _begun):
                    return True
                after = self._ended(job, workers)
                self.store.change(job, lambda _: after)
                if not after.active:
                    count_batch(after.step, after.phase)
                return after.phase not in (FAILED, RUNNING)
        except FileNotFoundError:  # it was removed
            return True

    def _ended(self, job: Job, workers: Workers) -> Status:
        """Return the status when the step has come to its end, one way or another."""
        status = job.status()
        tell = _teller(job, status)
        try:
            reading = read_upload(job.upload, job.choices(), self.library)
            if reading.prospects is None:
                return replace(job.status(), phase=FAILED, fault=OTHER, at=time.time())
            step = self._check if status.step == CHECK else self._make
            summary = step(job, reading.prospects, workers, tell)
        except Exception as error:
            if not job.folder.exists():
                raise FileNotFoundError from None
            if isinstance(error, RuntimeError) and "shutdown" in str(error):  # the server is being stopped
                return job.status()  # which says that it runs, and nobody will be at it
            self.log.error("%s at %s in a batch", type(error).__name__, _where(error))  # its text may tell of the file
            full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
            return replace(job.status(), phase=FAILED, fault=DISK if full else OTHER, at=time.time())
        phase = CANCELLED if summary.stopped else DONE
        return replace(status, phase=phase, **status.counted(summary))

    def _check(self, job: Job, prospects: Prospects, workers: Workers, tell: Callable[[Summary], None]) -> Summary:
        choices = job.choices()
        summary = Summary(prospects.total)

        def count(found: Summary) -> None:
            nonlocal summary
            summary = found
            tell(found)

        try:
            with speaking(language(choices.code, choices.territory)), writing(job.checked_file) as put:
                for row, outcome in check(prospects, choices.for_check(), workers, count):
                    put(checked_row(row, outcome, prospects))
                    if job.should_stop():
                        raise _StoppedError
        except _StoppedError:  # an exception, so that half a list does not take the place of a whole one
            return replace(summary, stopped=True)
        return summary

    def _make(self, job: Job, prospects: Prospects, workers: Workers, tell: Callable[[Summary], None]) -> Summary:
        choices = job.choices()
        return run(
            prospects,
            choices.for_making(job.brand() or self.brand),
            job.out,
            workers,
            include_held=choices.include_held,
            on_progress=tell,
            should_stop=job.should_stop,
        )


def _where(error: BaseException) -> str:
    trace, place = error.__traceback__, "unknown place"
    while trace is not None:
        place, trace = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}", trace.tb_next
    return place


def _begun(status: Status) -> Status | None:
    now = time.time()
    return replace(status, phase=RUNNING, started=now, at=now) if status.phase == QUEUED else None


def _teller(job: Job, status: Status) -> Callable[[Summary], None]:
    """Return what notes how far a step is, a few times a second at most."""
    last = 0.0

    def tell(summary: Summary) -> None:
        nonlocal last
        if time.monotonic() - last >= TOLD_EVERY:
            last = time.monotonic()
            job.put_status(replace(status, **status.counted(summary)))

    return tell

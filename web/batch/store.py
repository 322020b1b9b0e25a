"""All uploads: a folder each, named by the digest of an id, so that neither a path nor a listing tells the id."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePath
from typing import IO

from web.batch.choices import Choices
from web.batch.job import CANCELLED, QUEUED, RUNNING, Job, Status
from web.batch.locks import is_locked, locked
from web.kept_folders import DAY, KeptFolders

KEPT = DAY  # seconds that an upload is kept after anything was last done with it
MOST_KEPT = 50  # uploads at a time: a disk has an end
ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
BLOCK = 1 << 18  # bytes written at once


class Store:
    """The folder of all uploads. It is made when the first one comes, for its owner's eyes only."""

    def __init__(self, data_dir: Path) -> None:
        self.root = data_dir / "batch"
        self._folders = KeptFolders(self.root)

    @property
    def worker_lock(self) -> Path:
        """Return the file whose lock the one worker of all the server's processes holds."""
        return self.root / "worker.lock"

    def add(self, file: IO[bytes], choices: Choices, owner: str = "") -> tuple[str, Job]:
        """Keep an upload; return its id, which nobody can guess and which stands nowhere on disk, and the job.

        ``owner`` is whose it is; ``find`` does not ask, for it knows nobody.

        Raises:
            StoreFullError: if too many are kept.
            OSError: if it cannot be written.
        """
        self.sweep()
        number, folder = self._folders.new(MOST_KEPT)
        job = Job(folder)
        try:
            start = file.read(BLOCK)
            path = job.folder / f"upload{_ending(start, choices.name)}"
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "wb") as target:
                while start:
                    target.write(start)
                    start = file.read(BLOCK)
            job.put_owner(owner)
            job.put_choices(choices)
            job.put_status(Status(at=time.time()))
        except BaseException:
            shutil.rmtree(job.folder, ignore_errors=True)
            raise
        return number, job

    def find(self, number: str) -> Job | None:
        """Return the job with an id; None where there is none, or its time is over."""
        folder = self._folders.find(number)
        job = None if folder is None else Job(folder)
        return job if job is not None and self._is_kept(job) else None

    def remove(self, job: Job) -> None:
        """Remove an upload and all that was made of it; whoever works on it stops."""
        self._folders.remove(job.folder)

    def remove_all_of(self, owner: str) -> int:
        """Remove everything that is an owner's; return how many uploads there were."""
        theirs = [job for job in self._jobs() if owner and job.owner == owner]
        for job in theirs:
            self.remove(job)
        return len(theirs)

    def change(self, job: Job, change: Callable[[Status], Status | None]) -> bool:
        """Change a job's status if the function gives another one; return whether it did."""
        with locked(self.root / "store.lock"):
            after = change(job.status())
            if after is None:
                return False
            job.put_status(after)
            return True

    def queue(self, job: Job, step: str) -> bool:
        """Have a step done when it is its turn; return False where one is already waiting or running."""

        def queued(status: Status) -> Status | None:
            if status.phase == QUEUED or (status.phase == RUNNING and is_locked(job.lock)):
                return None
            now = time.time()
            return Status(step, QUEUED, time.time_ns(), status.total, started=now, at=now)

        with contextlib.suppress(FileNotFoundError):
            job.forget_stop()
        return self.change(job, queued)

    def cancel(self, job: Job) -> None:
        """Take a job out of the queue, or have it stop; what is finished stays."""

        def cancelled(status: Status) -> Status | None:
            return replace(status, phase=CANCELLED, at=time.time()) if status.phase == QUEUED else None

        if not self.change(job, cancelled):
            job.ask_to_stop()

    def waiting(self) -> list[Job]:
        """Return the queue."""
        found = []
        for job in self._jobs():
            with contextlib.suppress(OSError, ValueError, TypeError):  # removed meanwhile, or of another version
                status = job.status()
                if status.phase == QUEUED:
                    found.append((status.order, job.folder.name, job))
        return [job for _order, _name, job in sorted(found, key=lambda each: each[:2])]

    def ahead(self, job: Job) -> int:
        """Return how many will be done before a job that waits, the one at work included."""
        before = [each.folder for each in self.waiting()]
        place = before.index(job.folder) if job.folder in before else 0
        return place + any(is_locked(each.lock) for each in self._jobs() if each.folder != job.folder)

    def sweep(self) -> None:
        """Remove what is over: a day after anything was done with it."""
        for job in list(self._jobs()):
            if not self._is_kept(job) and not is_locked(job.lock):
                self.remove(job)
        self._folders.clear()

    def _jobs(self) -> Iterator[Job]:
        yield from (Job(path) for path in self._folders)

    def _is_kept(self, job: Job) -> bool:
        try:
            status = job.status()
        except (OSError, ValueError, TypeError):
            return False
        return status.active or time.time() - status.at < KEPT


def _ending(start: bytes, name: str) -> str:
    """Return the ending that tells a reader of workbooks what a file is: its own where it is that of a workbook."""
    if start.startswith(b"PK\x03\x04"):
        ending = PurePath(name).suffix.lower()
        return ending if ending in ENDINGS and ending != ".xls" else ".xlsx"
    return ".xls" if start.startswith(b"\xd0\xcf\x11\xe0") else ".csv"

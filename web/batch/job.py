"""One upload and what becomes of it: a folder with the file, what was chosen, how far it is, and what was made."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reports.batch import Entry, Summary, read_manifest
from reports.batch.names import MANIFEST
from reports.brand import Brand, parse_brand
from web.batch.checked import CheckedRow, read_checked
from web.batch.choices import Choices
from web.batch.locks import is_locked
from web.kept_folders import write_private

CHECK, MAKE = "check", "make"  # the two steps
QUEUED, RUNNING, DONE, CANCELLED, FAILED = "queued", "running", "done", "cancelled", "failed"
INTERRUPTED = "interrupted"  # said to be running, and nobody is at it: the server was stopped
DISK, OTHER = "disk", "other"  # why a step failed
LOGOS = ("seller", "client")
ARRIVED = "arrived"  # the file cannot be read as it was chosen to be


@dataclass(frozen=True)
class Status:
    """How far an upload is.

    Attributes:
        step: check or make.
        phase: arrived, queued, running, done, cancelled or failed.
        order: what came earlier is done earlier; nanoseconds.
        total: rows.
        done: rows that are ready, or whose proposal is made.
        held: rows whose values are implausible.
        failed: rows with problems.
        kept: rows that an earlier run had finished.
        started: when the step began; seconds since 1970.
        at: when the last row was finished; likewise.
        fault: why it failed: disk or other.
    """

    step: str = CHECK
    phase: str = ARRIVED
    order: int = 0
    total: int = 0
    done: int = 0
    held: int = 0
    failed: int = 0
    kept: int = 0
    started: float = 0.0
    at: float = 0.0
    fault: str = ""

    @property
    def finished(self) -> int:
        """Return how many rows have been dealt with."""
        return self.done + self.held + self.failed

    @property
    def active(self) -> bool:
        """Return whether it waits or runs."""
        return self.phase in (QUEUED, RUNNING)

    @property
    def rows_per_second(self) -> float:
        """Return how many rows were finished in a second since the step began; 0 while that cannot be said."""
        seconds = self.at - self.started
        return max(self.finished - self.kept, 0) / seconds if seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Return how long it will take yet, or None while that cannot be said."""
        rate = self.rows_per_second
        return (self.total - self.finished) / rate if rate > 0 else None

    def counted(self, summary: Summary) -> dict[str, Any]:
        """Return what changes with the engine's count."""
        return {
            "total": summary.total,
            "done": summary.done,
            "held": summary.held,
            "failed": summary.failed,
            "kept": summary.kept,
            "at": time.time(),
        }


class Job:
    """An upload by its folder; reads what is there and caches nothing, for other processes write to it too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def upload(self) -> Path:
        """Return where the file is."""
        return next(self.folder.glob("upload.*"))

    @property
    def out(self) -> Path:
        """Return the folder of what is made."""
        return self.folder / "out"

    @property
    def lock(self) -> Path:
        """Return the file whose lock whoever works on it holds."""
        return self.folder / "lock"

    @property
    def checked_file(self) -> Path:
        """Return where the finding of each row is written."""
        return self.folder / "checked.jsonl"

    @property
    def owner(self) -> str:
        """Return whose it is; empty where that is not known."""
        try:
            return (self.folder / "owner").read_text()
        except OSError:
            return ""

    def put_owner(self, owner: str) -> None:
        """Write whose it is."""
        write_private(self.folder / "owner", owner.encode())

    def brand(self) -> Brand | None:
        """Return the brand that its proposals bear, None where none was written."""
        try:
            tables = _read(self.folder / "brand.json")
        except OSError:
            return None
        logos = {key: path.read_bytes() for key in LOGOS if (path := self.folder / f"logo-{key}").exists()}
        return parse_brand({**tables, "logos": {key: f"logo-{key}" for key in logos}}, logos)

    def put_brand(self, brand: Brand) -> None:
        """Write the brand that its proposals bear, whatever becomes of it meanwhile."""
        for key in LOGOS:
            path = self.folder / f"logo-{key}"
            if (logo := brand.logos.get(key)) is None:
                path.unlink(missing_ok=True)
            else:
                write_private(path, logo.data)
        tables = {name: table for name, table in brand.attachment().items() if name not in ("schema", "logos")}
        _write(self.folder / "brand.json", tables)

    @property
    def _stop(self) -> Path:
        return self.folder / "stop"

    def status(self) -> Status:
        """Return how far it is.

        Raises:
            OSError: if it is gone.
        """
        return Status(**_read(self.folder / "status.json"))

    def phase(self, status: Status) -> str:
        """Return the phase as it truly is: what runs by its status may have been interrupted."""
        if status.phase == RUNNING and not is_locked(self.lock) and self.status() == status:
            return INTERRUPTED
        return status.phase

    def choices(self) -> Choices:
        """Return what was chosen."""
        return Choices(**_read(self.folder / "choices.json"))

    def put_status(self, status: Status) -> None:
        """Write how far it is; only under the store's lock, or by who works on it."""
        _write(self.folder / "status.json", asdict(status))

    def put_choices(self, choices: Choices) -> None:
        """Write what was chosen."""
        _write(self.folder / "choices.json", asdict(choices))

    def checked(self) -> Iterator[CheckedRow]:
        """Yield the finding of each row."""
        return read_checked(self.checked_file)

    def made(self) -> list[Entry]:
        """Return what became of each row; nothing before all are through."""
        path = self.out / MANIFEST
        return list(read_manifest(path)) if path.exists() else []

    def ask_to_stop(self) -> None:
        """Have whoever works on it end early."""
        self._stop.touch(mode=0o600)

    def forget_stop(self) -> None:
        """Take that back."""
        self._stop.unlink(missing_ok=True)

    def should_stop(self) -> bool:
        """Return whether somebody asked to stop, or removed it."""
        return self._stop.exists() or not self.folder.exists()


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def _write(path: Path, data: Mapping[str, Any]) -> None:
    write_private(path, json.dumps(data).encode())

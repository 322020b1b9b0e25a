"""The record of finished rows: one line of JSON each, on disk before the row counts as finished.

The last line may be torn by a crash; it is then cut off. Only one run at a time holds a journal, and the lock goes
with its process, however that ends.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from calculator.errors import RapportError
from reports.batch.manifest import Entry
from reports.batch.names import JOURNAL


@dataclass(frozen=True)
class Record:
    """A finished row.

    Attributes:
        key: digest of all that its files depend on.
        who: digest of what tells this prospect from another.
        entry: its row of the manifest.
        sizes: of the files it names, in bytes.
        held: whether its values are implausible, written or not.
    """

    key: str
    who: str
    entry: Entry
    sizes: dict[str, int] = field(default_factory=dict)
    held: bool = False

    def files(self) -> Iterator[tuple[str, str, int]]:
        """Yield name, SHA-256 and size of each file."""
        entry = self.entry
        for name, digest in ((entry.file, entry.file_sha256), (entry.workbook, entry.workbook_sha256)):
            if name:
                yield name, digest, self.sizes[name]


class Journal:
    """The journal of a folder, open and locked; a context manager.

    Attributes:
        sha256: of the prospects file it was last used for; empty where it is new.
        source: that file's name.
        last: by key, where its last record stands.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL
        self.sha256 = ""
        self.source = ""
        self.last: dict[bytes, int] = {}
        self._end = 0
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(self._descriptor, folder)
            self._read()
        except BaseException:
            os.close(self._descriptor)
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)  # which lets the lock go

    @property
    def new(self) -> bool:
        """Return whether nothing was ever written to it."""
        return self._end == 0

    def begin(self, source: str, sha256: str) -> None:
        """Note which prospects file it is used for from here on."""
        if (source, sha256) != (self.source, self.sha256):
            self.source, self.sha256 = source, sha256
            self._append([{"batch": 1, "source": source, "sha256": sha256}])

    def append(self, records: Sequence[Record]) -> None:
        """Add finished rows; they are on disk when it returns.

        Raises:
            OSError: if they cannot be written; the journal is then as it was.
        """
        places = self._append([asdict(record) for record in records])
        for record, place in zip(records, places, strict=True):
            self.last[bytes.fromhex(record.key)] = place

    def at(self, place: int) -> Record:
        """Return the record that stands at a place."""
        data, start = b"", place
        while not data.endswith(b"\n") and (block := os.pread(self._descriptor, 1 << 12, start)):
            head, newline, _rest = block.partition(b"\n")
            data, start = data + head + newline, start + len(block)
        found = _record(data)
        if found is None:
            raise RapportError(f"{self.path} was changed while the batch was running; run the same command again.")
        return found

    def records(self) -> Iterator[Record]:
        """Yield every record, superseded ones too, in the order they were written."""
        for _place, line in self._lines():
            if record := _record(line):
                yield record

    def _append(self, lines: Sequence[dict[str, Any]]) -> list[int]:
        if not lines:
            return []
        encoded = [json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines]
        places, end = [], self._end
        for line in encoded:
            places.append(end)
            end += len(line)
        data, written = b"".join(encoded), 0
        try:
            while written < len(data):
                written += os.pwrite(self._descriptor, data[written:], self._end + written)
            os.fsync(self._descriptor)
        except BaseException as error:
            with contextlib.suppress(OSError):  # a torn line would be cut off at the next start anyway
                os.ftruncate(self._descriptor, self._end)
            if isinstance(error, OSError):
                error.filename = str(self.path)
            raise
        self._end = end
        return places

    def _read(self) -> None:
        for place, line in self._lines():
            data = _parsed(line)
            if data is None or not line.endswith(b"\n"):
                continue
            self._end = place + len(line)
            if "batch" in data:
                self.source, self.sha256 = str(data.get("source", "")), str(data.get("sha256", ""))
            elif (record := _record(line)) is not None:
                self.last[bytes.fromhex(record.key)] = place
        if os.fstat(self._descriptor).st_size > self._end:
            os.ftruncate(self._descriptor, self._end)

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        place = 0
        with open(self.path, "rb") as file:
            for line in file:
                yield place, line
                place += len(line)


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        data = json.loads(line)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def _record(line: bytes) -> Record | None:
    data = _parsed(line)
    try:
        if data is None or "key" not in data:
            return None
        return Record(data["key"], data["who"], Entry(**data["entry"]), data["sizes"], data["held"])
    except (KeyError, TypeError):  # of an older version: as if it had not been done
        return None


def _lock(descriptor: int, folder: Path) -> None:
    try:
        import fcntl
    except ImportError:  # no such lock on this system
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RapportError(
            f"{folder}: another batch is running there; wait for it to end, or choose another folder."
        ) from None

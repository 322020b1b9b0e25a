"""The folder a batch writes to: each file whole and on disk, or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from reports.batch.names import TEMPORARY


class Folder:
    """A folder of which this process is the only writer (the journal's lock sees to it)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._temporary = path / TEMPORARY

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a file; an interruption or a full disk leaves what was there before.

        Raises:
            OSError: if it cannot be written; ``filename`` is that of the file.
        """
        try:
            with self._temporary.open("wb") as file:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            self._temporary.replace(self.path / name)
        except BaseException as error:
            with contextlib.suppress(OSError):
                self._temporary.unlink(missing_ok=True)
            if isinstance(error, OSError):
                error.filename, error.filename2 = str(self.path / name), None
            raise

    def settle(self) -> None:
        """Put on disk that the files are there under their names."""
        with contextlib.suppress(OSError, AttributeError):  # not every system lets a folder be synced
            descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def holds(self, name: str, sha256: str, size: int) -> bool:
        """Return whether a file is there as it was written."""
        path = self.path / name
        try:
            if path.stat().st_size != size:
                return False
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except OSError:
            return False

    def remove(self, name: str) -> None:
        """Remove a file if it is there."""
        (self.path / name).unlink(missing_ok=True)

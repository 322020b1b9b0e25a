"""What is kept for a visitor for a while: a folder each, named by the digest of an id, so that no listing tells the id.

An id stands in the query of an address and never in its path, for access logs write paths.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from flask import Flask

from calculator.errors import RapportError

DAY: Final = 24 * 3600  # seconds
HOUR: Final = 3600.0  # seconds between two sweeps
ID: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)  # of 256 bits
_GONE: Final = ".gone-"  # starts the name of a folder that is being removed


class StoreFullError(RapportError):
    """So much is kept that there is no room for more."""


class KeptFolders:
    """The folders under ``root``, which is made with the first of them, for its owner's eyes only."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def new(self, most: int) -> tuple[str, Path]:
        """Make a folder; return its id, which nobody can guess and which stands nowhere on disk, and the folder.

        Raises:
            StoreFullError: if there are ``most`` already.
            OSError: if it cannot be made.
        """
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if sum(1 for _ in self) >= most:
            raise StoreFullError("too many uploads are kept")
        number = secrets.token_urlsafe(32)
        folder = self._named(number)
        folder.mkdir(mode=0o700)
        return number, folder

    def find(self, number: str) -> Path | None:
        """Return the folder of an id; None for what is no id. Whether it is there, or its time over, is not asked."""
        return None if ID.fullmatch(number) is None else self._named(number)

    def remove(self, folder: Path) -> None:
        """Remove a folder with all that is in it; at once it can no longer be found."""
        gone = folder.with_name(f"{_GONE}{secrets.token_hex(8)}")
        with contextlib.suppress(FileNotFoundError):
            folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def clear(self) -> None:
        """Remove what an earlier removal left behind."""
        if self.root.exists():
            for path in self.root.glob(f"{_GONE}*"):
                shutil.rmtree(path, ignore_errors=True)

    def __iter__(self) -> Iterator[Path]:
        """Yield the folders there are."""
        if self.root.exists():
            yield from (path for path in self.root.iterdir() if path.is_dir() and not path.name.startswith("."))

    def _named(self, number: str) -> Path:
        return self.root / hashlib.sha256(number.encode()).hexdigest()


def write_private(path: Path, data: bytes) -> None:
    """Write a whole file that only its owner may read; nobody ever sees half of it."""
    temporary = path.with_suffix(f".{os.getpid()}.{time.monotonic_ns()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def sweep_hourly(app: Flask, sweep: Callable[[], None]) -> None:
    """Have what is over removed once an hour, whatever is asked for, so that nothing stays because nobody comes."""
    swept = -HOUR

    def sweep_now_and_then() -> None:
        nonlocal swept
        if time.monotonic() - swept > HOUR:
            swept = time.monotonic()
            try:
                sweep()
            except OSError as error:
                app.logger.error("%s while removing old uploads", type(error).__name__)

    app.before_request(sweep_now_and_then)

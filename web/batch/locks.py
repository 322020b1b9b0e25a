"""A lock that holds between threads and between processes, and goes with its process however that ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAUSE = 0.02  # seconds between two tries


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock of a file; yield whether it is held, which it may not be if nobody is to wait."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        taken = _take(descriptor)
        while wait and not taken:
            time.sleep(PAUSE)
            taken = _take(descriptor)
        yield taken
    finally:
        os.close(descriptor)  # which lets the lock go


def is_locked(path: Path) -> bool:
    """Return whether somebody holds the lock of a file."""
    if not path.exists():
        return False
    try:
        with locked(path, wait=False) as free:
            return not free
    except FileNotFoundError:  # its folder was removed meanwhile
        return False


if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

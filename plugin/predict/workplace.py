"""The folder beside the output in which a run keeps what it has finished, for its owner's eyes only."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from plugin.errors import PluginError

_KEY: Final = "key"
_LOCK: Final = "lock"


class UnfinishedError(PluginError):
    """The work stopped for no fault of the input; what is finished is kept."""


def folder_of(output: Path) -> Path:
    """Return the folder that belongs to an output."""
    return output.with_name(f".{output.name}.rapport-predict")


@contextmanager
def workplace(output: Path, task: Mapping[str, Any]) -> Iterator[Path]:
    """Lend the folder; what it holds of another task is removed. It goes when the work is done, and stays otherwise.

    Args:
        output: what is being made.
        task: all that the work depends on.

    Raises:
        PluginError: where another run is at work in it.
        OSError: where it cannot be made.
    """
    folder = folder_of(output)
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor, output)
        key = hashlib.sha256(json.dumps(task, sort_keys=True).encode()).hexdigest()
        if _read(folder / _KEY) != key:
            _empty(folder)
            (folder / _KEY).write_text(key)
        try:
            yield folder
        except UnfinishedError:
            raise
        except PluginError:  # the input must change first, so nothing here is of use
            shutil.rmtree(folder)
            raise
        shutil.rmtree(folder)
    finally:
        os.close(descriptor)  # which lets the lock go


def state_of(path: Path) -> tuple[str, int, int]:
    """Return what tells whether a file is still the same: its path, size and time of change."""
    found = path.stat()
    return str(path.resolve()), found.st_size, found.st_mtime_ns


def _read(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_text()
    return ""


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name != _LOCK:
            path.unlink()


def _lock(descriptor: int, output: Path) -> None:
    try:
        import fcntl
    except ImportError:  # no such thing on Windows
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PluginError([f"{output}: another run is writing it; wait for it, or write elsewhere"]) from None

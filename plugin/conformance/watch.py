"""Notice, and prevent, what leaves a process: connections, programs, files. By the audit events of the interpreter.

An audit hook sees what C code does as well, and cannot be taken out again; between two examinations ours returns at
once.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, Literal

Kind = Literal["sends", "keeps"]

_SENDS: Final = {
    "socket.connect": "a connection",
    "socket.getaddrinfo": "a host's address",
    "socket.gethostbyname": "a host's address",
    "socket.gethostbyaddr": "a host's address",
    "socket.getnameinfo": "a host's name",
    "socket.sendto": "a message to a host",
    "socket.sendmsg": "a message to a host",
    "socket.bind": "a port of its own",
    "subprocess.Popen": "a program",
    "os.system": "a program",
    "os.exec": "a program",
    "os.posix_spawn": "a program",
}
_KEEPS: Final = {
    "os.mkdir": "a new folder",
    "os.rename": "a file renamed",
    "os.remove": "a file removed",
    "os.rmdir": "a folder removed",
    "os.link": "a link",
    "os.symlink": "a link",
    "os.truncate": "a file cut",
    "sqlite3.connect": "a database",
}
_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

_guard = threading.Lock()  # one examination at a time
_watched: Kind | None = None
_seen: list[str] = []


@contextmanager
def watching(kind: Kind) -> Iterator[list[str]]:
    """Refuse what would leave this process while this lasts, and give what was tried.

    Args:
        kind: sends for connections and programs, keeps for files.
    """
    global _watched, _seen  # the hook is one for the whole process
    _install()
    with _guard:
        _watched, _seen = kind, []
        try:
            yield _seen
        finally:
            _watched = None


@cache
def _install() -> None:
    sys.addaudithook(_noticed)


def _noticed(event: str, arguments: tuple[Any, ...]) -> None:
    if _watched is None:
        return
    if _watched == "sends":
        what = _SENDS.get(event, "")
    else:
        what = "a file opened to write" if event == "open" and _writes(arguments) else _KEEPS.get(event, "")
    if what:
        _seen.append(what)
        raise PermissionError(f"{what}: a predictor may not do this")


def _writes(arguments: tuple[Any, ...]) -> bool:
    path, _, flags = arguments
    return isinstance(flags, int) and bool(flags & _WRITES) and path != os.devnull

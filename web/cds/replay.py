"""Tokens that were used: each counts once, among all processes of this server.

They are kept in a small SQLite file until they expire. A power cut may lose the last ones, which then could be used
once more while they live; a wait for the disk at each call would cost more than that is worth.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from contextlib import closing
from pathlib import Path
from typing import Final

NAME: Final = "cds-tokens.sqlite3"
WAIT: Final = 5.0  # seconds for another process to finish writing
SWEEP: Final = 300.0  # seconds from one removal of expired tokens to the next, in each process

_TABLE = """
CREATE TABLE IF NOT EXISTS used (
    issuer TEXT NOT NULL, jti TEXT NOT NULL, until REAL NOT NULL, PRIMARY KEY (issuer, jti)
) WITHOUT ROWID
"""


class UsedTokens:
    """The tokens that were used, for all threads and processes of one data folder."""

    def __init__(self, folder: Path) -> None:
        """Make the file, which only its owner may read.

        Raises:
            OSError: if the folder or the file cannot be made.
            sqlite3.Error: if the file is no database.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / NAME
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        self._path.chmod(0o600)  # whoever made it; what SQLite puts beside it takes its mode
        self._lock = threading.Lock()
        self._opened: tuple[int, sqlite3.Connection] | None = None
        self._next_sweep = 0.0
        with closing(self._open()) as connection:  # and closed, so that the process may fork before the first call
            connection.execute(_TABLE)

    def first_use(self, issuer: str, jti: str, until: float, now: float) -> bool:
        """Note that a token was used, and return whether it was for the first time.

        Args:
            issuer: whose token.
            jti: its name, unique for the issuer.
            until: seconds since 1970 after which it is refused anyhow.
            now: the time.

        Raises:
            sqlite3.Error: if it cannot be noted.
        """
        with self._lock:
            connection = self._connection()
            if now >= self._next_sweep:
                self._next_sweep = now + SWEEP
                connection.execute("DELETE FROM used WHERE until < ?", (now,))
            try:
                connection.execute("INSERT INTO used VALUES (?, ?, ?)", (issuer, jti, until))
            except sqlite3.IntegrityError:
                return False
            return True

    def _connection(self) -> sqlite3.Connection:
        """Return the connection of this process; after a fork that of the parent must be left alone."""
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = os.getpid(), self._open()
            weakref.finalize(self, _close, *self._opened)
        return self._opened[1]

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=WAIT, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection)
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _prepare(connection: sqlite3.Connection) -> None:
    end = time.monotonic() + WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError:  # SQLite does not wait by itself where two make the file at once
            if time.monotonic() > end:
                raise
            time.sleep(0.01)
    connection.execute("PRAGMA synchronous = NORMAL")  # no wait for the disk at each call


def _close(process: int, connection: sqlite3.Connection) -> None:
    """Close a connection, in the process that opened it only; the finalizer keeps it alive in others."""
    if process == os.getpid():
        connection.close()

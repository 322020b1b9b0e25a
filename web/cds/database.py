"""A small SQLite file in the data folder, for all threads and processes of this server; only its owner may read it.

A process keeps its connection open: to open and close one for each use costs ten milliseconds, most of them waiting for
the disk, for SQLite tidies up behind the last one that closes.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

WAIT: Final = 5.0  # seconds for another process to finish writing


@dataclass(frozen=True)
class _Opened:
    """A connection, the process that opened it, and which file it was."""

    connection: sqlite3.Connection
    process: int
    file: tuple[int, int]

    def close(self) -> None:
        """Close it, in the process that opened it only: after a fork it is the parent's."""
        if self.process == os.getpid():
            self.connection.close()


class Database:
    """A file with some tables."""

    def __init__(self, path: Path, tables: str) -> None:
        """Take on a file, which is made at the first use.

        Args:
            path: of the file; its folder need not be there.
            tables: the statements that make the tables where they are not there yet.
        """
        self.path = path
        self._tables = tables
        self._opened: _Opened | None = None
        self._lock = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection; all that is done with it counts, or nothing of it.

        Raises:
            OSError: if the folder or the file cannot be made.
            sqlite3.Error: if the file is no database, or is in use for longer than ``WAIT``.
        """
        with self._lock:
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def look(self) -> Iterator[sqlite3.Connection | None]:
        """Yield a connection to read from, or None where nothing has been kept yet; nothing is made.

        Raises:
            sqlite3.Error: if the file is no database.
        """
        if not self.path.exists():
            yield None
            return
        with closing(sqlite3.connect(self.path, timeout=WAIT, isolation_level=None)) as connection:
            connection.executescript(self._tables)
            connection.execute("BEGIN")  # all that is read is of one moment
            yield connection

    def close(self) -> None:
        """Close the connection of this process; the next use opens another."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _connection(self) -> sqlite3.Connection:
        """Return the connection of this process to the file that is there now."""
        held = self._opened
        if held is not None and held.process == os.getpid():
            if held.file == _which(self.path):
                return held.connection
            held.close()  # the file was taken away
        self._opened = self._open()
        weakref.finalize(self, self._opened.close)
        return self._opened.connection

    def _open(self) -> _Opened:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))  # what SQLite puts beside it takes its mode
        # of one thread at a time, which the lock sees to
        connection = sqlite3.connect(self.path, timeout=WAIT, isolation_level=None, check_same_thread=False)
        try:
            _journal(connection)
            connection.executescript(self._tables)
        except sqlite3.Error:
            connection.close()
            raise
        return _Opened(connection, os.getpid(), _which(self.path))


def _which(path: Path) -> tuple[int, int]:
    """Return what tells a file from another of the same name; zeros where there is none."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


def _journal(connection: sqlite3.Connection) -> None:
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

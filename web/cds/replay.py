"""Tokens that were used: each counts once, among all processes of this server.

They are kept in a small SQLite file until they expire. A power cut may lose the last ones, which then could be used
once more while they live; a wait for the disk at each call would cost more than that is worth.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from web.cds.database import Database

NAME: Final = "cds-tokens.sqlite3"
SWEEP: Final = 300.0  # seconds from one removal of expired tokens to the next, in each process

_TABLE: Final = """
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
        self._database = Database(folder / NAME, _TABLE)
        self._next_sweep = 0.0
        with self._database.transaction():
            pass
        self._database.close()  # a server that forks now leaves nothing open in two processes

    def first_use(self, issuer: str, jti: str, until: float, now: float) -> bool:
        """Note that a token was used, and return whether it was for the first time.

        Args:
            issuer: whose token.
            jti: its name, unique for the issuer.
            until: seconds since 1970 after which it is refused anyhow.
            now: the time.

        Raises:
            OSError: if the file was taken away and cannot be made again.
            sqlite3.Error: if it cannot be noted.
        """
        with self._database.transaction() as connection:
            if now >= self._next_sweep:
                self._next_sweep = now + SWEEP
                connection.execute("DELETE FROM used WHERE until < ?", (now,))
            return connection.execute("INSERT OR IGNORE INTO used VALUES (?, ?, ?)", (issuer, jti, until)).rowcount == 1

"""The database: opened once, asked through sessions for one organisation, and honest about whether it answers."""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

from flask import Flask, current_app
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

from web.storage.owned import SCOPE, Scope, ScopedSession

KEY: Final = "rapport_database"
FILE: Final = "rapport.sqlite"
PATIENCE: Final = 10.0  # seconds that a writer waits for another one
ANSWERS_WITHIN: Final = 1.5  # seconds; who asks whether it does waits no longer
#: What a server may take for a request, in milliseconds: a page that waits longer than that helps nobody.
LIMITS: Final = {
    "statement_timeout": 30_000,
    "lock_timeout": 10_000,
    "idle_in_transaction_session_timeout": 60_000,
}
_WRITES: Final = "rapport_writes"


class Database:
    """An engine and the two kinds of sessions on it.

    Attributes:
        url: where it is; its password never shows in its text.
        engine: SQLAlchemy's, for reading.
        for_writing: the same; on SQLite it takes its turn to write from the start.
    """

    def __init__(self, url: str | URL) -> None:
        """Open nothing yet; the first session does.

        Args:
            url: ``sqlite:///…`` or ``postgresql+psycopg://…``.
        """
        self.url = make_url(url)
        self.engine = _sqlite(self.url) if self.is_sqlite else _server(self.url)
        self.for_writing = self.engine.execution_options(**{_WRITES: True})
        self._asking: threading.Thread | None = None
        _OPEN.add(self)

    @classmethod
    def in_folder(cls, folder: Path) -> Database:
        """Return the embedded database of a data folder, which is made, for its owner only, where there is none."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / FILE
        if not path.exists():
            path.touch(mode=0o600)
        return cls(URL.create("sqlite", database=str(path)))

    @property
    def is_sqlite(self) -> bool:
        """Return whether it is the embedded one."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def file(self) -> Path | None:
        """Return the file of the embedded database."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    @contextmanager
    def reading(self, scope: Scope) -> Iterator[Session]:
        """Open a session that only reads; what it loaded stays readable afterwards."""
        with ScopedSession(self.engine, expire_on_commit=False, info={SCOPE: scope}) as session:
            yield session

    @contextmanager
    def writing(self, scope: Scope) -> Iterator[Session]:
        """Open a session whose changes are kept when the block ends well, all of them or none."""
        with ScopedSession(self.for_writing, expire_on_commit=False, info={SCOPE: scope}) as session, session.begin():
            yield session

    def answers(self, within: float = ANSWERS_WITHIN) -> bool:
        """Return whether the database answers, after at most ``within`` seconds.

        It is asked beside this thread, for a server that hangs with its connection open cannot be waited for with a
        limit otherwise. While one question hangs, no other is asked.
        """
        if self._asking is not None and self._asking.is_alive():
            return False
        said: list[bool] = []
        self._asking = threading.Thread(target=lambda: said.append(self._ask()), name="rapport-ready", daemon=True)
        self._asking.start()
        self._asking.join(within)
        return said == [True]

    def _ask(self) -> bool:
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except Exception:  # whatever the driver says: it does not answer
            return False
        return True

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


#: All of this process. A process that was forked must not share the connections of its parent, nor close them.
_OPEN: weakref.WeakSet[Database] = weakref.WeakSet()


def close_all() -> None:
    """Close the connections of all databases of this process; whoever needs one again opens it again."""
    for database in tuple(_OPEN):
        database.close()


def _leave_to_parent() -> None:
    for database in _OPEN:
        database.engine.dispose(close=False)


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_leave_to_parent)


def init_storage(app: Flask, database: Database) -> None:
    """Give the application its database."""
    app.extensions[KEY] = database


def current_database() -> Database:
    """Return the database of the running application."""
    return cast(Database, current_app.extensions[KEY])


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": PATIENCE, "check_same_thread": False}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = (
            None  # transactions begin below, as the session says, and not as the driver guesses
        )
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # a reader that later wants to write would be refused at once; who writes says so from the start and waits
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _server(url: URL) -> Engine:
    limits = " ".join(f"-c {name}={milliseconds}" for name, milliseconds in LIMITS.items())
    usual = {
        "connect_timeout": 5,
        "tcp_user_timeout": 10_000,  # milliseconds until a computer that went away counts as gone
        "keepalives_idle": 30,
        "options": limits,
    }
    return create_engine(
        url,
        pool_pre_ping=True,  # a connection that a restart has cut is replaced before it is used
        pool_recycle=1800,
        pool_timeout=10,
        hide_parameters=True,  # an error's text is of use without what somebody typed
        connect_args={name: value for name, value in usual.items() if name not in url.query},
    )

"""What an error of the database means for whoever is waiting: no room, or no answer."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

_FULL_SQLITE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE)
_FULL_POSTGRESQL = ("53100",)  # disk_full
_GONE_POSTGRESQL = ("08", "57P", "53300")  # connection exceptions, shutdown, too many connections


def failing_status(error: DBAPIError) -> int | None:
    """Return the status to answer with: 507 where the disk is full, 503 where the database does not answer.

    None is a fault of ours, such as a broken constraint.
    """
    cause = error.orig
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        if code in _FULL_SQLITE:
            return 507
        return 503 if isinstance(error, OperationalError) else None
    state = getattr(cause, "sqlstate", None) or ""
    if state in _FULL_POSTGRESQL:
        return 507
    gone = error.connection_invalidated or state.startswith(_GONE_POSTGRESQL)
    return 503 if gone or (not state and isinstance(error, OperationalError | InterfaceError)) else None

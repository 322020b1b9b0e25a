"""What an error of the database means for whoever is waiting: no room, or no answer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

from calculator import RapportError
from web.storage.database import Database

_FULL_SQLITE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE)
_FULL_POSTGRESQL = ("53100",)  # disk_full
#: Connection exceptions, shutdown, too many connections; taking too long, waiting too long, and deadlocks: trying
#: again may well do.
_GONE_POSTGRESQL = ("08", "57P", "53300", "57014", "55P03", "40")


def failing_status(error: BaseException) -> int | None:
    """Return the status to answer with: 507 where the disk is full, 503 where the database does not answer.

    None is no error of the database, or a fault of ours, such as a broken constraint.
    """
    if isinstance(error, TimeoutError):  # all connections are in use, and none came free
        return 503
    if not isinstance(error, DBAPIError):
        return None
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


@contextmanager
def plainly(database: Database) -> Iterator[None]:
    """Tell an error of the database to who runs the server, in words and without what was stored.

    Raises:
        RapportError: instead of it.
    """
    where = database.url.render_as_string(hide_password=True) if database.file is None else str(database.file)
    try:
        yield
    except (DBAPIError, TimeoutError) as error:
        status = failing_status(error)
        cause = str(getattr(error, "orig", None) or error).strip().partition("\n")[0][:300]
        if status is None:
            cause = type(error).__name__  # its text may quote a row
        said = {507: "has no room left", 503: "does not answer"}.get(status or 0, "refuses")
        raise RapportError(f"the database {where} {said}: {cause}.") from None

"""When something was last used: a note that can be left out where nothing can be written."""

from __future__ import annotations

from sqlalchemy import Update
from sqlalchemy.exc import DBAPIError

from web.storage import EVERY_ORGANISATION, Database
from web.storage.failing import failing_status


def note(database: Database, change: Update) -> None:
    """Write the note; on a full disk, or while a backup is restored, who only reads goes on without it."""
    try:
        with database.writing(EVERY_ORGANISATION) as session:
            session.execute(change)
    except DBAPIError as error:
        if failing_status(error) is None:
            raise

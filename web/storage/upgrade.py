"""Bring a database to the tables this release works with: at the first start, and by ``rapport db upgrade``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from calculator import RapportError
from web.storage.database import Database

_LOCK = 0x5261_7070  # any number, the same for all processes of this program
REVISION_TABLE = "alembic_version"


class OldDatabaseError(RapportError):
    """A database whose tables are those of another release; the text says what to do."""


def head() -> str:
    """Return the revision that this release works with."""
    return str(ScriptDirectory.from_config(alembic_config()).get_current_head())


def revision_of(database: Database) -> str | None:
    """Return the revision of a database; None where it has no tables of ours."""
    with database.engine.connect() as connection:
        return current_revision(connection)


def upgrade(database: Database) -> tuple[str | None, str]:
    """Bring a database up to date; several processes may try at once.

    Returns:
        The revision before, None where there were no tables, and the one now.

    Raises:
        OldDatabaseError: where the database was made by a newer release.
    """
    with alone(database) as connection:
        before = current_revision(connection)
        check_known(before)
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return before, head()


def make_ready(database: Database) -> None:
    """Make the tables of an empty database; refuse one that ``rapport db upgrade`` must see first.

    Raises:
        OldDatabaseError: saying what to do.
    """
    before = revision_of(database)
    check_known(before)
    if before is None:
        upgrade(database)
    elif before != head():
        raise OldDatabaseError(
            f"the database is that of an older release ({before}; this one has {head()}). Make a copy with "
            "`rapport backup FILE`, then run `rapport db upgrade`."
        )


def check_known(revision: str | None) -> None:
    """Refuse a revision that this release does not know.

    Raises:
        OldDatabaseError: saying what to do.
    """
    known = {each.revision for each in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    if revision is not None and revision not in known:
        raise OldDatabaseError(
            f"the database is that of a newer release ({revision}, which this one does not know). Install that release."
        )


def current_revision(connection: Connection) -> str | None:
    """Return the revision of what a connection is to; None where it has no tables of ours."""
    if not inspect(connection).has_table(REVISION_TABLE):
        return None
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def alone(database: Database) -> Iterator[Connection]:
    """Open a transaction that no other process upgrades or restores beside; it takes the time it needs."""
    with database.for_writing.connect() as connection, connection.begin():
        if not database.is_sqlite:  # SQLite has one writer at a time, and this is one
            for limit in ("statement_timeout", "lock_timeout"):
                connection.execute(text(f"SET LOCAL {limit} = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield connection


def alembic_config() -> Config:
    """Return where the migrations are; ``attributes["connection"]`` is for the caller to set."""
    config = Config()
    config.set_main_option("script_location", str(files("web") / "storage" / "migrations"))
    return config

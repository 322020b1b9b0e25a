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


class OldDatabaseError(RapportError):
    """A database whose tables are those of another release; the text says what to do."""


def head() -> str:
    """Return the revision that this release works with."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def revision_of(database: Database) -> str | None:
    """Return the revision of a database; None where it has no tables of ours."""
    with database.engine.connect() as connection:
        return _revision(connection)


def upgrade(database: Database) -> tuple[str | None, str]:
    """Bring a database up to date; several processes may try at once.

    Returns:
        The revision before, None where there were no tables, and the one now.

    Raises:
        OldDatabaseError: where the database was made by a newer release.
    """
    with _alone(database) as connection:
        before = _revision(connection)
        _known(before)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return before, head()


def make_ready(database: Database) -> None:
    """Make the tables of an empty database; refuse one that ``rapport db upgrade`` must see first.

    Raises:
        OldDatabaseError: saying what to do.
    """
    before = revision_of(database)
    _known(before)
    if before is None:
        upgrade(database)
    elif before != head():
        raise OldDatabaseError(
            f"the database is that of an older release ({before}; this one has {head()}). Make a copy with "
            "`rapport backup FILE`, then run `rapport db upgrade`."
        )


def _known(revision: str | None) -> None:
    known = {each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision is not None and revision not in known:
        raise OldDatabaseError(
            f"the database is that of a newer release ({revision}, which this one does not know). Install that release."
        )


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """Open a transaction that no other process upgrades beside."""
    with database.for_writing.connect() as connection, connection.begin():
        if not database.is_sqlite:  # SQLite has one writer at a time, and this is one
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield connection


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("web") / "storage" / "migrations"))
    return config

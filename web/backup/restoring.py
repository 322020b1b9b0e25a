"""Put a backup back: all that is there is replaced in one transaction, or nothing is changed."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from alembic import command
from sqlalchemy import Connection, Table, insert, select, text
from sqlalchemy.exc import OperationalError

from web.backup import kept_files
from web.backup.archive import BackupError, Manifest, kept_file, table_file
from web.backup.making import PASSING, Progress
from web.backup.rows import rows_of
from web.storage import Database
from web.storage.schema import tables_at
from web.storage.upgrade import REVISION_TABLE, OldDatabaseError, alembic_config, alone, check_known, current_revision

EMPTY_ANYHOW: Final = (*PASSING, "organisation", "audit_entry")  # what a server has before anybody did anything
TRIES: Final = 5  # to get all tables to ourselves while a server is at work
DEADLOCK: Final = "40P01"


def holds_anything(database: Database) -> bool:
    """Return whether there is anything in a database that somebody would miss.

    Raises:
        OldDatabaseError: where it is of a newer release.
    """
    with database.engine.connect() as connection:
        revision = current_revision(connection)
        check_known(revision)
        if revision is None:
            return False
        tables = (table for table in tables_at(revision) if table.name not in EMPTY_ANYHOW)
        return any(connection.execute(select(table).limit(1)).first() is not None for table in tables)


def restore_backup(
    archive: zipfile.ZipFile, manifest: Manifest, database: Database, folder: Path, progress: Progress | None = None
) -> None:
    """Replace all that is in a database and the files of the data folder by what a backup holds.

    Other processes may use the database meanwhile; they wait, and then see what was restored. Tables of an older
    release are brought to those of this one. Nobody is signed in afterwards.

    Args:
        archive: of a backup that was checked (``open_backup``).
        manifest: of the same.
        database: any, of either kind.
        folder: the data folder.
        progress: told how many more rows are written.

    Raises:
        OldDatabaseError: where the backup or the database is of a newer release.
        BackupError: where the backup's tables are not those of its release.
        OSError: if a file cannot be written.
        sqlalchemy.exc.DBAPIError: if the database does not answer, or refuses a row.
    """
    _check_revision(manifest)
    tables = {table.name: table for table in tables_at(manifest.revision)}
    _check_columns(manifest, tables)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    staged: dict[str, Path] = {}
    try:
        with TemporaryDirectory(dir=folder, prefix=".restore-") as unpacked:
            for each in manifest.files:
                if each.name in kept_files.KEPT:  # a newer release may keep more; never a path of somebody's choice
                    staged[each.name] = kept_files.stage(Path(archive.extract(kept_file(each.name), unpacked)), folder)
        with _alone_with_all_tables(database) as connection:
            _drop(connection)
            _migrate(connection, manifest.revision)
            for table in tables.values():
                _fill(archive, connection, table, progress)
            _migrate(connection, "head")
        for name in tuple(staged):
            kept_files.put(staged[name], folder, name)
            del staged[name]
    finally:
        for path in staged.values():
            path.unlink(missing_ok=True)


def _check_revision(manifest: Manifest) -> None:
    try:
        check_known(manifest.revision)
    except OldDatabaseError:
        raise OldDatabaseError(
            f"the backup was made by a newer release (Rapport {manifest.program}, revision {manifest.revision}). "
            "Install that release, then restore. Nothing was changed."
        ) from None


def _check_columns(manifest: Manifest, tables: dict[str, Table]) -> None:
    held = {part.name: part.columns for part in manifest.tables}
    if held != {name: tuple(column.name for column in table.columns) for name, table in tables.items()}:
        raise BackupError(
            f"the backup's tables are not those of its revision {manifest.revision}. Nothing was changed."
        )


@contextmanager
def _alone_with_all_tables(database: Database) -> Iterator[Connection]:
    """Open a transaction that nobody reads or writes beside; on SQLite readers see what was there until its end."""
    for attempt in range(1, TRIES + 1):
        ours = False
        try:
            with alone(database) as connection:
                _lock_all(connection)
                ours = True
                yield connection
            return
        except OperationalError as error:  # with a request that held one table and wanted another
            if ours or attempt == TRIES or getattr(error.orig, "sqlstate", None) != DEADLOCK:
                raise
        time.sleep(0.1 * attempt)


def _lock_all(connection: Connection) -> None:
    revision = current_revision(connection)
    check_known(revision)
    if revision is not None and connection.dialect.name != "sqlite":
        names = ", ".join(f'"{table.name}"' for table in tables_at(revision))
        connection.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))


def _drop(connection: Connection) -> None:
    revision = current_revision(connection)
    if revision is None:
        return
    for table in reversed(tables_at(revision)):
        table.drop(connection)
    connection.execute(text(f"DROP TABLE {REVISION_TABLE}"))


def _migrate(connection: Connection, revision: str) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _fill(archive: zipfile.ZipFile, connection: Connection, table: Table, progress: Progress | None) -> None:
    if table.name in PASSING:
        return
    statement = insert(table)
    with archive.open(table_file(table.name)) as lines:
        for rows in rows_of(lines, table):
            connection.execute(statement, rows)
            if progress:
                progress(len(rows))

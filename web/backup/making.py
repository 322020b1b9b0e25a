"""Make a backup: all tables as of one moment, while everybody goes on working."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Table, select, text

from calculator.version import VERSION
from web.backup import kept_files
from web.backup.archive import (
    BLOCK,
    MANIFEST,
    SPARSE,
    BackupError,
    Manifest,
    Part,
    kept_file,
    key_mark,
    part,
    table_file,
)
from web.backup.rows import AT_ONCE, line_of
from web.storage import Database
from web.storage.base import now
from web.storage.schema import tables_at
from web.storage.upgrade import check_known, current_revision

#: Rows that are of no use in a copy: whoever is signed in signs in again, and tries are counted anew.
PASSING: Final = ("sign_in", "attempts")

Progress = Callable[[int], object]


def make_backup(path: Path, database: Database, folder: Path, key: str, progress: Progress | None = None) -> Manifest:
    """Copy the workspace into a file that only its owner may read; it is there whole, or what was there before stays.

    Args:
        path: of the file.
        database: to copy; of this release or an older one.
        folder: the data folder.
        key: the server's secret, of which only a mark is noted; the file that holds it is copied if there is one.
        progress: told how many more rows are written.

    Raises:
        BackupError: where there is nothing to copy.
        OldDatabaseError: where the database is of a newer release.
        OSError: if the file cannot be written.
        sqlalchemy.exc.DBAPIError: if the database does not answer.
    """
    try:
        with _private_file(path) as temporary, zipfile.ZipFile(temporary, "w", compresslevel=SPARSE) as archive:
            with _one_moment(database) as connection:
                revision = current_revision(connection)
                check_known(revision)
                if revision is None:
                    raise BackupError("there is nothing to copy: the database has no tables yet.")
                tables = [_table(archive, connection, table, progress) for table in tables_at(revision)]
            files = [found for name in kept_files.KEPT if (found := _file(archive, folder, name))]
            kind = "sqlite" if database.is_sqlite else "postgresql"
            made_at = now().isoformat(timespec="seconds")
            manifest = Manifest(made_at, VERSION, revision, kind, key_mark(key), tuple(tables), tuple(files))
            archive.writestr(MANIFEST, manifest.as_json())
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise
    return manifest


@contextmanager
def _private_file(path: Path) -> Iterator[Path]:
    """Yield a file beside the one that is wanted, which takes its place when all went well."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 600
    os.close(descriptor)
    try:
        yield Path(name)
        with open(name, "rb") as written:
            os.fsync(written.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


@contextmanager
def _one_moment(database: Database) -> Iterator[Connection]:
    """Open a connection to which everything is as it was at its first look."""
    with database.engine.connect() as connection:
        if not database.is_sqlite:  # whose readers see one moment anyhow
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield connection


def _table(archive: zipfile.ZipFile, connection: Connection, table: Table, progress: Progress | None) -> Part:
    rows = 0
    with part(archive, table_file(table.name)) as target:
        if table.name not in PASSING:
            wanted = select(table).order_by(*table.primary_key.columns)
            found = connection.execution_options(yield_per=AT_ONCE).execute(wanted)
            for batch in found.partitions():
                for row in batch:
                    target.write(line_of(tuple(row)))
                rows += len(batch)
                if progress:
                    progress(len(batch))
    columns = tuple(column.name for column in table.columns)
    return Part(table.name, target.sha256, target.bytes, rows, columns)


def _file(archive: zipfile.ZipFile, folder: Path, name: str) -> Part | None:
    with kept_files.copied(folder, name) as found:
        if found is None:
            return None
        with part(archive, kept_file(name)) as target, found.open("rb") as source:
            while block := source.read(BLOCK):
                target.write(block)
    return Part(name, target.sha256, target.bytes)

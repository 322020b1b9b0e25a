"""The file of a backup: what is in it, and a check of all of it before anything is believed."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Final

from calculator import RapportError

SCHEMA: Final = "rapport.backup/1"
MANIFEST: Final = "manifest.json"
MOST_MANIFEST: Final = 1_000_000  # bytes
BLOCK: Final = 1 << 20
SPARSE: Final = 3  # of deflate's levels: nearly as small as the usual one, in a third of its time


class BackupError(RapportError):
    """A backup that cannot be made or put back; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """A table or a file.

    Attributes:
        name: of the table or the file.
        sha256: of its bytes, unpacked.
        bytes: how many.
        rows: of a table; 0 for a file.
        columns: of a table, in the order of its values.
    """

    name: str
    sha256: str
    bytes: int
    rows: int = 0
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes:
        made_at: when, in ISO 8601.
        program: Rapport's version.
        revision: of the tables.
        database: what it was taken from, sqlite or postgresql.
        key: tells the server's secret from another without telling it (``key_mark``).
        tables, files: what is in it, tables in the order in which they can be filled.
    """

    made_at: str
    program: str
    revision: str
    database: str
    key: str
    tables: tuple[Part, ...]
    files: tuple[Part, ...]

    @property
    def rows(self) -> int:
        """Return how many rows all tables have together."""
        return sum(table.rows for table in self.tables)

    def as_json(self) -> bytes:
        """Return it as it is written."""
        return json.dumps({"schema": SCHEMA, **asdict(self)}, indent=1).encode()


def key_mark(key: str) -> str:
    """Return what tells one secret from another and from which nobody finds it: it has 32 random characters or more."""
    return hashlib.sha256(b"rapport backup, mark of a key\0" + key.encode()).hexdigest()[:16]


def table_file(name: str) -> str:
    """Return where a table stands in the archive."""
    return f"tables/{name}.jsonl"


def kept_file(name: str) -> str:
    """Return where a file of the data folder stands in the archive."""
    return f"files/{name}"


@contextmanager
def part(archive: zipfile.ZipFile, name: str) -> Iterator[Writer]:
    """Yield what writes a part and counts it; nothing of it is held in memory."""
    member = zipfile.ZipInfo(name)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o600 << 16
    with archive.open(member, "w", force_zip64=True) as target:
        yield Writer(target)


class Writer:
    """Writes bytes, and knows their digest and number."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._digest = hashlib.sha256()
        self.bytes = 0

    def write(self, data: bytes) -> None:
        """Write some more."""
        self._target.write(data)
        self._digest.update(data)
        self.bytes += len(data)

    @property
    def sha256(self) -> str:
        """Return the digest of what was written so far."""
        return self._digest.hexdigest()


@contextmanager
def open_backup(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Open a backup and check all of it against its digests.

    Raises:
        BackupError: if it is none, or damaged.
        OSError: if it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _manifest(archive)
            _check(archive, manifest)
            yield archive, manifest
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        raise BackupError(f"{path}: is no backup, or only a part of one. Nothing was changed.") from None
    except _DamagedError as error:
        raise BackupError(f"{path}: {error}. Nothing was changed.") from None


class _DamagedError(Exception):
    """What is wrong with a backup."""


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        with archive.open(MANIFEST) as file:
            data: dict[str, Any] = json.loads(file.read(MOST_MANIFEST))
        schema = data.pop("schema")
        if schema != SCHEMA:
            raise _DamagedError(f"is written as {str(schema)[:40]!r}; this release reads {SCHEMA!r}")
        tables, files = (
            tuple(Part(**(each | {"columns": tuple(each["columns"])})) for each in data.pop(kind))
            for kind in ("tables", "files")
        )
        return Manifest(tables=tables, files=files, **data)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _DamagedError("is no backup of Rapport: its manifest is missing or cannot be read") from None


def _check(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    expected = {table_file(each.name): each for each in manifest.tables}
    expected |= {kept_file(each.name): each for each in manifest.files}
    there = set(archive.namelist()) - {MANIFEST}
    if strange := (there ^ set(expected)):
        raise _DamagedError(f"is damaged: {sorted(strange)[0]} is missing, or should not be there")
    for name, each in expected.items():
        digest, rows = hashlib.sha256(), 0
        with archive.open(name) as file:
            while block := file.read(BLOCK):
                digest.update(block)
                rows += block.count(b"\n")
        if digest.hexdigest() != each.sha256 or (each.columns and rows != each.rows):
            raise _DamagedError(f"is damaged: {name} is not what was written")

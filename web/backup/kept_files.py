"""The files of the data folder that a backup takes along.

Left out are ``batch`` and ``worklist``: uploads, kept for a day and then removed, and what holds clients should not
live on in copies; and ``cds-tokens.sqlite3``: tokens that were used, of no use when they have expired minutes later.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from plugin.loading.pseudonym import SALT_FILE
from web import secret_key
from web.cds import feedback_store

PLAIN: Final = (secret_key.FILE, SALT_FILE)
DATABASES: Final = (feedback_store.NAME,)
KEPT: Final = (*PLAIN, *DATABASES)
WAIT: Final = 10.0  # seconds for a process that writes to one of the databases


@contextmanager
def copied(folder: Path, name: str) -> Iterator[Path | None]:
    """Yield a file as it is at one moment, or None where there is none; a database may be in use meanwhile."""
    path = folder / name
    if not path.exists():
        yield None
    elif name in PLAIN:
        yield path
    else:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".backup-") as made:
            copy = Path(made) / name
            _copy_database(path, copy)
            yield copy


def put(staged: Path, folder: Path, name: str) -> None:
    """Put a file, which stands in the same folder under another name, in its place."""
    path = folder / name
    if name in PLAIN or not path.exists():
        os.replace(staged, path)
        return
    _copy_database(staged, path)  # into the file that is there: other processes have it open
    staged.unlink()


def stage(source: Path, folder: Path) -> Path:
    """Copy a file into the folder under a name of its own, for its owner only; on the disk when this returns."""
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".restore-")
    with os.fdopen(descriptor, "wb") as target, source.open("rb") as read:
        shutil.copyfileobj(read, target)
        target.flush()
        os.fsync(target.fileno())
    return Path(name)


def _copy_database(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(source, timeout=WAIT)) as read,
        closing(sqlite3.connect(target, timeout=WAIT)) as written,
    ):
        os.chmod(target, 0o600)
        read.backup(written)

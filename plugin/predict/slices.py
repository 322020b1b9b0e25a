"""Several tables in one file, each of which can be read by itself: what tasks hand to each other.

A file is written beside its place and then renamed, so one that has its name is whole, however the writer ended.
"""

from __future__ import annotations

import io
import json
import os
import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

_MAGIC: Final = b"rapport1"
_FOOTER: Final = struct.Struct("<QQ8s")  # length of the index, length of what is said, magic


def packed(tables: Iterable[pl.DataFrame | None], said: Mapping[str, Any]) -> list[bytes]:
    """Return the pieces of a file with some tables (None and tables without rows take no room) and what is said."""
    pieces = [_written(table) for table in tables]
    index = struct.pack(f"<{len(pieces)}Q", *map(len, pieces))
    text = json.dumps(said).encode()
    return [*pieces, index, text, _FOOTER.pack(len(index), len(text), _MAGIC)]


def _written(table: pl.DataFrame | None) -> bytes:
    if table is None or not table.height:
        return b""
    stream = io.BytesIO()
    table.write_ipc_stream(stream, compat_level=pl.CompatLevel.newest())
    return stream.getvalue()


def unpacked(pieces: Sequence[bytes]) -> pl.DataFrame | None:
    """Return some tables below each other, None where all are empty."""
    tables = [pl.read_ipc_stream(piece) for piece in pieces if piece]
    return pl.concat(tables) if tables else None


def write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file, readable by its owner alone, under its name only when all of it is there.

    Raises:
        OSError: where it cannot be written; ``filename`` is the path.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            for piece in pieces:
                stream.write(piece)
        beside.replace(path)
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


def handed_in(pieces: list[bytes], target: Path | None) -> list[bytes] | None:
    """Write what a task made, or return it where it has no place on this computer.

    Raises:
        OSError: where it cannot be written.
    """
    if target is None:
        return pieces
    write_whole(target, pieces)
    return None


class Slices:
    """A file of tables, open for reading; a context manager.

    Attributes:
        said: what its writer said of it.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        try:
            end = self._file.seek(0, os.SEEK_END)
            self._file.seek(max(end - _FOOTER.size, 0))
            index, text, magic = _FOOTER.unpack(self._file.read(_FOOTER.size))
            if magic != _MAGIC:
                raise struct.error("another kind of file")
            self._file.seek(end - _FOOTER.size - index - text)
            sizes = struct.unpack(f"<{index // 8}Q", self._file.read(index))
            self.said: dict[str, Any] = json.loads(self._file.read(text))
        except BaseException:
            self._file.close()
            raise
        self._starts = [0]
        for size in sizes:
            self._starts.append(self._starts[-1] + size)

    def __enter__(self) -> Slices:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._starts) - 1

    def piece(self, number: int) -> bytes:
        """Return the bytes of one table, for ``unpacked``."""
        start, end = self._starts[number : number + 2]
        self._file.seek(start)
        return self._file.read(end - start) if end > start else b""


def is_whole(path: Path) -> bool:
    """Return whether a file of tables is there and can be read."""
    try:
        with Slices(path):
            return True
    except (OSError, ValueError, struct.error):
        return False

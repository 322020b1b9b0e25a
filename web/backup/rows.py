"""A row as a line of JSON, and back."""

from __future__ import annotations

import base64
import datetime as dt
import json
import uuid
from collections.abc import Iterator, Sequence
from typing import IO, Any, Final

from sqlalchemy import LargeBinary, Table, Uuid

from web.storage.base import Moment

AT_ONCE: Final = 500  # rows
BYTES_AT_ONCE: Final = 4_000_000


def line_of(values: Sequence[Any]) -> bytes:
    r"""Return a row as a line: its values in the order of the columns.

    >>> line_of([uuid.UUID(int=7), dt.datetime(2026, 1, 2, tzinfo=dt.UTC), b"x", {"a": 0.1}, None])
    b'["00000000-0000-0000-0000-000000000007","2026-01-02T00:00:00+00:00","eA==",{"a":0.1},null]\n'
    """
    return json.dumps(values, default=_text, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def rows_of(lines: IO[bytes], table: Table) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of a table, so many at once as need little memory."""
    read = [(column.name, _reader(column.type)) for column in table.columns]
    batch: list[dict[str, Any]] = []
    size = 0
    for line in lines:
        values = json.loads(line)
        batch.append(
            {
                name: value if value is None else reader(value)
                for (name, reader), value in zip(read, values, strict=True)
            }
        )
        size += len(line)
        if len(batch) >= AT_ONCE or size >= BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _text(value: Any) -> str:
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"a backup cannot hold {type(value).__name__}")


def _reader(kind: Any) -> Any:
    if isinstance(kind, Uuid):
        return uuid.UUID
    if isinstance(kind, Moment):
        return dt.datetime.fromisoformat
    if isinstance(kind, LargeBinary):
        return base64.b64decode
    return lambda value: value

"""A block's bytes or rows, read from its file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from plugin.predict.blocks import Block
from plugin.predict.tables import Layout


def bytes_of(path: Path, block: Block) -> bytes:
    """Return a stretch of a text file.

    Raises:
        OSError: where it cannot be read.
    """
    with path.open("rb") as file:
        file.seek(block.offset)
        return file.read(block.size)


def rows_of(path: Path, layout: Layout, names: Sequence[str], block: Block) -> pl.DataFrame:
    """Return some columns of a stretch of a Parquet file as the text that a CSV file would hold.

    Raises:
        OSError: where it cannot be read.
    """
    rows = pl.scan_parquet(path)
    held = rows.collect_schema().names()
    rows = rows.select(pl.col(held[layout.places[name]]).alias(name) for name in names)
    table = rows.slice(block.offset, block.size).collect()
    return table.select(_as_text(column) for column in table.iter_columns())


def sent(path: Path, layout: Layout, names: Sequence[str], block: Block) -> bytes:
    """Return a stretch as it is sent to a worker: bytes of a text file, or text of a Parquet file as an IPC stream.

    Raises:
        OSError: where it cannot be read.
    """
    if layout.delimiter:
        return bytes_of(path, block)
    stream = io.BytesIO()
    rows_of(path, layout, names, block).write_ipc_stream(stream, compat_level=pl.CompatLevel.newest())
    return stream.getvalue()


def _as_text(column: pl.Series) -> pl.Series:
    if column.dtype == pl.Datetime:
        column = column.dt.date()
    elif column.dtype.is_float():
        column = column.fill_nan(None)
    return column.cast(pl.String)

"""The three files as they lie on disk: their kind of text, their header, and the blocks in which they are read."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import polars as pl

from plugin.errors import PluginError
from plugin.loading.columns import EPISODES, RATINGS, VISITS, read_header
from plugin.loading.findings import Findings
from plugin.loading.source import PICTURES, SEPARATORS, file_name, separator_of
from plugin.predict.blocks import Block, csv_blocks

Kind = Literal["episodes", "ratings", "visits"]
KINDS: Final[tuple[Kind, ...]] = ("episodes", "ratings", "visits")
KNOWN: Final[Mapping[Kind, tuple[str, ...]]] = {"episodes": EPISODES, "ratings": RATINGS, "visits": VISITS}
PARQUET: Final = b"PAR1"
BYTES_A_ROW: Final = 64  # of a row as text, to make blocks of a Parquet file about as large as those of a CSV file

_HEADER: Final = 1 << 20  # bytes in which a header ends
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Layout:
    """What must be known to read a block of a file.

    Attributes:
        kind: which of the three files.
        name: what problems call it.
        places: of the columns that are used, in the header.
        width: cells of the header.
        delimiter: between cells; empty for Parquet.
    """

    kind: Kind
    name: str
    places: Mapping[str, int]
    width: int
    delimiter: str


@dataclass(frozen=True)
class Table:
    """A file that can be read block by block.

    Attributes:
        layout: how.
        path: where its bytes are; a copy where it is not UTF-8.
        first_row: number of the first row below the header, as a spreadsheet counts.
        blocks: all of it, in order; for Parquet, offset and size are rows.
        notes: what a user should know and what leaves nothing out.
        ignored: columns that are not read.
    """

    layout: Layout
    path: Path
    first_row: int
    blocks: tuple[Block, ...]
    notes: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Return how large it is as text, in bytes."""
        return sum(block.size for block in self.blocks) * (1 if self.layout.delimiter else BYTES_A_ROW)


class _OtherTextError(Exception):
    """A file is no UTF-8 with line ends that every reader knows; names its encoding."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding


def open_tables(files: Mapping[Kind, Path], size: int, folder: Path) -> dict[Kind, Table]:
    """Return all files; see ``open_table``.

    Raises:
        PluginError: with the problems of all of them.
    """
    tables: dict[Kind, Table] = {}
    problems: list[str] = []
    for kind, path in files.items():
        try:
            tables[kind] = open_table(path, kind, size, folder)
        except PluginError as error:
            problems += error.problems
    if problems:
        raise PluginError(problems)
    return tables


def open_table(path: Path, kind: Kind, size: int, folder: Path) -> Table:
    """Return a file with its blocks of about ``size`` bytes; it is read once, in constant memory.

    A file in another encoding is copied to ``folder`` as UTF-8.

    Raises:
        PluginError: with all that is wrong with its header, or why it is no table.
        OSError: where it cannot be read.
    """
    findings = Findings(file_name(path, kind))
    with path.open("rb") as file:
        start = file.read(8)
    for picture, what in PICTURES.items():
        if start.startswith(picture) and picture != PARQUET:
            raise PluginError([f"{findings.file}: {what}; save it as CSV (UTF-8)"])
    if start.startswith(PARQUET):
        return _parquet(path, kind, size, findings)
    try:
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise _OtherTextError("utf-16")
        return _csv(path, kind, size, findings)
    except _OtherTextError as other:
        findings = Findings(findings.file)
        if other.encoding == "cp1252":
            findings.note("is not UTF-8; it is read as Windows-1252, so check names with accents")
        return _csv(_as_utf8(path, folder / f"{kind}.utf8", other.encoding), kind, size, findings)


def _as_utf8(path: Path, copy: Path, encoding: str) -> Path:
    with (
        path.open(encoding=encoding, errors="replace") as file,
        copy.open("w", encoding="utf-8", newline="\n") as target,
    ):
        while text := file.read(1 << 20):
            target.write(text)
    return copy


def _csv(path: Path, kind: Kind, size: int, findings: Findings) -> Table:
    known = KNOWN[kind]
    with path.open("rb") as file:
        start = file.read(_HEADER)
        mark = len(codecs.BOM_UTF8) if start.startswith(codecs.BOM_UTF8) else 0
        cells, delimiter, offset, skipped = _header(start[mark:], known, findings)
        places = read_header(cells, known, findings) if cells else {}
        if findings.fatal:
            raise PluginError(findings.lines())
        checked = _Checked(findings)
        blocks = tuple(csv_blocks(file, mark + offset, size, delimiter, findings.file, checked.look))
    if kind == "episodes" and not blocks:
        findings.stop("has a header and no episodes")
    if findings.fatal:
        raise PluginError(findings.lines())
    layout = Layout(kind, findings.file, places, len(cells), delimiter)
    return Table(layout, path, 2 + skipped, blocks, tuple(findings.notes), tuple(findings.lines()))


class _Checked:
    """Looks at a file as it is read."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def look(self, data: bytes) -> None:
        if not data.isascii():
            try:
                data.decode()
            except UnicodeDecodeError:
                raise _OtherTextError("cp1252") from None
        if b"\0" in data:
            text = "holds NUL bytes, so it is no text file or is damaged; save it again as CSV (UTF-8)"
            raise PluginError([f"{self._findings.file}: {text}"])


def _header(start: bytes, known: tuple[str, ...], findings: Findings) -> tuple[list[str], str, int, int]:
    """Return the cells of the header, the delimiter, where the rows begin, and how many lines stand above it."""
    if not start.strip():
        findings.stop("is empty")
        return [], ",", 0, 0
    end = _LINE_END.search(start)
    if end is not None and end[0] == b"\r":
        raise _OtherTextError("utf-8-sig")  # lines of an old Mac; copying mends them
    first = start[: end.start()] if end else start
    if not first.isascii():
        try:
            first.decode()
        except UnicodeDecodeError:
            raise _OtherTextError("cp1252") from None
    skipped = 0
    delimiter = separator_of(first.decode(), known)
    if first[:4].lower() == b"sep=" and end:  # a line for Excel, before the header
        delimiter, skipped = first[4:].decode().strip(" ") or ",", 1
        if delimiter not in SEPARATORS or not start[end.end() :].strip():
            findings.stop("row 1: names a separator that is none of comma, semicolon and tab, or nothing follows")
            return [], ",", 0, 0
    above = end.end() if end and skipped else 0
    below = _end_of_row(start, above)
    try:
        cells = next(csv.reader([start[above:below].decode(errors="replace")], delimiter=delimiter, strict=True))
    except csv.Error:
        findings.stop(f"row {1 + skipped}: a quotation mark does not pair; nothing after it can be read")
        return [], ",", 0, 0
    return cells, delimiter, below, skipped


def _end_of_row(data: bytes, start: int) -> int:
    """Return where the row that starts somewhere ends, its line end included."""
    end = data.find(b"\n", start) + 1
    while end and data.count(b'"', start, end) % 2:
        end = data.find(b"\n", end) + 1
    return end or len(data)


def _parquet(path: Path, kind: Kind, size: int, findings: Findings) -> Table:
    try:
        schema = pl.read_parquet_schema(path)
        rows = pl.scan_parquet(path).select(pl.len()).collect().item()
    except pl.exceptions.PolarsError:
        raise PluginError([f"{findings.file}: is damaged or no Parquet file; write it again"]) from None
    places = read_header(list(schema), KNOWN[kind], findings)
    for name, place in places.items():
        held = list(schema.values())[place]
        if held.is_nested() or held in (pl.Binary, pl.Object, pl.Duration, pl.Time):
            findings.stop(f"column {name}: holds {held}; write text, numbers or dates")
    if kind == "episodes" and not rows:
        findings.stop("has a header and no episodes")
    if findings.fatal:
        raise PluginError(findings.lines())
    step = max(size // BYTES_A_ROW, 1)
    blocks = tuple(Block(start, min(step, rows - start)) for start in range(0, rows, step))
    layout = Layout(kind, findings.file, places, len(schema), "")
    return Table(layout, path, 2, blocks, tuple(findings.notes), tuple(findings.lines()))

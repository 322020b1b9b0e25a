"""From bytes to a table of text: encodings, separators, rows of the wrong length."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from plugin.caseload import BoolArray, IntArray
from plugin.loading.columns import read_header, too_many_cells
from plugin.loading.findings import Findings

Source = Path | BinaryIO | bytes

SEPARATORS = (",", ";", "\t")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_BLANK_LINES = re.compile(rb"(?:[ \t]*(?:\r\n|\r|\n))+")
PICTURES = {  # how files begin that are no text
    b"PK\x03\x04": "is a spreadsheet or an archive",
    b"\xd0\xcf\x11\xe0": "is an old spreadsheet",
    b"PAR1": "is a Parquet file",
    b"\x1f\x8b": "is compressed",
    b"%PDF": "is a PDF",
}


@dataclass(frozen=True, eq=False)
class Column:
    """A column of text: ``words`` once each, without spaces around them, and which stands in each row, shape (n,)."""

    place: int
    words: list[str]
    code: IntArray


@dataclass(frozen=True, eq=False)
class Table:
    """The rows of a file that are not blank.

    Attributes:
        columns: by name.
        row: number of each row in a spreadsheet, shape (n,).
        ragged: how many rows are left out because they have too many cells.
    """

    columns: dict[str, Column]
    row: IntArray
    ragged: int

    def __len__(self) -> int:
        return len(self.row)

    def take(self, rows: BoolArray) -> Table:
        """Return some of the rows."""
        columns = {name: Column(one.place, one.words, one.code[rows]) for name, one in self.columns.items()}
        return Table(columns, self.row[rows], self.ragged)


def file_name(source: Source, usual: str) -> str:
    """Return how problems call a file, on one line."""
    return "".join(c if c.isprintable() else "?" for c in source.name) if isinstance(source, Path) else usual


def read_table(source: Source, known: tuple[str, ...], findings: Findings) -> Table | None:
    """Return a file as columns of text; None where it cannot be used, and ``findings`` say why.

    Raises:
        OSError: where it cannot be read.
    """
    data = _text(_bytes(source), findings)
    if data is None:
        return None
    above = _BLANK_LINES.match(data)
    skipped = 0 if above is None else len(_LINE_END.findall(above[0]))
    data = data if above is None else data[above.end() :]
    first, *rest = _LINE_END.split(data, maxsplit=1)
    separator = separator_of(first.decode(), known)
    if first[:4].lower() == b"sep=" and rest:  # a line for Excel, before the header
        separator, data, skipped = first[4:].decode().strip(" ") or ",", rest[0], skipped + 1
        if separator not in SEPARATORS or not data.strip():
            findings.stop(f"row {skipped}: names a separator that is no comma, semicolon or tab, or nothing follows")
            return None
    cells, ragged = _cells(data, separator, skipped, findings)
    if cells is None:
        return None
    columns, header = cells
    places = read_header(header, known, findings)
    if findings.fatal:
        return None
    named = {name: columns[place] for name, place in places.items()}
    row = np.arange(len(columns[0].code), dtype=np.int64) + 2 + skipped
    filled = np.zeros(len(row), dtype=np.bool_)
    for column in columns:
        filled |= np.array([word != "" for word in column.words], dtype=np.bool_)[column.code]
    filled[ragged] = False
    return Table(named, row, len(ragged)).take(filled)


def _bytes(source: Source) -> bytes:
    if isinstance(source, bytes):
        return source
    return source.read_bytes() if isinstance(source, Path) else source.read()


def _text(data: bytes, findings: Findings) -> bytes | None:
    """Return the text as UTF-8 without a byte order mark; None where it is no text."""
    for start, what in PICTURES.items():
        if data.startswith(start):
            findings.stop(f"{what}; save it as CSV (UTF-8)")
            return None
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            data = data.decode("utf-16").encode()
        data = data.removeprefix(codecs.BOM_UTF8)
        data.decode()
    except UnicodeDecodeError:
        data = data.decode("cp1252", errors="replace").encode()
        findings.note("is not UTF-8; it is read as Windows-1252, so check names with accents")
    if b"\0" in data:
        findings.stop("holds NUL bytes, so it is no text file or is damaged; save it again as CSV (UTF-8)")
        return None
    if not data.strip():
        findings.stop("is empty")
        return None
    return data


def separator_of(header: str, known: tuple[str, ...]) -> str:
    """Return the separator under which most of the header is known; a comma where none is."""

    def hits(separator: str) -> int:
        try:
            cells = next(csv.reader([header], delimiter=separator), [])
        except csv.Error:  # no header has cells as long as that
            return 0
        return sum(cell.strip().lower() in known for cell in cells)

    return max(SEPARATORS, key=hits)  # the first of several


def _cells(
    data: bytes, separator: str, skipped: int, findings: Findings
) -> tuple[tuple[list[Column], list[str]] | None, IntArray]:
    """Return columns and header, and the places of rows with too many cells; None where quotation marks do not pair."""
    import pandas as pd  # here, since rapport predict shares the rules of this package and reads without pandas

    try:
        frame = pd.read_csv(
            io.BytesIO(data),
            sep=separator,
            header=None,
            dtype="category",
            na_filter=False,
            skip_blank_lines=False,
            encoding="utf-8",
        )
    except pd.errors.ParserError:
        return _slowly(data, separator, skipped, findings)
    columns, header = [], []
    for place in range(frame.shape[1]):
        category = frame[place].cat
        words, codes = [str(word) for word in category.categories], category.codes.to_numpy()
        header.append(words[codes[0]])
        columns.append(_column(place, words, codes[1:].astype(np.int64)))
    return (columns, header), np.empty(0, dtype=np.int64)


def _slowly(
    data: bytes, separator: str, skipped: int, findings: Findings
) -> tuple[tuple[list[Column], list[str]] | None, IntArray]:
    """Do the same row by row, to tell which rows have too many cells."""
    rows: list[list[str]] = []
    ragged: list[int] = []
    reader = csv.reader(io.StringIO(data.decode(), newline=""), delimiter=separator, strict=True)
    try:
        header = next(reader, [])
        for place, cells in enumerate(reader):
            wide = len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :])
            if wide:
                ragged.append(place)
            rows.append((cells + [""] * len(header))[: len(header)])
    except csv.Error:
        findings.stop(f"row {len(rows) + 2 + skipped}: a quotation mark does not pair; nothing after it can be read")
        return None, np.empty(0, dtype=np.int64)
    findings.add(
        np.array(ragged, dtype=np.int64) + 2 + skipped,
        0,
        "",
        too_many_cells(len(header)),
    )
    columns = [_of_words(place, [row[place] for row in rows]) for place in range(len(header))]
    return (columns, header), np.array(ragged, dtype=np.int64)


def _of_words(place: int, cells: Sequence[str]) -> Column:
    import pandas as pd

    codes, words = pd.factorize(np.array(cells, dtype=object))
    return _column(place, [str(word) for word in words], codes)


def _column(place: int, words: list[str], codes: IntArray) -> Column:
    """Return a column in which words that differ in spaces around them are one, and every word stands in some row."""
    number: dict[str, int] = {}
    used = np.zeros(len(words), dtype=np.bool_)
    used[codes] = True
    merged = [
        number.setdefault(word.strip(), len(number)) if some else -1 for word, some in zip(words, used, strict=True)
    ]
    return Column(place, list(number), np.array(merged, dtype=np.int64)[codes])

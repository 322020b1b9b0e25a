"""Rows of cells from a file that somebody exported: CSV in the usual encodings, or a sheet of a workbook.

Rows are numbered as a spreadsheet shows them, blank ones counted. A CSV file is read as it goes, so that memory does
not grow with its length; a workbook is one sheet in memory.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from calculator.errors import InputError, Problem

Cell = str | float | bool
BLOCK = 1 << 20  # bytes read at once
DELIMITERS = ",;\t"
UTF8, UTF16, WINDOWS = "utf-8-sig", "utf-16", "cp1252"
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # XLSX (and ODS) are ZIP archives; XLS is a compound file
LONGEST_CELL = 1 << 17  # characters


@dataclass(frozen=True)
class Line:
    """One row of a table.

    Attributes:
        row: its number in the file, the header usually being 1.
        cells: what stands in it; empty for a blank row.
        fault: why it could not be read, if so.
    """

    row: int
    cells: tuple[Cell, ...]
    fault: str = ""

    @property
    def blank(self) -> bool:
        """Return whether nothing stands in it."""
        return not self.fault and not any(str(cell).strip() for cell in self.cells)


@dataclass(frozen=True)
class Source:
    """A file that can be read as a table as often as needed.

    Attributes:
        path: where it is.
        name: what it is called in messages.
        sha256: of its bytes.
        encoding: of a CSV file; empty for a workbook.
        delimiter: likewise.
        sheet: of a workbook; the first one where none is named.
    """

    path: Path
    name: str
    sha256: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""

    @property
    def comma(self) -> bool:
        """Return whether its numbers have a decimal comma: a semicolon between cells is chosen for that reason."""
        return self.delimiter == ";"

    def lines(self) -> Iterator[Line]:
        """Yield every row, blank ones too."""
        return _csv_lines(self) if self.encoding else _sheet_lines(self)


def open_table(path: Path, *, name: str = "", sheet: str = "") -> Source:
    """Return what kind of table a file is; the file is read once, a block at a time.

    Raises:
        InputError: if it cannot be read, or is no table.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            if start in WORKBOOKS:
                return Source(path, name or path.name, digest, sheet=sheet)
            if sheet:
                raise InputError([Problem("--sheet", "names a sheet, but the file is no workbook; leave it out.")])
            file.seek(0)
            encoding = _encoding(file)
    except OSError as error:
        raise InputError([Problem("", f"cannot be read: {error.strerror}.")]) from None
    found = Source(path, name or path.name, digest, encoding, ",")
    return Source(path, found.name, digest, encoding, _delimiter(found))


def _encoding(file: Any) -> str:
    """Return the encoding of a text file: by its mark, else UTF-8 where all of it is, else that of Windows.

    Raises:
        InputError: if it is no text.
    """
    first = file.read(BLOCK)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return UTF16
    zeros = first[:4096].count(0)
    if zeros:  # some programs leave the mark out; half of the bytes of plain Latin text are then zero
        even, odd = first[0:4096:2].count(0), first[1:4096:2].count(0)
        if max(even, odd) * 4 > len(first[:4096]) and min(even, odd) == 0:
            return "utf-16-le" if odd else "utf-16-be"
        raise InputError([Problem("", "is no text and no workbook; write a CSV or XLSX file.")])
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while block := file.read(BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return WINDOWS
    return UTF8


def _delimiter(source: Source) -> str:
    """Return the sign between cells: the one that stands most often in the first row, outside quotation marks."""
    with source.path.open(encoding=source.encoding, errors="replace", newline="") as file:
        text = file.read(1 << 16).lstrip("\r\n")
    if text[:4].lower() == "sep=" and text[4:5] in DELIMITERS:  # a line that Excel writes and reads
        return text[4]
    counts, quoted = dict.fromkeys(DELIMITERS, 0), False
    for sign in text:
        quoted ^= sign == '"'
        if sign in "\r\n" and not quoted:
            break
        if sign in counts and not quoted:
            counts[sign] += 1
    return max(DELIMITERS, key=lambda sign: counts[sign])


def _csv_lines(source: Source) -> Iterator[Line]:
    csv.field_size_limit(LONGEST_CELL)
    with source.path.open(encoding=source.encoding, errors="replace", newline="") as file:
        reader = csv.reader(file, delimiter=source.delimiter, strict=True)
        row = 0
        while True:
            row += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Line(row, (), _csv_fault(str(error)))
                continue
            if row == 1 and len(cells) <= 2 and cells and cells[0].lower().startswith("sep"):
                yield Line(row, ())
            else:
                yield Line(row, tuple(cells))


def _csv_fault(error: str) -> str:
    if "unexpected end" in error:
        return "opens a quotation mark that is never closed, so that this row and all after it cannot be read."
    if "field larger" in error:
        return "has a cell of more than 131,072 characters; is a quotation mark left open?"
    return 'has a quotation mark inside a cell; write it twice ("") and put the cell in quotation marks.'


def _sheet_lines(source: Source) -> Iterator[Line]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(str(source.path)) as book:
            names = book.sheet_names
            if source.sheet and source.sheet not in names:
                raise InputError([Problem("--sheet", f"is {source.sheet!r}; the sheets are {', '.join(names)}.")])
            if not names:
                raise InputError([Problem("", "has no sheet.")])
            rows = book.get_sheet_by_name(source.sheet or names[0]).to_python(skip_empty_area=False)
    except CalamineError:
        raise InputError([Problem("", "cannot be read as a workbook; save it as XLSX without a password.")]) from None
    for number, cells in enumerate(rows, 1):
        plain = [_plain(cell) for cell in cells]
        while plain and plain[-1] == "":
            plain.pop()
        yield Line(number, tuple(plain))


def _plain(cell: Any) -> Cell:
    """Return a cell of a sheet as text or number; what a spreadsheet took for a date is shown as one."""
    if isinstance(cell, (bool, str)):
        return cell
    if isinstance(cell, (int, float)):
        return float(cell)
    if isinstance(cell, (date, datetime, time)):
        return cell.isoformat()
    return str(cell) if isinstance(cell, timedelta) else ""

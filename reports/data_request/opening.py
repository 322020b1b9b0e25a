"""Open a workbook that came from outside: what is no such file, or far too large for one, is told and not opened.

A workbook is an archive, and a few kilobytes of it may unpack to gigabytes, or claim a cell in the last column of the
last row; the reader would make room for both. So the archive is unpacked here within limits, the places of its cells
are looked at, and only what the reader needs is handed on.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from xml.parsers import expat

from python_calamine import CalamineWorkbook

from calculator.errors import InputError, Problem
from calculator.language import gettext as _

SUFFIX = ".xlsx"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_BYTES = 1_000_000  # a filled request has about 20,000
MAX_UNPACKED = 20_000_000
MAX_PARTS = 500
MAX_ROWS = 5_000
MAX_COLUMNS = 256
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PLACE = re.compile(r"([A-Za-z]{0,3})([0-9]{1,7})")
_ERROR = re.compile(rb"""(<(?:\w+:)?c\s[^<>]*?\st\s*=\s*)(["'])e\2""")

Cell = str | float | int | bool | date | datetime | time | timedelta


def looks_like_workbook(data: bytes) -> bool:
    """Return whether it is a workbook, or what a workbook with a password is wrapped in, rather than a text."""
    return data.startswith((_ZIP, _OLE))


def sheets_of(data: bytes) -> list[tuple[str, list[list[Cell]]]]:
    """Return name and cells of each sheet, rows from A1 on; an empty cell is an empty text, an error its name.

    Raises:
        InputError: with one problem, if it is no workbook that can be opened safely.
    """
    plain = _unpacked(data)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(plain))
        return [(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names]
    except BaseException as error:  # a panic of the reader is no Exception
        if isinstance(error, (KeyboardInterrupt, SystemExit, MemoryError)):
            raise
        raise _refused(_broken()) from None


def _unpacked(data: bytes) -> bytes:
    """Return the parts of the archive that hold cells, not compressed, within the limits."""
    if problem := _not_a_workbook(data):
        raise _refused(problem)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
            if problem := _other_kind(names):
                raise _refused(problem)
            parts = dict(_parts(archive))
    except InputError:
        raise
    except Exception:  # whatever a damaged archive brings about
        raise _refused(_broken()) from None
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as safe:
        for name, part in parts.items():
            safe.writestr(name, part)
    return stream.getvalue()


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    room = MAX_UNPACKED
    if len(archive.infolist()) > MAX_PARTS:
        raise _refused(_("has far too many parts for a data request."))
    for part in archive.infolist():
        if part.flag_bits & 1:
            raise _refused(_locked())
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _refused(_broken())
        if not part.filename.endswith((".xml", ".rels")):
            continue  # pictures, printer settings
        with archive.open(part) as stream:
            found = stream.read(room + 1)
        room -= len(found)
        if room < 0:
            raise _refused(_("unpacks to far more than any data request holds."))
        if part.filename.startswith("xl/") and part.filename.endswith(".xml"):
            _check_places(found)
            found = _ERROR.sub(rb"\1\2str\2", found)  # or the reader would take an error for an empty cell
        yield part.filename, found


def _check_places(part: bytes) -> None:
    """Refuse a part whose cells lie far beyond any request.

    Rows and cells that do not say where they are follow the one before, so each of them may move the place by one.
    """
    far = {"row": 0, "c": 0}
    unplaced = {"row": 0, "c": 0}

    def start(name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local not in far:
            return
        place = attributes.get("r")
        if place is None:
            unplaced[local] += 1
            return
        found = _PLACE.fullmatch(place)
        if found is None:
            raise _refused(_broken())
        far["row"] = max(far["row"], int(found[2]))
        far["c"] = max(far["c"], _column(found[1]))

    def refuse(*_arguments: object) -> None:
        raise _refused(_broken())

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(part, True)
    if far["row"] + unplaced["row"] > MAX_ROWS or far["c"] + unplaced["c"] > MAX_COLUMNS:
        raise _refused(_("has cells far outside of any data request."))


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _not_a_workbook(data: bytes) -> str:
    if not data:
        return _("is empty.")
    if data.startswith(_OLE):
        return _locked()
    if not data.startswith(_ZIP):
        return _("is no workbook; send back the data request as an Excel workbook (.xlsx).")
    if len(data) > MAX_BYTES:
        return _("is far larger than any data request.")
    return ""


def _other_kind(names: list[str]) -> str:
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return _("holds macros; save it as an Excel workbook without macros (.xlsx).")
    if "[Content_Types].xml" in names and "xl/workbook.xml" in names:
        return ""
    if "EncryptedPackage" in names or "mimetype" in names or "xl/workbook.bin" in names:
        return _("is another kind of workbook; save it as an Excel workbook (.xlsx).")
    return _("is no workbook; send back the data request as an Excel workbook (.xlsx).")


def _locked() -> str:
    return _("has a password or is of the old kind (.xls); save it as an Excel workbook (.xlsx) without a password.")


def _broken() -> str:
    return _("is damaged or not as a spreadsheet program writes it; open it there and save it again as .xlsx.")


def _refused(problem: str) -> InputError:
    return InputError([Problem("", problem)])

"""The list of what became of each row, as a CSV file that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

DONE, HELD, ERROR = "done", "held", "error"
TEXTS = ("id", "name", "headline", "flags", "error")  # columns that hold what people wrote
RUN_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # OWASP, CSV injection
BETWEEN = " | "


@dataclass(frozen=True)
class Entry:
    """One row of the manifest; all of it is text, numbers in plain notation, empty where there is none.

    Attributes:
        row: number of the row in the prospects file.
        id: of the prospect.
        name: of the clinic.
        status: done, held or error.
        file: name of the proposal.
        workbook: name of the workbook.
        digest: SHA-256 of the data inside the PDF, as printed on its pages.
        file_sha256: of the proposal's bytes.
        workbook_sha256: of the workbook's.
        currency: of the two amounts.
        revenue_kept_p50: revenue kept a year, the middle of all futures.
        net_p50: net benefit a year, likewise.
        probability: that it pays.
        headline: the same in a sentence.
        flags: what a sceptical reader would not believe.
        error: what is wrong with the row.
    """

    row: str
    id: str
    name: str
    status: str
    file: str = ""
    workbook: str = ""
    digest: str = ""
    file_sha256: str = ""
    workbook_sha256: str = ""
    currency: str = ""
    revenue_kept_p50: str = ""
    net_p50: str = ""
    probability: str = ""
    headline: str = ""
    flags: str = ""
    error: str = ""


COLUMNS = tuple(item.name for item in fields(Entry))


def as_text(text: str) -> str:
    r"""Return a cell that no spreadsheet runs as a formula: what could be one gets an apostrophe before it.

    >>> as_text("=1+1"), as_text("Elm St"), as_text("'=1+1")
    ("'=1+1", 'Elm St', "''=1+1")
    """
    return f"'{text}" if text.lstrip("'").startswith(RUN_AS_FORMULA) else text


def from_text(cell: str) -> str:
    """Return what ``as_text`` was given.

    >>> from_text("'=1+1"), from_text("O'Neill"), from_text("''=1+1")
    ('=1+1', "O'Neill", "'=1+1")
    """
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(RUN_AS_FORMULA) else cell


def written(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yield the manifest in pieces: UTF-8 with a mark, so that a spreadsheet reads accents right."""
    yield "\ufeff".encode() + _line(COLUMNS)
    for entry in entries:
        safe = replace(entry, **{name: as_text(getattr(entry, name)) for name in TEXTS})
        yield _line(asdict(safe).values())


def read_manifest(path: Path) -> Iterator[Entry]:
    """Yield the rows of a manifest as they were before they were made safe."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield Entry(**{name: from_text(cell) if name in TEXTS else cell for name, cell in row.items()})


def _line(cells: Iterable[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode(errors="backslashreplace")

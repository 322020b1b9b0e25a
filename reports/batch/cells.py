"""What people write into the cell of a prospects file, and the value it stands for in the units of CLINIC.toml.

A cell that cannot be read is passed on as it is: ``parse_scenario`` then says what may be written there.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from assumptions import Library
from calculator.entry import EntryError, as_written
from calculator.quantity import Quantity
from reports.batch.table import Cell

NOTHING: Final = frozenset(
    {"", "-", "–", "—", "?", "n/a", "#n/a", "na", "n.a.", "none", "null", "nil", "unknown", "(blank)", "tbd"}
)
_RANGE = re.compile(r"(?P<low>.*?\d[^-–—]*?)(?:\s*[-–—]\s*|\s+to\s+)(?P<high>[^-–—]*\d.*)", re.IGNORECASE)
_LETTERS = re.compile(r"[\W_]+")
_SETTINGS: Final = {
    "outpatientclinic": "outpatient", "outpatientgrouppractice": "outpatient", "op": "outpatient",
    "intensiveoutpatient": "iop", "intensiveoutpatientprogram": "iop", "intensiveoutpatientprogramme": "iop",
    "partialhospitalization": "php", "partialhospitalizationprogram": "php", "partialhospitalisation": "php",
    "residentialtreatment": "residential", "rtc": "residential",
}  # fmt: skip


def is_nothing(cell: Cell) -> bool:
    """Return whether a cell says that nothing is known."""
    return isinstance(cell, str) and cell.strip().casefold() in NOTHING


def plain_text(cell: Cell) -> str:
    """Return a cell as text; a whole number has no point.

    >>> plain_text(12345.0), plain_text(" Elm St "), plain_text(0.5)
    ('12345', 'Elm St', '0.5')
    """
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell).strip()


def read_quantity(cell: Cell, declared: Quantity, *, comma: bool = False) -> Any:
    """Return the number or range a cell stands for, or the cell itself where it stands for none.

    ``comma`` says that a decimal comma is the habit of the file: 1.200 is then a thousand and more.
    """
    if not isinstance(cell, str):
        return cell
    number = _number(cell, declared, comma=comma)
    if number is not None:
        return number
    parts = _RANGE.fullmatch(cell.strip()) if declared.ranged else None
    if parts is None:
        return cell.strip()
    low, high = parts["low"], parts["high"]
    if high.rstrip().endswith("%") and "%" not in low:
        low += "%"
    ends = [_number(part, declared, comma=comma) for part in (low, high)]
    if None in ends or not ends[0] <= ends[1]:  # type: ignore[operator]
        return cell.strip()
    return {"low": ends[0], "likely": (ends[0] + ends[1]) / 2.0, "high": ends[1]}  # type: ignore[operator]


def read_choice(cell: Cell, choices: tuple[str, ...]) -> str:
    """Return one of the choices, in whatever case it was written, or the cell itself."""
    text = plain_text(cell)
    return next((choice for choice in choices if letters(choice) == letters(text)), text)


def read_setting(cell: Cell, library: Library) -> str:
    """Return the id of a level of care, written as id, as its label or as staff call it; or the cell itself."""
    named: Mapping[str, str] = _SETTINGS | {
        letters(name): setting.id for setting in library.settings.values() for name in (setting.id, setting.label)
    }
    text = plain_text(cell)
    return named.get(letters(text), text)


def letters(text: str) -> str:
    """Return the letters and digits of a name, small, without accents: how names are compared.

    >>> letters("No-Show rate "), letters("Tasa de abandono, año")
    ('noshowrate', 'tasadeabandonoano')
    """
    plain = unicodedata.normalize("NFKD", text).casefold()
    return _LETTERS.sub("", "".join(sign for sign in plain if not unicodedata.combining(sign)))


def _number(text: str, declared: Quantity, *, comma: bool) -> float | None:
    try:
        read, signed = as_written(text, declared, comma=comma)
    except EntryError:
        return None
    number = float(read / 100) if signed else float(read)
    return number if math.isfinite(number) else None

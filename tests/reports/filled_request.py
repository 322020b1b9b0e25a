"""Fill a data request as staff would, with a spreadsheet library of its own: openpyxl, which Rapport itself never uses.

Cells are found by the hidden column of keys and the hidden rows of roles, as the layout promises.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

SURE = {True: "taken from our records", False: "our estimate"}
NEITHER = {  # one answer, with no range and no source
    "clinic.name", "clinic.practice_capacity", "clinic.places", "clinic.occupancy_rate", "analysis.history_months",
}  # fmt: skip
NO_SOURCE = {"analysis.discount_rate.sure"}
CAPACITY = {"slack": "yes", "mixed": "some", "waitlist": "no, a waiting list"}


def opened(data: bytes) -> Workbook:
    return load_workbook(BytesIO(data))


def saved(book: Workbook) -> bytes:
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def cells(book: Workbook) -> dict[str, tuple[Worksheet, str]]:
    """Return sheet and address of each cell for an answer, by path and role: clinic.dropout_rate, ….low, ….sure."""
    found = {}
    for sheet in book.worksheets:
        roles: dict[str, str] = {}
        for row in sheet.iter_rows():
            key = row[0].value
            if key == "columns":
                roles = {cell.column_letter: str(cell.value) for cell in row[1:] if cell.value}
            elif key == "end":
                roles = {}
            elif isinstance(key, str) and key != "-" and "." in key and not key.startswith("{"):
                for letter, role in roles.items():
                    path = key if role == "answer" else f"{key}.{role}"
                    if path.rpartition(".")[0] not in NEITHER and path not in NO_SOURCE:
                        found[path] = (sheet, f"{letter}{row[0].row}")
    return found


def put(data: bytes, answers: Mapping[str, Any]) -> bytes:
    """Return the request with something written into some of its answer cells; None clears one."""
    book = opened(data)
    places = cells(book)
    for path, value in answers.items():
        sheet, address = places[path]
        sheet[address].value = value
        if isinstance(value, str):
            sheet[address].data_type = "s"  # what staff type as text is no formula
    return saved(book)


def answers_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what staff would type to say what the plain data of a scenario says."""
    measured = set(data["clinic"].get("measured", ()))
    typed: dict[str, Any] = {}
    for section in ("clinic", "analysis"):
        for key, value in data.get(section, {}).items():
            if key in ("setting", "currency", "measured", "draws", "seed", "horizon_months"):
                continue
            path = f"{section}.{key}"
            typed |= _parts(path, CAPACITY[value] if key == "practice_capacity" else value)
            if section == "clinic" and key not in ("name", "practice_capacity", "places", "occupancy_rate"):
                typed[f"{path}.sure"] = SURE[bool({key, path} & measured)]
    for number, payer in enumerate(data["payers"], 1):
        for key, value in payer.items():
            typed |= _parts(f"payers.{number}.{key}", value)
        if sure := payer_is_measured(payer, number, measured):
            typed[f"payers.{number}.sure"] = SURE[sure]
    return typed


def payer_is_measured(payer: Mapping[str, Any], number: int, measured: set[str]) -> bool:
    """Return whether all amounts and rates of a payer are from records, or its share where it has no others."""
    keys = [key for key in payer if key not in ("name", "share")] or [key for key in payer if key != "name"]
    return bool(keys) and all({"payers", f"payers.{number}.{key}"} & measured for key in keys)


def _parts(path: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        return {path: value}
    return {path: value["likely"], f"{path}.low": value["low"], f"{path}.high": value["high"]}

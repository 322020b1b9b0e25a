"""An organisation's own values: they stand in for numbers that the clinic did not give, each with its reason.

A scenario holds such a value where any other number stands, and names its path in ``house``. The model treats it as it
treats an estimate; only its source differs, so that nobody takes it for the clinic's own number or for evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel

from calculator.errors import Problem
from calculator.quantity import key_shown, quantity_of, shown
from calculator.scenario import MAX_PAYERS, Analysis, Clinic, Payer, Program

KIND: Final = "organisation"
LONGEST_REASON: Final = 300  # characters
#: Numbers that are nobody's habit: what only the clinic knows, what follows other answers, what the server allows.
_OWN: Final = frozenset({
    "clinic.intakes_per_month", "clinic.backfill_rate", "clinic.places", "clinic.occupancy_rate", "payers.share",
    "payers.collected_per_unit", "analysis.draws", "analysis.seed",
})  # fmt: skip
_TABLES: Final[Mapping[str, type[BaseModel]]] = {
    "clinic": Clinic,
    "payers": Payer,
    "program": Program,
    "analysis": Analysis,
}
#: Paths that may have such a value, those of payers without a number.
HOUSE_PATHS: Final[tuple[str, ...]] = tuple(
    path
    for table, model in _TABLES.items()
    for key, field in model.model_fields.items()
    if quantity_of(field) and (path := f"{table}.{key}") not in _OWN
)


def source_of(reason: str) -> str:
    """Return the source of such a value, as a result tells it.

    >>> source_of("our audit of 2025")
    'organisation: our audit of 2025'
    """
    return f"{KIND}: {reason}"


def unnumbered(path: str) -> str:
    """Return a path without the number of its payer.

    >>> unnumbered("payers.2.collection_rate"), unnumbered("clinic.no_show_rate")
    ('payers.collection_rate', 'clinic.no_show_rate')
    """
    table, _, rest = path.partition(".")
    return f"{table}.{rest.partition('.')[2]}" if table == "payers" else path


def reason_fault(reason: str) -> str:
    """Return what is wrong with a reason, or nothing."""
    if not reason.strip():
        return "is empty; write in a few words where the value comes from."
    if len(reason) > LONGEST_REASON:
        return f"is {len(reason)} characters long; at most {LONGEST_REASON}."
    return "" if reason.isprintable() else "has a sign that cannot be printed; write it on one line, in plain letters."


def house_problems(house: Any, data: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with the table ``house`` of a scenario.

    Args:
        house: reasons by path.
        data: the whole scenario, as plain data that may be wrong elsewhere.
    """
    if not isinstance(house, Mapping):
        yield Problem("house", f"is {shown(house)}; it is a table of paths with their reasons, written [house].")
        return
    clinic = data.get("clinic")
    measured = clinic.get("measured") if isinstance(clinic, Mapping) else None
    for path, reason in house.items():
        where = f"house.{key_shown(path)}"
        if not isinstance(path, str) or not _known(path):
            yield Problem(where, "is no number that an organisation may set; write a path such as clinic.no_show_rate.")
        elif _value(data, path) is None:
            yield Problem(where, "has a reason and no value; write the number at its place, or leave this out.")
        elif isinstance(measured, Sequence) and {path, path.removeprefix("clinic.")} & {*map(str, measured)}:
            yield Problem(where, "is also among clinic.measured; it is the organisation's or measured, not both.")
        if not isinstance(reason, str):
            yield Problem(where, f"is {shown(reason)}; it is text: the reason for the value.")
        elif fault := reason_fault(reason):
            yield Problem(where, fault)


def _known(path: str) -> bool:
    table, _, rest = path.partition(".")
    if unnumbered(path) not in HOUSE_PATHS:
        return False
    return table != "payers" or rest.partition(".")[0] in {str(row) for row in range(1, MAX_PAYERS + 1)}


def _value(data: Mapping[str, Any], path: str) -> Any:
    table, _, key = path.partition(".")
    found: Any = data.get(table)
    if table == "payers":
        row, _, key = key.partition(".")
        rows = found if isinstance(found, list | tuple) else ()
        found = rows[int(row) - 1] if int(row) <= len(rows) else None
    return found.get(key) if isinstance(found, Mapping) else None

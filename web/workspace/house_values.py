"""An organisation's own values: what it takes where a form is left blank, instead of the benchmark, and why."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from pydantic_core import PydanticCustomError
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from assumptions import Library
from calculator import InputError, Problem, parse_scenario, resolve
from calculator.entry import EntryError, allowed, decimal_comma, read_number
from calculator.house import HOUSE_PATHS, LONGEST_REASON
from calculator.language import gettext as _
from calculator.quantity import Quantity, Range, Uncertain
from web.accounts.visitor import Visitor, current_visitor
from web.forms import declared_at
from web.house import House, HouseNumber, Houses
from web.storage import current_database
from web.storage.base import Json
from web.storage.tables import HouseValue, Organisation
from web.typed import ENDS
from web.workspace.audit import record

LIKELY: Final = "likely"
_MOST_KEPT: Final = 1000  # organisations
#: What was read, by the state it is of: no two organisations and no two states of one have the same.
_kept: dict[uuid.UUID, Sequence[Any]] = {}
_WANTED: Final = (
    select(Organisation.house_revision, HouseValue.setting, HouseValue.path, HouseValue.value, HouseValue.reason)
    .outerjoin(HouseValue, HouseValue.organisation_id == Organisation.id)
    .where(Organisation.id == bindparam("organisation"))
)
Texts = Mapping[str, str]  # what was typed: likely, low, high and reason


@dataclass(frozen=True)
class Typed:
    """A value as it was typed, read."""

    setting: str
    path: str
    value: Uncertain
    reason: str


def listed(session: Session) -> Sequence[HouseValue]:
    """Return the values of the session's organisation, those of one setting together, in the order of the form."""
    found = session.scalars(select(HouseValue).order_by(HouseValue.setting)).all()
    return sorted(found, key=lambda each: (each.setting, HOUSE_PATHS.index(each.path)))


def find(session: Session, key: uuid.UUID) -> HouseValue | None:
    """Return one of them; None where there is none, or it is another organisation's."""
    return session.scalar(select(HouseValue).where(HouseValue.id == key))


def at(session: Session, setting: str, path: str) -> HouseValue | None:
    """Return what is set for a number of a setting."""
    return session.scalar(select(HouseValue).where(HouseValue.setting == setting, HouseValue.path == path))


def number_of(row: Any) -> Uncertain:
    """Return the value of a row."""
    return Range(**row.value) if "low" in row.value else float(row.value[LIKELY])


def current_houses() -> Houses | None:
    """Return what gives the values of whoever sent this request for a setting; None for a stranger and a program."""
    visitor = current_visitor()
    return partial(_house, visitor) if visitor.kind in ("account", "local") else None


def _house(visitor: Visitor, setting: str) -> House:
    rows = _rows(visitor)
    mine = {row.path: HouseNumber(number_of(row), row.reason) for row in rows if row.setting == setting}
    return House(setting if rows else "", mine)


def _rows(visitor: Visitor) -> Sequence[Any]:
    """Return the values of a visitor's organisation; from the database only after they changed."""
    if visitor.house_revision is None:
        return ()
    rows = _kept.get(visitor.house_revision)
    if rows is None:
        with current_database().reading(visitor.scope) as session:
            found = session.execute(_WANTED, {"organisation": visitor.organisation}).all()
        rows = [row for row in found if row.setting is not None]
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        if found and found[0].house_revision is not None:
            _kept[found[0].house_revision] = rows  # the state they are of, which may be a later one than was asked for
    return rows


def read(setting: str, path: str, texts: Texts, library: Library) -> Typed:
    """Return a value as it was typed.

    Raises:
        InputError: with everything that is wrong, by the name of the field.
    """
    declared = declared_at(path)
    if setting not in library.settings or path not in HOUSE_PATHS or declared is None:
        raise InputError([Problem("path", _("Choose a setting and one of its numbers."))])
    problems: list[Problem] = []
    value = _value(texts, declared, problems)
    reason = " ".join(texts.get("reason", "").split())
    if not reason:
        problems.append(Problem("reason", _("Say why: it stands beside the value wherever it is shown.")))
    elif len(reason) > LONGEST_REASON or not reason.isprintable():
        said = _("Use at most %(most)s letters, on one line.", most=LONGEST_REASON)
        problems.append(Problem("reason", said))
    if problems or value is None:
        raise InputError(problems)
    return Typed(setting, path, value, reason)


def put(session: Session, visitor: Visitor, typed: Typed, library: Library) -> None:
    """Set a value, in place of the one that was set before.

    Raises:
        InputError: where it does not go together with the others of its setting.
    """
    row = at(session, typed.setting, typed.path)
    others = {each.path: number_of(each) for each in listed(session) if each.setting == typed.setting}
    _check_together(typed, {**others, typed.path: typed.value}, library)
    _say_changed(session, visitor)
    if row is None:
        made = HouseValue(id=uuid.uuid4(), setting=typed.setting, path=typed.path, value=_json(typed.value))
        made.reason, made.made_by = typed.reason, visitor.account
        session.add(made)
        record(session, visitor, "created", "house value", made.id)
    else:
        row.value, row.reason, row.made_by = _json(typed.value), typed.reason, visitor.account
        record(session, visitor, "changed", "house value", row.id)


def remove(session: Session, visitor: Visitor, row: HouseValue) -> None:
    """Go back to the benchmark for a number."""
    record(session, visitor, "deleted", "house value", row.id)
    session.delete(row)
    _say_changed(session, visitor)


def _say_changed(session: Session, visitor: Visitor) -> None:
    session.execute(
        update(Organisation).where(Organisation.id == visitor.organisation).values(house_revision=uuid.uuid4())
    )


def _value(texts: Texts, declared: Quantity, problems: list[Problem]) -> Uncertain | None:
    parts = {end: text for end in (LIKELY, *ENDS) if (text := texts.get(end, "").strip())}
    if LIKELY not in parts:
        problems.append(Problem(LIKELY, _("Write a value.")))
        return None
    if len(parts) == 2:
        problems.append(Problem(LIKELY, _("A range needs all three: low, likely and high.")))
        return None
    try:
        numbers = {end: read_number(text, declared, comma=decimal_comma()) for end, text in parts.items()}
        return declared.check(numbers if len(numbers) > 1 else numbers[LIKELY])
    except EntryError as error:
        problems.append(Problem(LIKELY, str(error)))
    except PydanticCustomError:
        order = _(" Low, likely and high must rise in that order.") if len(parts) > 1 else ""
        problems.append(Problem(LIKELY, f"{allowed(declared, 'USD')}{order}"))
    return None


def _check_together(typed: Typed, values: Mapping[str, Uncertain], library: Library) -> None:
    """Refuse a value that makes a form fail in which nothing was typed."""
    data: dict[str, Any] = {"clinic": {"setting": typed.setting, "intakes_per_month": 1.0}, "payers": [{}]}
    filled = House(typed.setting, {path: HouseNumber(value, "…") for path, value in values.items()})
    try:
        resolve(parse_scenario(filled.fill({"program": {}, "analysis": {}, **data})), library)
    except InputError:
        said = _("It does not go together with the other values here: half of the dropouts leave within the plan.")
        raise InputError([Problem(LIKELY, said)]) from None


def _json(value: Uncertain) -> Json:
    return value.model_dump() if isinstance(value, Range) else {LIKELY: value}

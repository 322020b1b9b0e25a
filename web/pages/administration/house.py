"""The organisation's own values: which numbers stand in for blank fields, and why."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Response, abort, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from calculator import InputError
from calculator.display import quantity
from calculator.entry import affixes, allowed, decimal_comma, write_number
from calculator.house import HOUSE_PATHS
from calculator.quantity import Range, Uncertain
from web.accounts.visitor import current_visitor
from web.fields import Inputs
from web.forms import STARTING, declared_at, parse_form
from web.library import current_library
from web.pages.administration.blueprint import Problems, bp, done, page, problems_of, reading, writing
from web.workspace import house_values as service

FIELDS = ("likely", "low", "high", "reason")


@bp.get("/house")
def house() -> Response:
    """List the values, and offer every number that may have one."""
    settings = current_library().settings
    with reading() as session:
        rows = service.listed(session)
    shown = [(row, label(row.setting, row.path), _shown(row.path, service.number_of(row))) for row in rows]
    asked = request.args.get("setting", "")
    setting = asked if asked in settings else next(iter(settings))
    numbers = [(path, label(setting, path)) for path in HOUSE_PATHS]
    return page("house", rows=shown, settings=settings, setting=setting, numbers=numbers)


@bp.get("/house/value")
def house_value() -> Response:
    """Ask for the value of one number, beside what stands there now."""
    setting, path = request.args.get("setting", ""), request.args.get("path", "")
    if setting not in current_library().settings or path not in HOUSE_PATHS:
        abort(404)
    with reading() as session:
        row = service.at(session, setting, path)
    return _value_page(200, setting, path, _texts(path, row) if row else dict.fromkeys(FIELDS, ""))


@bp.post("/house")
def save_house() -> AnyResponse:
    """Set a value, or say what is wrong with it."""
    form = request.form
    setting, path = form.get("setting", ""), form.get("path", "")
    typed = {name: form.get(name, "") for name in FIELDS}
    try:
        read = service.read(setting, path, typed, current_library())
        with writing() as session:
            service.put(session, current_visitor(), read, current_library())
    except InputError as error:
        if setting not in current_library().settings or path not in HOUSE_PATHS:
            abort(422)
        return _value_page(422, setting, path, typed, problems_of(error))
    return done("house", "saved")


@bp.post("/house/<uuid:key>/remove")
def remove_house(key: uuid.UUID) -> AnyResponse:
    """Go back to the benchmark."""
    with writing() as session:
        row = service.find(session, key)
        if row is None:
            abort(404)
        service.remove(session, current_visitor(), row)
    return done("house", "removed")


def label(setting: str, path: str) -> str:
    """Return what a number is called where the words are those of a setting."""
    declared = declared_at(path)
    return "" if declared is None else declared.named(current_library().settings[setting].words)


def _shown(path: str, value: Uncertain) -> str:
    declared = declared_at(path)
    if declared is None:
        return ""
    if isinstance(value, Range):
        likely, low, high = (quantity(part, declared.unit, "USD") for part in (value.likely, value.low, value.high))
        return f"{likely} ({low} – {high})"
    return quantity(value, declared.unit, "USD")


def _texts(path: str, row: Any) -> dict[str, str]:
    declared, value = declared_at(path), service.number_of(row)
    parts = value.model_dump() if isinstance(value, Range) else {"likely": value}
    if declared is None:
        return {}
    comma = decimal_comma()
    texts = {name: write_number(part, declared, comma=comma) for name, part in parts.items()}
    return dict.fromkeys(FIELDS, "") | texts | {"reason": row.reason}


def _value_page(
    status: int, setting: str, path: str, typed: Mapping[str, str], problems: Problems | None = None
) -> Response:
    declared = declared_at(path)
    if declared is None:
        abort(404)
    place = path.replace("payers.", "payers.1.")
    library = current_library()
    plain = Inputs(parse_form(MultiDict(STARTING | {"clinic.setting": setting}), library), library)
    before, after = affixes(declared, "USD")
    return page(
        "house_value",
        status,
        problems,
        setting=setting,
        setting_label=current_library().settings[setting].label,
        path=path,
        field=plain.field(place),
        typed=typed,
        before=before,
        after=after,
        allowed=allowed(declared, "USD"),
    )

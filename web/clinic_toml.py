"""CLINIC.toml: a scenario as a file, and a file as a scenario or as everything that is wrong with it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import tomli_w
from pydantic import BaseModel

from calculator.errors import InputError, Problem
from calculator.language import gettext as _
from calculator.language import mark
from calculator.parse import CHOICES, SECTIONS
from calculator.quantity import ANY_SETTING, Range, quantity_of
from calculator.scenario import Scenario
from calculator.version import VERSION

NOTES = {
    "currency": mark("three capital letters"),
    "measured": mark("taken from records; every other number given here is an estimate"),
}
SUFFIX = ".toml"
TYPE = "application/toml"


def write_toml(scenario: Scenario, words: Mapping[str, str] = ANY_SETTING) -> str:
    """Return a scenario as CLINIC.toml: only what was given, each number with its label and unit.

    ``words`` are the setting's own for unit and units.
    """
    lines = [f"# {line}" for line in _header()]
    tables = [("[clinic]", scenario.clinic), *(("[[payers]]", payer) for payer in scenario.payers)]
    tables += [(f"[{name}]", getattr(scenario, name)) for name in SECTIONS if name != "clinic"]
    for heading, table in tables:
        keys = list(_keys(table, words))
        if keys or heading == "[[payers]]":  # a payer of whom nothing is known is a payer
            lines += ["", heading, *keys]
    if scenario.house:
        lines += ["", "[house]", *(f"{_value(path)} = {_value(reason)}" for path, reason in scenario.house.items())]
    return "\n".join(lines) + "\n"


def read_toml(data: bytes) -> dict[str, Any]:
    """Return what stands in a CLINIC.toml, as plain data that is not checked yet.

    Raises:
        InputError: with one problem where it is no TOML at all.
    """
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        problem = _("is not a text file in UTF-8; write a CLINIC.toml.")
    except tomllib.TOMLDecodeError as error:
        problem = _(
            "is not valid TOML: %(error)s. Text stands in quotes, a table in [brackets], and a key once.",
            error=error,
        )
    except RecursionError:
        problem = _("is nested too deeply to be a CLINIC.toml.")
    except ValueError:  # of tomllib, for a number of thousands of digits
        problem = _("has a number that is far too long.")
    raise InputError([Problem("", problem)])


def _header() -> tuple[str, ...]:
    from web.forms import VERSION as NOTATION  # the command line reads files without loading the page's form

    example = f"/?v={NOTATION}&clinic.setting=outpatient&clinic.dropout_rate=35"
    return (
        _("A scenario for Rapport %(version)s.", version=VERSION),
        _("Load it on the page /clinic-file of the calculator, or run: rapport estimate CLINIC.toml"),
        _(
            "The same keys stand in the calculator's address (notation v=%(notation)s), where shares are percent:",
            notation=NOTATION,
        ),
        f"  {example}",
        _("Any number may be a range: { low = 0.2, likely = 0.3, high = 0.45 }."),
        _("What is left out comes from the usual values of the setting."),
    )


def _keys(table: BaseModel, words: Mapping[str, str]) -> Iterator[str]:
    for key, field in type(table).model_fields.items():
        value = getattr(table, key)
        if key not in table.model_fields_set or value in (None, "", ()):
            continue
        declared = quantity_of(field)
        comment = _(NOTES[key]) if key in NOTES else " | ".join(CHOICES.get(key, ()))
        if declared is not None:
            comment = f"{declared.named(words)} ({declared.unit})" if declared.unit else declared.named(words)
        line = f"{key} = {_value(value)}"
        yield f"{line}  # {comment}" if comment else line


def _value(value: Any) -> str:
    """Return a value as TOML on one line."""
    if isinstance(value, Range):
        parts = ", ".join(f"{name} = {_value(part)}" for name, part in value.model_dump().items())
        return f"{{ {parts} }}"
    if isinstance(value, tuple):
        return f"[{', '.join(_value(part) for part in value)}]"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return tomli_w.dumps({"x": value}).removeprefix("x = ").removesuffix("\n")

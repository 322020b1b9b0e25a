"""From plain keys and values (TOML, JSON, a form) to a Scenario, or to every problem at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from calculator.errors import InputError, Problem
from calculator.quantity import Range, likely, quantity_of
from calculator.scenario import MAX_PAYERS, Analysis, Capacity, Clinic, Payer, Program, Road, Scenario, Setting

SECTIONS: Mapping[str, type[BaseModel]] = {"clinic": Clinic, "program": Program, "analysis": Analysis}
CHOICES = {"setting": get_args(Setting), "practice_capacity": get_args(Capacity), "evidence_road": get_args(Road)}
SHARES_TOLERANCE = 1e-6  # more than float noise, less than any slip of a person


def parse_scenario(data: Mapping[str, Any]) -> Scenario:
    """Return the scenario that ``data`` describes.

    Args:
        data: Tables ``clinic``, ``payers``, ``program``, ``analysis`` with the keys of CLINIC.toml.

    Raises:
        InputError: with one problem for each fault, all of them at once.
    """
    problems = list(_unknown_tables(data))
    parts: dict[str, Any] = {}
    for name, model in SECTIONS.items():
        parts[name] = _section(model, data.get(name, {}), name, problems)
    payers = _payers(data.get("payers"), problems)
    if payers:
        problems.extend(_share_problems(payers))
    if isinstance(data.get("clinic"), Mapping):
        problems.extend(_plan_problems(data["clinic"], problems))
        problems.extend(_measured_problems(data["clinic"].get("measured"), len(payers)))
    if problems:
        raise InputError(problems)
    return Scenario(payers=tuple(payers), **parts)


def _unknown_tables(data: Mapping[str, Any]) -> Iterator[Problem]:
    known = [*SECTIONS, "payers"]
    for key in data:
        if key not in known:
            yield Problem(str(key), f"is not a known table.{_closest(str(key), known)} Tables are {', '.join(known)}.")


def _section(model: type[BaseModel], values: Any, path: str, problems: list[Problem]) -> BaseModel | None:
    if not isinstance(values, Mapping):
        problems.append(Problem(path, f"is {_found(values)}; it is a table, written [{path}]."))
        return None
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        problems.extend(_worded(dict(item), model, path) for item in error.errors(include_url=False))
        return None


def _payers(rows: Any, problems: list[Problem]) -> list[Payer]:
    if rows is None or rows == []:
        problems.append(Problem("payers", "are missing; write at least one [[payers]] with allowed_per_unit."))
        return []
    if not isinstance(rows, (list, tuple)):
        problems.append(Problem("payers", f"is {_found(rows)}; it is a list of tables, each written [[payers]]."))
        return []
    if len(rows) > MAX_PAYERS:
        problems.append(Problem("payers", f"are {len(rows)}; there is room for {MAX_PAYERS}. Put small ones together."))
    found = [_section(Payer, row, f"payers.{number}", problems) for number, row in enumerate(rows, 1)]
    return [payer for payer in found if isinstance(payer, Payer)] if all(found) else []


def _share_problems(payers: list[Payer]) -> Iterator[Problem]:
    if len(payers) == 1 and payers[0].share is None:
        return
    missing = [f"payers.{number}.share" for number, payer in enumerate(payers, 1) if payer.share is None]
    if missing:
        yield from (Problem(path, "is missing; with several payers each needs its share of units.") for path in missing)
        return
    total = sum(likely(payer.share) for payer in payers if payer.share is not None)
    if abs(total - 1.0) > SHARES_TOLERANCE:
        yield Problem("payers", f"have shares that add up to {total:.6g}; they must add up to 1.")


def _plan_problems(clinic: Mapping[str, Any], earlier: list[Problem]) -> Iterator[Problem]:
    """Check that half of the dropouts leave before the last-but-one unit: the curve's shape needs it."""
    keys = ("clinic.planned_units", "clinic.median_dropout_unit")
    if any(problem.path in keys for problem in earlier):
        return
    planned, median = clinic.get("planned_units"), clinic.get("median_dropout_unit")
    if planned is None or median is None:
        return
    fewest = planned["low"] if isinstance(planned, Mapping) else planned.low if isinstance(planned, Range) else planned
    latest = median["high"] if isinstance(median, Mapping) else median.high if isinstance(median, Range) else median
    if fewest > 2 and latest >= fewest - 1:
        yield Problem(
            "clinic.median_dropout_unit",
            f"is {latest:g}; it must be below planned_units minus 1, which is {fewest - 1:g}. "
            "It is the unit after which half of those who drop out have left.",
        )


def _measured_problems(names: Any, payers: int) -> Iterator[Problem]:
    if not isinstance(names, (list, tuple)):
        return
    allowed = measurable(payers)
    for name in names:
        if isinstance(name, str) and name not in allowed:
            yield Problem("clinic.measured", f"names {name!r}, which is not a number here.{_closest(name, allowed)}")


def measurable(payers: int) -> list[str]:
    """Return the names that ``measured`` may hold: clinic keys, ``payers``, and dotted keys of the other tables."""

    def numbers(model: type[BaseModel]) -> list[str]:
        return [key for key, field in model.model_fields.items() if quantity_of(field)]

    rows = [f"payers.{row}.{key}" for row in range(1, payers + 1) for key in numbers(Payer)]
    dotted = [f"clinic.{key}" for key in numbers(Clinic)] + [f"program.{key}" for key in numbers(Program)]
    return [*numbers(Clinic), "payers", *rows, *dotted]


def _worded(error: dict[str, Any], model: type[BaseModel], path: str) -> Problem:
    key = str(error["loc"][0]) if error["loc"] else ""
    where = f"{path}.{key}" if key else path
    match error["type"]:
        case "quantity":
            return Problem(where, error["msg"])
        case "extra_forbidden":
            known = list(model.model_fields)
            return Problem(where, f"is not a known key.{_closest(key, known)} Keys of [{path}]: {', '.join(known)}.")
        case "missing":
            declared = quantity_of(model.model_fields[key])
            allowed = declared.allowed() if declared else f"one of {', '.join(CHOICES.get(key, ()))}"
            return Problem(where, f"is missing; it is {allowed}.")
        case "literal_error":
            allowed = ", ".join(CHOICES.get(key, ()))
            return Problem(where, f"is {_found(error['input'])}; it is one of {allowed}.")
        case "string_too_long":
            return Problem(where, f"is {len(error['input'])} characters long; at most {error['ctx']['max_length']}.")
        case "string_pattern_mismatch":
            return Problem(where, f"is {_found(error['input'])}; it is three capital letters, such as USD.")
        case _:
            wanted = 'a list of key names, such as ["dropout_rate"]' if key == "measured" else "text"
            return Problem(where, f"is {_found(error['input'])}; it is {wanted}.")


def _closest(key: str, known: list[str] | tuple[str, ...]) -> str:
    match = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    return f" Did you mean {match[0]}?" if match else ""


def _found(value: Any) -> str:
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, (list, tuple)):
        return "a list"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"

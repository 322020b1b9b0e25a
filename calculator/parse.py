"""From plain keys and values (TOML, JSON, a form) to a Scenario, or to every problem at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from calculator.errors import InputError, Problem
from calculator.house import house_problems
from calculator.quantity import key_shown, likely, quantity_of, shown
from calculator.scenario import MAX_PAYERS, Analysis, Capacity, Clinic, Payer, Program, Road, Scenario, Setting

SECTIONS: Mapping[str, type[BaseModel]] = {"clinic": Clinic, "program": Program, "analysis": Analysis}
CHOICES = {"setting": get_args(Setting), "practice_capacity": get_args(Capacity), "evidence_road": get_args(Road)}
SHARES_TOLERANCE = 1e-6  # more than float noise, less than any slip of a person


def parse_scenario(data: Mapping[str, Any]) -> Scenario:
    """Return the scenario that ``data`` describes.

    Args:
        data: Tables ``clinic``, ``payers``, ``program``, ``analysis`` and ``house`` with the keys of CLINIC.toml.

    Raises:
        InputError: with one problem for each fault, all of them at once.
    """
    if not isinstance(data, Mapping):
        raise InputError(
            [Problem("", f"It is {shown(data)}; write a table with clinic, payers, program and analysis.")]
        )
    problems = list(_unknown_tables(data))
    parts: dict[str, Any] = {}
    for name, model in SECTIONS.items():
        parts[name] = _section(model, data.get(name, {}), name, problems)
    payers = _payers(data.get("payers"), problems)
    if payers:
        problems.extend(_share_problems(payers))
        problems.extend(_paid_twice(payers))
    if isinstance(data.get("clinic"), Mapping):
        problems.extend(_plan_problems(data["clinic"], problems))
        problems.extend(_measured_problems(data["clinic"].get("measured"), len(payers)))
    house = data.get("house", {})
    problems.extend(house_problems(house, data))
    if problems:
        raise InputError(problems)
    return Scenario(payers=tuple(payers), house=dict(house), **parts)


def _unknown_tables(data: Mapping[str, Any]) -> Iterator[Problem]:
    known = [*SECTIONS, "payers", "house"]
    for key in data:
        if key not in known:
            close = _closest(key_shown(key), known)
            yield Problem(key_shown(key), f"is not a known table.{close} Tables are {', '.join(known)}.")


def _section(model: type[BaseModel], values: Any, path: str, problems: list[Problem]) -> BaseModel | None:
    if not isinstance(values, Mapping):
        problems.append(Problem(path, f"is {shown(values)}; it is a table, written [{path}]."))
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
        problems.append(Problem("payers", f"is {shown(rows)}; it is a list of tables, each written [[payers]]."))
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


def _paid_twice(payers: list[Payer]) -> Iterator[Problem]:
    for number, payer in enumerate(payers, 1):
        others = [key for key in ("allowed_per_unit", "collection_rate") if getattr(payer, key) is not None]
        if payer.collected_per_unit is not None and others:
            yield Problem(
                f"payers.{number}.collected_per_unit",
                f"is given together with {' and '.join(others)}; write what is collected, or what is allowed and the "
                "part of it that is collected.",
            )


def _plan_problems(clinic: Mapping[str, Any], earlier: list[Problem]) -> Iterator[Problem]:
    """Check that half of the dropouts leave before the last-but-one unit: the curve's shape needs it."""
    keys = ("clinic.planned_units", "clinic.median_dropout_unit")
    if any(problem.path in keys for problem in earlier):
        return
    planned, median = clinic.get("planned_units"), clinic.get("median_dropout_unit")
    if planned is None or median is None:
        return
    planned, median = _likely(planned), _likely(median)
    if planned > 2 and median >= planned - 1:
        yield Problem(
            "clinic.median_dropout_unit",
            f"is {median:g}; it must be below planned_units minus 1, which is {planned - 1:g}. "
            "It is the unit after which half of those who drop out have left.",
        )


def _likely(value: Any) -> float:
    """Return the number, or the likely value of a range that has been checked already."""
    return float(value["likely"] if isinstance(value, Mapping) else likely(value))


def _measured_problems(names: Any, payers: int) -> Iterator[Problem]:
    if not isinstance(names, (list, tuple)):
        return
    allowed = measurable(payers)
    for name in names:
        if isinstance(name, str) and name not in allowed:
            close = _closest(key_shown(name), allowed)
            yield Problem("clinic.measured", f"names {shown(name)}, which is not a number here.{close}")


def measurable(payers: int) -> list[str]:
    """Return the names that ``measured`` may hold: clinic keys, ``payers``, and dotted keys of the other tables."""

    def numbers(model: type[BaseModel]) -> list[str]:
        return [key for key, field in model.model_fields.items() if quantity_of(field)]

    rows = [f"payers.{row}.{key}" for row in range(1, payers + 1) for key in numbers(Payer)]
    dotted = [f"clinic.{key}" for key in numbers(Clinic)] + [f"program.{key}" for key in numbers(Program)]
    return [*numbers(Clinic), "payers", *rows, *dotted]


def _worded(error: dict[str, Any], model: type[BaseModel], path: str) -> Problem:
    key = str(error["loc"][0]) if error["loc"] else ""
    where = f"{path}.{key_shown(key)}" if error["loc"] else path
    match error["type"]:
        case "quantity":
            return Problem(where, error["msg"])
        case "extra_forbidden":
            known = list(model.model_fields)
            return Problem(
                where, f"is not a known key.{_closest(key_shown(key), known)} Keys of [{path}]: {', '.join(known)}."
            )
        case "missing":
            declared = quantity_of(model.model_fields[key])
            allowed = declared.allowed() if declared else f"one of {', '.join(CHOICES.get(key, ()))}"
            return Problem(where, f"is missing; it is {allowed}.")
        case "literal_error":
            allowed = ", ".join(CHOICES.get(key, ()))
            return Problem(where, f"is {shown(error['input'])}; it is one of {allowed}.")
        case "string_too_long":
            return Problem(where, f"is {len(error['input'])} characters long; at most {error['ctx']['max_length']}.")
        case "string_pattern_mismatch":
            return Problem(where, f"is {shown(error['input'])}; it is three capital letters, such as USD.")
        case _:
            wanted = 'a list of key names, such as ["dropout_rate"]' if key == "measured" else "text"
            return Problem(where, f"is {shown(error['input'])}; it is {wanted}.")


def _closest(key: str, known: list[str] | tuple[str, ...]) -> str:
    match = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    return f" Did you mean {match[0]}?" if match else ""

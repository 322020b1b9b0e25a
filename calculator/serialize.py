"""A result as plain data, in the published names and order, and the digests that let anyone check it again."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from assumptions import Library
from calculator.quantity import Range
from calculator.resolve import Resolved
from calculator.result import SCHEMA, Reproducibility
from calculator.scenario import Scenario
from calculator.version import VERSION

if TYPE_CHECKING:
    from calculator.result import Result

TABLES = ("clinic", "program", "analysis")


def to_dict(result: Result) -> dict[str, Any]:
    """Return the published JSON structure; ``sobol`` is null where it was not asked for."""
    return {
        "schema": SCHEMA,
        "inputs": inputs_dict(result.resolved),
        "sources": dict(result.resolved.sources),
        "point": dict(result.point),
        "distribution": {name: dict(vars(spread)) for name, spread in result.distribution.items()},
        "probability_npv_positive": result.probability_npv_positive,
        "npv_histogram": [dict(vars(part)) for part in result.npv_histogram],
        "roads": {name: dict(vars(road)) for name, road in result.roads.items()},
        "monthly": [dict(vars(month)) for month in result.monthly],
        "bridge": [dict(vars(step)) for step in result.bridge],
        "tornado": [dict(vars(swing)) for swing in result.tornado],
        "npv_at_medians": result.npv_at_medians,
        "cases": {
            name: {"figures": dict(case.figures), "inputs": dict(case.inputs)} for name, case in result.cases.items()
        },
        "sobol": None if result.sobol is None else [dict(vars(index)) for index in result.sobol],
        "ask_next": [dict(vars(ask)) for ask in result.ask_next],
        "break_even": dict(vars(result.break_even)),
        "detection": dict(vars(result.detection)),
        "payback_of_median": result.payback_of_median,
        "irr_of_median": result.irr_of_median,
        "cash": [dict(vars(point)) for point in result.cash],
        "retention": {"before": list(result.retention_before), "after": list(result.retention_after)},
        "workings": dict(result.workings),
        "reproducibility": dict(vars(result.reproducibility)),
    }


def canonical(data: Any) -> str:
    """Return JSON that is the same text for the same data: sorted keys, no spaces, no NaN."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def given_dict(scenario: Scenario) -> dict[str, Any]:
    """Return what was entered and nothing else, in the layout of CLINIC.toml, as ``parse_scenario`` reads it."""
    tables = {name: getattr(scenario, name).model_dump(mode="json", exclude_unset=True) for name in TABLES}
    payers = [payer.model_dump(mode="json", exclude_unset=True) for payer in scenario.payers]
    given = {"clinic": tables["clinic"], "payers": payers, "program": tables["program"], "analysis": tables["analysis"]}
    return given | _house(scenario)


def inputs_dict(resolved: Resolved) -> dict[str, Any]:
    """Return every input with its gaps filled, in the layout of CLINIC.toml."""
    scenario = resolved.scenario
    tables: dict[str, dict[str, Any]] = {"clinic": {}, "program": {}, "analysis": {}}
    payers: list[dict[str, Any]] = [{"name": payer.name} for payer in scenario.payers]
    for path, item in resolved.inputs.items():
        value = item.given.model_dump() if isinstance(item.given, Range) else item.value
        section, _, key = path.partition(".")
        if section == "payers":
            row, _, key = key.partition(".")
            payers[int(row) - 1][key] = value
        else:
            tables[section][key] = value
    places = {
        key: value for key in ("places", "occupancy_rate") if (value := getattr(scenario.clinic, key)) is not None
    }
    clinic = {"name": scenario.clinic.name, "setting": scenario.clinic.setting, "currency": scenario.clinic.currency}
    capacity = {"practice_capacity": resolved.capacity, "measured": list(scenario.clinic.measured)}
    settled = {key: getattr(resolved, key) for key in ("horizon_months", "history_months", "draws", "seed")}
    return {
        "clinic": clinic | tables["clinic"] | places | capacity,
        "payers": payers,
        "program": {"evidence_road": resolved.road} | tables["program"],
        "analysis": tables["analysis"] | settled,
        **_house(scenario),
    }


def _house(scenario: Scenario) -> dict[str, Any]:
    return {"house": dict(scenario.house)} if scenario.house else {}


def reproducibility(resolved: Resolved, library: Library) -> Reproducibility:
    """Return version, digests and seed."""
    inputs = canonical({"inputs": inputs_dict(resolved), "sources": dict(resolved.sources)})
    digest = hashlib.sha256(inputs.encode()).hexdigest()
    return Reproducibility(VERSION, library.sha256, digest, resolved.seed, resolved.draws)

"""Clinics that tests share, and the shortest way from their plain data to a result."""

from __future__ import annotations

import copy
from typing import Any

from assumptions import load_library
from calculator import Result, evaluate, parse_scenario, resolve
from calculator.figures import figures
from calculator.model import Block
from calculator.resolve import Resolved

PLAIN: dict[str, Any] = {
    "clinic": {
        "name": "Riverbend Counseling",
        "setting": "outpatient",
        "clinicians": 10,
        "intakes_per_month": 40,
        "intake_growth_rate": 0.0,
        "planned_units": 12,
        "units_per_month": 4.33,
        "dropout_rate": 0.35,
        "median_dropout_unit": 3,
        "no_show_rate": 0.12,
        "backfill_rate": 0.3,
        "variable_cost_per_unit": 75.0,
        "acquisition_cost_per_intake": 180.0,
        "clinician_hourly_cost": 60.0,
    },
    "payers": [
        {"name": "commercial", "share": 0.7, "allowed_per_unit": 140.0, "collection_rate": 0.95},
        {"name": "self-pay", "share": 0.3, "allowed_per_unit": 130.0, "collection_rate": 0.98},
    ],
    "program": {
        "evidence_road": "program",
        "fidelity": 1.0,
        "odds_ratio": 0.84,
        "adoption_rate": 0.8,
        "ramp_months": 6,
        "subscription_per_clinician_month": 30.0,
        "subscription_per_intake": 0.0,
        "implementation_cost": 2500.0,
        "training_hours_per_clinician": 4.0,
        "minutes_per_unit": 2.0,
    },
    "analysis": {"horizon_months": 36, "discount_rate": 0.10, "history_months": 12, "draws": 256, "seed": 1},
}
# What makes the plain clinic, where measuring eats the margin, one where the programme pays.
PAYING: dict[str, Any] = {
    "clinic__variable_cost_per_unit": 30.0,
    "program__minutes_per_unit": 0.5,
    "program__odds_ratio": 0.7,
}


def with_changes(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return a copy with dotted keys replaced, such as ``clinic.dropout_rate`` or ``payers.1.share``; None removes."""
    data = copy.deepcopy(base)
    for path, value in changes.items():
        table, *rest = path.split(".")
        if not rest:
            data[table] = value
            continue
        row = data[table][int(rest[0]) - 1] if table == "payers" else data.setdefault(table, {})
        row.pop(rest[-1], None)
        if value is not None:
            row[rest[-1]] = value
    return data


def plain(**changes: Any) -> dict[str, Any]:
    """Return the plain clinic with changes; ``__`` in a name stands for the dot."""
    return with_changes(PLAIN, {path.replace("__", "."): value for path, value in changes.items()})


def result_of(data: dict[str, Any], *, indices: bool = False) -> Result:
    """Return everything the model says about plain data."""
    return evaluate(parse_scenario(data), load_library(), indices=indices)


def resolved_of(data: dict[str, Any]) -> Resolved:
    """Return plain data with its gaps filled."""
    return resolve(parse_scenario(data), load_library())


def point_block(data: dict[str, Any]) -> Block:
    """Return the model at the point estimate."""
    return resolved_of(data).block({})


def point_of(data: dict[str, Any]) -> dict[str, float]:
    """Return every figure at the point estimate, without drawing; NaN where one does not exist."""
    return {name: float(values[0]) for name, values in figures(point_block(data)).items()}

"""Scenarios for property tests, made from the declared inputs, so that no bound is written twice."""

from __future__ import annotations

import math
from typing import Any, get_args

from hypothesis import strategies as st
from pydantic import BaseModel

from assumptions import load_library
from calculator.parse import measurable
from calculator.quantity import Quantity, quantity_of
from calculator.scenario import MAX_PAYERS, Analysis, Capacity, Clinic, Payer, Program, Road, Setting

FEW_DRAWS = (64, 256)  # enough for every code path, few enough for thousands of examples
COUPLED = ("planned_units", "median_dropout_unit", "share")  # have their own strategy below


def declared(model: type[BaseModel]) -> dict[str, Quantity]:
    """Return the numeric inputs of a table by key."""
    found = {key: quantity_of(field) for key, field in model.model_fields.items()}
    return {key: item for key, item in found.items() if item is not None}


def number(item: Quantity, high: float | None = None) -> st.SearchStrategy[float]:
    """Return any number that may be written for an input, up to ``high`` where that is lower than its own bound."""
    top = item.le if high is None else min(item.le, high)
    if item.whole:
        return st.integers(math.ceil(item.ge), math.floor(top))
    return st.floats(item.ge, top, exclude_min=item.above, allow_subnormal=False)


def span(item: Quantity, high: float | None = None) -> st.SearchStrategy[dict[str, float]]:
    """Return any range that may be written for an input."""
    parts = st.tuples(*[number(item, high)] * 3).map(sorted)
    return parts.map(lambda found: dict(zip(("low", "likely", "high"), found, strict=True)))


def entry(item: Quantity, *, ranges: bool = True, high: float | None = None) -> st.SearchStrategy[Any]:
    """Return a number or, where it may be one, a range."""
    return number(item, high) | span(item, high) if ranges and item.ranged else number(item, high)


def table(model: type[BaseModel], *, ranges: bool, always: tuple[str, ...] = ()) -> st.SearchStrategy[dict[str, Any]]:
    """Return the numeric keys of a table, each of them there or left out unless it is required."""
    entries = {key: entry(item, ranges=ranges) for key, item in declared(model).items() if key not in COUPLED}
    must = {key: entries.pop(key) for key in list(entries) if key in always or model.model_fields[key].is_required()}
    return st.fixed_dictionaries(must, optional=entries)


@st.composite
def clinics(draw: st.DrawFn, *, ranges: bool = True, setting: str | None = None) -> dict[str, Any]:
    """Return the clinic's table, its median dropout unit in keeping with its plan."""
    clinic: dict[str, Any] = draw(table(Clinic, ranges=ranges))
    clinic["setting"] = setting or draw(st.sampled_from(get_args(Setting)))
    if draw(st.booleans()):
        clinic["practice_capacity"] = draw(st.sampled_from(get_args(Capacity)))
    items = declared(Clinic)
    planned: Any = load_library().settings[clinic["setting"]].defaults["clinic.planned_units"].value
    if draw(st.booleans()):
        clinic["planned_units"] = planned = draw(entry(items["planned_units"], ranges=ranges))
    if draw(st.booleans()):
        clinic["median_dropout_unit"] = draw(medians(items["median_dropout_unit"], planned, ranges=ranges))
    return clinic


@st.composite
def medians(draw: st.DrawFn, item: Quantity, planned: Any, *, ranges: bool) -> Any:
    """Return a median dropout unit whose likely value is below the likely plan less one, its ends anywhere."""
    plan = planned["likely"] if isinstance(planned, dict) else planned
    likely = draw(number(item, math.nextafter(plan - 1.0, 0.0) if plan > 2 else None))
    if not ranges or draw(st.booleans()):
        return likely
    return {"low": draw(st.floats(item.ge, likely)), "likely": likely, "high": draw(st.floats(likely, item.le))}


@st.composite
def payers(draw: st.DrawFn, *, ranges: bool = True, always: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Return one to the most payers, whose shares add up to 1."""
    rows = draw(st.lists(table(Payer, ranges=ranges, always=always), min_size=1, max_size=MAX_PAYERS))
    for row in rows:
        for key in ("allowed_per_unit", "collection_rate") if not always else ("collected_per_unit",):
            if "collected_per_unit" in row:
                row.pop(key, None)  # either the one or the other
    if len(rows) == 1 and draw(st.booleans()):
        return rows
    weights = draw(st.lists(st.integers(0, 100), min_size=len(rows), max_size=len(rows)).filter(any))
    for row, weight in zip(rows, weights, strict=True):
        likely = weight / sum(weights)
        row["share"] = likely
        if ranges and draw(st.booleans()):
            low, high = draw(st.floats(0.0, 1.0)), draw(st.floats(0.0, 1.0))
            row["share"] = {"low": likely * low, "likely": likely, "high": likely + (1.0 - likely) * high}
    return rows


@st.composite
def scenarios(
    draw: st.DrawFn,
    *,
    ranges: bool = True,
    road: str | None = None,
    horizon: int | None = None,
    payer_keys: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return any scenario that may be written, as the plain data of CLINIC.toml, with few draws.

    ``payer_keys`` are given for each payer, which otherwise may leave them out.
    """
    rows = draw(payers(ranges=ranges, always=payer_keys))
    clinic = draw(clinics(ranges=ranges))
    clinic["measured"] = draw(st.lists(st.sampled_from(measurable(len(rows))), max_size=4, unique=True))
    program = draw(table(Program, ranges=ranges)) | {"evidence_road": road or draw(st.sampled_from(get_args(Road)))}
    analysis = draw(table(Analysis, ranges=ranges)) | {"draws": draw(st.integers(*FEW_DRAWS))}
    if horizon is not None:
        analysis["horizon_months"] = horizon
    return {"clinic": clinic, "payers": rows, "program": program, "analysis": analysis}

"""The OpenAPI document, made from the declarations of the inputs and of the result."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from calculator import FIGURES, result
from calculator.result import SCHEMA
from calculator.scenario import Scenario
from calculator.version import VERSION

KEY = "key"  # the name of the security scheme
REF = "#/components/schemas/{model}"
PARTS = (
    result.Spread, result.RoadEffect, result.Month, result.BridgeStep, result.Swing, result.SobolIndex, result.AskNext,
    result.NpvBin, result.BreakEven, result.Detection, result.CashPoint, result.Reproducibility,
)  # fmt: skip
CASES = ("do_nothing", "sceptic", "likely")


@cache
def document() -> dict[str, Any]:
    """Return the document."""
    scenario = _without_null_defaults(Scenario.model_json_schema(ref_template=REF))
    schemas: dict[str, Any] = scenario.pop("$defs")
    schemas |= {part.__name__: TypeAdapter(part).json_schema(ref_template=REF) for part in PARTS}
    schemas |= {"Scenario": scenario, "Estimate": _estimate(), "Problems": _problems()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rapport",
            "version": VERSION,
            "summary": "What a better therapeutic alliance is worth to a behavioural-health clinic.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [],
        "paths": {
            "/api/v1/estimate": {"post": _operation()},
            "/api/v1/openapi.json": {
                "get": {
                    "operationId": "openapi",
                    "summary": "This document.",
                    "responses": {"200": _content("The document.", {"type": "object"})},
                }
            },
        },
        "components": {"schemas": schemas, "securitySchemes": {KEY: _key()}},
    }


def _without_null_defaults(schema: Any) -> Any:
    """Return the schema without defaults of null: what is left out takes the setting's default."""
    if isinstance(schema, list):
        return [_without_null_defaults(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key != "default" or value is not None}
    return {key: _without_null_defaults(value) for key, value in kept.items()}


def _operation() -> dict[str, Any]:
    problems = {"$ref": "#/components/schemas/Problems"}
    return {
        "operationId": "estimate",
        "security": [{KEY: ["estimate"]}],
        "summary": "Estimate what a programme is worth to one clinic.",
        "description": "Takes the keys of CLINIC.toml as JSON. The same body always gives the same answer.",
        "parameters": [
            {
                "name": "part",
                "in": "query",
                "description": "fast leaves out the Sobol indices, which are then null.",
                "schema": {"type": "string", "enum": ["all", "fast"], "default": "all"},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Scenario"}}},
        },
        "responses": {
            "200": _content("The result.", {"$ref": "#/components/schemas/Estimate"}),
            "400": _content("The body is not JSON.", problems),
            "401": _content("No key was shown, or none that is valid.", problems),
            "403": _content("The key lacks the scope estimate.", problems),
            "413": _content("The body is too large.", problems),
            "415": _content("The body is not sent as JSON.", problems),
            "422": _content("Something in the body cannot be used; every problem is listed.", problems),
            "500": _content("Something went wrong on the server.", problems),
        },
    }


def _key() -> dict[str, Any]:
    return {
        "type": "http",
        "scheme": "bearer",
        "description": "A key that an administrator makes, with the scopes it needs. While a server has no account it "
        "answers its own computer only, and asks for no key.",
    }


def _content(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _estimate() -> dict[str, Any]:
    def ref(name: str) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{name}"}

    def rows(name: str, *, absent: bool = False) -> dict[str, Any]:
        return {"type": ["array", "null"] if absent else "array", "items": ref(name)}

    def by_name(values: dict[str, Any], names: tuple[str, ...] = ()) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "object", "additionalProperties": values}
        return schema | ({"required": list(names)} if names else {})

    number_or_null = {"type": ["number", "null"]}
    numbers = {"type": "array", "items": {"type": "number"}}
    case = {
        "type": "object",
        "properties": {"figures": by_name(number_or_null, FIGURES), "inputs": by_name({"type": "number"})},
        "required": ["figures", "inputs"],
    }
    tables = {name: {"type": "object"} for name in ("clinic", "program", "analysis")}
    payers = {"payers": {"type": "array", "items": {"type": "object"}}}
    properties = {
        "schema": {"const": SCHEMA},
        "inputs": {"type": "object", "properties": tables | payers, "required": [*tables, "payers"]},
        "sources": by_name({"type": "string", "pattern": "^(measured|estimate|organisation: .+|benchmark:.+)$"}),
        "point": by_name(number_or_null, FIGURES),
        "distribution": by_name(ref("Spread"), FIGURES),
        "probability_npv_positive": {"type": "number", "minimum": 0, "maximum": 1},
        "npv_histogram": rows("NpvBin"),
        "roads": by_name(ref("RoadEffect"), ("program", "alliance", "targeted")),
        "monthly": rows("Month"),
        "bridge": rows("BridgeStep"),
        "tornado": rows("Swing"),
        "npv_at_medians": {"type": "number"},
        "cases": {
            "type": "object",
            "properties": dict.fromkeys(CASES, case),
            "required": list(CASES),
        },
        "sobol": rows("SobolIndex", absent=True),
        "ask_next": rows("AskNext"),
        "break_even": ref("BreakEven"),
        "detection": ref("Detection"),
        "payback_of_median": number_or_null,
        "irr_of_median": number_or_null,
        "cash": rows("CashPoint"),
        "retention": {"type": "object", "properties": {"before": numbers, "after": numbers}},
        "workings": by_name({"type": "number"}),
        "reproducibility": ref("Reproducibility"),
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def _problems() -> dict[str, Any]:
    text = {"type": "string"}
    problem = {"type": "object", "properties": {"path": text, "message": text}, "required": ["path", "message"]}
    return {
        "type": "object",
        "properties": {"problems": {"type": "array", "minItems": 1, "items": problem}},
        "required": ["problems"],
    }

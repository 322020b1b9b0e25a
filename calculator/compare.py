"""Scenarios side by side: each figure beside the baseline's, and the inputs that differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from calculator.figures import FIGURES
from calculator.result import Result
from calculator.serialize import inputs_dict

SCHEMA = "rapport.comparison/1"


@dataclass(frozen=True)
class ComparedFigure:
    """One figure in every scenario: the point estimate, the median, and the point's difference from the baseline's."""

    name: str
    point: tuple[float | None, ...]
    p50: tuple[float | None, ...]
    difference: tuple[float | None, ...]


@dataclass(frozen=True)
class ComparedInput:
    """One input that is not the same in every scenario; None where a scenario lacks it (a payer's row)."""

    path: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Comparison:
    """Figures and differing inputs of several results; the first is the baseline."""

    figures: tuple[ComparedFigure, ...]
    inputs: tuple[ComparedInput, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {"schema": SCHEMA, **asdict(self)}


def compare(results: Sequence[Result]) -> Comparison:
    """Return ``results`` side by side, the first one being the baseline."""
    figures = []
    for name in FIGURES:
        points = tuple(result.point[name] for result in results)
        differences = tuple(None if p is None or points[0] is None else p - points[0] for p in points)
        figures.append(ComparedFigure(name, points, tuple(r.distribution[name].p50 for r in results), differences))
    flat = [_flat(result) for result in results]
    paths = dict.fromkeys(path for inputs in flat for path in inputs)
    rows = [ComparedInput(path, tuple(inputs.get(path) for inputs in flat)) for path in paths]
    return Comparison(tuple(figures), tuple(row for row in rows if any(value != row.values[0] for value in row.values)))


def _flat(result: Result) -> dict[str, Any]:
    inputs = inputs_dict(result.resolved)
    tables = ("clinic", "program", "analysis")
    flat = {f"{table}.{key}": value for table in tables for key, value in inputs[table].items()}
    for row, payer in enumerate(inputs["payers"], 1):
        flat |= {f"payers.{row}.{key}": value for key, value in payer.items()}
    return flat

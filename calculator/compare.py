"""Scenarios side by side: each figure beside the baseline's, the inputs that differ, and why it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from calculator.attribution import Attribution, attribution
from calculator.figures import FIGURES
from calculator.result import Result
from calculator.serialize import inputs_dict
from calculator.words import MONEY_FIGURES

SCHEMA = "rapport.comparison/1"


@dataclass(frozen=True)
class ComparedFigure:
    """One figure in every scenario: the point estimate, the median, and what each differs from the baseline's.

    A difference is None where one of the two does not exist, or where money is in another currency.
    """

    name: str
    point: tuple[float | None, ...]
    p50: tuple[float | None, ...]
    difference: tuple[float | None, ...]
    p50_difference: tuple[float | None, ...]


@dataclass(frozen=True)
class ComparedInput:
    """One input that is not the same in every scenario; None where a scenario lacks it (a payer's row)."""

    path: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Comparison:
    """Figures and differing inputs of several results; the first is the baseline.

    ``attributions`` says for each result why its net present value differs from the baseline's; None for the baseline
    itself and for a result in another currency.
    """

    figures: tuple[ComparedFigure, ...]
    inputs: tuple[ComparedInput, ...]
    attributions: tuple[Attribution | None, ...]

    def figure(self, name: str) -> ComparedFigure:
        """Return a figure by its name."""
        return next(figure for figure in self.figures if figure.name == name)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {"schema": SCHEMA, **asdict(self)}


def compare(results: Sequence[Result]) -> Comparison:
    """Return ``results`` side by side, the first one being the baseline."""
    comparable = [result.currency == results[0].currency for result in results]
    figures = [_figure(name, results, comparable) for name in FIGURES]
    flat = [_flat(result) for result in results]
    paths = dict.fromkeys(path for inputs in flat for path in inputs)
    rows = [ComparedInput(path, tuple(inputs.get(path) for inputs in flat)) for path in paths]
    return Comparison(
        figures=tuple(figures),
        inputs=tuple(row for row in rows if any(value != row.values[0] for value in row.values)),
        attributions=(
            None,
            *(
                attribution(results[0].resolved, result.resolved) if same else None
                for result, same in zip(results[1:], comparable[1:], strict=True)
            ),
        ),
    )


def _figure(name: str, results: Sequence[Result], comparable: Sequence[bool]) -> ComparedFigure:
    points = tuple(result.point[name] for result in results)
    medians = tuple(result.distribution[name].p50 for result in results)
    told = [same or name not in MONEY_FIGURES for same in comparable]
    return ComparedFigure(name, points, medians, _differences(points, told), _differences(medians, told))


def _differences(values: Sequence[float | None], told: Sequence[bool]) -> tuple[float | None, ...]:
    first = values[0]
    return tuple(
        None if value is None or first is None or not tell else value - first
        for value, tell in zip(values, told, strict=True)
    )


def _flat(result: Result) -> dict[str, Any]:
    inputs = inputs_dict(result.resolved)
    tables = ("clinic", "program", "analysis")
    flat = {f"{table}.{key}": value for table in tables for key, value in inputs[table].items()}
    for row, payer in enumerate(inputs["payers"], 1):
        flat |= {f"payers.{row}.{key}": value for key, value in payer.items()}
    return flat

"""What every section of a report is given: the result, the evidence behind it, the look, and the room there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from reportlab.platypus import Flowable

from assumptions import Figure, Library
from calculator.resolve import ResolvedInput
from calculator.result import Result
from reports.theme import Theme


@dataclass(frozen=True)
class Content:
    """One report's material. ``column`` is the width of the text, ``wide`` that of text and margin column together."""

    result: Result
    library: Library
    theme: Theme
    digest: str
    column: float
    wide: float
    prepared_for: str
    prepared_by: str
    prepared_on: date | None

    @property
    def currency(self) -> str:
        """Return the currency's ISO code."""
        return self.result.currency

    @property
    def inputs(self) -> Iterator[ResolvedInput]:
        """Yield the inputs that bear on the result, in the order they are asked for."""
        resolved = self.result.resolved
        return (item for path, item in resolved.inputs.items() if resolved.matters(path))

    @property
    def trials(self) -> Figure:
        """Return the figure that the break-even sentence compares with."""
        return self.result.resolved.setting.defaults["program.odds_ratio"].figure


Section: TypeAlias = Callable[[Content], list[Flowable]]

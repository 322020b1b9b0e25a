"""What every section of a report is given: the result, the evidence behind it, the look, and the room there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeAlias

from assumptions import Figure, Library
from calculator.resolve import ResolvedInput
from calculator.result import Result
from reports.brand import Brand
from reports.pdf.blocks import Block
from reports.theme import Theme

REQUIRED = ("intakes_per_month", "allowed_per_unit")  # what a clinic must say before a proposal is more than a draft
WIDENING = ("estimate_amount_factor", "estimate_odds_factor")


@dataclass(frozen=True)
class Content:
    """One report's material. ``column`` is the width of the text, ``wide`` that of text and margin column together.

    ``beside`` holds further scenarios, each with its name, to stand beside this one.
    """

    result: Result
    library: Library
    theme: Theme
    brand: Brand
    digest: str
    column: float
    wide: float
    prepared_for: str
    prepared_by: str
    prepared_on: date | None
    beside: tuple[Result, ...] = ()

    @property
    def currency(self) -> str:
        """Return the currency's ISO code."""
        return self.result.currency

    @cached_property
    def inputs(self) -> tuple[ResolvedInput, ...]:
        """Return the inputs that bear on the result, in the order they are asked for."""
        resolved = self.result.resolved
        return tuple(item for path, item in resolved.inputs.items() if resolved.matters(path))

    @cached_property
    def missing(self) -> tuple[ResolvedInput, ...]:
        """Return the required inputs that the clinic did not give; while there are any, it is a draft."""
        inputs = self.result.resolved.inputs.values()
        return tuple(item for item in inputs if item.path.rpartition(".")[2] in REQUIRED and not item.own)

    @property
    def trials(self) -> Figure:
        """Return the figure that the break-even sentence compares with."""
        return self.result.resolved.setting.defaults["program.odds_ratio"].figure

    @cached_property
    def used(self) -> tuple[Figure, ...]:
        """Return the figures behind the inputs that matter, the break-even sentence and the widening, each once."""
        found = [self.trials, *(item.figure for item in self.inputs if item.figure is not None)]
        if any(item.kind in ("estimate", "organisation") for item in self.inputs):
            found += [self.library.roles[role] for role in WIDENING]
        return tuple({figure.id: figure for figure in found}.values())

    @cached_property
    def others(self) -> tuple[Figure, ...]:
        """Return the figures that only the roads beside the one in use rest on."""
        known = {figure.id for figure in self.used}
        figures = (item.figure for item in self.result.resolved.inputs.values())
        return tuple({figure.id: figure for figure in figures if figure and figure.id not in known}.values())

    @cached_property
    def shown(self) -> frozenset[str]:
        """Return the ids of the figures that have an entry among the evidence, to which others may link."""
        return frozenset(figure.id for figure in (*self.used, *self.others))


Section: TypeAlias = Callable[[Content], list[Block]]

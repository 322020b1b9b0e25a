"""Scenarios side by side as the page shows them: a column each, whatever is wrong with it, and all of them together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from assumptions import Library
from calculator import Result
from calculator.compare import Comparison, compare
from calculator.display import money
from calculator.language import gettext as _
from web.compared_figures import NET, Figures, Row
from web.compared_inputs import input_rows
from web.forms import Form, declared_at, parse_form
from web.model_run import evaluate
from web.scenarios import TITLE, Lineup, names, titled
from web.state import StateError


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a scenario: the label of the field, where it is about one, and what is wrong."""

    label: str
    message: str


@dataclass(frozen=True)
class Column:
    """One scenario: its name and title, its form if it could be read, and its result if nothing is wrong with it."""

    place: int
    name: str
    title: str = ""
    form: Form | None = None
    result: Result | None = None
    faults: tuple[Fault, ...] = ()


def read_columns(lineup: Lineup, library: Library, max_draws: int) -> tuple[Column, ...]:
    """Return a column for each scenario."""
    found = []
    for place, (data, name) in enumerate(zip(lineup.read, names(lineup.read), strict=True)):
        if isinstance(data, StateError):
            found.append(Column(place, name, faults=(Fault("", str(data)),)))
            continue
        form = parse_form(data, library, max_draws)
        result = None if form.scenario is None else evaluate(form.scenario, library)
        found.append(Column(place, name, titled(data.get(TITLE, "")), form, result, tuple(_faults(form, library))))
    return tuple(found)


def _faults(form: Form, library: Library) -> Iterator[Fault]:
    setting = library.settings.get(form.setting)
    for problem in form.problems:
        declared = declared_at(problem.path)
        label = "" if declared is None else declared.named(setting.words) if setting else declared.named()
        yield Fault(label, problem.message)


@dataclass(frozen=True)
class SideBySide:
    """What several columns say together; the baseline is the first that has a result."""

    columns: tuple[Column, ...]

    @cached_property
    def sound(self) -> tuple[Column, ...]:
        """Return the columns that have a result, the baseline first."""
        return tuple(column for column in self.columns if column.result is not None)

    @cached_property
    def results(self) -> tuple[Result, ...]:
        """Return the results there are, the baseline's first."""
        return tuple(column.result for column in self.columns if column.result is not None)

    @cached_property
    def compared(self) -> Comparison:
        """Return figures and differences."""
        return compare(self.results)

    @property
    def currencies(self) -> tuple[str, ...]:
        """Return the currencies in use, each once."""
        return tuple(dict.fromkeys(result.currency for result in self.results))

    @property
    def finding(self) -> str:
        """Return what stands out, or what the page is where nothing does."""
        best = max(self.sound, key=_net, default=None)
        if best is None or len(self.results) < 2 or len(self.currencies) > 1:
            return _("Scenarios side by side")
        net = money(_net(best), self.currencies[0])
        if net in (money(_net(column), self.currencies[0]) for column in self.sound if column is not best):
            return _("Scenarios side by side")
        if _net(best) <= 0.0:
            return _("None of them covers its costs; %(name)s comes closest", name=best.name)
        return _("%(name)s brings the most: %(net)s a year after all costs", name=best.name, net=net)

    @cached_property
    def figures(self) -> tuple[Row, ...]:
        """Return the figures, each with its difference from the baseline's."""
        return tuple(map(self._spread, Figures(self.results, self.compared).rows)) if self.results else ()

    @cached_property
    def inputs(self) -> tuple[Row, ...]:
        """Return the inputs, marked where they are not as in the baseline."""
        return tuple(map(self._spread, input_rows(self.results))) if self.results else ()

    @property
    def differing(self) -> tuple[Row, ...]:
        """Return the inputs that are not the same in every scenario."""
        return tuple(row for row in self.inputs if _differs(row))

    @property
    def shared(self) -> tuple[Row, ...]:
        """Return the inputs that are."""
        return tuple(row for row in self.inputs if not _differs(row))

    def _spread(self, row: Row) -> Row:
        """Return a row over the results as one over all columns."""
        cells = iter(row.cells)
        return replace(row, cells=tuple(None if column.result is None else next(cells) for column in self.columns))


def _net(column: Column) -> float:
    return (column.result.distribution[NET].p50 if column.result else None) or 0.0


def _differs(row: Row) -> bool:
    return any(cell is not None and cell.differs for cell in row.cells)

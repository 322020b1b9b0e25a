"""Scenarios side by side as the page shows them: a column each, rows of figures and of inputs, differences dressed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from assumptions import Library
from calculator import Result, evaluate, words
from calculator.change_words import shared_label, signed_money
from calculator.compare import Comparison, compare
from calculator.display import MINUS, NONE, chance, money, money_range, months, number, quantity, share, share_range
from calculator.language import gettext as _
from calculator.language import mark
from calculator.quantity import Range, quantity_of
from calculator.scenario import Analysis, Clinic
from web.forms import Form, declared_at, parse_form
from web.scenarios import TITLE, Lineup, names, titled
from web.state import StateError

NET = "net_per_year"
PLACES = ("places", "occupancy_rate")  # set the default of how many slots are filled again, and nothing else
SETTLED = ("horizon_months", "history_months", "draws", "seed")


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


@dataclass(frozen=True)
class Cell:
    """What a row says about one scenario.

    Attributes:
        text: the value.
        note: its range, or what goes with it.
        change: the difference from the baseline, with its sign; empty where there is none to tell.
        tone: better or worse where that can be said of the change.
        source: measured, estimate or benchmark; empty where it is no input.
        source_words: the same as it is shown.
        differs: whether an input is not as in the baseline.
    """

    text: str
    note: str = ""
    change: str = ""
    tone: str = ""
    source: str = ""
    source_words: str = ""
    differs: bool = False


@dataclass(frozen=True)
class Row:
    """One figure or input in every scenario; None where a scenario has problems."""

    label: str
    cells: tuple[Cell | None, ...]
    note: str = ""


def read_columns(lineup: Lineup, library: Library, max_draws: int) -> tuple[Column, ...]:
    """Return a column for each scenario, whatever is wrong with it."""
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
    """What can be said of several columns together; the baseline is the first that has a result."""

    columns: tuple[Column, ...]

    @cached_property
    def results(self) -> tuple[Result, ...]:
        """Return the results there are, the baseline's first."""
        return tuple(column.result for column in self.columns if column.result is not None)

    @cached_property
    def compared(self) -> Comparison:
        """Return figures and differences."""
        return compare(self.results)

    @property
    def sound(self) -> tuple[Column, ...]:
        """Return the columns that have a result, the baseline first."""
        return tuple(column for column in self.columns if column.result is not None)

    @property
    def currencies(self) -> tuple[str, ...]:
        """Return the currencies in use, each once."""
        return tuple(dict.fromkeys(result.currency for result in self.results))

    @property
    def finding(self) -> str:
        """Return what stands out, or what the page is where nothing does."""
        best = max(self.sound, key=self._net, default=None)
        if best is None or len(self.results) < 2 or len(self.currencies) > 1:
            return _("Scenarios side by side")
        net, currency = self._net(best), self.currencies[0]
        others = [money(self._net(column), currency) for column in self.sound if column is not best]
        if money(net, currency) in others:
            return _("Scenarios side by side")
        if net <= 0.0:
            return _("None of them covers its costs; %(name)s comes closest", name=best.name)
        return _("%(name)s brings the most: %(net)s a year after all costs", name=best.name, net=money(net, currency))

    @staticmethod
    def _net(column: Column) -> float:
        return (column.result.distribution[NET].p50 if column.result else None) or 0.0

    @cached_property
    def figures(self) -> tuple[Row, ...]:
        """Return the figures, each with its difference from the baseline's."""
        return (
            self._of_money("revenue_kept_per_year"),
            self._of_money(NET),
            self._chance(),
            self._payback(),
            self._of_money("npv"),
            self._of_share("roi", 0, better=1),
            self._of_share("dropout_rate_after", 1, better=-1),
            self._cost(),
        )

    @cached_property
    def differing(self) -> tuple[Row, ...]:
        """Return the inputs that are not the same in every scenario."""
        return tuple(row for row in self._inputs if any(cell and cell.differs for cell in row.cells))

    @cached_property
    def shared(self) -> tuple[Row, ...]:
        """Return the inputs that are."""
        return tuple(row for row in self._inputs if not any(cell and cell.differs for cell in row.cells))

    # --- figures --------------------------------------------------------------------------------------------

    def _row(self, label: str, cell: Callable[[int, Result], Cell], note: str = "") -> Row:
        made = iter([cell(place, result) for place, result in enumerate(self.results)])
        return Row(label, tuple(next(made) if column.result else None for column in self.columns), note)

    def _label(self, name: str) -> str:
        if len({result.resolved.setting.units for result in self.results}) == 1:
            return words.figure_label(name, self.results[0])
        generic = (words.FIGURE_LABELS | words.WORKING_LABELS)[name]
        return words.capitalized(_(generic).format(unit=_("unit"), units=_("units"), leaving=_("leave early")))

    def _of_money(self, name: str) -> Row:
        differences = self.compared.figure(name).p50_difference

        def cell(place: int, result: Result) -> Cell:
            spread, change = result.distribution[name], differences[place] if place else None
            return Cell(
                money(spread.p50, result.currency),
                _range(money_range(spread.p5, spread.p95, result.currency)),
                *_changed(change, lambda value: signed_money(value, result.currency), 1),
            )

        return self._row(self._label(name), cell)

    def _of_share(self, name: str, digits: int, better: int) -> Row:
        differences = self.compared.figure(name).p50_difference

        def cell(place: int, result: Result) -> Cell:
            spread, change = result.distribution[name], differences[place] if place else None
            if spread.p50 is None or spread.p5 is None or spread.p95 is None or spread.exists < 0.5:
                return Cell(_("none"))
            return Cell(
                share(spread.p50, digits),
                _range(share_range(spread.p5, spread.p95, digits)),
                *_changed(change, lambda value: _points(value, digits), better),
            )

        return self._row(self._label(name), cell)

    def _chance(self) -> Row:
        first = self.results[0].probability_npv_positive

        def cell(place: int, result: Result) -> Cell:
            probability = result.probability_npv_positive
            change = probability - first if place else None
            return Cell(
                chance(probability),
                "",
                *_changed(change, lambda value: _("%(number)s of 100", number=_signed(value * 100.0, 0)), 1),
            )

        return self._row(self._label("probability_npv_positive"), cell)

    def _payback(self) -> Row:
        first = self.results[0].payback_of_median

        def cell(place: int, result: Result) -> Cell:
            found = result.payback_of_median
            note = _(
                "within %(months)s in %(chance)s",
                months=months(result.resolved.horizon_months),
                chance=chance(result.distribution["payback_months"].exists),
            )
            change = None if found is None or first is None or not place else found - first
            return Cell(_("none") if found is None else months(found), note, *_changed(change, _months, -1))

        return self._row(self._label("payback_months"), cell)

    def _cost(self) -> Row:
        name = "program_cost_per_year"
        first = self.results[0]

        def cell(place: int, result: Result) -> Cell:
            same = place and result.currency == first.currency
            change = result.workings[name] - first.workings[name] if same else None
            return Cell(
                money(result.workings[name], result.currency),
                "",
                *_changed(change, lambda value: signed_money(value, result.currency), 0),
            )

        return self._row(self._label(name), cell, _("at the likely value of every input"))

    # --- inputs ---------------------------------------------------------------------------------------------

    @cached_property
    def _inputs(self) -> tuple[Row, ...]:
        results = self.results
        paths = dict.fromkeys(path for result in results for path in result.resolved.inputs)
        used = [path for path in paths if any(result.resolved.matters(path) for result in results)]
        rows = [
            self._compared(_("Setting"), lambda result: (Cell(_(result.resolved.setting.label)), None)),
            self._compared(_("The evidence it rests on"), _road),
            *(self._compared(shared_label(path, results), _input(path)) for path in used),
            *(row for key in PLACES if (row := self._place(key))),
            *(self._compared(_settled_label(key), _settled(key)) for key in SETTLED),
        ]
        return tuple(rows)

    def _compared(self, label: str, make: Callable[[Result], tuple[Cell, object]]) -> Row:
        """Return a row whose cells are marked where what they stand for is not as in the baseline."""
        first = make(self.results[0])

        def cell(_place: int, result: Result) -> Cell:
            found, exact = make(result)
            differs = (found.text, found.note, found.source, exact) != (
                first[0].text, first[0].note, first[0].source, first[1],
            )  # fmt: skip
            return Cell(found.text, found.note, source=found.source, source_words=found.source_words, differs=differs)

        return self._row(label, cell)

    def _place(self, key: str) -> Row | None:
        declared = quantity_of(Clinic.model_fields[key])
        if declared is None or all(getattr(result.resolved.scenario.clinic, key) is None for result in self.results):
            return None

        def make(result: Result) -> tuple[Cell, object]:
            value = getattr(result.resolved.scenario.clinic, key)
            return Cell(_("not given") if value is None else quantity(value, declared.unit)), value

        return self._compared(declared.named(self.results[0].resolved.setting.words), make)


def _road(result: Result) -> tuple[Cell, object]:
    return Cell(_(words.ROAD_LABELS[result.resolved.road])), None


def _input(path: str) -> Callable[[Result], tuple[Cell, object]]:
    def make(result: Result) -> tuple[Cell, object]:
        item = result.resolved.inputs.get(path)
        if item is None:
            return Cell(NONE), None
        if not result.resolved.matters(path):
            return Cell(_("not used")), None
        unit, given = item.quantity.unit, item.given
        note = ""
        if isinstance(given, Range):
            low, high = (quantity(end, unit, result.currency) for end in (given.low, given.high))
            note = _("%(low)s to %(high)s", low=low, high=high)
        shown = quantity(item.value, unit, result.currency)
        return Cell(shown, note, source=item.kind, source_words=words.source_words(item)), (item.value, given)

    return make


def _settled_label(key: str) -> str:
    declared = quantity_of(Analysis.model_fields[key])
    return "" if declared is None else declared.named()


def _settled(key: str) -> Callable[[Result], tuple[Cell, object]]:
    def make(result: Result) -> tuple[Cell, object]:
        value = getattr(result.resolved, key)
        source = result.resolved.sources[f"analysis.{key}"].partition(":")[0]
        return Cell(number(value, 0), source=source, source_words=_(words.SOURCE_LABELS[source])), value

    return make


# --- differences ------------------------------------------------------------------------------------------------


def _changed(value: float | None, shown: Callable[[float], str], better: int) -> tuple[str, str]:
    """Return a difference with its sign, and whether that is better or worse; the same where no digit shows it."""
    if value is None:
        return "", ""
    text = shown(value)
    if text == shown(0.0):
        return _("the same"), ""
    return text, "" if not better else "better" if value * better > 0 else "worse"


def _signed(value: float, decimals: int) -> str:
    """Return a number with its sign; none where it rounds to nothing.

    >>> _signed(12.4, 0), _signed(-3.0, 1), _signed(-0.2, 0)
    ('+12', '−3.0', '0')
    """
    text = number(abs(value), decimals)
    if text == number(0.0, decimals):
        return text
    return f"+{text}" if value > 0 else f"{MINUS}{text}"


def _points(value: float, digits: int) -> str:
    return _("%(number)s points", number=_signed(value * 100.0, digits))


def _months(value: float) -> str:
    return _("%(number)s months", number=_signed(value, 0 if abs(value) >= 3 else 1))


def _range(shown: str) -> str:
    return _(RANGE, range=shown)


RANGE = mark("90 of 100 futures: %(range)s")

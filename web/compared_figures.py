"""The figures of several results in rows, each with its range and its difference from the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from calculator import Result, words
from calculator.change_words import signed_money
from calculator.compare import Comparison
from calculator.display import chance, money, money_range, months, share, share_range, significant
from calculator.language import gettext as _
from web.difference import Difference, in_hundred, in_months, in_points

KEPT, NET, COST = "revenue_kept_per_year", "net_per_year", "program_cost_per_year"


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


@dataclass(frozen=True)
class Figures:
    """The figures of results that have been compared; each method makes one row."""

    results: Sequence[Result]
    compared: Comparison

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Return the rows in their order, the headline first."""
        return (
            self._money(KEPT),
            self._money(NET),
            self._chance(),
            self._payback(),
            self._money("npv"),
            self._share("roi", 0, better=1),
            self._share("dropout_rate_after", 1, better=-1),
            self._cost(),
        )

    def _row(self, name: str, cell: Callable[[int, Result], Cell], note: str = "") -> Row:
        return Row(self._label(name), tuple(cell(place, result) for place, result in enumerate(self.results)), note)

    def _label(self, name: str) -> str:
        """Return a figure's label; in no setting's own words where the settings count in different units."""
        if len({result.resolved.setting.units for result in self.results}) == 1:
            return words.figure_label(name, self.results[0])
        generic = (words.FIGURE_LABELS | words.WORKING_LABELS)[name]
        return words.capitalized(_(generic).format(unit=_("unit"), units=_("units"), leaving=_("leave early")))

    def _money(self, name: str) -> Row:
        found = self.compared.figure(name)

        def cell(place: int, result: Result) -> Cell:
            spread, currency = result.distribution[name], result.currency
            change = Difference.of(found.p50, place, significant, found.p50_difference)
            span = _("90 of 100 futures: %(range)s", range=money_range(spread.p5, spread.p95, currency))
            return Cell(money(spread.p50, currency), span, *change.told(lambda by: signed_money(by, currency), 1))

        return self._row(name, cell)

    def _share(self, name: str, digits: int, better: int) -> Row:
        found = self.compared.figure(name)

        def cell(place: int, result: Result) -> Cell:
            spread = result.distribution[name]
            if spread.p50 is None or spread.p5 is None or spread.p95 is None or spread.exists < 0.5:
                return Cell(_("none"))
            change = Difference.of(found.p50, place, lambda value: round(value, digits + 2))
            span = _("90 of 100 futures: %(range)s", range=share_range(spread.p5, spread.p95, digits))
            return Cell(share(spread.p50, digits), span, *change.told(lambda by: in_points(by, digits), better))

        return self._row(name, cell)

    def _chance(self) -> Row:
        chances = [result.probability_npv_positive for result in self.results]

        def cell(place: int, result: Result) -> Cell:
            change = Difference.of(chances, place, lambda value: round(value, 2))
            return Cell(chance(result.probability_npv_positive), "", *change.told(in_hundred, 1))

        return self._row("probability_npv_positive", cell)

    def _payback(self) -> Row:
        paybacks = [result.payback_of_median for result in self.results]

        def cell(place: int, result: Result) -> Cell:
            found = result.payback_of_median
            note = _(
                "within %(months)s in %(chance)s",
                months=months(result.resolved.horizon_months),
                chance=chance(result.distribution["payback_months"].exists),
            )
            change = Difference.of(paybacks, place, lambda value: round(value, 0 if value >= 3 else 1))
            return Cell(_("none") if found is None else months(found), note, *change.told(in_months, -1))

        return self._row("payback_months", cell)

    def _cost(self) -> Row:
        costs = [result.workings[COST] for result in self.results]
        first = self.results[0].currency
        told = [None if result.currency != first else result.workings[COST] for result in self.results]

        def cell(place: int, result: Result) -> Cell:
            change = Difference.of(costs, place, significant, told)
            shown = change.told(lambda by: signed_money(by, result.currency), 0)
            return Cell(money(costs[place], result.currency), "", *shown)

        return self._row(COST, cell, _("at the likely value of every input"))

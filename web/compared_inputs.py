"""The inputs of several results in rows: each value, where it comes from, and whether it is as in the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from calculator import Result, words
from calculator.change_words import shared_label
from calculator.display import NONE, number, quantity
from calculator.language import gettext as _
from calculator.quantity import Range, quantity_of
from calculator.scenario import Analysis, Clinic
from web.compared_figures import Cell, Row

PLACES = ("places", "occupancy_rate")  # set the default of how many slots are filled again, and nothing else
SETTLED = ("horizon_months", "history_months", "draws", "seed")


@dataclass(frozen=True)
class Found:
    """What a scenario has for an input: as it is shown, and what makes it the same as another's."""

    cell: Cell
    key: object


def input_rows(results: Sequence[Result]) -> tuple[Row, ...]:
    """Return a row for each input that bears on any of the results."""
    paths = dict.fromkeys(path for result in results for path in result.resolved.inputs)
    used = [path for path in paths if any(result.resolved.matters(path) for result in results)]
    return (
        _row(_("Setting"), results, _setting),
        _row(_("The evidence it rests on"), results, _road),
        *(_row(shared_label(path, results), results, _input(path)) for path in used),
        *(_row(_place_label(key, results), results, _place(key)) for key in PLACES if _given(key, results)),
        *(_row(_settled_label(key), results, _settled(key)) for key in SETTLED),
    )


def _row(label: str, results: Sequence[Result], find: Callable[[Result], Found]) -> Row:
    found = [find(result) for result in results]
    return Row(label, tuple(replace(each.cell, differs=each.key != found[0].key) for each in found))


def _setting(result: Result) -> Found:
    setting = result.resolved.setting
    return Found(Cell(_(setting.label)), setting.id)


def _road(result: Result) -> Found:
    return Found(Cell(_(words.ROAD_LABELS[result.resolved.road])), result.resolved.road)


def _input(path: str) -> Callable[[Result], Found]:
    def find(result: Result) -> Found:
        item = result.resolved.inputs.get(path)
        if item is None:
            return Found(Cell(NONE), None)
        if not result.resolved.matters(path):
            return Found(Cell(_("not used")), "")
        unit, note = item.quantity.unit, ""
        if isinstance(item.given, Range):
            low, high = (quantity(end, unit, result.currency) for end in (item.given.low, item.given.high))
            note = _("%(low)s to %(high)s", low=low, high=high)
        shown = quantity(item.value, unit, result.currency)
        cell = Cell(shown, note, source=item.kind, source_words=words.source_words(item))
        currency = result.currency if unit.startswith("money") else ""
        kind = "estimate" if item.kind == "organisation" else item.kind  # which says how uncertain it is
        return Found(cell, (item.value, item.given, kind, currency))

    return find


def _given(key: str, results: Sequence[Result]) -> bool:
    return any(getattr(result.resolved.scenario.clinic, key) is not None for result in results)


def _place_label(key: str, results: Sequence[Result]) -> str:
    declared = quantity_of(Clinic.model_fields[key])
    return "" if declared is None else declared.named(results[0].resolved.setting.words)


def _place(key: str) -> Callable[[Result], Found]:
    declared = quantity_of(Clinic.model_fields[key])

    def find(result: Result) -> Found:
        value = getattr(result.resolved.scenario.clinic, key)
        return Found(Cell(NONE if value is None or declared is None else quantity(value, declared.unit)), value)

    return find


def _settled_label(key: str) -> str:
    declared = quantity_of(Analysis.model_fields[key])
    return "" if declared is None else declared.named()


def _settled(key: str) -> Callable[[Result], Found]:
    def find(result: Result) -> Found:
        value = getattr(result.resolved, key)
        source, _colon, reason = result.resolved.sources[f"analysis.{key}"].partition(":")
        said = words.organisation_words(reason.strip()) if source == "organisation" else _(words.SOURCE_LABELS[source])
        return Found(Cell(number(value, 0), source=source, source_words=said), value)

    return find

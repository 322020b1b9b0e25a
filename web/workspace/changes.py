"""What differs between two scenarios: kept as paths with both values, and told in the words of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from assumptions import Library
from calculator.display import quantity
from calculator.language import gettext as _
from calculator.language import mark
from calculator.quantity import ANY_SETTING
from calculator.scenario import CAPACITY_WORDS
from calculator.words import ROAD_LABELS, SOURCE_LABELS
from web.forms import declared_at
from web.storage.base import Json
from web.typed import names_of

SECTIONS: Final = ("clinic", "program", "analysis")
VALUE, MEASURED = "value", "measured"
CURRENCY = "clinic.currency"
TEXT_LABELS: Final = {
    "clinic.name": mark("Name of the clinic"),
    "clinic.setting": mark("Setting"),
    "clinic.currency": mark("Currency"),
    "clinic.practice_capacity": mark("Room for more clients"),
    "evidence_road": mark("The evidence it rests on"),
    "name": mark("Name"),
}


@dataclass(frozen=True)
class Change:
    """An input that is not as it was: its label, and both values as they are shown."""

    label: str
    before: str
    after: str


def differences(before: Json, after: Json) -> dict[str, list[Json | None]]:
    """Return what stands at each path that differs, before and after; None where nothing does.

    Args:
        before: inputs as CLINIC in JSON.
        after: likewise.
    """
    first, second = _flat(before), _flat(after)
    paths = dict.fromkeys((*first, *second))
    return {path: [first.get(path), second.get(path)] for path in paths if first.get(path) != second.get(path)}


def told(found: Mapping[str, list[Json | None]], inputs: Json, library: Library) -> tuple[Change, ...]:
    """Return differences as the page shows them.

    Args:
        found: of ``differences``.
        inputs: those after, which say the setting's words and the names of payers.
        library: for the names of settings.
    """
    return tuple(_Telling(found, inputs, library).changes())


def _flat(inputs: Json) -> dict[str, Json]:
    """Return what stands at each path, and whether it was taken from records."""
    payers = inputs.get("payers", [])
    tables = {name: inputs.get(name, {}) for name in SECTIONS}
    tables |= {f"payers.{row}": payer for row, payer in enumerate(payers, 1)}
    records = set(tables["clinic"].get(MEASURED, ()))
    found: dict[str, Json] = {}
    for section, table in tables.items():
        for key, value in table.items():
            path = f"{section}.{key}"
            if (section, key) != ("clinic", MEASURED) and value not in (None, ""):
                found[path] = {VALUE: value} | ({MEASURED: True} if records.intersection(names_of(path)) else {})
    return found


@dataclass(frozen=True)
class _Telling:
    found: Mapping[str, list[Json | None]]
    inputs: Json
    library: Library

    def changes(self) -> Iterator[Change]:
        now = str(self.inputs["clinic"].get("currency", "USD"))
        was = self.found.get(CURRENCY, [{VALUE: now}])[0] or {VALUE: "USD"}
        for path, (before, after) in self.found.items():
            first, second = self._cell(path, before, str(was[VALUE])), self._cell(path, after, now)
            if before and after and before.get(MEASURED) != after.get(MEASURED):
                first, second = (_sourced(text, cell) for text, cell in ((first, before), (second, after)))
            yield Change(self._label(path), first, second)

    def _label(self, path: str) -> str:
        declared = declared_at(path)
        key = path if path.startswith("clinic.") else path.rpartition(".")[2]
        label = _(TEXT_LABELS.get(key, key)) if declared is None else declared.named(self._setting_words)
        return f"{label}, {self._payer(path)}" if path.startswith("payers.") else label

    @property
    def _setting_words(self) -> Mapping[str, str]:
        setting = self.library.settings.get(self.inputs["clinic"].get("setting", ""))
        return setting.words if setting else ANY_SETTING

    def _payer(self, path: str) -> str:
        row, payers = int(path.split(".")[1]), self.inputs.get("payers", [])
        name = payers[row - 1].get("name", "") if row <= len(payers) else ""
        return name or _("payer %(number)s", number=row)

    def _cell(self, path: str, cell: Json | None, currency: str) -> str:
        if cell is None:
            return _("left blank")
        value, declared = cell[VALUE], declared_at(path)
        if declared is None:
            return self._words(path, str(value))
        if isinstance(value, dict):
            low, likely, high = (quantity(value[end], declared.unit, currency) for end in ("low", "likely", "high"))
            return _("%(likely)s (%(low)s to %(high)s)", likely=likely, low=low, high=high)
        return quantity(value, declared.unit, currency)

    def _words(self, path: str, value: str) -> str:
        key = path.rpartition(".")[2]
        if key == "setting" and value in self.library.settings:
            return _(self.library.settings[value].label)
        known = {"practice_capacity": CAPACITY_WORDS, "evidence_road": ROAD_LABELS}.get(key, {})
        return _(known[value]) if value in known else value


def _sourced(text: str, cell: Json) -> str:
    return f"{text}, {_(SOURCE_LABELS['measured' if cell.get(MEASURED) else 'estimate'])}"

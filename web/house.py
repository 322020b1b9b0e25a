"""An organisation's own values in a form: they stand in for blank fields, and travel in its address with their reasons.

An address holds them as ``house.for`` (the setting they were taken for), ``house.<path>`` with a number as the model
takes it, ``.low`` and ``.high`` of a range, and ``house.<path>.why``. So whoever opens it later, or elsewhere, sees the
same figures, though the organisation's values have changed since.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from calculator import Problem, Scenario
from calculator.house import HOUSE_PATHS, unnumbered
from calculator.language import gettext as _
from calculator.quantity import Range, Uncertain
from calculator.scenario import MAX_PAYERS
from web.typed import ENDS, names_of

FIELD: Final = "house"  # of the button that takes today's values, or none
NOW, OFF = "now", "off"
PREFIX: Final = f"{FIELD}."
SETTING: Final = f"{PREFIX}for"
WHY: Final = ".why"


@dataclass(frozen=True)
class HouseNumber:
    """A value and why an organisation takes it."""

    value: Uncertain
    reason: str


@dataclass(frozen=True)
class House:
    """What an organisation takes for blank fields.

    Attributes:
        setting: the one it is for; empty where the organisation has no values of its own at all.
        values: by path; that of a payer without a number is for every payer.
        faults: paths of which an address says something that is no value.
    """

    setting: str = ""
    values: Mapping[str, HouseNumber] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return whether there is any value."""
        return bool(self.values)

    def at(self, path: str) -> HouseNumber | None:
        """Return what a blank field stands for."""
        return self.values.get(path) or self.values.get(unnumbered(path))

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return the names and values an address needs."""
        return [*([(SETTING, self.setting)] if self.setting else []), *self._numbers()]

    def _numbers(self) -> Iterator[tuple[str, str]]:
        for path, number in self.values.items():
            value = number.value
            if isinstance(value, Range):
                parts = {"": value.likely, ".low": value.low, ".high": value.high}
                yield from ((f"{PREFIX}{path}{end}", repr(float(part))) for end, part in parts.items())
            else:
                yield f"{PREFIX}{path}", repr(float(value))
            yield f"{PREFIX}{path}{WHY}", number.reason

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with the values of an address."""
        said = _("A value of the organisation cannot be read; the address may be mistyped.")
        return (Problem(FIELD, said),) if self.faults else ()

    def fill(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return a scenario's plain data with the values where nothing was given, and their reasons."""
        reasons: dict[str, str] = {}
        for path in self.values:
            for place, table, key in _places(path, data):
                if _is_free(table, key):
                    number = self.values[path]
                    table[key] = number.value.model_dump() if isinstance(number.value, Range) else number.value
                    reasons[place] = number.reason
        if not reasons:
            return data
        clinic = data["clinic"]
        taken = {name for path in reasons for name in (*names_of(path)[:1], path)}
        if measured := clinic.get("measured"):
            clinic["measured"] = [name for name in measured if name not in taken]
        return data | {"house": reasons}


NO_HOUSE: Final = House()
Houses = Callable[[str], House]  # the values of an organisation for a setting


def house_of(data: MultiDict[str, str], setting: str, fresh: bool, houses: Houses | None) -> House:
    """Return the values that stand in for a request's blank fields.

    Args:
        data: the request's names and values.
        setting: that of its form.
        fresh: whether it carries no form, so that everything is still open.
        houses: today's values of whoever asks; None for who has none.
    """
    asked, pinned = data.get(FIELD), data.get(SETTING, "")
    if asked == OFF:
        return NO_HOUSE
    if fresh or asked == NOW or (pinned and pinned != setting):  # values for another setting are no use
        return houses(setting) if houses else NO_HOUSE
    return _read(data) if pinned else NO_HOUSE


def of_scenario(scenario: Scenario) -> House:
    """Return the values that a scenario names as its organisation's."""
    found = {path: HouseNumber(_at(scenario, path), reason) for path, reason in scenario.house.items()}
    shared: dict[str, HouseNumber] = {}
    for path, number in found.items():
        rows = {f"payers.{row}.{path.rpartition('.')[2]}" for row in range(1, len(scenario.payers) + 1)}
        alike = path.startswith("payers.") and all(found.get(row) == number for row in rows)
        shared[unnumbered(path) if alike else path] = number
    return House(scenario.clinic.setting if shared else "", shared)


def _read(data: MultiDict[str, str]) -> House:
    names = {name.removeprefix(PREFIX) for name in data if name.startswith(PREFIX) and name != SETTING}
    ends = (WHY, *(f".{end}" for end in ENDS))
    stems = dict.fromkeys(next((name.removesuffix(end) for end in ends if name.endswith(end)), name) for name in names)
    values: dict[str, HouseNumber] = {}
    for path in sorted(stems):
        value = _number({end: data.get(f"{PREFIX}{path}{dot}", "") for end, dot in _DOTS.items()})
        if value is not None and _known(path):
            values[path] = HouseNumber(value, data.get(f"{PREFIX}{path}{WHY}", ""))
    faults = tuple(path for path in stems if path not in values)
    return House(data.get(SETTING, ""), values, faults)


_DOTS: Final = {"likely": "", **{end: f".{end}" for end in ENDS}}


def _number(texts: Mapping[str, str]) -> Uncertain | None:
    given = {end: text for end, text in texts.items() if text}
    try:
        numbers = {end: float(text) for end, text in given.items()}
    except ValueError:
        return None
    if not all(math.isfinite(number) for number in numbers.values()):
        return None
    if set(numbers) == {"likely"}:
        return numbers["likely"]
    return Range(**numbers) if set(numbers) == set(_DOTS) else None


def _known(path: str) -> bool:
    return path in HOUSE_PATHS or (unnumbered(path) in HOUSE_PATHS and path.split(".")[1].isdecimal())


def _places(path: str, data: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield where a value may stand: the full path, its table and its key."""
    section, _dot, key = path.partition(".")
    if section != "payers":
        yield path, data[section], key
        return
    row, _dot, rest = key.partition(".")
    for number, payer in enumerate(data["payers"][:MAX_PAYERS], 1):
        if not rest or row == str(number):
            yield f"payers.{number}.{rest or key}", payer, rest or key


def _is_free(table: Mapping[str, Any], key: str) -> bool:
    """Return whether nothing stands there; what a payer allows is open only where nobody said what is collected."""
    apart = key in ("allowed_per_unit", "collection_rate")
    return key not in table and not (apart and "collected_per_unit" in table)


def _at(scenario: Scenario, path: str) -> Uncertain:
    section, _dot, key = path.partition(".")
    row, _dot, rest = key.partition(".")
    table = scenario.payers[int(row) - 1] if section == "payers" else getattr(scenario, section)
    value: Uncertain = getattr(table, rest if section == "payers" else key)
    return value

"""What is asked of whom: each question in the setting's own words, with what is known already and what is usual."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from pydantic import BaseModel

from assumptions import Library
from assumptions import Setting as SettingOfCare
from calculator.display import quantity, significant, symbol
from calculator.language import gettext as _
from calculator.language import mark
from calculator.parse import SECTIONS
from calculator.quantiles import quantile
from calculator.quantity import Quantity, Range, Uncertain, quantity_of
from calculator.resolve import COLLECTED, Resolved, resolve
from calculator.scenario import Clinic, Payer, Scenario
from reports.data_request.owners import (
    CAPACITY,
    NAMES,
    ONLY_WITH_PLACES,
    ONLY_WITHOUT_PLACES,
    PAYER_KEYS,
    PAYERS,
    Owner,
    asked_of,
)  # fmt: skip

UNITS = {
    "clinicians": mark("clinicians"),
    "new episodes a month": mark("{admissions} a month"),
    "units": mark("{units}"),
    "units a month": mark("{units} a month"),
    "places": mark("{places}"),
    "months": mark("months"),
    "per year": mark("percent a year"),
    "money a unit": mark("{currency} a {unit}"),
    "money a new client": mark("{currency} a new client"),
    "money an hour": mark("{currency} an hour"),
}
PERCENT = mark("percent")
FOLLOWED = ("planned_units", "practice_capacity", "places", "occupancy_rate", "dropout_rate", "units_per_month")
ANY_INTAKES = 40.0  # where nobody said how many; what rests on it is not shown


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        path: of the input; a payer's without its number.
        label: in a manager's words.
        help: a sentence or two more.
        where: to find it in a practice's records.
        unit: what it is counted in.
        usual: what stands for it when it is left blank.
        declared: bounds and unit, or None where it is a name or a choice.
        value: what is known already.
        measured: whether that was taken from records.
    """

    path: str
    label: str
    help: str = ""
    where: str = ""
    unit: str = ""
    usual: str = ""
    declared: Quantity | None = None
    value: Uncertain | str | None = None
    measured: bool = False

    @property
    def sure(self) -> bool:
        """Return whether it matters where the number comes from."""
        return self.declared is not None and self.declared.ranged and not self.path.startswith("analysis.")

    @property
    def ranged(self) -> bool:
        """Return whether a range may be given."""
        return self.declared is not None and self.declared.ranged


class Questions:
    """All questions about one clinic, or about one of which only the setting is known."""

    def __init__(self, asked: Scenario | str, library: Library, currency: str = "USD") -> None:
        self._library = library
        self._scenario = asked if isinstance(asked, Scenario) else None
        self.setting: SettingOfCare = library.settings[asked if isinstance(asked, str) else asked.clinic.setting]
        self.currency = self._scenario.clinic.currency if self._scenario else currency
        self.clinic = self._scenario.clinic.name if self._scenario else ""

    @property
    def words(self) -> Mapping[str, str]:
        """Return the setting's own words."""
        return self.setting.words

    def of(self, owner: Owner) -> Iterator[Question]:
        """Yield the single questions for one owner."""
        with_places = self.setting.id != "outpatient"
        left_out = ONLY_WITHOUT_PLACES if with_places else ONLY_WITH_PLACES
        for path in asked_of(owner):
            question = self._question(path)
            if path not in left_out or question.value is not None:
                yield question

    def about_payers(self) -> tuple[Question, ...]:
        """Return what is asked of each payer."""
        return tuple(self._question(f"{PAYERS}.{key}") for key in PAYER_KEYS)

    def payers(self) -> tuple[tuple[Question, ...], ...]:
        """Return the same once for each payer that is known, with what is known of it."""
        rows = self._scenario.payers if self._scenario else ()
        blank = self.about_payers()
        return tuple(
            tuple(
                replace(question, value=self._given(f"{PAYERS}.{number}", key, payer),
                        measured=self._payer_measured(number, key))
                for key, question in zip(PAYER_KEYS, blank, strict=True)
            )
            for number, payer in enumerate(rows, 1)
        )  # fmt: skip

    def _question(self, path: str) -> Question:
        section, _dot, key = path.partition(".")
        if path in NAMES:
            label = _("Payer") if section == PAYERS else _("Name of the practice")
            value = self.clinic or None if section != PAYERS else None
            return Question(path, label, value=value)
        if path == CAPACITY:
            value = self._scenario.clinic.practice_capacity if self._scenario else None
            help = _("Whether a slot that a client leaves can be filled with another client.")
            return Question(path, _("Room for more clients?"), help, _("Your waiting list."), value=value)
        declared = quantity_of((Payer if section == PAYERS else SECTIONS[section]).model_fields[key])
        if declared is None:
            raise KeyError(path)
        measured = self._scenario.clinic.measured if self._scenario else ()
        table = None if section == PAYERS or not self._scenario else getattr(self._scenario, section)
        known = None if table is None else self._given(section, key, table)
        return Question(
            path=path,
            label=declared.named(self.words),
            help=declared.explained(self.words),
            where=declared.where(self.words),
            unit=self._unit(declared),
            usual=self._usual(path, declared),
            declared=declared,
            value=known,
            measured=bool({key, path} & set(measured)),
        )

    def _given(self, prefix: str, key: str, table: BaseModel) -> Any:
        """Return what the clinic itself gave: a value of its organisation is asked for, not taken as an answer."""
        house = self._scenario.house if self._scenario else {}
        value = getattr(table, key)
        return None if value == "" or f"{prefix}.{key}" in house else value

    def _payer_measured(self, number: int, key: str) -> bool:
        measured = self._scenario.clinic.measured if self._scenario else ()
        return bool({PAYERS, f"{PAYERS}.{number}.{key}"} & set(measured))

    def _unit(self, declared: Quantity) -> str:
        if declared.is_share:
            return _(PERCENT)
        words = {key: _(word) for key, word in self.words.items()} | {"currency": symbol(self.currency)}
        return _(UNITS[declared.unit]).format_map(words)

    def _usual(self, path: str, declared: Quantity) -> str:
        """Return the default and where 90 of 100 clinics lie, or nothing where there is no default."""
        bare, section = self._bare, path.partition(".")[0]
        if path == "clinic.backfill_rate":
            found = self._library.capacity[bare.capacity]
            return quantity(significant(found.value or 0.0, 4), declared.unit, self.currency)
        if path == f"{PAYERS}.{COLLECTED}":
            paid = round(float(bare.block({}).net_revenue_per_unit[0]), 2)
            return quantity(paid, declared.unit, self.currency)
        default = self.setting.defaults.get(path)
        if default is None or (default.basis == "planned_units_per_month" and self._scenario is None):
            return ""
        raw = quantile(default.distribution, np.array([0.05, 0.95]))
        value = default.value
        if default.basis is not None:
            value = bare.inputs[path].value
            raw = np.broadcast_to(bare.values({path: raw})[path], (2,))
        low, high = np.clip(raw, declared.ge, declared.le).tolist() if section != "analysis" else (value, value)
        shown = quantity(significant(value, 4), declared.unit, self.currency)
        ends = [quantity(significant(end, 2), declared.unit, self.currency) for end in (low, high)]
        if ends[0] == ends[1]:
            return shown
        return _("%(value)s; mostly %(low)s to %(high)s", value=shown, low=ends[0], high=ends[1])

    @cached_property
    def _bare(self) -> Resolved:
        """Return the clinic without the inputs whose defaults follow others, so that each can be read off it."""
        if self._scenario is None:
            clinic = Clinic(setting=self.setting.id, intakes_per_month=ANY_INTAKES)
            payers: tuple[Payer, ...] = (Payer(),)
        else:
            known = self._scenario.clinic
            kept = {key: getattr(known, key) for key in ("setting", "intakes_per_month", *FOLLOWED)}
            clinic, payers = Clinic(**kept), self._scenario.payers
        return resolve(Scenario(clinic=clinic, payers=payers), self._library)


def likely_and_ends(value: Uncertain) -> tuple[float, float | None, float | None]:
    """Return likely, low and high; the last two are None where it is one number."""
    return (value.likely, value.low, value.high) if isinstance(value, Range) else (value, None, None)

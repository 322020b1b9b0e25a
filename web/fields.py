"""The fields of the calculator as the page shows them, made from what the inputs declare about themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from assumptions import Figure, Library
from assumptions import Setting as SettingOfCare
from calculator.display import significant
from calculator.quantity import Quantity, quantity_of
from calculator.resolve import ROAD_INPUTS, Resolved, resolve
from calculator.scenario import MAX_PAYERS, Analysis, Clinic, Payer, Program, Scenario
from calculator.words import ROAD_LABELS
from web.entry import affixes, write_number
from web.forms import Form, declared_at

MAIN = (
    "clinic.intakes_per_month", "clinic.planned_units", "payers.allowed_per_unit", "clinic.dropout_rate",
    "program.subscription_per_clinician_month", "clinic.clinicians",
)  # fmt: skip
CAPACITY_WORDS = {"slack": "yes", "mixed": "some", "waitlist": "no, a waiting list"}
SETTING_WORDS = {"outpatient": "Outpatient", "iop": "IOP", "php": "PHP", "residential": "Residential"}


@dataclass(frozen=True)
class DefaultShown:
    """What a blank field stands for: its value as it would be typed, and the figure it rests on."""

    text: str
    figure: Figure

    @property
    def source(self) -> str:
        """Return the source in a few words, such as Swift & Greenberg (2012)."""
        if self.figure.kind == "judgement" or not self.figure.references:
            return "a judgement"
        return short_citation(self.figure.references[0].citation)


@dataclass(frozen=True)
class Field:
    """One number of the form."""

    path: str
    label: str
    declared: Quantity
    text: str
    low: str
    high: str
    before: str
    after: str
    problem: str
    default: DefaultShown | None
    measured: str
    is_measured: bool

    @property
    def id(self) -> str:
        """Return the id of its input element."""
        return self.path.replace(".", "-")

    @property
    def measured_label(self) -> str:
        """Return what its box says: taken from records, rather than estimated."""
        return "measured, all payers" if self.measured == "payers" else "measured"

    @property
    def ranged(self) -> bool:
        """Return whether a range stands in it."""
        return bool(self.low or self.high)


@dataclass(frozen=True)
class Group:
    """Fields under one heading; ``problem`` is about them together."""

    id: str
    title: str
    fields: tuple[Field, ...]
    note: str = ""

    @property
    def wants_attention(self) -> bool:
        """Return whether a field in it holds a problem."""
        return any(field.problem for field in self.fields)

    @property
    def used(self) -> int:
        """Return how many of its fields hold something of the user's own."""
        return sum(bool(field.text or field.ranged) for field in self.fields)


@dataclass(frozen=True)
class Inputs:
    """Everything the left column shows."""

    form: Form
    library: Library

    @cached_property
    def setting(self) -> SettingOfCare:
        """Return the setting whose words and defaults the page uses; the first where none was chosen rightly."""
        return self.library.settings.get(self.form.setting) or next(iter(self.library.settings.values()))

    @cached_property
    def settings(self) -> tuple[tuple[str, str, str], ...]:
        """Return id, short and full name of each setting."""
        known = self.library.settings.items()
        return tuple((name, SETTING_WORDS.get(name, found.label), found.label) for name, found in known)

    @property
    def capacity(self) -> str:
        """Return how full the practice is said to be."""
        return self.form.text("clinic.practice_capacity") or self.library.default_capacity

    @property
    def road(self) -> str:
        """Return the road of evidence that was chosen."""
        return self.form.text("program.evidence_road") or str(Program.model_fields["evidence_road"].default)

    @property
    def capacities(self) -> Mapping[str, str]:
        """Return the answers to "room for more clients?" by the word the model uses."""
        return CAPACITY_WORDS

    @property
    def most_payers(self) -> int:
        """Return how many payers there is room for."""
        return MAX_PAYERS

    @cached_property
    def field_paths(self) -> frozenset[str]:
        """Return the paths beside which the page shows a problem."""
        groups = (*self.groups, *self.roads, *self.payers)
        fields = (*self.main, *(field for group in groups for field in group.fields))
        names = {f"payers.{row}.name" for row in range(1, self.form.payers + 1)}
        return frozenset({field.path for field in fields} | names | {"clinic.name", "clinic.currency", "payers"})

    @property
    def payers_want_attention(self) -> bool:
        """Return whether the rows of payers should stand open."""
        wrong = any(problem.path.startswith("payers") for problem in self.form.problems)
        return wrong or self.form.blank_payer

    @cached_property
    def main(self) -> tuple[Field, ...]:
        """Return the six numbers a manager knows; what is allowed stands once for each payer."""
        return tuple(field for path in MAIN for field in self._main(path))

    def _main(self, path: str) -> Iterator[Field]:
        section, _, key = path.partition(".")
        for row in range(1, self.form.payers + 1) if section == "payers" else (0,):
            yield self.field(f"payers.{row}.{key}" if row else path)

    @cached_property
    def payers(self) -> tuple[Group, ...]:
        """Return a group for each payer, without what the main column asks already."""
        keys = [key for key, declared in numbers(Payer) if f"payers.{key}" not in MAIN]
        return tuple(
            Group(
                f"payers-{row}",
                self.form.text(f"payers.{row}.name").strip() or f"Payer {row}",
                tuple(self.field(f"payers.{row}.{key}") for key in keys),
            )
            for row in range(1, self.form.payers + 1)
        )

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Return the other inputs: the clinic, the programme, the evidence of each road, the analysis."""
        on_roads = {path for paths in ROAD_INPUTS.values() for path in paths}
        program = [f"program.{key}" for key, _ in numbers(Program)]
        return (
            self._group("clinic", "More about your clinic", [f"clinic.{key}" for key, _ in numbers(Clinic)]),
            self._group("program", "The programme", [path for path in program if path not in on_roads]),
            self._group("analysis", "How far to look", [f"analysis.{key}" for key, _ in numbers(Analysis)]),
        )

    @cached_property
    def roads(self) -> tuple[Group, ...]:
        """Return a group for each road of evidence."""
        return tuple(self._group(road, ROAD_LABELS[road], list(paths)) for road, paths in ROAD_INPUTS.items())

    @property
    def hidden_measured(self) -> tuple[str, ...]:
        """Return the names taken from records that no box on the page stands for."""
        fields = (*self.main, *(field for group in (*self.groups, *self.payers) for field in group.fields))
        boxes = {field.measured for field in fields}
        return tuple(name for name in self.form.measured if name not in boxes)

    @cached_property
    def moving_defaults(self) -> dict[str, str]:
        """Return the defaults that follow what is typed elsewhere, by the id of their field."""
        defaults = self.setting.defaults.items()
        moving = [path for path, default in defaults if default.basis and not path.startswith("payers")]
        fields = [self.field(path) for path in (*moving, "clinic.backfill_rate")]
        return {field.id: field.default.text for field in fields if field.default}

    def field(self, path: str) -> Field:
        """Return one field, filled with what was typed."""
        declared = declared_at(path)
        if declared is None:
            raise KeyError(path)
        label = declared.named(self.setting.unit, self.setting.units)
        section, _, key = path.partition(".")
        names = self.form.measured
        measured = ""
        if section == "clinic" and declared.find:
            measured = path if path in names else key
        elif path == "payers.1.allowed_per_unit":
            measured = "payers"
        if section == "payers" and self.form.payers > 1 and f"payers.{key.partition('.')[2]}" in MAIN:
            label = f"{label}, {self.form.text(f'payers.{key[0]}.name').strip() or f'payer {key[0]}'}"
        before, after = affixes(declared, self.form.currency)
        return Field(
            path=path,
            label=label,
            declared=declared,
            text=self.form.text(path),
            low=self.form.text(f"{path}.low"),
            high=self.form.text(f"{path}.high"),
            before=before,
            after=after,
            problem=self.form.problem(path),
            default=self._default(path, declared),
            measured=measured,
            is_measured=measured in names,
        )

    def _group(self, name: str, title: str, paths: list[str]) -> Group:
        return Group(name, title, tuple(self.field(path) for path in paths if path not in MAIN))

    def _default(self, path: str, declared: Quantity) -> DefaultShown | None:
        if path == "clinic.backfill_rate":
            figure = self.library.capacity.get(self.capacity) or self.library.capacity[self.library.default_capacity]
            return DefaultShown(write_number(figure.value or 0.0, declared), figure)
        section, _, key = path.partition(".")
        default = self.setting.defaults.get(f"payers.{key.partition('.')[2]}" if section == "payers" else path)
        if default is None:
            return None
        value = default.value
        if default.basis is not None:
            if self._bare is None:
                return None
            value = self._bare.inputs[path].value
        return DefaultShown(write_number(significant(value, 4), declared), default.figure)

    @cached_property
    def _bare(self) -> Resolved | None:
        """Return the scenario without what has a moving default, so that each such default can be read off it."""
        scenario = self.form.scenario
        if scenario is None:
            return None
        clinic = scenario.clinic
        kept = Clinic(
            setting=clinic.setting, intakes_per_month=clinic.intakes_per_month, planned_units=clinic.planned_units
        )
        return resolve(Scenario(clinic=kept, payers=scenario.payers), self.library)


def numbers(model: type[Clinic | Payer | Program | Analysis]) -> Iterator[tuple[str, Quantity]]:
    """Yield the key and the declaration of each number of a table."""
    for key, field in model.model_fields.items():
        declared = quantity_of(field)
        if declared is not None:
            yield key, declared


def short_citation(citation: str) -> str:
    """Return authors and year.

    >>> short_citation("Sharf, Primavera & Diener (2010). Psychotherapy 47(4):637-645.")
    'Sharf, Primavera & Diener (2010)'
    """
    found = re.match(r".{1,80}?\(\d{4}\)", citation)
    return found[0] if found else re.split(r"[.,:(]", citation, maxsplit=1)[0].strip()

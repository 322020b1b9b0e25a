"""The fields of the calculator as the page shows them, made from what the inputs declare about themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from assumptions import Library
from assumptions import Setting as SettingOfCare
from calculator.display import quantity, share
from calculator.entry import affixes, allowed, write_number
from calculator.language import gettext as _
from calculator.language import mark
from calculator.quantity import Quantity, quantity_of
from calculator.resolve import COLLECTED, ROAD_INPUTS, Resolved, resolve
from calculator.scenario import CAPACITY_WORDS, MAX_PAYERS, Analysis, Clinic, Payer, Program, Scenario
from calculator.words import ROAD_LABELS
from web.field import DefaultShown, Field, default_shown, house_shown, shown_default
from web.forms import MODES, STARTING, Form, declared_at
from web.typed import names_of

PAID = "payers.1.collected_per_unit"
PRICE = "program.subscription_per_clinician_month"
QUICK = {
    "outpatient": (
        "clinic.intakes_per_month", "clinic.clinicians", "clinic.planned_units", PAID, "clinic.dropout_rate", PRICE,
    ),
    "": (
        "clinic.intakes_per_month", "clinic.dropout_rate", "clinic.planned_units", PAID, "clinic.places",
        "clinic.occupancy_rate", PRICE,
    ),
}  # fmt: skip
APART = ("allowed_per_unit", "collection_rate")  # what collected_per_unit stands for
COSTS = ("clinic.variable_cost_per_unit", "clinic.acquisition_cost_per_intake", "clinic.clinician_hourly_cost")
ABOUT_PLACES = ("clinic.places", "clinic.occupancy_rate")
SETTING_WORDS = {
    "outpatient": mark("Outpatient"), "iop": mark("IOP"), "php": mark("PHP"), "residential": mark("Residential"),
}  # fmt: skip
MODE_WORDS = {"quick": mark("Quick"), "detailed": mark("Detailed")}


@dataclass(frozen=True)
class Group:
    """Fields under one heading; ``problem`` is about them together."""

    id: str
    title: str
    fields: tuple[Field, ...]

    @property
    def wants_attention(self) -> bool:
        """Return whether a field in it holds a problem."""
        return any(field.problem for field in self.fields)

    @property
    def used(self) -> int:
        """Return how many of its fields hold something of the user's own."""
        return sum(field.own for field in self.fields)


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
        return tuple((name, _(SETTING_WORDS.get(name, found.label)), _(found.label)) for name, found in known)

    @property
    def modes(self) -> Mapping[str, str]:
        """Return how much of the form may be shown."""
        return {mode: _(MODE_WORDS[mode]) for mode in MODES}

    @property
    def by_places(self) -> bool:
        """Return whether beds or places say how full it is, rather than the answer to a question."""
        return self.setting.id != "outpatient"

    @property
    def capacity(self) -> str:
        """Return the answer to "room for more clients?" that is marked; empty where nobody gave one."""
        return self.form.text("clinic.practice_capacity")

    @property
    def road(self) -> str:
        """Return the road of evidence that was chosen."""
        return self.form.text("program.evidence_road") or str(Program.model_fields["evidence_road"].default)

    @property
    def capacities(self) -> Mapping[str, str]:
        """Return the answers to "room for more clients?" by the word the model uses.

        The usual answer stands for no answer, so that it does not stay when another setting asks for places instead.
        """
        answers = {name: _(words) for name, words in CAPACITY_WORDS.items()}
        if self.by_places:
            return {"": _("as your %(places)s say", places=_(self.setting.places))} | answers
        usual = self.library.default_capacity
        return {"" if name == usual and self.capacity != usual else name: text for name, text in answers.items()}

    @property
    def most_payers(self) -> int:
        """Return how many payers there is room for."""
        return MAX_PAYERS

    @cached_property
    def field_paths(self) -> frozenset[str]:
        """Return the paths beside which the page shows a problem."""
        names = {f"payers.{row}.name" for row in range(1, self.form.payers + 1)}
        return frozenset({field.path for field in self._all} | names | {"clinic.name", "clinic.currency", "payers"})

    @property
    def _all(self) -> Iterator[Field]:
        yield from self.main
        for group in (*self.payers, *self.groups, *self.roads):
            yield from group.fields

    @property
    def payers_want_attention(self) -> bool:
        """Return whether the rows of payers should stand open."""
        wrong = any(problem.path.startswith("payers") and problem.path != PAID for problem in self.form.problems)
        return wrong or self.form.blank_payer

    @cached_property
    def _quick(self) -> tuple[str, ...]:
        paths = QUICK.get(self.setting.id, QUICK[""])
        return paths if self.asks_what_is_collected else tuple(path for path in paths if path != PAID)

    @property
    def asks_what_is_collected(self) -> bool:
        """Return whether one number says what care brings in; not where payers are told apart."""
        told = any(self.form.text(f"payers.1.{key}{end}") for key in APART for end in ("", ".low", ".high"))
        return self.form.payers == 1 and not told

    @cached_property
    def main(self) -> tuple[Field, ...]:
        """Return the numbers a manager knows by heart."""
        return tuple(self.field(path) for path in self._quick)

    @property
    def hidden_own(self) -> int:
        """Return how many numbers of the user's own stand where the quick form does not show them."""
        return sum(group.used for group in (*self.groups, *self.roads, *self.payers))

    @cached_property
    def payers(self) -> tuple[Group, ...]:
        """Return a group for each payer, without what the quick form asks already."""
        return tuple(
            Group(
                f"payers-{row}",
                self.form.text(f"payers.{row}.name").strip() or _("Payer %(number)s", number=row),
                self._fields(f"payers.{row}", Payer),
            )
            for row in range(1, self.form.payers + 1)
        )

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Return the other inputs: the clinic, its costs, the programme, the analysis."""
        on_roads = {path for paths in ROAD_INPUTS.values() for path in paths}
        clinic, program = self._fields("clinic", Clinic), self._fields("program", Program)
        costs = tuple(field for field in clinic if field.path in COSTS)
        places = () if self.by_places else ABOUT_PLACES
        rest = tuple(field for field in clinic if field.path not in (*COSTS, *places) or field.own)
        return (
            Group("clinic", _("More about your clinic"), tuple(field for field in rest if field not in costs)),
            Group("costs", _("What care costs you"), costs),
            Group("program", _("The programme"), tuple(field for field in program if field.path not in on_roads)),
            Group("analysis", _("How far to look"), self._fields("analysis", Analysis)),
        )

    @cached_property
    def roads(self) -> tuple[Group, ...]:
        """Return a group for each road of evidence."""
        found = ROAD_INPUTS.items()
        return tuple(Group(road, _(ROAD_LABELS[road]), tuple(map(self.field, paths))) for road, paths in found)

    @property
    def hidden_measured(self) -> tuple[str, ...]:
        """Return the names taken from records that no switch on the page stands for."""
        names = {name for field in self._all for name in names_of(field.path)}
        return tuple(name for name in self.form.measured if name not in names or name == "payers")

    @cached_property
    def moving_defaults(self) -> dict[str, str]:
        """Return the defaults that follow what is typed elsewhere, by the id of their field."""
        defaults = self.setting.defaults.items()
        moving = [path for path, default in defaults if default.basis and not path.startswith("payers")]
        fields = [self.field(path) for path in (*moving, "clinic.backfill_rate")]
        found = {field.id: field.default.text for field in fields if field.default}
        return found | (
            {"clinic-occupancy_rate": self.field("clinic.occupancy_rate").placeholder} if self.by_places else {}
        )

    def field(self, path: str) -> Field:
        """Return one field, filled with what was typed."""
        declared = declared_at(path)
        if declared is None:
            raise KeyError(path)
        before, after = affixes(declared, self.form.currency)
        texts = [self.form.text(path + end) for end in ("", ".low", ".high")]
        measured = any(name in self.form.measured for name in names_of(path))
        default = self._default(path, declared)
        follows = self._follows if path == "clinic.occupancy_rate" else ""
        return Field(
            path=path,
            label=declared.named(self.setting.words),
            help=declared.explained(self.setting.words),
            where=declared.where(self.setting.words),
            declared=declared,
            text=texts[0],
            low=texts[1],
            high=texts[2],
            before=before,
            after=after,
            problem=self.form.problem(path),
            default=default,
            kind=self._kind(default) if not any(texts) else "measured" if measured else "estimate",
            switched=not path.startswith("analysis") and path not in ABOUT_PLACES,
            allowed=allowed(declared, self.form.currency),
            placeholder=default.text if default else follows or " ",
        )

    def _fields(self, prefix: str, model: type[Clinic | Payer | Program | Analysis]) -> tuple[Field, ...]:
        paths = (f"{prefix}.{key}" for key, _ in numbers(model))
        return tuple(self.field(path) for path in paths if path not in self._quick)

    @staticmethod
    def _kind(default: DefaultShown | None) -> str:
        return "benchmark" if default is None or default.figure else "organisation"

    def _default(self, path: str, declared: Quantity) -> DefaultShown | None:
        currency = self.form.currency
        if found := self.form.house.at(path):
            return house_shown(found, declared, currency)
        if path == "clinic.backfill_rate":
            figure = self.library.capacity[self._bare.capacity]
            return shown_default(figure.value or 0.0, declared, figure, currency)
        section, _, key = path.partition(".")
        key = key.partition(".")[2] if section == "payers" else key
        if key == COLLECTED:
            figure = self.setting.defaults["payers.allowed_per_unit"].figure
            paid = round(float(self._bare_payer.block({}).net_revenue_per_unit[0]), 2)
            if house := self._paid_by_house:
                return shown_default(paid, declared, None, currency, reason=house)
            return shown_default(paid, declared, figure, currency)
        default = self.setting.defaults.get(f"{section}.{key}")
        return None if default is None else default_shown(default, declared, self._bare, currency)

    @property
    def implied_occupancy(self) -> str:
        """Return how full the places are by admissions and stays, where places were given; empty elsewhere."""
        rate = self._bare.occupancy.implied
        return "" if rate is None else share(rate)

    @property
    def _follows(self) -> str:
        rate = self._bare.occupancy.implied
        declared = declared_at("clinic.occupancy_rate")
        return "" if rate is None or declared is None else write_number(round(min(rate, 1.0), 2), declared)

    def place_of(self, path: str) -> str:
        """Return the field where an input is typed; one number may stand for what a payer allows and what is paid."""
        apart = {f"payers.1.{key}" for key in APART}
        return PAID if path in apart and self.asks_what_is_collected else path

    @property
    def collected_now(self) -> str:
        """Return what all payers together bring a unit, collected."""
        if self.form.scenario is None:
            return ""
        paid = resolve(self.form.scenario, self.library).block({}).net_revenue_per_unit
        return quantity(round(float(paid[0]), 2), "money", self.form.currency)

    @cached_property
    def _bare(self) -> Resolved:
        """Return the scenario without what has a moving default, so that each such default can be read off it.

        Where something is wrong with the form it is a clinic of that setting, so that no default vanishes.
        """
        scenario = self.form.scenario
        if scenario is None:
            return self._bare_payer
        clinic = scenario.clinic
        kept = Clinic(
            setting=clinic.setting,
            intakes_per_month=clinic.intakes_per_month,
            planned_units=clinic.planned_units,
            practice_capacity=clinic.practice_capacity,
            places=clinic.places,
            occupancy_rate=clinic.occupancy_rate,
            dropout_rate=clinic.dropout_rate,
            units_per_month=clinic.units_per_month,
        )
        return resolve(Scenario(clinic=kept, payers=scenario.payers), self.library)

    @cached_property
    def _bare_payer(self) -> Resolved:
        """Return a clinic of which nothing is known but its setting and what everybody starts from."""
        intakes = float(STARTING["clinic.intakes_per_month"])
        clinic = Clinic(setting=self.setting.id, intakes_per_month=intakes)
        paid = {key: found.value for key in APART if (found := self.form.house.at(f"payers.1.{key}"))}
        return resolve(Scenario(clinic=clinic, payers=(Payer(**paid),)), self.library)

    @property
    def _paid_by_house(self) -> str:
        """Return why the organisation takes what a blank field says is collected; empty where it is the benchmark."""
        found = [self.form.house.at(f"payers.1.{key}") for key in APART]
        return "; ".join(dict.fromkeys(each.reason for each in found if each))


def numbers(model: type[Clinic | Payer | Program | Analysis]) -> Iterator[tuple[str, Quantity]]:
    """Yield the key and the declaration of each number of a table."""
    for key, field in model.model_fields.items():
        declared = quantity_of(field)
        if declared is not None:
            yield key, declared

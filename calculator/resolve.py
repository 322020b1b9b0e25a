"""Fill a scenario from the evidence: every input gets a value, a distribution and a source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from assumptions import Default, Distribution, Figure, Library
from assumptions import Setting as SettingOfCare
from calculator.arrays import FloatArray
from calculator.errors import InputError, Problem
from calculator.house import source_of
from calculator.model import Block, sum_over_payers
from calculator.quantiles import quantile
from calculator.quantity import Quantity, Range, Uncertain, likely, quantity_of
from calculator.scenario import MAX_PAYERS, Analysis, Clinic, Payer, Program, Road, Scenario
from calculator.widening import widened

HEADS = "clinic.clinicians"
COLLECTED = "collected_per_unit"  # stands for allowed_per_unit with all of it collected


def _numbers(model: type[Clinic | Payer | Program | Analysis]) -> dict[str, Quantity]:
    found = ((key, quantity_of(field)) for key, field in model.model_fields.items())
    return {key: declared for key, declared in found if declared is not None and declared.ranged}


PAYER_QUANTITIES = _numbers(Payer)
COLLECTED_QUANTITY = PAYER_QUANTITIES.pop(COLLECTED)
QUANTITIES: Mapping[str, Quantity] = {
    **{f"clinic.{key}": item for key, item in _numbers(Clinic).items()},
    **{f"program.{key}": item for key, item in _numbers(Program).items()},
    **{f"analysis.{key}": item for key, item in _numbers(Analysis).items()},
    **{f"payers.{row}.{key}": item for row in range(1, MAX_PAYERS + 1) for key, item in PAYER_QUANTITIES.items()},
}
# Each input has its own Sobol dimension whatever the others are; new inputs go to the end of their table's model.
DIMENSIONS: Mapping[str, int] = {path: number for number, path in enumerate(QUANTITIES)}
ROAD_INPUTS: Mapping[Road, tuple[str, ...]] = {
    "program": ("program.odds_ratio", "program.fidelity"),
    "alliance": ("program.alliance_lift_sd", "program.alliance_gap_sd", "program.causal_share"),
    "targeted": (
        "program.sensitivity", "program.specificity", "program.action_rate", "program.save_rate",
        "program.minutes_per_flag",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class ResolvedInput:
    """One number the model rests on.

    Attributes:
        path: such as ``clinic.dropout_rate``.
        quantity: its declaration: label, unit, bounds.
        value: the point value, in its own unit.
        given: what the user wrote, or None.
        source: ``measured``, ``estimate``, ``organisation: <reason>`` or ``benchmark:<figure id>``.
        distribution: how uncertain it is; of a share of ``basis`` where there is one.
        basis: what the distribution is a share of, or None.
        figure: the figure a benchmark rests on, or None where the user gave the number.
        note: why that figure, in a sentence; of an organisation's value, its reason.
    """

    path: str
    quantity: Quantity
    value: float
    given: Uncertain | None
    source: str
    distribution: Distribution
    basis: str | None = None
    figure: Figure | None = None
    note: str = ""

    @property
    def kind(self) -> str:
        """Return measured, estimate, organisation or benchmark."""
        return self.source.partition(":")[0]

    @property
    def own(self) -> bool:
        """Return whether the clinic gave it."""
        return self.kind in ("measured", "estimate")

    @property
    def certain(self) -> bool:
        """Return whether it is the same in every draw."""
        return self.distribution.kind == "fixed"


@dataclass(frozen=True)
class Occupancy:
    """How full a programme is: as was said, and as admissions and stays would fill its places; None if unknown."""

    given: float | None
    implied: float | None

    @property
    def rate(self) -> float | None:
        """Return the share of places taken, what was said coming first."""
        return self.implied if self.given is None else self.given


@dataclass(frozen=True)
class Resolved:
    """A scenario with nothing left open."""

    scenario: Scenario
    setting: SettingOfCare
    capacity: str
    occupancy: Occupancy
    inputs: Mapping[str, ResolvedInput]
    horizon_months: int
    history_months: int
    draws: int
    seed: int
    sources: Mapping[str, str]

    @property
    def road(self) -> Road:
        """Return the road of evidence in use."""
        return self.scenario.program.evidence_road

    @property
    def payers(self) -> int:
        """Return how many payers there are."""
        return len(self.scenario.payers)

    def matters(self, path: str) -> bool:
        """Return whether an input bears on the result by the road in use."""
        others = [paths for name, paths in ROAD_INPUTS.items() if name != self.road]
        return not any(path in paths for paths in others)

    @property
    def uncertain(self) -> tuple[str, ...]:
        """Return the paths that vary between draws and bear on the result, in a fixed order."""
        return tuple(path for path, item in self.inputs.items() if not item.certain and self.matters(path))

    def raw_values(self, uniforms: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        """Return each drawn input at the given probabilities, before shares and bases are worked out."""
        return {path: quantile(self.inputs[path].distribution, u) for path, u in uniforms.items()}

    def block(self, raw: Mapping[str, FloatArray]) -> Block:
        """Return the model for draws of some inputs, the others at their point value; no draws give the point."""
        return Block(self.road, self.payers, self.horizon_months, self.values(raw))

    def values(self, raw: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        """Return the value of every input, from what ``raw_values`` returned."""
        values = {path: raw[path] if path in raw else np.array([item.value]) for path, item in self.inputs.items()}
        drawn = [path for path in values if path in raw]
        for path in drawn:
            declared = self.inputs[path].quantity
            if self.inputs[path].basis is None:
                values[path] = np.clip(values[path], declared.ge, declared.le)
        units = "clinic.planned_units"
        values[units] = np.rint(values[units])
        shares = [f"payers.{row}.share" for row in range(1, self.payers + 1)]
        if any(path in drawn for path in shares):
            total = np.maximum(sum((values[path] for path in shares), np.zeros(1)), 1e-12)
            values |= {path: values[path] / total for path in shares}
        for path in drawn:
            if basis := self.inputs[path].basis:
                declared = self.inputs[path].quantity
                values[path] = np.clip(values[path] * basis_value(basis, values, self.payers), declared.ge, declared.le)
        return values


def basis_value(basis: str, values: Mapping[str, FloatArray], payers: int) -> FloatArray:
    """Return what a default that is a share of something is a share of."""
    if basis == "course_length":
        return np.maximum(values["clinic.planned_units"] - 1.0, 1.0)
    if basis == "net_revenue_per_unit":
        return sum_over_payers(values, payers, collected=True)
    if basis == "planned_units_per_month":
        return values["clinic.intakes_per_month"] * values["clinic.planned_units"]
    raise ValueError(f"no such basis: {basis}")


def followed(path: str, share: float, basis: str, values: Mapping[str, FloatArray], payers: int) -> FloatArray:
    """Return a default that is a share of other inputs, within what may be entered; heads are whole."""
    declared = QUANTITIES[path]
    based = share * basis_value(basis, values, payers)
    return np.clip(np.ceil(based - 1e-9) if path == HEADS else based, declared.ge, declared.le)


def resolve(scenario: Scenario, library: Library) -> Resolved:
    """Return ``scenario`` with every gap filled from ``library``.

    Raises:
        InputError: where what was given does not fit together with the defaults.
    """
    setting = library.settings[scenario.clinic.setting]
    measured = set(scenario.clinic.measured)
    inputs: dict[str, ResolvedInput] = {}
    for path, given in _given(scenario):
        if given is not None:
            is_measured = path not in scenario.house and bool(measured & _names(path))
            inputs[path] = _from_user(path, given, is_measured, library)
            if reason := scenario.house.get(path):
                inputs[path] = replace(inputs[path], source=source_of(reason), note=reason)
            if path.endswith(".allowed_per_unit") and _is_collected(path, scenario):
                inputs[path] = replace(inputs[path], quantity=COLLECTED_QUANTITY)
        elif path == "clinic.backfill_rate":
            inputs[path] = _backfill(library, library.default_capacity)  # until it is known how full the practice is
        elif path.endswith(".share"):
            inputs[path] = _from_user(path, 1.0, False, library)
        else:
            inputs[path] = _from_default(path, setting.defaults[_default_path(path)])
    _apply_bases(inputs, len(scenario.payers))
    _check_plan(inputs)
    occupancy = _occupancy(scenario, inputs)
    capacity = scenario.clinic.practice_capacity or _capacity(occupancy.rate, library)
    if scenario.clinic.backfill_rate is None:
        inputs["clinic.backfill_rate"] = _backfill(library, capacity)
    analysis = scenario.analysis
    sources = {path: item.source for path, item in inputs.items()}
    settled: dict[str, int] = {}
    for key in ("horizon_months", "history_months", "draws", "seed"):
        chosen, default = getattr(analysis, key), setting.defaults[f"analysis.{key}"]
        settled[key] = int(default.value) if chosen is None else chosen
        said = scenario.house.get(f"analysis.{key}")
        own = source_of(said) if said else "estimate"
        sources[f"analysis.{key}"] = f"benchmark:{default.figure.id}" if chosen is None else own
    return Resolved(scenario, setting, capacity, occupancy, inputs, sources=sources, **settled)


def _given(scenario: Scenario) -> Iterable[tuple[str, Uncertain | None]]:
    for path in QUANTITIES:
        match path.split("."):
            case ["payers", row, key]:
                if int(row) <= len(scenario.payers):
                    yield path, _paid(scenario.payers[int(row) - 1], key)
            case [section, key]:
                yield path, getattr(getattr(scenario, section), key)


def _is_collected(path: str, scenario: Scenario) -> bool:
    _, row, _ = path.split(".")
    return scenario.payers[int(row) - 1].collected_per_unit is not None


def _paid(payer: Payer, key: str) -> Uncertain | None:
    """Return a payer's number; what is collected stands for an allowed amount of which all is collected."""
    if payer.collected_per_unit is not None and key in ("allowed_per_unit", "collection_rate"):
        return payer.collected_per_unit if key == "allowed_per_unit" else 1.0
    value: Uncertain | None = getattr(payer, key)
    return value


def _occupancy(scenario: Scenario, inputs: Mapping[str, ResolvedInput]) -> Occupancy:
    """Return how full the places are: by Little's law, clients in care = intakes a month × months in care."""
    clinic, implied = scenario.clinic, None
    if clinic.places is not None:
        values = {path: np.array([item.value]) for path, item in inputs.items()}
        stay = Block(scenario.program.evidence_road, len(scenario.payers), 1, values).units_before
        months = float(stay[0]) / inputs["clinic.units_per_month"].value
        implied = inputs["clinic.intakes_per_month"].value * months / clinic.places
    return Occupancy(clinic.occupancy_rate, implied)


def _capacity(occupancy: float | None, library: Library) -> str:
    """Return slack, mixed or waitlist by how full the places are; what is usual where nobody said."""
    if occupancy is None:
        return library.default_capacity
    mixed, full = (library.roles[role].value or 1.0 for role in ("occupancy_mixed", "occupancy_full"))
    return "slack" if occupancy < mixed else "mixed" if occupancy < full else "waitlist"


def _backfill(library: Library, capacity: str) -> ResolvedInput:
    figure = library.capacity[capacity]
    return _benchmark("clinic.backfill_rate", figure, figure.value or 0.0, figure.distribution(), None, "")


def _names(path: str) -> set[str]:
    """Return the names under which ``measured`` may list a path."""
    section, _, rest = path.partition(".")
    if section == "payers":
        return {path, section, f"{path.rpartition('.')[0]}.{COLLECTED}"}
    return {path, rest} if section == "clinic" else {path}


def _default_path(path: str) -> str:
    section, _, rest = path.partition(".")
    return f"payers.{rest.partition('.')[2]}" if section == "payers" else path


def _from_user(path: str, given: Uncertain, measured: bool, library: Library) -> ResolvedInput:
    declared = QUANTITIES[path]
    if isinstance(given, Range):
        spread = Distribution("pert", (given.low, given.likely, given.high))
    elif measured:
        spread = Distribution("fixed", (given,))
    else:
        spread = widened(given, declared, library)
    return ResolvedInput(path, declared, likely(given), given, "measured" if measured else "estimate", spread)


def _from_default(path: str, default: Default) -> ResolvedInput:
    return _benchmark(path, default.figure, default.value, default.distribution, default.basis, default.note)


def _benchmark(
    path: str, figure: Figure, value: float, spread: Distribution, basis: str | None, note: str
) -> ResolvedInput:
    source = f"benchmark:{figure.id}"
    return ResolvedInput(path, QUANTITIES[path], value, None, source, spread, basis, figure, note)


def _apply_bases(inputs: dict[str, ResolvedInput], payers: int) -> None:
    """Turn the point value of a share of something into the thing's own unit, in the order they depend."""
    values = {path: np.array([item.value]) for path, item in inputs.items()}
    for path, item in inputs.items():
        if item.basis is not None:
            inputs[path] = replace(item, value=float(followed(path, item.value, item.basis, values, payers)[0]))


def _check_plan(inputs: Mapping[str, ResolvedInput]) -> None:
    planned, median = inputs["clinic.planned_units"], inputs["clinic.median_dropout_unit"]
    defaulted = planned.given is None and median.given is not None
    if defaulted and planned.value > 2 and median.value >= planned.value - 1:
        raise InputError([
            Problem(
                "clinic.median_dropout_unit",
                f"is {median.value:g}; with the default of {planned.value:g} planned units it must be below "
                f"{planned.value - 1:g}. Give clinic.planned_units, or write a smaller number.",
            )
        ])  # fmt: skip

"""What a list means in money: the clinic's numbers from the calculator, and two plain numbers from the list."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from assumptions import Library
from calculator.at_stake import AtStake, at_stake
from calculator.parse import SECTIONS
from web.forms import STARTING, Form, parse_form
from web.house import FIELD, NOW, Houses
from web.state import StateError, pack, unpack

STATE = "s"  # a whole scenario, packed
COLLECTED = "collected"  # the one amount that may be typed beside the list
COLLECTED_PATH = "payers.1.collected_per_unit"


@dataclass(frozen=True)
class Clinic:
    """The numbers of the clinic.

    Attributes:
        form: the calculator's form; without a scenario where something is wrong with it.
        given: whether they came from the calculator; else they are the usual ones of the setting.
        collected: what was typed as collected a unit, if anything.
        trouble: why the numbers that were sent cannot be used; empty where they can.
    """

    form: Form
    given: bool
    collected: str
    trouble: str

    @property
    def state(self) -> str:
        """Return the scenario as a state; empty where it is the usual one."""
        return pack(self.form.query) if self.given else ""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return what an address needs to hold the same numbers."""
        state, collected = [(STATE, self.state)], [(COLLECTED, self.collected)]
        return [pair for pair in (*state, *collected) if pair[1]]


def clinic_of(values: MultiDict[str, str], setting: str, library: Library, houses: Houses | None = None) -> Clinic:
    """Return the clinic's numbers in a request, as a state or as the calculator's query; else the usual ones.

    Args:
        values: of the request.
        setting: whose usual numbers stand in.
        library: for these.
        houses: what the visitor's organisation takes in their place.
    """
    trouble = ""
    fields: MultiDict[str, str] | None = None
    if state := values.get(STATE, ""):
        try:
            fields = unpack(state)
        except StateError as error:
            trouble = str(error)
    elif any(key.partition(".")[0] in (*SECTIONS, "payers") for key in values):
        fields = values
    if fields is not None:
        form = parse_form(fields, library)
        if form.scenario is not None:
            return Clinic(form, True, "", "")
        trouble = _told(form)
    collected = values.get(COLLECTED, "").strip()[:40]
    usual = MultiDict({**STARTING, "clinic.setting": setting, FIELD: NOW})
    form = parse_form(usual, library, houses=houses)
    if form.scenario is None:  # values that were set under an earlier release, and no longer make a clinic
        trouble, houses, form = _told(form), None, parse_form(usual, library)
    if collected:
        own = parse_form(MultiDict({**usual, COLLECTED_PATH: collected}), library, houses=houses)
        if own.scenario is not None:
            return Clinic(own, False, collected, trouble)
        trouble = _told(own)
    return Clinic(form, False, collected, trouble)


def _told(form: Form) -> str:
    return " ".join(problem.message for problem in form.problems)


def money_at_stake(clinic: Clinic, library: Library, units: float, calls: int) -> AtStake:
    """Return what units that would not happen, and calls, mean for the clinic."""
    scenario = clinic.form.scenario
    assert scenario is not None  # noqa: S101 - a clinic has one, the usual one if need be
    return at_stake(scenario, library, units=max(units, 0.0), calls=calls)

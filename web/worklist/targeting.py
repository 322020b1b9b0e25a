"""From a model's record to the calculator: what flagging clients at a threshold of risk would find and spare."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from calculator.quantity import Range, Uncertain, likely
from plugin.contract import LocalRecord
from plugin.errors import PluginError
from web.forms import Form, form_of
from web.measured_targeting import ROAD, TargetedInputs, targeted_inputs
from web.worklist.money import Clinic

DETAILED: Final = "detailed"  # the mode that shows the two numbers
DIGITS: Final = 3  # of a share: to a tenth of a percent, more than is known, in a field that can be read


@dataclass(frozen=True)
class Threshold:
    """A threshold that a model was judged at.

    Attributes:
        text: as it is written, with two decimals.
        risk: from which on a client is flagged.
        found: share of those who drop out that is flagged.
        spared: share of those who complete that is not.
    """

    text: str
    risk: float
    found: float
    spared: float


def thresholds(record: LocalRecord | None) -> tuple[Threshold, ...]:
    """Return the thresholds a record has, from low to high; none without a record."""
    if record is None:
        return ()
    found = []
    for text in sorted(record.thresholds):
        try:
            inputs = targeted_inputs(record, float(text))
        except (PluginError, ValueError):  # a file may hold other keys
            continue
        found.append(Threshold(text, inputs.threshold, likely(inputs.sensitivity), likely(inputs.specificity)))
    return tuple(found)


def suggested(known: tuple[Threshold, ...]) -> Threshold | None:
    """Return the threshold that parts those who leave from those who stay best (Youden's J); a place to start from."""
    return max(known, key=lambda each: each.found + each.spared, default=None)


def targeted_form(record: LocalRecord | None, text: str, clinic: Clinic) -> Form | None:
    """Return the calculator's form for a clinic that flags clients at a threshold; None where that was not measured.

    Sensitivity and specificity bear the mark of what was measured; all else stays as the clinic has it.
    """
    try:
        inputs = targeted_inputs(record, float(text))
    except (PluginError, ValueError):
        return None
    return _with(inputs, clinic)


def _with(inputs: TargetedInputs, clinic: Clinic) -> Form | None:
    scenario = clinic.form.scenario
    if scenario is None:
        return None
    program = scenario.program.model_copy(
        update={
            "evidence_road": ROAD,
            "sensitivity": _rounded(inputs.sensitivity),
            "specificity": _rounded(inputs.specificity),
        }
    )
    measured = tuple(dict.fromkeys((*scenario.clinic.measured, *inputs.measured)))
    own = scenario.clinic.model_copy(update={"measured": measured})
    form = form_of(scenario.model_copy(update={"program": program, "clinic": own}))
    return replace(form, mode=DETAILED)


def _rounded(value: Uncertain) -> Uncertain:
    if not isinstance(value, Range):
        return round(value, DIGITS)
    low, middle, high = (round(each, DIGITS) for each in (value.low, value.likely, value.high))
    return Range(low=low, likely=middle, high=high) if low < high else middle

"""From prediction to money: what an evaluation measured at a threshold, as inputs of the targeted road.

Only two shares with their ranges cross from the plugin to the calculator, never a client.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from calculator.errors import Problem
from calculator.quantity import Range, Uncertain, likely
from plugin.contract import LocalRecord
from plugin.errors import PluginError

ROAD: Final = "targeted"
SENSITIVITY, SPECIFICITY = "program.sensitivity", "program.specificity"

#: A range is drawn from as PERT, whose ends are never passed and whose standard deviation is a √7-th of half its width
#: where it is symmetric; a 95 percent interval reaches 1.96 standard deviations. So much wider, both vary alike.
WIDER: Final = math.sqrt(7.0) / 1.96


@dataclass(frozen=True, slots=True)
class TargetedInputs:
    """What was measured, as a scenario wants it.

    Attributes:
        threshold: risk before completion from which on a client is flagged.
        sensitivity: share of all who drop out that is flagged; a range where the evaluation gave an interval.
        specificity: share of all who complete that is not flagged; likewise.
        episodes, events: how many it was measured on, and how many of them ended in dropout.
        as_of: the day the records end, ISO 8601.
        landmark_days: days after intake on which clients are flagged; None for at intake.
        simulated: whether they are episodes of simulated clients.
    """

    threshold: float
    sensitivity: Uncertain
    specificity: Uncertain
    episodes: int
    events: int
    as_of: str
    landmark_days: int | None = None
    simulated: bool = False

    @property
    def measured(self) -> tuple[str, ...]:
        """Return the names under which ``clinic.measured`` lists the two numbers; none for simulated clients.

        What simulated clients gave was not taken from anybody's records, so it counts as an estimate.
        """
        return () if self.simulated else (SENSITIVITY, SPECIFICITY)

    def put_into(self, tables: dict[str, Any], model: str) -> Iterator[Problem]:
        """Set the road, the two numbers and their marks in the tables of a CLINIC.toml.

        Tables that are none are left for ``parse_scenario`` to refuse.

        Args:
            tables: of the file, not checked yet; changed in place.
            model: what the user calls the model, for messages.

        Yields:
            A problem for each number that the tables have already.
        """
        program, clinic = (tables.setdefault(name, {}) for name in ("program", "clinic"))
        if not isinstance(program, dict) or not isinstance(clinic, dict):
            return
        program["evidence_road"] = ROAD
        for path, value in ((SENSITIVITY, self.sensitivity), (SPECIFICITY, self.specificity)):
            key = path.partition(".")[2]
            if key in program:
                yield Problem(
                    path,
                    f"is given beside --model {model}, which measured {likely(value):.3g} at --threshold "
                    f"{self.threshold:.2f}; leave out one of the two.",
                )
            program[key] = value.model_dump() if isinstance(value, Range) else value
        marks = clinic.get("measured", ())
        if isinstance(marks, (list, tuple)):
            clinic["measured"] = list(dict.fromkeys([*marks, *self.measured])) if _texts(marks) else marks

    def told(self) -> str:
        """Say in a sentence what was measured on whom."""
        when = "at intake" if self.landmark_days is None else f"{self.landmark_days} days after intake"
        whose = "episodes of simulated clients" if self.simulated else "episodes"
        return (
            f"Measured on {self.episodes:,} {whose}, {self.events:,} of which ended in dropout, as of {self.as_of}: a "
            f"flag {when} from a risk of {self.threshold:.2f} on finds {_words(self.sensitivity)} of those who drop "
            f"out and spares {_words(self.specificity)} of those who complete."
        )


def targeted_inputs(record: LocalRecord | None, threshold: float) -> TargetedInputs:
    """Return what was measured at a threshold, as inputs of the targeted road.

    The record tells how many of the clients in care on the day of the prediction are flagged; the road asks about all
    who drop out and all who complete. Who had gone by that day is not flagged, so sensitivity and the share of false
    flags are multiplied by the shares reached (``LocalRecord.reached``; 1 at intake).

    Args:
        record: how a predictor did; None where nobody has judged it.
        threshold: of the risk before completion.

    Raises:
        PluginError: where there is no record, or none at this threshold; names those there are.
    """
    if record is None or not record.thresholds:
        raise PluginError(["has not been judged at any threshold; use a MODEL that `rapport evaluate --save` wrote"])
    name = f"{threshold:.2f}"
    if name not in record.thresholds or abs(float(name) - threshold) > 1e-9:
        known = ", ".join(sorted(record.thresholds))
        raise PluginError([f"has nothing measured at --threshold {threshold:g}; thresholds there are: {known}"])
    sensitivity, specificity = record.thresholds[name]
    flagged, spared = record.threshold_intervals.get(name, ((sensitivity,) * 2, (specificity,) * 2))
    dropouts, completers = record.reached
    return TargetedInputs(
        threshold=threshold,
        sensitivity=_uncertain(*(dropouts * each for each in (sensitivity, *flagged))),
        specificity=_uncertain(*(1.0 - completers * (1.0 - each) for each in (specificity, *spared))),
        episodes=record.episodes,
        events=record.events,
        as_of=record.as_of,
        landmark_days=record.landmark_days,
        simulated=record.simulated,
    )


def _uncertain(value: float, low: float, high: float) -> Uncertain:
    """Return a share with its 95 percent interval as a range that varies alike; as a number where it has none."""
    value = min(max(value, 0.0), 1.0)  # sums of weights may end a rounding beyond
    low, high = min(low, value), max(high, value)
    if high - low < 1e-9:
        return value
    return Range(
        low=max(value - WIDER * (value - low), 0.0), likely=value, high=min(value + WIDER * (high - value), 1.0)
    )


def _texts(marks: list[Any] | tuple[Any, ...]) -> bool:
    return all(isinstance(mark, str) for mark in marks)


def _words(value: Uncertain) -> str:
    shown = f"{100 * likely(value):.0f} of 100"
    return f"{shown} (range {100 * value.low:.0f} to {100 * value.high:.0f})" if isinstance(value, Range) else shown

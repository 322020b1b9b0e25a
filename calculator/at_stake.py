"""What clients on a worklist mean in money: units at stake in, revenue and staff time out. No client comes here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assumptions import Library
from calculator.arrays import FloatArray
from calculator.model import sum_over_payers
from calculator.resolve import Resolved, resolve
from calculator.result import Spread
from calculator.scenario import Scenario
from calculator.summary import Summary
from calculator.uncertainty import uniforms

DRAWS = 4096
MINUTES_PER_HOUR = 60.0
_PATHS = (
    "clinic.no_show_rate",
    "clinic.backfill_rate",
    "clinic.clinician_hourly_cost",
    "program.save_rate",
    "program.minutes_per_flag",
)


@dataclass(frozen=True)
class AtStake:
    """What a list of clients means in money, over the draws of what is uncertain; client numbers are taken as given.

    Attributes:
        revenue: collected for the units at stake, had they all happened: U·(1 − no-show)·Σ share·allowed·collected.
        for_good: the part that no other client would have filled: revenue·(1 − backfill).
        kept: what calling is expected to keep of that: for_good·save rate.
        call_cost: staff time of the calls.
        save_rate: the share of those who would have left that a call keeps, likely value.
    """

    revenue: Spread
    for_good: Spread
    kept: Spread
    call_cost: Spread
    save_rate: float


def at_stake(scenario: Scenario, library: Library, *, units: float, calls: int) -> AtStake:
    """Return what ``units`` planned units that would not happen, and ``calls`` calls, mean for a clinic.

    Args:
        scenario: the clinic; what it leaves out is filled from the evidence.
        library: the evidence.
        units: planned units at stake, at least 0.
        calls: clients who are called, each once.
    """
    resolved = resolve(scenario, library)
    values = resolved.values(_drawn(resolved))
    revenue = np.broadcast_to(
        units * (1.0 - values["clinic.no_show_rate"]) * sum_over_payers(values, resolved.payers, collected=True),
        DRAWS,
    )
    for_good = revenue * (1.0 - values["clinic.backfill_rate"])
    hours = calls * values["program.minutes_per_flag"] / MINUTES_PER_HOUR
    return AtStake(
        revenue=_spread(revenue),
        for_good=_spread(for_good),
        kept=_spread(for_good * values["program.save_rate"]),
        call_cost=_spread(hours * values["clinic.clinician_hourly_cost"]),
        save_rate=resolved.inputs["program.save_rate"].value,
    )


def _drawn(resolved: Resolved) -> dict[str, FloatArray]:
    paths = [path for path in resolved.inputs if path in _PATHS or path.startswith("payers.")]
    varying = tuple(path for path in paths if not resolved.inputs[path].certain)
    return resolved.raw_values(uniforms(resolved, varying, 0, DRAWS))


def _spread(values: FloatArray) -> Spread:
    summary = Summary()
    summary.add(np.array(np.broadcast_to(values, DRAWS)))
    return summary.spread()

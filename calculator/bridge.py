"""From the gross loss to what the clinic keeps, in one steady-state year."""

from __future__ import annotations

import numpy as np

from calculator.arrays import FloatArray
from calculator.model import MONTHS_PER_YEAR, Block

BRIDGE_STEPS = (
    "gross_loss", "not_averted", "not_reached", "not_attended", "refilled", "not_collected", "delivery_cost",
    "acquisition_saved", "program_cost",
)  # fmt: skip


def bridge_steps(block: Block) -> FloatArray:
    """Return the steps of the bridge, shape (len(BRIDGE_STEPS), draws); their sum is the net a year.

    The year has full adoption, the ramp over and all earlier cohorts in care, before growth and discounting.
    """
    yearly = MONTHS_PER_YEAR * block.clinic("intakes_per_month")
    allowed = block.allowed_per_unit
    averted = yearly * (block.units_after - block.units_before)
    reached = averted * block.program("adoption_rate")
    attended = reached * block.attended
    kept = reached * block.kept
    steps = (
        yearly * (block.clinic("planned_units") - block.units_before) * allowed,
        -yearly * (block.clinic("planned_units") - block.units_after) * allowed,
        (reached - averted) * allowed,
        (attended - reached) * allowed,
        (kept - attended) * allowed,
        kept * (block.net_revenue_per_unit - allowed),
        -kept * block.clinic("variable_cost_per_unit"),
        reached * block.acquisition_per_extra_unit,
        -block.program_cost_per_year,
    )
    return np.stack(np.broadcast_arrays(*steps))


def net_per_year(block: Block) -> FloatArray:
    """Return the exact sum of the bridge's steps, one entry a draw."""
    net: FloatArray = bridge_steps(block).sum(axis=0)
    return net

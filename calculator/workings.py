"""The quantities between inputs and figures that explanations refer to, at the point estimate."""

from __future__ import annotations

import numpy as np

from calculator.bridge import BRIDGE_STEPS, bridge_steps
from calculator.model import MONTHS_PER_YEAR, Block
from calculator.roads import flags_per_intake

PERIODS = ("horizon", "first_year", "present_value")


def workings(point: Block) -> dict[str, float]:
    """Return each quantity by the name that formulas use; a point block has shape (1,) throughout."""
    values, steps = point.values, bridge_steps(point)
    weights = {
        "horizon": np.ones((1, point.horizon_months)),
        "first_year": (np.arange(point.horizon_months) < MONTHS_PER_YEAR).astype(np.float64)[None, :],
        "present_value": point.discount_factors,
    }
    arrays = {
        "dropout_rate_before": point.effective_dropout,
        "net_revenue_per_unit": point.net_revenue_per_unit,
        "allowed_per_unit": point.allowed_per_unit,
        "go_live_cost": point.go_live_cost,
        "program_cost_per_year": point.program_cost_per_year,
        "delivery_cost_per_year": -steps[BRIDGE_STEPS.index("delivery_cost")],
        "acquisition_saved_per_year": steps[BRIDGE_STEPS.index("acquisition_saved")],
        "staff_hours_go_live": point.staff_hours_go_live,
        "staff_hours_per_year": point.staff_hours_per_year,
        "flag_minutes_per_intake": point.flag_minutes_per_intake,
        "flag_cost_per_intake": point.cost_per_covered_intake - values["program.subscription_per_intake"],
        "flags_per_intake": flags_per_intake(
            values["clinic.dropout_rate"], values["program.sensitivity"], values["program.specificity"]
        ),
        "revenue_lost_refilled_per_year": point.revenue_lost_per_year * values["clinic.backfill_rate"],
        "revenue_lost_for_good_per_year": point.revenue_lost_per_year * (1.0 - values["clinic.backfill_rate"]),
    }
    intakes = point.covered_intakes_per_month
    for period in PERIODS:
        unit_weights = point.calendar.unit_weights(weights[period])[0]
        after, before = point.survival_after @ unit_weights, point.survival_before @ unit_weights
        totals = point.totals(weights[period])
        arrays |= {
            f"months_{period}": weights[period].sum(axis=1),
            f"covered_intakes_{period}": intakes * point.calendar.intake_weight(weights[period]),
            f"extra_units_{period}": intakes * (after - before),
            f"attended_covered_units_{period}": intakes * after * point.attended,
            f"contribution_{period}": totals.contribution_kept,
            f"acquisition_{period}": totals.acquisition_saved,
            f"cost_{period}": totals.program_cost,
        }
    return {name: float(array[0]) for name, array in arrays.items()}

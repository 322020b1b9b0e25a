"""Who in a practice knows which number: each input once, in the order in which it is asked.

What the seller brings, such as prices, evidence and the settings of the analysis, is asked of nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from calculator.language import mark

Owner = Literal["front", "billing", "clinical"]
OWNER_WORDS: Mapping[Owner, str] = {
    "front": mark("Front office"),
    "billing": mark("Billing"),
    "clinical": mark("Clinical lead"),
}
PAYERS = "payers"
CAPACITY = "clinic.practice_capacity"
NAMES = ("clinic.name", "payers.name")
OWNERS: Mapping[str, Owner] = {
    "clinic.name": "front",
    "clinic.intakes_per_month": "front",
    "clinic.intake_growth_rate": "front",
    "clinic.units_per_month": "front",
    "clinic.no_show_rate": "front",
    "clinic.practice_capacity": "front",
    "clinic.places": "front",
    "clinic.occupancy_rate": "front",
    "clinic.backfill_rate": "front",
    "analysis.history_months": "front",
    "payers.name": "billing",
    "payers.share": "billing",
    "payers.allowed_per_unit": "billing",
    "payers.collection_rate": "billing",
    "payers.collected_per_unit": "billing",
    "clinic.variable_cost_per_unit": "billing",
    "clinic.acquisition_cost_per_intake": "billing",
    "clinic.clinician_hourly_cost": "billing",
    "analysis.discount_rate": "billing",
    "clinic.clinicians": "clinical",
    "clinic.planned_units": "clinical",
    "clinic.dropout_rate": "clinical",
    "clinic.median_dropout_unit": "clinical",
}
# The one who asks knows these, or the evidence does.
SELLER = frozenset({
    "program.fidelity", "program.odds_ratio", "program.alliance_lift_sd", "program.alliance_gap_sd",
    "program.causal_share", "program.sensitivity", "program.specificity", "program.action_rate", "program.save_rate",
    "program.minutes_per_flag", "program.adoption_rate", "program.ramp_months",
    "program.subscription_per_clinician_month", "program.subscription_per_intake", "program.implementation_cost",
    "program.training_hours_per_clinician", "program.minutes_per_unit", "analysis.horizon_months", "analysis.draws",
    "analysis.seed",
})  # fmt: skip
# A practice without places is asked in words how full it is, and one with places by them; what was given is always
# asked.
ONLY_WITH_PLACES = frozenset({"clinic.places", "clinic.occupancy_rate"})
ONLY_WITHOUT_PLACES = frozenset({CAPACITY})
PAYER_KEYS = tuple(path.removeprefix("payers.") for path in OWNERS if path.startswith("payers."))


def asked_of(owner: Owner) -> tuple[str, ...]:
    """Return the single questions for one owner, in order; the payers are a table of their own."""
    return tuple(path for path, whose in OWNERS.items() if whose == owner and not path.startswith("payers."))

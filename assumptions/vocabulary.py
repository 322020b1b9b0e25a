"""The words a figure may use. A word that is not listed here is a typing mistake until someone adds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: The order in which settings are listed; a setting that is not named here comes after them.
SETTINGS: Final[tuple[str, ...]] = ("outpatient", "iop", "php", "residential")

#: The folders below figures/.
TOPICS: Final[tuple[str, ...]] = (
    "dropout",
    "timing",
    "alliance",
    "programs",
    "prediction",
    "therapists",
    "prices",
    "instruments",
    "finance",
    "practice",
    "uncertainty",
)

#: What kind of number it is, which decides the family of its distribution. A difference is anything on a scale
#: where zero means that nothing differs: a mean difference, Cohen's d, a correlation. A ratio is 1 there.
KINDS: Final[tuple[str, ...]] = ("difference", "ratio", "proportion", "amount", "range", "direction", "judgement")
KINDS_WITHOUT_VALUE: Final[tuple[str, ...]] = ("range", "direction")

#: The licence to speak. causal: trials changed it; part-causal: controlled, not all randomised; associational:
#: it goes with; descriptive: it is so; opinion: somebody says so.
READINGS: Final[tuple[str, ...]] = ("causal", "part-causal", "associational", "descriptive", "opinion")

SOURCE_TYPES: Final[tuple[str, ...]] = (
    "study",
    "survey",
    "registry",
    "regulation",
    "price-list",
    "trade-press",
    "vendor",
    "judgement",
)

UNITS: Final[tuple[str, ...]] = (
    "share",
    "SD",
    "correlation",
    "reliability",
    "odds ratio of dropout",
    "hazard ratio of dropout",
    "risk ratio of dropout",
    "ratio",
    "factor",
    "SD of log-odds",
    "SD of logs",
    "AUC",
    "F1",
    "points",
    "number",
    "sessions",
    "sessions per year",
    "units per month",
    "days",
    "calendar days",
    "weeks",
    "months",
    "hours",
    "hours per week",
    "minutes",
    "USD",
    "USD per session",
    "USD per quarter-hour",
    "USD per day",
    "USD per hour",
    "USD per year",
    "USD per clinician and year",
    "USD per episode",
    "per year",
    "years of salary",
    "direction",
)

#: Quantities a share of which a default may be; the calculator multiplies the default's value by them.
BASES: Final[tuple[str, ...]] = ("course_length", "net_revenue_per_unit", "planned_units_per_month")

#: How a default may borrow its spread from another figure, and the unit which that figure must have.
SPREADS: Final[Mapping[str, str]] = {"logit_sd": "SD of log-odds", "log_sd": "SD of logs"}

#: Where the settings files keep their defaults: the same sections as a clinic file.
SECTIONS: Final[tuple[str, ...]] = ("clinic", "payers", "program", "analysis")

#: Every input that must have a default in every setting.
PATHS: Final[tuple[str, ...]] = (
    "clinic.dropout_rate",
    "clinic.planned_units",
    "clinic.units_per_month",
    "clinic.median_dropout_unit",
    "clinic.no_show_rate",
    "clinic.clinicians",
    "clinic.variable_cost_per_unit",
    "clinic.intake_growth_rate",
    "clinic.clinician_hourly_cost",
    "clinic.acquisition_cost_per_intake",
    "payers.allowed_per_unit",
    "payers.collection_rate",
    "program.odds_ratio",
    "program.fidelity",
    "program.alliance_lift_sd",
    "program.alliance_gap_sd",
    "program.causal_share",
    "program.sensitivity",
    "program.specificity",
    "program.action_rate",
    "program.save_rate",
    "program.minutes_per_flag",
    "program.adoption_rate",
    "program.ramp_months",
    "program.subscription_per_clinician_month",
    "program.subscription_per_intake",
    "program.implementation_cost",
    "program.training_hours_per_clinician",
    "program.minutes_per_unit",
    "analysis.horizon_months",
    "analysis.discount_rate",
    "analysis.history_months",
    "analysis.draws",
    "analysis.seed",
)

#: How full a practice is; each has a figure for the share of freed units that would have been refilled anyway.
CAPACITIES: Final[tuple[str, ...]] = ("slack", "mixed", "waitlist")

#: Figures that are put to a use other than being an input's default.
ROLES: Final[tuple[str, ...]] = (
    "attendance_ceiling",
    "between_clinics_logit_sd",
    "estimate_amount_factor",
    "estimate_odds_factor",
    "dropout_low",
    "dropout_high",
    "occupancy_mixed",
    "occupancy_full",
    "risk_alliance_gap_sd",
    "risk_alliance_item_sd",
    "risk_alliance_mean",
    "risk_component_correlation",
    "risk_ratings_averaged",
    "risk_rating_reliability",
    "risk_before_first_unit",
    "risk_missed_visits_hr",
    "risk_symptoms_mean",
    "risk_symptoms_sd",
    "risk_symptoms_hr",
    "risk_symptoms_change_hr",
    "risk_satisfaction_mean",
    "risk_satisfaction_sd",
    "risk_satisfaction_hr",
    "risk_clinician_logit_sd",
    "risk_covariate_log_sd",
    "risk_baseline_log_sd",
    "risk_fewest_episodes",
)

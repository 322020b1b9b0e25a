"""The formula of every figure, as one Python expression over inputs, workings and other figures.

Explanations show it with labels and with values; a test evaluates each and compares it with the model's own figure, so
that no explanation can say something else than what was computed. ``trial_odds_ratio`` is the input
``program.odds_ratio``; every other name is an input's key, a working or a figure.
"""

from __future__ import annotations

from dataclasses import dataclass

from calculator.workings import PERIODS


@dataclass(frozen=True)
class Formula:
    """An expression, or (where a figure is a sum or a root over months) the names that go in and words for the rest."""

    expression: str
    words: str = ""
    names: tuple[str, ...] = ()


def _kept(extra: str) -> str:
    return f"{extra} * (1 - no_show_rate) * (1 - backfill_rate)"


def _contribution(extra: str) -> str:
    return f"{_kept(extra)} * (net_revenue_per_unit - variable_cost_per_unit)"


def _acquisition(extra: str) -> str:
    return f"{extra} * backfill_rate / units_per_episode_after * acquisition_cost_per_intake"


def _cost(period: str) -> str:
    return (
        f"go_live_cost + months_{period} * subscription_per_clinician_month * clinicians"
        f" + covered_intakes_{period} * (subscription_per_intake + flag_cost_per_intake)"
        f" + attended_covered_units_{period} * minutes_per_unit / 60 * clinician_hourly_cost"
    )


_EXTRA_PER_YEAR = "12 * intakes_per_month * adoption_rate * (units_per_episode_after - units_per_episode_before)"
_UNITS = "the sum over all units k of S(k), the chance to be in care when unit k comes"
_PROGRAM = "trial_odds_ratio ** fidelity"
_ALLIANCE = (
    "exp(-causal_share * alliance_gap_sd * alliance_lift_sd"
    " / sqrt(1 + (16 * sqrt(3) / (15 * pi)) ** 2 * alliance_gap_sd ** 2))"
)
_TARGETED = (
    "(1 - sensitivity * action_rate * save_rate) * (1 - dropout_rate)"
    " / (1 - (1 - sensitivity * action_rate * save_rate) * dropout_rate)"
)
ODDS_RATIO = {"program": _PROGRAM, "alliance": _ALLIANCE, "targeted": _TARGETED}

FORMULAS: dict[str, Formula] = {
    "units_per_episode_before": Formula(
        "sum_of_survival(planned_units, dropout_rate, median_dropout_unit, 1)",
        f"{_UNITS}. It falls from 1 to 1 − dropout rate, with half of those who leave gone after the unit given.",
        ("planned_units", "dropout_rate", "median_dropout_unit"),
    ),
    "units_per_episode_after": Formula(
        "sum_of_survival(planned_units, dropout_rate, median_dropout_unit, hazard_ratio)",
        f"{_UNITS}, now raised to the power of the hazard ratio.",
        ("planned_units", "dropout_rate", "median_dropout_unit", "hazard_ratio"),
    ),
    "hazard_ratio": Formula(
        "log(1 - odds_ratio * dropout_rate / (1 - dropout_rate + odds_ratio * dropout_rate)) / log(1 - dropout_rate)"
    ),
    "dropout_rate_after": Formula("1 - (1 - dropout_rate_before) ** hazard_ratio"),
    "dropouts_avoided_per_year": Formula(
        "12 * intakes_per_month * adoption_rate * (dropout_rate_before - dropout_rate_after)"
    ),
    "net_revenue_per_unit": Formula(
        "", "over all payers, the share of units × the allowed amount × the part collected, added up.", ()
    ),
    "revenue_lost_per_year": Formula(
        "12 * intakes_per_month * (planned_units - units_per_episode_before)"
        " * (1 - no_show_rate) * net_revenue_per_unit"
    ),
    "revenue_kept_per_year": Formula(
        _kept(_EXTRA_PER_YEAR)
        + " * net_revenue_per_unit"
    ),
    "net_per_year": Formula(
        "revenue_kept_per_year - delivery_cost_per_year + acquisition_saved_per_year - program_cost_per_year"
    ),
    "revenue_kept_first_year": Formula(_kept("extra_units_first_year") + " * net_revenue_per_unit"),
    "revenue_kept_horizon": Formula(_kept("extra_units_horizon") + " * net_revenue_per_unit"),
    "contribution_kept_horizon": Formula(_contribution("extra_units_horizon")),
    "acquisition_saved_horizon": Formula(_acquisition("extra_units_horizon")),
    "program_cost_horizon": Formula(_cost("horizon")),
    "net_benefit_first_year": Formula("contribution_first_year + acquisition_first_year - cost_first_year"),
    "net_benefit_horizon": Formula(
        "contribution_kept_horizon + acquisition_saved_horizon - program_cost_horizon"
    ),
    "npv": Formula("contribution_present_value + acquisition_present_value - cost_present_value"),
    "roi": Formula(
        "(contribution_present_value + acquisition_present_value - cost_present_value) / cost_present_value"
    ),
    "irr": Formula(
        "", "the yearly rate at which the monthly net benefits are worth exactly what is paid at go-live; above a "
        "million percent there is next to nothing invested, and none is given.",
        ("go_live_cost", "net_benefit_horizon"),
    ),
    "probability_npv_positive": Formula(
        "", "the share of all futures drawn in which the net present value is above zero. A future is one value for "
        "every uncertain number, all drawn at once.",
        ("npv",),
    ),
    "payback_months": Formula(
        "", "the month in which the running total of net benefits, the middle of all futures, is above zero for good.",
        ("go_live_cost", "net_benefit_horizon"),
    ),
    "go_live_cost": Formula(
        "implementation_cost + training_hours_per_clinician * clinicians * clinician_hourly_cost"
    ),
    "program_cost_per_year": Formula(
        "12 * subscription_per_clinician_month * clinicians"
        " + 12 * intakes_per_month * adoption_rate * (subscription_per_intake + flag_cost_per_intake"
        " + units_per_episode_after * (1 - no_show_rate) * minutes_per_unit / 60 * clinician_hourly_cost)"
    ),
    "staff_hours_go_live": Formula("training_hours_per_clinician * clinicians"),
    "staff_hours_per_year": Formula(
        "12 * intakes_per_month * adoption_rate * (units_per_episode_after * (1 - no_show_rate) * minutes_per_unit"
        " + flag_minutes_per_intake) / 60"
    ),
    "delivery_cost_per_year": Formula(_kept(_EXTRA_PER_YEAR) + " * variable_cost_per_unit"),
    "acquisition_saved_per_year": Formula(_acquisition(_EXTRA_PER_YEAR)),
    **{f"contribution_{period}": Formula(_contribution(f"extra_units_{period}")) for period in PERIODS},
    **{f"acquisition_{period}": Formula(_acquisition(f"extra_units_{period}")) for period in PERIODS},
    **{f"cost_{period}": Formula(_cost(period)) for period in PERIODS},
}  # fmt: skip

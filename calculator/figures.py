"""Every figure a result reports, by its published name."""

from __future__ import annotations

import math

import numpy as np

from calculator.arrays import FloatArray
from calculator.bridge import net_per_year
from calculator.cashflow import annual_irr, payback_months
from calculator.model import MONTHS_PER_YEAR, Block

NO_COST = 0.005  # half a cent: below it there is no cost to return on

FIGURES = (
    "units_per_episode_before", "units_per_episode_after", "dropout_rate_after", "hazard_ratio", "odds_ratio",
    "dropouts_avoided_per_year", "revenue_lost_per_year", "revenue_kept_per_year", "net_per_year",
    "revenue_kept_first_year", "revenue_kept_horizon", "contribution_kept_horizon", "acquisition_saved_horizon",
    "program_cost_horizon", "net_benefit_first_year", "net_benefit_horizon", "npv", "roi", "irr", "payback_months",
)  # fmt: skip


def figures(block: Block) -> dict[str, FloatArray]:
    """Return every figure in ``FIGURES``, one entry a draw; NaN where a figure does not exist."""
    horizon = block.totals(np.ones((1, block.horizon_months)))
    year = block.totals((np.arange(block.horizon_months) < MONTHS_PER_YEAR).astype(np.float64)[None, :])
    present = block.present_value
    avoided = block.effective_dropout - block.dropout_rate_after
    cost = np.where(present.program_cost > NO_COST, present.program_cost, np.nan)
    found = {
        "units_per_episode_before": block.units_before,
        "units_per_episode_after": block.units_after,
        "dropout_rate_after": block.dropout_rate_after,
        "hazard_ratio": block.hazard_ratio,
        "odds_ratio": block.odds_ratio,
        "dropouts_avoided_per_year": MONTHS_PER_YEAR * block.covered_intakes_per_month * avoided,
        "revenue_lost_per_year": block.revenue_lost_per_year,
        "revenue_kept_per_year": block.revenue_kept_per_year,
        "net_per_year": net_per_year(block),
        "revenue_kept_first_year": year.revenue_kept,
        "revenue_kept_horizon": horizon.revenue_kept,
        "contribution_kept_horizon": horizon.contribution_kept,
        "acquisition_saved_horizon": horizon.acquisition_saved,
        "program_cost_horizon": horizon.program_cost,
        "net_benefit_first_year": year.net_benefit,
        "net_benefit_horizon": horizon.net_benefit,
        "npv": block.npv,
        "roi": present.net_benefit / cost,
        "irr": annual_irr(block.go_live_cost, block.net_benefit_by_month),
        "payback_months": payback_months(block.running_total),
    }
    return {name: found[name] for name in FIGURES}


def figures_of_one(block: Block) -> dict[str, float | None]:
    """Return every figure of a block of one draw, as plain numbers; None where a figure does not exist."""
    found = {name: float(values[0]) for name, values in figures(block).items()}
    return {name: None if math.isnan(value) else value for name, value in found.items()}

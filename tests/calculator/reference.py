"""A second implementation of design/model.md, written from the page and not from the code.

One literal loop over months, units and delays. Every number may be a float or an array of draws, except the plan and
the horizon, which are whole numbers. Slow and plain on purpose.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from calculator.resolve import Resolved

Number = Any  # float or array of draws


def shape(planned_units: int, dropout_rate: Number, median_unit: Number) -> Number:
    """Section 1: s = ln( ln(1 − D/2) / ln(1 − D) ) / ln( m/(N − 1) ); the inner ratio tends to 1/2 as D → 0."""
    rate = np.maximum(dropout_rate, 1e-300)
    return np.log(np.log1p(-rate / 2.0) / np.log1p(-rate)) / np.log(median_unit / (planned_units - 1.0))


def log_survival(planned_units: int, dropout_rate: Number, median_unit: Number) -> list[Number]:
    """Section 1: ln S_k for k = 1 … N."""
    if planned_units == 1:
        return [np.zeros_like(np.asarray(dropout_rate, dtype=float))]
    whole = np.log1p(-np.asarray(dropout_rate, dtype=float))
    s = 1.0 if planned_units == 2 else shape(planned_units, dropout_rate, median_unit)
    return [whole * ((k - 1) / (planned_units - 1)) ** s if k > 1 else whole * 0.0 for k in range(1, planned_units + 1)]


def dropout_after(dropout_rate: Number, odds_ratio: Number) -> Number:
    """Section 2: D' = OR·D/(1 − D + OR·D)."""
    return odds_ratio * dropout_rate / (1.0 - dropout_rate + odds_ratio * dropout_rate)


def road_dropout(road: str, v: Mapping[str, Number]) -> Number:
    """Section 2: D' by one of the three roads."""
    rate = v["clinic.dropout_rate"]
    if road == "program":
        return dropout_after(rate, v["program.odds_ratio"] ** v["program.fidelity"])
    if road == "alliance":
        d, c = v["program.alliance_gap_sd"], 16.0 * math.sqrt(3.0) / (15.0 * math.pi)
        individual = v["program.causal_share"] * d * v["program.alliance_lift_sd"]
        return dropout_after(rate, np.exp(-individual / np.sqrt(1.0 + c**2 * d**2)))
    caught = v["program.sensitivity"] * v["program.action_rate"] * v["program.save_rate"]
    return rate * (1.0 - caught)


def hazard_ratio(dropout_rate: Number, after: Number) -> Number:
    """Section 2: HR = ln(1 − D')/ln(1 − D)."""
    return np.log1p(-after) / np.log1p(-dropout_rate)


@dataclass
class Flows:
    """Section 4 by month, and what is paid once."""

    go_live_cost: Number = 0.0
    covered_intakes: list[Number] = field(default_factory=list)
    extra_units: list[Number] = field(default_factory=list)
    revenue_kept: list[Number] = field(default_factory=list)
    contribution_kept: list[Number] = field(default_factory=list)
    acquisition_saved: list[Number] = field(default_factory=list)
    running_cost: list[Number] = field(default_factory=list)
    discount: list[Number] = field(default_factory=list)
    units_before: Number = 0.0
    units_after: Number = 0.0
    rate_after: Number = 0.0
    hazard_ratio: Number = 0.0
    net_revenue_per_unit: Number = 0.0

    @property
    def net_benefit(self) -> list[Number]:
        """What each month brings, without what is paid at go-live."""
        rows = zip(self.contribution_kept, self.acquisition_saved, self.running_cost, strict=True)
        return [kept + saved - cost for kept, saved, cost in rows]

    @property
    def npv(self) -> Number:
        """Section 4: each month discounted, what is paid at go-live not."""
        return sum(net * worth for net, worth in zip(self.net_benefit, self.discount, strict=True)) - self.go_live_cost


def flows(
    v: Mapping[str, Number], road: str, payers: int, horizon: int, given_hazard_ratio: Number | None = None
) -> Flows:
    """Sections 1 to 4, literally."""
    n, u = int(v["clinic.planned_units"]), v["clinic.units_per_month"]
    rate = v["clinic.dropout_rate"]
    log_s = log_survival(n, rate, v["clinic.median_dropout_unit"])
    if given_hazard_ratio is not None:
        hr = given_hazard_ratio
    elif np.ndim(rate) == 0 and rate < 1e-12:  # the limit D'/D of the hazard ratio as D → 0
        hr = road_dropout(road, {**v, "clinic.dropout_rate": 1e-9}) / 1e-9
    else:
        hr = hazard_ratio(rate, road_dropout(road, v))
    before = [np.exp(value) for value in log_s]
    after = [np.exp(hr * value) for value in log_s]
    extra = [np.exp(value) * np.expm1((hr - 1.0) * value) for value in log_s]  # S' − S without cancellation

    covered = []
    for t in range(horizon):
        ramp = np.asarray(v["program.ramp_months"], dtype=float)
        reached = np.where(ramp > 0.0, np.minimum(1.0, (t + 1) / np.maximum(ramp, 1e-300)), 1.0)
        intakes = v["clinic.intakes_per_month"] * (1.0 + v["clinic.intake_growth_rate"]) ** (t / 12)
        covered.append(v["program.adoption_rate"] * reached * intakes)
    extra_units, scheduled = spread(covered, extra, u, horizon), spread(covered, after, u, horizon)

    r = sum(
        v[f"payers.{i}.share"] * v[f"payers.{i}.allowed_per_unit"] * v[f"payers.{i}.collection_rate"]
        for i in range(1, payers + 1)
    )
    attended, b = 1.0 - v["clinic.no_show_rate"], v["clinic.backfill_rate"]
    hour, heads = v["clinic.clinician_hourly_cost"], v["clinic.clinicians"]
    per_intake = v["program.subscription_per_intake"]
    if road == "targeted":
        flags = rate * v["program.sensitivity"] + (1.0 - rate) * (1.0 - v["program.specificity"])
        per_intake = per_intake + flags * v["program.minutes_per_flag"] / 60.0 * hour
    out = Flows(units_before=sum(before), units_after=sum(after), hazard_ratio=hr, net_revenue_per_unit=r)
    out.rate_after = -np.expm1(hr * np.log1p(-rate)) if n > 1 else 0.0
    out.go_live_cost = v["program.implementation_cost"] + v["program.training_hours_per_clinician"] * heads * hour
    for t in range(horizon):
        kept = extra_units[t] * attended * (1.0 - b)
        out.covered_intakes.append(covered[t])
        out.extra_units.append(extra_units[t])
        out.revenue_kept.append(kept * r)
        out.contribution_kept.append(kept * (r - v["clinic.variable_cost_per_unit"]))
        out.acquisition_saved.append(extra_units[t] * b / out.units_after * v["clinic.acquisition_cost_per_intake"])
        out.running_cost.append(
            v["program.subscription_per_clinician_month"] * heads
            + per_intake * covered[t]
            + scheduled[t] * attended * v["program.minutes_per_unit"] / 60.0 * hour
        )
        out.discount.append((1.0 + v["analysis.discount_rate"]) ** (-(t + 1) / 12))
    return out


def spread(covered: list[Number], units: list[Number], units_per_month: Number, horizon: int) -> list[Number]:
    """Section 3: the triple loop over intake months, units and the two months a unit may fall in."""
    out: list[Number] = [0.0] * horizon
    if np.ndim(units_per_month) > 0:
        raise ValueError("the schedule is one number here")
    plain = all(np.ndim(value) == 0 for value in (*covered, *units))
    if plain:  # the same numbers as plain floats, which loops over them go through ten times faster
        covered, units = [float(value) for value in covered], [float(value) for value in units]
    for t in range(horizon):
        for k, unit in enumerate(units):
            delay = k / float(units_per_month)
            i = math.floor(delay)
            f = delay - i
            if t + i >= horizon:
                break  # all later units are past the horizon too
            out[t + i] = out[t + i] + covered[t] * unit * (1.0 - f)
            if t + i + 1 < horizon:
                out[t + i + 1] = out[t + i + 1] + covered[t] * unit * f
    return out


def payback(go_live_cost: float, net_benefit: list[float]) -> float | None:
    """Section 4: the first time from which the running total never is below zero again, linear within the month."""
    totals = [-go_live_cost]
    for net in net_benefit:
        totals.append(totals[-1] + net)
    if totals[-1] < 0.0:
        return None
    below = [month for month, total in enumerate(totals) if total < 0.0]
    if not below:
        return 0.0
    last = below[-1]
    return last + -totals[last] / (totals[last + 1] - totals[last])


def point_values(resolved: Resolved) -> dict[str, float]:
    """Return the point value of every input."""
    return {path: item.value for path, item in resolved.inputs.items()}


def point_flows(resolved: Resolved, given_hazard_ratio: float | None = None, **changes: float) -> Flows:
    """Return the flows at the point estimate."""
    values = point_values(resolved) | changes
    return flows(values, resolved.road, resolved.payers, resolved.horizon_months, given_hazard_ratio)


def point_figures(resolved: Resolved) -> dict[str, float]:
    """Return every published figure at the point estimate but odds ratio, IRR and payback."""
    return figures_of(point_values(resolved), resolved.road, resolved.payers, resolved.horizon_months)


def figures_of(v: Mapping[str, float], road: str, payers: int, horizon: int) -> dict[str, float]:
    """Return every published figure of one clinic but odds ratio, IRR and payback."""
    out = flows(v, road, payers, horizon)
    n, rate = int(v["clinic.planned_units"]), v["clinic.dropout_rate"] if v["clinic.planned_units"] > 1 else 0.0
    yearly = 12.0 * v["clinic.intakes_per_month"]
    adopted = yearly * v["program.adoption_rate"]
    attended, b, r = 1.0 - v["clinic.no_show_rate"], v["clinic.backfill_rate"], out.net_revenue_per_unit
    log_s = log_survival(n, rate, v["clinic.median_dropout_unit"])
    extra = math.fsum(float(np.exp(x) * np.expm1((out.hazard_ratio - 1.0) * x)) for x in log_s)
    lost = math.fsum(float(-np.expm1(x)) for x in log_s)  # N − U without cancellation
    kept = adopted * extra * attended * (1.0 - b)
    # the steady-state year: every covered client brings a whole episode, each month the subscription
    flags = 0.0
    if road == "targeted":
        flags = v["clinic.dropout_rate"] * v["program.sensitivity"]
        flags += (1.0 - v["clinic.dropout_rate"]) * (1.0 - v["program.specificity"])
    hour = v["clinic.clinician_hourly_cost"]
    running = 12.0 * v["program.subscription_per_clinician_month"] * v["clinic.clinicians"] + adopted * (
        v["program.subscription_per_intake"]
        + flags * v["program.minutes_per_flag"] / 60.0 * hour
        + out.units_after * attended * v["program.minutes_per_unit"] / 60.0 * hour
    )
    saved = adopted * extra * b / out.units_after * v["clinic.acquisition_cost_per_intake"]
    first = slice(0, 12)
    pv_cost = out.go_live_cost + math.fsum(c * d for c, d in zip(out.running_cost, out.discount, strict=True))
    return {
        "units_per_episode_before": float(out.units_before),
        "units_per_episode_after": float(out.units_after),
        "dropout_rate_after": float(out.rate_after),
        "hazard_ratio": float(out.hazard_ratio),
        "dropouts_avoided_per_year": adopted * (rate - float(out.rate_after)),
        "revenue_lost_per_year": yearly * lost * attended * r,
        "revenue_kept_per_year": kept * r,
        "net_per_year": kept * (r - v["clinic.variable_cost_per_unit"]) + saved - running,
        "revenue_kept_first_year": math.fsum(out.revenue_kept[first]),
        "revenue_kept_horizon": math.fsum(out.revenue_kept),
        "contribution_kept_horizon": math.fsum(out.contribution_kept),
        "acquisition_saved_horizon": math.fsum(out.acquisition_saved),
        "program_cost_horizon": out.go_live_cost + math.fsum(out.running_cost),
        "net_benefit_first_year": math.fsum(out.net_benefit[first]) - out.go_live_cost,
        "net_benefit_horizon": math.fsum(out.net_benefit) - out.go_live_cost,
        "npv": float(out.npv),
        "roi": float(out.npv) / pv_cost if pv_cost else math.nan,
    }

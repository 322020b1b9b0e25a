"""A clinic simulated client by client: arrivals, adoption, lifetimes, units, attendance, refilled slots, money.

Nothing here uses an expected value: every client arrives at a random moment, is covered or not, stays for a random time
before and with the programme (the same luck in both), and every unit is attended, refilled and paid for by chance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

COLUMNS = ("covered_intakes", "extra_units", "revenue_kept", "contribution_kept", "acquisition_saved", "program_cost")


@dataclass(frozen=True)
class Simulated:
    """Money and units by month of many copies of one clinic, each column of shape (copies, T), and their NPV."""

    monthly: Mapping[str, np.ndarray]
    npv: np.ndarray
    clients: int
    units_before: np.ndarray  # of each client
    units_after: np.ndarray
    left_after: np.ndarray  # whether a client left early with the programme


def lifetime(luck: np.ndarray, n: int, rate: float, median: float, ratio: float) -> np.ndarray:
    """Return the last unit each client comes to: a continuous Weibull time, cut off by the plan.

    P(time > x) = (1 − D) ** (HR·(x/(N − 1))^s). Unit k comes at x = k − 1, so time > k − 1 means that it is reached.
    """
    if n == 1 or rate == 0.0:
        return np.full(len(luck), n)
    if n == 2:
        return np.where(luck < (1.0 - rate) ** ratio, 2, 1)
    s = math.log(math.log(1.0 - rate / 2.0) / math.log(1.0 - rate)) / math.log(median / (n - 1.0))
    time = (n - 1.0) * (np.log(luck) / (ratio * math.log(1.0 - rate))) ** (1.0 / s)
    return np.minimum(np.ceil(time), n).astype(int)


def hazard_ratio(v: Mapping[str, float], road: str) -> float:
    """Return the ratio of cumulative hazards, from the odds of dropout before and after."""
    rate = v["clinic.dropout_rate"]
    if rate == 0.0:
        return 1.0
    odds = rate / (1.0 - rate)
    if road == "program":
        odds *= v["program.odds_ratio"] ** v["program.fidelity"]
    elif road == "alliance":
        d = v["program.alliance_gap_sd"]
        damped = math.sqrt(1.0 + 256.0 * 3.0 / (225.0 * math.pi**2) * d**2)
        odds *= math.exp(-v["program.causal_share"] * d * v["program.alliance_lift_sd"] / damped)
    after = odds / (1.0 + odds)
    if road == "targeted":
        after = rate * (1.0 - v["program.sensitivity"] * v["program.action_rate"] * v["program.save_rate"])
    return math.log(1.0 - after) / math.log(1.0 - rate)


def simulate(v: Mapping[str, float], road: str, payers: int, horizon: int, copies: int, seed: int) -> Simulated:
    """Return what happens in ``copies`` copies of the clinic over ``horizon`` months."""
    chance = np.random.default_rng(seed)
    n, months = int(v["clinic.planned_units"]), np.arange(horizon)
    intakes = v["clinic.intakes_per_month"] * (1.0 + v["clinic.intake_growth_rate"]) ** (months / 12.0)
    counts = chance.poisson(intakes, size=(copies, horizon))
    clinic = np.repeat(np.repeat(np.arange(copies), horizon), counts.ravel())
    month = np.repeat(np.tile(months, copies), counts.ravel())
    ramp = v["program.ramp_months"]
    reached = v["program.adoption_rate"] * (np.minimum(1.0, (month + 1) / ramp) if ramp > 0.0 else 1.0)
    is_covered = chance.random(len(month)) < reached
    clinic, month = clinic[is_covered], month[is_covered]
    arrival = month + chance.random(len(month))

    luck = chance.random(len(month))
    rate, median = v["clinic.dropout_rate"], v["clinic.median_dropout_unit"]
    before = lifetime(luck, n, rate, median, 1.0)
    after = lifetime(luck, n, rate, median, hazard_ratio(v, road))

    def add_up(who: np.ndarray, when: np.ndarray, amount: np.ndarray | float = 1.0) -> np.ndarray:
        """Return amounts summed by copy and month; what the horizon does not see is dropped."""
        seen = (when < horizon) & (when >= 0)
        amounts = np.broadcast_to(amount, when.shape)[seen]
        flat = np.bincount(who[seen] * horizon + when[seen], weights=amounts, minlength=copies * horizon)
        return flat.reshape(copies, horizon)

    def units(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return copy and month of each unit from ``first`` (exclusive) to ``last``, and whether it is attended."""
        number = np.maximum(last - first, 0)
        start = np.repeat(np.cumsum(number) - number, number)
        ahead = np.repeat(first, number) + np.arange(number.sum()) - start  # k − 1
        when = np.floor(np.repeat(arrival, number) + ahead / v["clinic.units_per_month"]).astype(int)
        return np.repeat(clinic, number), when, chance.random(len(when)) >= v["clinic.no_show_rate"]

    hour = v["clinic.clinician_hourly_cost"]
    shares = np.array([v[f"payers.{row}.share"] for row in range(1, payers + 1)])
    pays = np.array(
        [v[f"payers.{row}.allowed_per_unit"] * v[f"payers.{row}.collection_rate"] for row in range(1, payers + 1)]
    )
    extra = kept = margin = saved = np.zeros((copies, horizon))
    for sign, first, last in ((1.0, before, after), (-1.0, after, before)):  # a harmful programme takes units away
        who, when, attended = units(first, last)
        refilled = chance.random(len(when)) < v["clinic.backfill_rate"]
        paid = pays[chance.choice(payers, size=len(when), p=shares / shares.sum())] * (attended & ~refilled)
        cost = v["clinic.variable_cost_per_unit"] * (attended & ~refilled)
        extra = extra + sign * add_up(who, when)
        kept = kept + sign * add_up(who, when, paid)
        margin = margin + sign * add_up(who, when, paid - cost)
        spared = v["clinic.acquisition_cost_per_intake"] / after.mean() * refilled
        saved = saved + sign * add_up(who, when, spared)

    covered = add_up(clinic, month)
    running = v["program.subscription_per_intake"] * covered
    running = running + v["program.subscription_per_clinician_month"] * v["clinic.clinicians"]
    who, when, attended = units(np.zeros_like(after), after)
    running = running + add_up(who, when, attended * v["program.minutes_per_unit"] / 60.0 * hour)
    if road == "targeted":
        would_leave = (before < n) if n > 1 else chance.random(len(before)) < rate
        odds_of_flag = np.where(would_leave, v["program.sensitivity"], 1.0 - v["program.specificity"])
        flagged = chance.random(len(before)) < odds_of_flag
        running = running + add_up(clinic, month, flagged * v["program.minutes_per_flag"] / 60.0 * hour)

    once = v["program.implementation_cost"]
    once += v["program.training_hours_per_clinician"] * v["clinic.clinicians"] * hour
    net = margin + saved - running
    worth = (1.0 + v["analysis.discount_rate"]) ** (-(months + 1) / 12.0)
    running = running + once * (months == 0)
    columns = (covered, extra, kept, margin, saved, running)
    monthly = dict(zip(COLUMNS, columns, strict=True))
    return Simulated(monthly, net @ worth - once, len(clinic), before, after, after < n)

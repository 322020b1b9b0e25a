"""The financial model for a block of draws: retention, calendar, money, and every figure a result reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from calculator import roads
from calculator.arrays import FloatArray
from calculator.calendar import Calendar
from calculator.cashflow import annual_irr, cumulative, payback_months
from calculator.retention import log_survival, planned, weibull_shape
from calculator.scenario import Road

MONTHS_PER_YEAR = 12.0
MINUTES_PER_HOUR = 60.0
NO_COST = 0.005  # half a cent: below it there is no cost to return on

FIGURES = (
    "units_per_episode_before", "units_per_episode_after", "dropout_rate_after", "hazard_ratio", "odds_ratio",
    "dropouts_avoided_per_year", "revenue_lost_per_year", "revenue_kept_per_year", "net_per_year",
    "revenue_kept_first_year", "revenue_kept_horizon", "contribution_kept_horizon", "acquisition_saved_horizon",
    "program_cost_horizon", "net_benefit_first_year", "net_benefit_horizon", "npv", "roi", "irr", "payback_months",
)  # fmt: skip

BRIDGE_STEPS = (
    "gross_loss", "not_averted", "not_reached", "not_attended", "refilled", "not_collected", "delivery_cost",
    "acquisition_saved", "program_cost",
)  # fmt: skip


@dataclass(frozen=True)
class Totals:
    """Money summed over months with some weight for each month; one entry a draw."""

    revenue_kept: FloatArray
    contribution_kept: FloatArray
    acquisition_saved: FloatArray
    program_cost: FloatArray

    @property
    def net_benefit(self) -> FloatArray:
        """Return contribution kept plus acquisition saved less programme cost."""
        return self.contribution_kept + self.acquisition_saved - self.program_cost


@dataclass(frozen=True)
class Months:
    """The same by month, shape (draws, T); ``program_cost`` is without what is paid at go-live."""

    covered_intakes: FloatArray
    extra_units: FloatArray
    revenue_kept: FloatArray
    contribution_kept: FloatArray
    acquisition_saved: FloatArray
    program_cost: FloatArray

    @property
    def net_benefit(self) -> FloatArray:
        """Return contribution kept plus acquisition saved less programme cost."""
        return self.contribution_kept + self.acquisition_saved - self.program_cost


@dataclass(frozen=True)
class Block:
    """One clinic in many possible worlds.

    Attributes:
        road: the road of evidence that leads to the hazard ratio.
        payers: how many payers there are.
        horizon_months: T.
        values: by input path, one number a draw, or shape (1,) where it is the same in all.
        given_hazard_ratio: replaces the road's own, for break-evens.
    """

    road: Road
    payers: int
    horizon_months: int
    values: Mapping[str, FloatArray]
    given_hazard_ratio: FloatArray | None = None

    def _clinic(self, key: str) -> FloatArray:
        return self.values[f"clinic.{key}"]

    def _program(self, key: str) -> FloatArray:
        return self.values[f"program.{key}"]

    # --- payers ---------------------------------------------------------------------------------------------

    @cached_property
    def allowed_per_unit(self) -> FloatArray:
        """Return Σ share·allowed over payers."""
        return sum_over_payers(self.values, self.payers, collected=False)

    @cached_property
    def net_revenue_per_unit(self) -> FloatArray:
        """Return r = Σ share·allowed·collection over payers."""
        return sum_over_payers(self.values, self.payers, collected=True)

    # --- what the programme does to dropout -----------------------------------------------------------------

    def relative_dropout(self, road: Road) -> FloatArray:
        """Return D'/D by the named road of evidence."""
        rate = self._clinic("dropout_rate")
        if road == "targeted":
            return roads.targeted_relative_dropout(
                self._program("sensitivity"), self._program("action_rate"), self._program("save_rate")
            )
        if road == "alliance":
            odds = roads.alliance_odds_ratio(
                self._program("alliance_lift_sd"), self._program("alliance_gap_sd"), self._program("causal_share")
            )
        else:
            odds = roads.program_odds_ratio(self._program("odds_ratio"), self._program("fidelity"))
        return roads.relative_dropout(rate, odds)

    @cached_property
    def hazard_ratio(self) -> FloatArray:
        """Return HR of the scenario's road, or the one that was given."""
        if self.given_hazard_ratio is not None:
            return self.given_hazard_ratio
        return roads.hazard_ratio(self._clinic("dropout_rate"), self.relative_dropout(self.road))

    @cached_property
    def dropout_rate_after(self) -> FloatArray:
        """Return D' = 1 − (1 − D)^HR."""
        after: FloatArray = -np.expm1(self.hazard_ratio * np.log1p(-self._effective_dropout))
        return after

    @property
    def _effective_dropout(self) -> FloatArray:
        """Return D; nobody can drop out of a plan of one unit."""
        return np.where(self._clinic("planned_units") > 1.0, self._clinic("dropout_rate"), 0.0)

    @cached_property
    def odds_ratio(self) -> FloatArray:
        """Return the odds ratio on dropout that the hazard ratio amounts to."""
        rate = self._clinic("dropout_rate")
        if self.given_hazard_ratio is None:
            return roads.odds_ratio_of(rate, self.relative_dropout(self.road))
        safe = np.maximum(rate, 1e-9)
        return roads.odds_ratio_of(rate, -np.expm1(self.hazard_ratio * np.log1p(-safe)) / safe)

    # --- units of an episode --------------------------------------------------------------------------------

    @cached_property
    def _log_survival(self) -> FloatArray:
        units, rate = self._clinic("planned_units"), self._clinic("dropout_rate")
        shape = weibull_shape(rate, self._clinic("median_dropout_unit"), units)
        return log_survival(units, rate, shape)

    def _survival(self, log_survival: FloatArray) -> FloatArray:
        curve = np.exp(log_survival)
        units = self._clinic("planned_units")
        if units.size > 1:
            curve *= planned(units)
        return curve

    @cached_property
    def survival_before(self) -> FloatArray:
        """Return S_k, shape (draws, N)."""
        return self._survival(self._log_survival)

    @cached_property
    def survival_after(self) -> FloatArray:
        """Return S'_k = S_k^HR, shape (draws, N)."""
        return self._survival(self._log_survival * self.hazard_ratio[:, None])

    @cached_property
    def units_before(self) -> FloatArray:
        """Return U = Σ S_k."""
        return self.survival_before.sum(axis=1)

    @cached_property
    def units_after(self) -> FloatArray:
        """Return U' = Σ S'_k."""
        return self.survival_after.sum(axis=1)

    # --- rates of money -------------------------------------------------------------------------------------

    @cached_property
    def attended(self) -> FloatArray:
        """Return the share of scheduled units that is attended."""
        return 1.0 - self._clinic("no_show_rate")

    @cached_property
    def kept(self) -> FloatArray:
        """Return the share of extra units that is attended and would not have been refilled."""
        return self.attended * (1.0 - self._clinic("backfill_rate"))

    @cached_property
    def acquisition_per_extra_unit(self) -> FloatArray:
        """Return b/U'·acquisition cost: fewer intakes need to be won where kept clients fill the slots."""
        return self._clinic("backfill_rate") / self.units_after * self._clinic("acquisition_cost_per_intake")

    @cached_property
    def covered_intakes_per_month(self) -> FloatArray:
        """Return adoption·λ_0, with the ramp over and before growth."""
        return self._program("adoption_rate") * self._clinic("intakes_per_month")

    @cached_property
    def _minute_cost(self) -> FloatArray:
        return self._clinic("clinician_hourly_cost") / MINUTES_PER_HOUR

    @cached_property
    def cost_per_covered_intake(self) -> FloatArray:
        """Return what each covered intake costs at once: subscription, and staff time on flags."""
        cost = self._program("subscription_per_intake")
        if self.road == "targeted":
            flags = roads.flags_per_intake(
                self._clinic("dropout_rate"), self._program("sensitivity"), self._program("specificity")
            )
            cost = cost + flags * self._program("minutes_per_flag") * self._minute_cost
        return cost

    @cached_property
    def cost_per_covered_unit(self) -> FloatArray:
        """Return the staff time of measuring, per scheduled unit of a covered client."""
        return self.attended * self._program("minutes_per_unit") * self._minute_cost

    @cached_property
    def cost_per_month(self) -> FloatArray:
        """Return the subscription by clinician, each month."""
        return self._program("subscription_per_clinician_month") * self._clinic("clinicians")

    @cached_property
    def go_live_cost(self) -> FloatArray:
        """Return what is paid once, at go-live: implementation and training time."""
        training = self._program("training_hours_per_clinician") * self._clinic("clinicians")
        return self._program("implementation_cost") + training * self._clinic("clinician_hourly_cost")

    # --- sums over the horizon ------------------------------------------------------------------------------

    @cached_property
    def calendar(self) -> Calendar:
        """Return when units and intakes of covered clients fall."""
        return Calendar(
            self.horizon_months,
            int(self._clinic("planned_units").max()),
            self._clinic("units_per_month"),
            self._clinic("intake_growth_rate"),
            self._program("ramp_months"),
        )

    @cached_property
    def discount_factors(self) -> FloatArray:
        """Return (1 + rate)^(−(m + 1)/12), shape (draws, T) or (1, T)."""
        month = np.arange(1.0, self.horizon_months + 1.0) / MONTHS_PER_YEAR
        factors: FloatArray = (1.0 + self.values["analysis.discount_rate"][:, None]) ** -month
        return factors

    def totals(self, month_weights: FloatArray) -> Totals:
        """Return money summed over months, month m counting ``month_weights[m]``; go-live cost counts in full."""
        weights = self.calendar.unit_weights(month_weights)
        intakes = self.covered_intakes_per_month
        units_after = _weighted(self.survival_after, weights)
        extra = intakes * (units_after - _weighted(self.survival_before, weights))
        per_month = self.cost_per_month * month_weights.sum(axis=1)
        per_intake = self.cost_per_covered_intake * intakes * self.calendar.intake_weight(month_weights)
        per_unit = self.cost_per_covered_unit * intakes * units_after
        return Totals(
            revenue_kept=extra * self.kept * self.net_revenue_per_unit,
            contribution_kept=extra * self.kept * (self.net_revenue_per_unit - self._clinic("variable_cost_per_unit")),
            acquisition_saved=extra * self.acquisition_per_extra_unit,
            program_cost=self.go_live_cost + per_month + per_intake + per_unit,
        )

    @cached_property
    def present_value(self) -> Totals:
        """Return the totals with each month discounted."""
        return self.totals(self.discount_factors)

    @cached_property
    def npv(self) -> FloatArray:
        """Return the net present value, one entry a draw."""
        return self.present_value.net_benefit

    @cached_property
    def months(self) -> Months:
        """Return the flows of each month."""
        intakes = self.covered_intakes_per_month[:, None]
        extra = intakes * self.calendar.by_month(self.survival_after - self.survival_before)
        covered_units = intakes * self.calendar.by_month(self.survival_after)
        covered_intakes = intakes * self.calendar.coverage
        money = (self.kept * self.net_revenue_per_unit)[:, None]
        contribution = (self.kept * (self.net_revenue_per_unit - self._clinic("variable_cost_per_unit")))[:, None]
        cost = self.cost_per_month[:, None] + self.cost_per_covered_intake[:, None] * covered_intakes
        return Months(
            covered_intakes=covered_intakes,
            extra_units=extra,
            revenue_kept=extra * money,
            contribution_kept=extra * contribution,
            acquisition_saved=extra * self.acquisition_per_extra_unit[:, None],
            program_cost=cost + self.cost_per_covered_unit[:, None] * covered_units,
        )

    @cached_property
    def net_benefit_by_month(self) -> FloatArray:
        """Return ``months.net_benefit`` in one pass over the units, since all draws need it; shape (draws, T)."""
        gain = self.kept * (self.net_revenue_per_unit - self._clinic("variable_cost_per_unit"))
        gain = gain + self.acquisition_per_extra_unit
        per_intake = self.survival_after * (gain - self.cost_per_covered_unit)[:, None]
        per_intake = per_intake - self.survival_before * gain[:, None]
        net = self.calendar.by_month(per_intake) - self.cost_per_covered_intake[:, None] * self.calendar.coverage
        return self.covered_intakes_per_month[:, None] * net - self.cost_per_month[:, None]

    @cached_property
    def running_total(self) -> FloatArray:
        """Return the cumulative undiscounted net benefit at go-live and after each month, shape (draws, T + 1)."""
        return cumulative(self.go_live_cost, self.net_benefit_by_month)

    # --- one steady-state year ------------------------------------------------------------------------------

    @cached_property
    def revenue_lost_per_year(self) -> FloatArray:
        """Return 12·λ_0·(N − U)·(1 − no-show)·r, gross."""
        lost = self._clinic("planned_units") - self.units_before
        yearly = MONTHS_PER_YEAR * self._clinic("intakes_per_month")
        return yearly * lost * self.attended * self.net_revenue_per_unit

    @cached_property
    def revenue_kept_per_year(self) -> FloatArray:
        """Return 12·λ_0·adoption·(U' − U)·(1 − no-show)·(1 − b)·r."""
        extra = MONTHS_PER_YEAR * self.covered_intakes_per_month * (self.units_after - self.units_before)
        return extra * self.kept * self.net_revenue_per_unit

    @cached_property
    def program_cost_per_year(self) -> FloatArray:
        """Return what the programme costs in a steady-state year, without what is paid at go-live."""
        intakes = MONTHS_PER_YEAR * self.covered_intakes_per_month
        per_intake = self.cost_per_covered_intake + self.cost_per_covered_unit * self.units_after
        return MONTHS_PER_YEAR * self.cost_per_month + intakes * per_intake

    @cached_property
    def bridge(self) -> FloatArray:
        """Return the steps from the gross loss to the net, shape (len(BRIDGE_STEPS), draws); they sum to the net."""
        yearly = MONTHS_PER_YEAR * self._clinic("intakes_per_month")
        allowed = self.allowed_per_unit
        averted = yearly * (self.units_after - self.units_before)
        reached = averted * self._program("adoption_rate")
        attended = reached * self.attended
        kept = reached * self.kept
        steps = (
            yearly * (self._clinic("planned_units") - self.units_before) * allowed,
            -yearly * (self._clinic("planned_units") - self.units_after) * allowed,
            (reached - averted) * allowed,
            (attended - reached) * allowed,
            (kept - attended) * allowed,
            kept * (self.net_revenue_per_unit - allowed),
            -kept * self._clinic("variable_cost_per_unit"),
            reached * self.acquisition_per_extra_unit,
            -self.program_cost_per_year,
        )
        return np.stack(np.broadcast_arrays(*steps))

    @cached_property
    def net_per_year(self) -> FloatArray:
        """Return the exact sum of the bridge's steps."""
        return self.bridge.sum(axis=0)

    # --- all figures ----------------------------------------------------------------------------------------

    def figures(self) -> dict[str, FloatArray]:
        """Return every figure in ``FIGURES``, one entry a draw; NaN where a figure does not exist."""
        horizon = self.totals(np.ones((1, self.horizon_months)))
        year = self.totals((np.arange(self.horizon_months) < MONTHS_PER_YEAR).astype(np.float64)[None, :])
        present = self.present_value
        avoided = self._effective_dropout - self.dropout_rate_after
        cost = np.where(present.program_cost > NO_COST, present.program_cost, np.nan)
        found = {
            "units_per_episode_before": self.units_before,
            "units_per_episode_after": self.units_after,
            "dropout_rate_after": self.dropout_rate_after,
            "hazard_ratio": self.hazard_ratio,
            "odds_ratio": self.odds_ratio,
            "dropouts_avoided_per_year": MONTHS_PER_YEAR * self.covered_intakes_per_month * avoided,
            "revenue_lost_per_year": self.revenue_lost_per_year,
            "revenue_kept_per_year": self.revenue_kept_per_year,
            "net_per_year": self.net_per_year,
            "revenue_kept_first_year": year.revenue_kept,
            "revenue_kept_horizon": horizon.revenue_kept,
            "contribution_kept_horizon": horizon.contribution_kept,
            "acquisition_saved_horizon": horizon.acquisition_saved,
            "program_cost_horizon": horizon.program_cost,
            "net_benefit_first_year": year.net_benefit,
            "net_benefit_horizon": horizon.net_benefit,
            "npv": self.npv,
            "roi": present.net_benefit / cost,
            "irr": annual_irr(self.go_live_cost, self.net_benefit_by_month),
            "payback_months": payback_months(self.running_total),
        }
        return {name: found[name] for name in FIGURES}


def sum_over_payers(values: Mapping[str, FloatArray], payers: int, *, collected: bool) -> FloatArray:
    """Return Σ share·allowed over payers, times the collection rate where ``collected``."""
    total = np.zeros(1)
    for number in range(1, payers + 1):
        money = values[f"payers.{number}.share"] * values[f"payers.{number}.allowed_per_unit"]
        total = total + (money * values[f"payers.{number}.collection_rate"] if collected else money)
    return total


def _weighted(units: FloatArray, weights: FloatArray) -> FloatArray:
    """Return Σ_k units·weights for each draw."""
    if len(weights) == 1:
        return units @ weights[0]
    total: FloatArray = np.einsum("dk,dk->d", np.broadcast_to(units, weights.shape), weights)
    return total

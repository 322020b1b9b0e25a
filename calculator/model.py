"""The financial model for a block of draws: retention, calendar and money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from calculator import roads
from calculator.arrays import FloatArray
from calculator.calendar import Calendar
from calculator.cashflow import cumulative
from calculator.flows import Flows, Months
from calculator.retention import log_survival, planned, weibull_shape
from calculator.scenario import Road

MONTHS_PER_YEAR = 12.0
MINUTES_PER_HOUR = 60.0


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

    def clinic(self, key: str) -> FloatArray:
        """Return one of the clinic's numbers."""
        return self.values[f"clinic.{key}"]

    def program(self, key: str) -> FloatArray:
        """Return one of the programme's numbers."""
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
        rate = self.clinic("dropout_rate")
        if road == "targeted":
            return roads.targeted_relative_dropout(
                self.program("sensitivity"), self.program("action_rate"), self.program("save_rate")
            )
        if road == "alliance":
            odds = roads.alliance_odds_ratio(
                self.program("alliance_lift_sd"), self.program("alliance_gap_sd"), self.program("causal_share")
            )
        else:
            odds = roads.program_odds_ratio(self.program("odds_ratio"), self.program("fidelity"))
        return roads.relative_dropout(rate, odds)

    @cached_property
    def hazard_ratio(self) -> FloatArray:
        """Return HR of the scenario's road, or the one that was given."""
        if self.given_hazard_ratio is not None:
            return self.given_hazard_ratio
        return roads.hazard_ratio(self.clinic("dropout_rate"), self.relative_dropout(self.road))

    @cached_property
    def dropout_rate_after(self) -> FloatArray:
        """Return D' = 1 − (1 − D)^HR."""
        after: FloatArray = -np.expm1(self.hazard_ratio * np.log1p(-self.effective_dropout))
        return after

    @property
    def effective_dropout(self) -> FloatArray:
        """Return D; nobody can drop out of a plan of one unit."""
        return np.where(self.clinic("planned_units") > 1.0, self.clinic("dropout_rate"), 0.0)

    @cached_property
    def odds_ratio(self) -> FloatArray:
        """Return the odds ratio on dropout that the hazard ratio amounts to."""
        rate = self.clinic("dropout_rate")
        if self.given_hazard_ratio is None:
            return roads.odds_ratio_of(rate, self.relative_dropout(self.road))
        safe = np.maximum(rate, 1e-9)
        return roads.odds_ratio_of(rate, -np.expm1(self.hazard_ratio * np.log1p(-safe)) / safe)

    # --- units of an episode --------------------------------------------------------------------------------

    @cached_property
    def _log_survival(self) -> FloatArray:
        units, rate = self.clinic("planned_units"), self.clinic("dropout_rate")
        shape = weibull_shape(rate, self.clinic("median_dropout_unit"), units)
        return log_survival(units, rate, shape)

    def _survival(self, log_survival: FloatArray, out: FloatArray | None = None) -> FloatArray:
        curve: FloatArray = np.exp(log_survival, out=out)
        units = self.clinic("planned_units")
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
        curve = self._log_survival * self.hazard_ratio[:, None]
        return self._survival(curve, out=curve)

    @cached_property
    def units_before(self) -> FloatArray:
        """Return U = Σ S_k."""
        units: FloatArray = self.survival_before.sum(axis=1)
        return units

    @cached_property
    def units_after(self) -> FloatArray:
        """Return U' = Σ S'_k."""
        units: FloatArray = self.survival_after.sum(axis=1)
        return units

    # --- rates of money -------------------------------------------------------------------------------------

    @cached_property
    def attended(self) -> FloatArray:
        """Return the share of scheduled units that is attended."""
        return 1.0 - self.clinic("no_show_rate")

    @cached_property
    def kept(self) -> FloatArray:
        """Return the share of extra units that is attended and would not have been refilled."""
        return self.attended * (1.0 - self.clinic("backfill_rate"))

    @cached_property
    def acquisition_per_extra_unit(self) -> FloatArray:
        """Return b/U'·acquisition cost: fewer intakes need to be won where kept clients fill the slots."""
        return self.clinic("backfill_rate") / self.units_after * self.clinic("acquisition_cost_per_intake")

    @cached_property
    def covered_intakes_per_month(self) -> FloatArray:
        """Return adoption·λ_0, with the ramp over and before growth."""
        return self.program("adoption_rate") * self.clinic("intakes_per_month")

    @cached_property
    def _minute_cost(self) -> FloatArray:
        return self.clinic("clinician_hourly_cost") / MINUTES_PER_HOUR

    @cached_property
    def flag_minutes_per_intake(self) -> FloatArray:
        """Return the staff time on flags of each covered intake, minutes; on the targeted road alone are there any."""
        if self.road != "targeted":
            return np.zeros(1)
        rate, sensitivity, specificity = (
            self.clinic("dropout_rate"), self.program("sensitivity"), self.program("specificity")
        )  # fmt: skip
        return roads.flags_per_intake(rate, sensitivity, specificity) * self.program("minutes_per_flag")

    @cached_property
    def cost_per_covered_intake(self) -> FloatArray:
        """Return what each covered intake costs at once: subscription, and staff time on flags."""
        return self.program("subscription_per_intake") + self.flag_minutes_per_intake * self._minute_cost

    @cached_property
    def minutes_per_covered_unit(self) -> FloatArray:
        """Return the staff time of measuring, minutes per scheduled unit of a covered client."""
        return self.attended * self.program("minutes_per_unit")

    @cached_property
    def cost_per_covered_unit(self) -> FloatArray:
        """Return what that time costs."""
        return self.minutes_per_covered_unit * self._minute_cost

    @cached_property
    def cost_per_month(self) -> FloatArray:
        """Return the subscription by clinician, each month."""
        return self.program("subscription_per_clinician_month") * self.clinic("clinicians")

    @cached_property
    def go_live_cost(self) -> FloatArray:
        """Return what is paid once, at go-live: implementation and training time."""
        return self.program("implementation_cost") + self.staff_hours_go_live * self.clinic("clinician_hourly_cost")

    @cached_property
    def staff_hours_go_live(self) -> FloatArray:
        """Return the hours of training before go-live."""
        return self.program("training_hours_per_clinician") * self.clinic("clinicians")

    # --- sums over the horizon ------------------------------------------------------------------------------

    @cached_property
    def calendar(self) -> Calendar:
        """Return when units and intakes of covered clients fall."""
        return Calendar(
            self.horizon_months,
            int(self.clinic("planned_units").max()),
            self.clinic("units_per_month"),
            self.clinic("intake_growth_rate"),
            self.program("ramp_months"),
        )

    @cached_property
    def discount_factors(self) -> FloatArray:
        """Return (1 + rate)^(−(m + 1)/12), shape (draws, T) or (1, T)."""
        month = np.arange(1.0, self.horizon_months + 1.0) / MONTHS_PER_YEAR
        factors: FloatArray = (1.0 + self.values["analysis.discount_rate"][:, None]) ** -month
        return factors

    def totals(self, month_weights: FloatArray) -> Flows:
        """Return money summed over months, month m counting ``month_weights[m]``; go-live cost counts in full."""
        weights = self.calendar.unit_weights(month_weights)
        intakes = self.covered_intakes_per_month
        units_after = _weighted(self.survival_after, weights)
        extra = intakes * (units_after - _weighted(self.survival_before, weights))
        per_month = self.cost_per_month * month_weights.sum(axis=1)
        per_intake = self.cost_per_covered_intake * intakes * self.calendar.intake_weight(month_weights)
        per_unit = self.cost_per_covered_unit * intakes * units_after
        return Flows(
            revenue_kept=extra * self.kept * self.net_revenue_per_unit,
            contribution_kept=extra * self.kept * (self.net_revenue_per_unit - self.clinic("variable_cost_per_unit")),
            acquisition_saved=extra * self.acquisition_per_extra_unit,
            program_cost=self.go_live_cost + per_month + per_intake + per_unit,
        )

    @cached_property
    def present_value(self) -> Flows:
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
        contribution = (self.kept * (self.net_revenue_per_unit - self.clinic("variable_cost_per_unit")))[:, None]
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
        gain = self.kept * (self.net_revenue_per_unit - self.clinic("variable_cost_per_unit"))
        gain = gain + self.acquisition_per_extra_unit
        per_intake = self.survival_after * (gain - self.cost_per_covered_unit)[:, None]
        per_intake -= self.survival_before * gain[:, None]  # in place: what varies there varies above too
        net = self.calendar.by_month(per_intake) - self.cost_per_covered_intake[:, None] * self.calendar.coverage
        net = self.covered_intakes_per_month[:, None] * net
        return np.subtract(net, self.cost_per_month[:, None], out=net if self.cost_per_month.size == 1 else None)

    @cached_property
    def running_total(self) -> FloatArray:
        """Return the cumulative undiscounted net benefit at go-live and after each month, shape (draws, T + 1)."""
        return cumulative(self.go_live_cost, self.net_benefit_by_month)

    # --- one steady-state year ------------------------------------------------------------------------------

    @cached_property
    def revenue_lost_per_year(self) -> FloatArray:
        """Return 12·λ_0·(N − U)·(1 − no-show)·r, gross."""
        lost = self.clinic("planned_units") - self.units_before
        yearly = MONTHS_PER_YEAR * self.clinic("intakes_per_month")
        return yearly * lost * self.attended * self.net_revenue_per_unit

    @cached_property
    def revenue_kept_per_year(self) -> FloatArray:
        """Return 12·λ_0·adoption·(U' − U)·(1 − no-show)·(1 − b)·r."""
        extra = MONTHS_PER_YEAR * self.covered_intakes_per_month * (self.units_after - self.units_before)
        return extra * self.kept * self.net_revenue_per_unit

    @cached_property
    def staff_hours_per_year(self) -> FloatArray:
        """Return the staff time of measuring and of acting on flags in a steady-state year, hours."""
        minutes = self.flag_minutes_per_intake + self.minutes_per_covered_unit * self.units_after
        return MONTHS_PER_YEAR * self.covered_intakes_per_month * minutes / MINUTES_PER_HOUR

    @cached_property
    def program_cost_per_year(self) -> FloatArray:
        """Return what the programme costs in a steady-state year, without what is paid at go-live."""
        intakes = MONTHS_PER_YEAR * self.covered_intakes_per_month
        per_intake = self.cost_per_covered_intake + self.cost_per_covered_unit * self.units_after
        return MONTHS_PER_YEAR * self.cost_per_month + intakes * per_intake


def sum_over_payers(values: Mapping[str, FloatArray], payers: int, *, collected: bool) -> FloatArray:
    """Return Σ share·allowed over payers, times the collection rate where ``collected``."""
    total = np.zeros(1)
    for number in range(1, payers + 1):
        money = values[f"payers.{number}.share"] * values[f"payers.{number}.allowed_per_unit"]
        total = total + (money * values[f"payers.{number}.collection_rate"] if collected else money)
    return total


def _weighted(units: FloatArray, weights: FloatArray) -> FloatArray:
    """Return Σ_k units·weights for each draw."""
    if len(weights) > 1:
        units = np.broadcast_to(units, weights.shape)
    total: FloatArray = units @ weights[0] if len(weights) == 1 else np.einsum("dk,dk->d", units, weights)
    return total

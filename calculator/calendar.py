"""From units of an episode to months since go-live: what the horizon sees, and in which month."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from calculator.arrays import FloatArray


@dataclass(frozen=True)
class Calendar:
    """When the units of covered clients fall, for one covered intake a month at full adoption.

    Attributes:
        horizon_months: T, months looked at.
        units: N, the longest plan among the draws.
        units_per_month: u, shape (draws,) or (1,).
        growth: yearly growth of intakes, shape (draws,) or (1,).
        ramp_months: months until adoption is full, shape (draws,) or (1,).
    """

    horizon_months: int
    units: int
    units_per_month: FloatArray
    growth: FloatArray
    ramp_months: FloatArray

    @cached_property
    def coverage(self) -> FloatArray:
        """Return min(1, (t + 1)/ramp)·(1 + growth)^(t/12) for each month t, shape (draws, T) or (1, T)."""
        return self._ramp * self._growth

    @cached_property
    def _ramp(self) -> FloatArray:
        month = np.arange(self.horizon_months, dtype=np.float64)
        return np.minimum(1.0, (month + 1.0) / np.maximum(self.ramp_months, 1e-9)[:, None])

    @cached_property
    def _growth(self) -> FloatArray:
        years = np.arange(self.horizon_months, dtype=np.float64) / 12.0
        growth: FloatArray = np.exp(np.log1p(self.growth)[:, None] * years)
        return growth

    @cached_property
    def _delay(self) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.intp]], FloatArray]:
        """Return whole months i and fraction f from intake to each unit, shape (draws, N) or (1, N)."""
        months = np.arange(self.units, dtype=np.float64) / self.units_per_month[:, None]
        whole = np.floor(months)
        return whole.astype(np.intp), months - whole

    def unit_weights(self, month_weights: FloatArray) -> FloatArray:
        """Return what one unit k a covered intake adds up to, when month m counts ``month_weights[m]``.

        With arrivals even within the month, a share 1 − f of the units of intake month t falls in month t + i and a
        share f in month t + i + 1; what falls past the horizon counts nothing.

        Args:
            month_weights: such as discount factors, or ones; shape (draws, T) or (1, T).

        Returns:
            Shape (draws, N) or (1, N).
        """
        after = self._weight_after_delay(month_weights)
        whole, fraction = self._delay
        first = np.minimum(whole, self.horizon_months)
        second = np.minimum(whole + 1, self.horizon_months)
        if len(first) == 1:
            return after[:, first[0]] + fraction * (after[:, second[0]] - after[:, first[0]])
        rows = np.broadcast_shapes(after.shape[:1], first.shape[:1])[0]
        after = np.broadcast_to(after, (rows, after.shape[1]))
        here = np.take_along_axis(after, np.broadcast_to(first, (rows, first.shape[1])), axis=1)
        there = np.take_along_axis(after, np.broadcast_to(second, (rows, second.shape[1])), axis=1)
        return here + fraction * (there - here)

    def intake_weight(self, month_weights: FloatArray) -> FloatArray:
        """Return the weighted number of covered intakes, shape (draws,) or (1,)."""
        weight: FloatArray = (self.coverage * month_weights).sum(axis=1)
        return weight

    def _weight_after_delay(self, month_weights: FloatArray) -> FloatArray:
        """Return Σ_t coverage[t]·weight[t + j] for delays j = 0 … T; zero at T."""
        horizon = self.horizon_months
        rows = np.broadcast_shapes(self.coverage.shape[:1], month_weights.shape[:1])[0]
        after = np.zeros((rows, horizon + 1))
        if rows == 1:
            after[0, :horizon] = np.correlate(month_weights[0], self.coverage[0], "full")[horizon - 1 :]
            return after
        if len(month_weights) == 1:
            later = np.concatenate([month_weights[0], np.zeros(horizon)])
            month = np.arange(horizon)
            after[:, :horizon] = self.coverage @ later[month[:, None] + month]
            return after
        for delay in range(horizon):
            seen = self.coverage[:, : horizon - delay] * month_weights[:, delay:]
            after[:, delay] = seen.sum(axis=1)
        return after

    def by_month(self, units: FloatArray) -> FloatArray:
        """Return the units that fall in each month, for ``units`` a covered intake.

        Args:
            units: expected units k of one episode, shape (draws, N) or (1, N).

        Returns:
            Shape (draws, T) or (1, T).
        """
        if len(self._places) and len(self.coverage) == 1:
            months: FloatArray = (self._convolve(self._places).T @ units.T).T  # one product, a month after the other
            return months
        return self._convolve(self._place(units))

    @cached_property
    def _places(self) -> FloatArray:
        """Return in which months of delay each unit falls, shape (N, T); no rows where that differs between draws."""
        whole, fraction = self._delay
        horizon = self.horizon_months
        if len(whole) > 1:
            return np.zeros((0, horizon))
        place = np.zeros((self.units, horizon + 2))  # two columns past the horizon catch what it does not see
        units, first = np.arange(self.units), np.minimum(whole[0], horizon)
        place[units, first] = 1.0 - fraction[0]
        place[units, first + 1] = fraction[0]
        return place[:, :horizon]

    def _place(self, units: FloatArray) -> FloatArray:
        """Sum units by whole months of delay, shape (draws, T)."""
        if len(self._places):
            return units @ self._places
        whole, fraction = self._delay
        horizon = self.horizon_months
        rows = len(whole)
        wide = horizon + 2  # two columns past the horizon catch what it does not see
        spread = np.broadcast_to(units, whole.shape)
        start = (np.arange(rows) * wide)[:, None] + np.minimum(whole, horizon)
        flat = np.zeros(rows * wide)
        for later, part in ((0, 1.0 - fraction), (1, fraction)):
            flat += np.bincount(start.ravel() + later, (spread * part).ravel(), minlength=rows * wide)
        return flat.reshape(rows, wide)[:, :horizon]

    def _convolve(self, placed: FloatArray) -> FloatArray:
        """Spread delays over intake months: Σ_j placed[j]·coverage[m − j]."""
        horizon = self.horizon_months
        if len(self._ramp) == 1:  # growth^(m − j) is growth^m / growth^j, so one product does for all draws
            lag = np.arange(horizon)[None, :] - np.arange(horizon)[:, None]
            toeplitz = np.where(lag >= 0, self._ramp[0][np.maximum(lag, 0)], 0.0)
            spread: FloatArray = placed / self._growth @ toeplitz * self._growth
            return spread
        rows = np.broadcast_shapes(self.coverage.shape[:1], placed.shape[:1])[0]
        months = np.zeros((rows, horizon))
        for delay in range(horizon):
            months[:, delay:] += placed[:, delay : delay + 1] * self.coverage[:, : horizon - delay]
        return months

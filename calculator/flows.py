"""Flows of money: summed over months, or month by month."""

from __future__ import annotations

from dataclasses import dataclass

from calculator.arrays import FloatArray


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

"""Flows of money: summed over months, or month by month."""

from __future__ import annotations

from dataclasses import dataclass

from calculator.arrays import FloatArray


@dataclass(frozen=True)
class Flows:
    """What a programme brings and costs: money summed over months, shape (draws,), or by month, shape (draws, T)."""

    revenue_kept: FloatArray
    contribution_kept: FloatArray
    acquisition_saved: FloatArray
    program_cost: FloatArray

    @property
    def net_benefit(self) -> FloatArray:
        """Return contribution kept plus acquisition saved less programme cost."""
        return self.contribution_kept + self.acquisition_saved - self.program_cost


@dataclass(frozen=True)
class Months(Flows):
    """Flows by month, with the volumes behind them; ``program_cost`` is without what is paid at go-live."""

    covered_intakes: FloatArray
    extra_units: FloatArray

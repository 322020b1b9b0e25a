"""What a stream of monthly net benefits amounts to: payback and internal rate of return."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyxirr

from calculator.arrays import FloatArray

NEWTON_STEPS = 10
HIGHEST_IRR = 1e4  # a million percent a year: beyond it there is next to nothing invested to speak of


def cumulative(go_live_cost: FloatArray, net_benefit: FloatArray) -> FloatArray:
    """Return the running total at go-live and after each month, shape (draws, T + 1).

    Args:
        go_live_cost: paid once at go-live, shape (draws,) or (1,).
        net_benefit: of each month without what is paid at go-live, shape (draws, T).
    """
    start = np.broadcast_to(-go_live_cost[:, None], (len(net_benefit), 1))
    return np.concatenate([start, net_benefit], axis=1).cumsum(axis=1)


def payback_months(running_total: FloatArray) -> FloatArray:
    """Return when the running total reaches zero for good, linear within the month; NaN where it never does.

    Args:
        running_total: at go-live and after each month, shape (draws, T + 1).

    Returns:
        Months since go-live, shape (draws,).

    >>> payback_months(np.array([[-10.0, -5.0, 5.0], [-1.0, 1.0, -1.0], [0.0, 1.0, 2.0]]))
    array([1.5, nan, 0. ])
    """
    below = running_total < 0.0
    last_below = running_total.shape[1] - 1 - np.argmax(below[:, ::-1], axis=1)
    never_below = ~below.any(axis=1)
    ends_below = below[:, -1]
    before = np.minimum(last_below, running_total.shape[1] - 2)
    rows = np.arange(len(running_total))
    low, high = running_total[rows, before], running_total[rows, before + 1]
    rise = np.where(high > low, high - low, 1.0)
    months = np.where(never_below, 0.0, before - low / rise)
    months[ends_below] = np.nan
    return months


def annual_irr(go_live_cost: FloatArray, net_benefit: FloatArray) -> FloatArray:
    """Return the effective annual rate at which the flows are worth nothing today.

    NaN where there is none, and above ``HIGHEST_IRR``.

    Flows of month m fall at its end, (m + 1)/12 years from go-live; what is paid at go-live falls at 0.

    Args:
        go_live_cost: shape (draws,) or (1,).
        net_benefit: shape (draws, T).
    """
    start = np.broadcast_to(-go_live_cost[:, None], (len(net_benefit), 1))
    flows = np.concatenate([start, net_benefit], axis=1)
    signs = np.sign(flows)
    rows = np.flatnonzero((signs < 0.0).any(axis=1) & (signs > 0.0).any(axis=1))
    monthly = _monthly_irr(flows[rows])
    monthly[~((monthly > -1.0) & (monthly < HIGHEST_IRR))] = np.nan
    annual = np.expm1(12.0 * np.log1p(monthly))
    rates = np.full(len(flows), np.nan)
    rates[rows] = np.where(annual <= HIGHEST_IRR, annual, np.nan)
    return rates


def _monthly_irr(flows: FloatArray) -> FloatArray:
    """Return the monthly rate of each row: Newton on all rows at once, and the library for those it does not settle.

    Only where the sign changes once is the root unique (Descartes), so only there may Newton choose it.
    """
    once = (np.diff(np.sign(flows), axis=1) != 0.0).sum(axis=1) == 1
    rates, settled = _newton(flows, once & (np.count_nonzero(flows, axis=1) == flows.shape[1]))
    for row in np.flatnonzero(~settled):
        found = pyxirr.irr(flows[row], silent=True)
        rates[row] = np.nan if found is None else found
    return rates


def _newton(flows: FloatArray, allowed: npt.NDArray[np.bool_]) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Return rates and whether each settled, in the discount factor v = 1/(1 + rate), where the NPV is a polynomial."""
    factor = np.full(len(flows), 0.99)
    step = np.full(len(flows), np.inf)
    columns = np.ascontiguousarray(flows.T)
    with np.errstate(all="ignore"):
        for _ in range(NEWTON_STEPS):
            value, slope = columns[-1].copy(), np.zeros(len(flows))
            for column in columns[-2::-1]:
                slope *= factor
                slope += value
                value *= factor
                value += column
            step = value / slope
            factor = factor - step
        settled = allowed & (np.abs(step) < 1e-13 * factor) & (factor > 0.0)
        rates = 1.0 / factor - 1.0
    return np.where(settled, rates, np.nan), settled

"""What a stream of monthly net benefits amounts to: payback and internal rate of return."""

from __future__ import annotations

import numpy as np
import pyxirr

from calculator.arrays import FloatArray

NEWTON_STEPS = 10
SETTLED = 1e-6  # step in the log of the discount factor: what is then left is of the order of its square
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
    draws, months = net_benefit.shape
    flows = np.empty((months + 1, draws))  # a row a month, over which numpy is faster than over a column a month
    flows[0], flows[1:] = -go_live_cost, net_benefit.T
    monthly = _monthly_irr(flows)
    monthly[~((monthly > -1.0) & (monthly < HIGHEST_IRR))] = np.nan
    annual: FloatArray = np.expm1(12.0 * np.log1p(monthly))
    annual[annual > HIGHEST_IRR] = np.nan
    return annual


def _monthly_irr(flows: FloatArray) -> FloatArray:
    """Return the monthly rate of each draw: Newton on all at once, and the library for those it does not settle.

    Only where the sign changes once is the root unique (Descartes), so only there may Newton choose it.

    Args:
        flows: at go-live and at the end of each month, shape (T + 1, draws).
    """
    gains = flows > 0.0
    once = ((gains[1:] != gains[:-1]).sum(axis=0) == 1) & flows.all(axis=0)
    rates = np.full(flows.shape[1], np.nan)
    if once.any():
        rates[once] = _newton(flows if once.all() else flows[:, once])
    left = np.isnan(rates)
    left[left] = gains[:, left].any(axis=0) & (flows[:, left] < 0.0).any(axis=0)
    for draw in np.flatnonzero(left):
        found = pyxirr.irr(flows[:, draw], silent=True)
        rates[draw] = np.nan if found is None else found
    return rates


def _newton(flows: FloatArray) -> FloatArray:
    """Return the rate of each draw, whose sign changes once, shape (draws,); NaN where it does not settle.

    With v = 1/(1 + rate) the gains are worth A(v) and the costs B(v), and ln A − ln B is zero at the rate. Over ln v
    that is nearly a line, whose slope is how many months lie between the two, so few steps do, wherever they start.
    """
    gains = np.maximum(flows, 0.0)
    costs = gains - flows
    factor = np.full(flows.shape[1], 0.99)
    with np.errstate(all="ignore"):
        for _ in range(NEWTON_STEPS):
            (gain, gain_slope), (cost, cost_slope) = _worth(gains, factor), _worth(costs, factor)
            step = np.log(gain / cost) / (factor * (gain_slope / gain - cost_slope / cost))
            factor = factor * np.exp(-step)
            settled = np.abs(step) < SETTLED
            if settled.all():
                break
        return np.where(settled, 1.0 / factor - 1.0, np.nan)


def _worth(flows: FloatArray, factor: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return Σ flows[m]·factor**m and its slope, by Horner from the last month that has any."""
    last = int(np.flatnonzero(flows.any(axis=1))[-1])
    value, slope = flows[last].copy(), np.zeros(len(factor))
    for row in flows[:last][::-1]:
        slope *= factor
        slope += value
        value *= factor
        value += row
    return value, slope

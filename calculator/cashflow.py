"""What a stream of monthly net benefits amounts to: payback and internal rate of return."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise

import numpy as np

from calculator.arrays import BoolArray, FloatArray

HIGHEST_IRR = 1e4  # a million percent a year: beyond it there is next to nothing invested to speak of
START = -0.01  # of Newton: one percent a month
NEWTON_STEPS = 10
SETTLED = 1e-6  # step in the log of the discount factor: what is then left is of the order of its square
# Where several rates are looked for, in x = -ln(1 + monthly rate): from the highest rate to a loss of everything.
NEAREST, MIDDLE, FARTHEST = -math.log1p(HIGHEST_IRR) / 12.0, 1.0, 49.0
EVEN_CELLS, GROWING_CELLS = 110, 20
CLOSE = 0.75  # share of what is added up above which the worth cannot reach zero within a cell: tanh(T·width/2)
FEW = 64  # draws, up to which the grid is faster than going through the months one by one
HALVINGS = 60  # at most: Newton needs a handful, and where two rates nearly meet a few dozen
EXACT = 1e-14  # step in x at which no digit is left to win


def cumulative(go_live_cost: FloatArray, net_benefit: FloatArray) -> FloatArray:
    """Return the running total at go-live and after each month, shape (draws, T + 1).

    Args:
        go_live_cost: paid once at go-live, shape (draws,) or (1,).
        net_benefit: of each month without what is paid at go-live, shape (draws, T).
    """
    total = _flows(go_live_cost, net_benefit)
    for before, after in pairwise(total):
        after += before
    return total.T


def _flows(go_live_cost: FloatArray, net_benefit: FloatArray) -> FloatArray:
    """Return what is paid at go-live and the net benefit of each month, shape (T + 1, draws)."""
    draws, months = net_benefit.shape
    flows = np.empty((months + 1, draws))
    flows[0], flows[1:] = -go_live_cost, net_benefit.T
    return flows


def payback_months(running_total: FloatArray) -> FloatArray:
    """Return when the running total reaches zero for good, linear within the month; NaN where it never does.

    Args:
        running_total: at go-live and after each month, shape (draws, T + 1).

    Returns:
        Months since go-live, shape (draws,).

    >>> payback_months(np.array([[-10.0, -5.0, 5.0], [-1.0, 1.0, -1.0], [0.0, 1.0, 2.0]]))
    array([1.5, nan, 0. ])
    """
    last = running_total.shape[1] - 1
    places = np.arange(1, last + 2, dtype=np.int16)
    last_below = ((running_total < 0.0) * places).max(axis=1).astype(np.intp) - 1  # -1 where it never is
    before = np.clip(last_below, 0, last - 1)
    rows = np.arange(len(running_total))
    low, high = running_total[rows, before], running_total[rows, before + 1]
    rise = np.where(high > low, high - low, 1.0)
    months = np.where(last_below < 0, 0.0, before - low / rise)
    months[last_below == last] = np.nan
    return months


def annual_irr(go_live_cost: FloatArray, net_benefit: FloatArray) -> FloatArray:
    """Return the effective annual rate at which the flows are worth nothing today.

    Where the sign of the flows changes more than once there may be several such rates; it is the highest one up to
    ``HIGHEST_IRR``, as in the workbook. NaN where there is none. There is none either where the worth at
    ``HIGHEST_IRR`` has another sign than the first flow, since a rate above it then comes before all others.

    Flows of month m fall at its end, (m + 1)/12 years from go-live; what is paid at go-live falls at 0.

    Args:
        go_live_cost: shape (draws,) or (1,).
        net_benefit: shape (draws, T).

    −100, +230, −132 has the monthly rates 10 % and 20 %, which are 214 % and 792 % a year:

    >>> annual_irr(np.array([100.0]), np.array([[230.0, -132.0]])).round(2)
    array([7.92])
    """
    flows = _flows(go_live_cost, net_benefit)
    gains, costs = flows > 0.0, flows < 0.0
    mixed = gains.any(axis=0) & costs.any(axis=0)
    log_factor = np.full(flows.shape[1], np.nan)
    if len(log_factor) > FEW:
        (once,) = np.nonzero(mixed & _change_once(gains, costs))
        log_factor[once] = _only_root(flows.take(once, axis=1))
    (others,) = np.nonzero(mixed & np.isnan(log_factor))
    if others.size:
        log_factor[others] = _first_root(flows.take(others, axis=1))
    log_factor[~((log_factor >= NEAREST) & (log_factor <= FARTHEST))] = np.nan
    annual: FloatArray = np.expm1(-12.0 * log_factor)
    return annual


def _change_once(gains: BoolArray, costs: BoolArray) -> BoolArray:
    """Return for each draw whether its sign changes once, with no zero but where all draws have one."""
    paid = (gains | costs).any(axis=1)
    gains, costs = gains[paid], costs[paid]
    changes = (gains[1:] != gains[:-1]).sum(axis=0, dtype=np.int16)
    once: BoolArray = (changes == 1) & (gains | costs).all(axis=0)
    return once


def _only_root(flows: FloatArray) -> FloatArray:
    """Return x = −ln(1 + monthly rate) of each draw whose sign changes once, shape (draws,); NaN where unsettled.

    There the root is the only one (Descartes), so Newton may choose it. With v = exp(x) the gains are worth A(v) and
    the costs B(v), and ln A − ln B is zero at the rate. Over x that is nearly a line, whose slope is how many months
    lie between the two, so few steps do, wherever they start.
    """
    gains = np.maximum(flows, 0.0)
    sides = [_until_last(side) for side in (gains, gains - flows)]
    log_factor = np.full(flows.shape[1], START)
    settled = np.zeros(flows.shape[1], dtype=np.bool_)
    with np.errstate(all="ignore"):
        for _ in range(NEWTON_STEPS if settled.size else 0):
            factor = np.exp(log_factor)
            (gain, gain_slope), (cost, cost_slope) = (_worth(side, factor) for side in sides)
            step = np.log(gain / cost) / (factor * (gain_slope / gain - cost_slope / cost))
            log_factor -= step
            settled = np.abs(step) < SETTLED
            if settled.all():
                break
    return np.where(settled, log_factor, np.nan)


def _until_last(flows: FloatArray) -> FloatArray:
    """Return the flows without the months at the end in which no draw has any."""
    return flows[: int(np.flatnonzero(flows.any(axis=1))[-1]) + 1] if flows.any() else flows[:1]


def _worth(flows: FloatArray, factor: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return Σ flows[m]·factor**m and its slope, by Horner."""
    value, slope = flows[-1].copy(), np.zeros(len(factor))
    for row in flows[:-1][::-1]:
        slope *= factor
        slope += value
        value *= factor
        value += row
    return value, slope


def _first_root(flows: FloatArray) -> FloatArray:
    """Return the lowest x = −ln(1 + monthly rate) at which the flows of each draw are worth nothing; NaN without one.

    It is looked for on a grid: between the first two points that differ in the sign of the worth. Two rates may lie
    between the same two points: so the first dip towards zero before those is looked at closely.

    Args:
        flows: at go-live and at the end of each month, not all of one sign, shape (T + 1, draws).
    """
    flows = flows * np.sign(flows[(flows != 0.0).argmax(axis=0), np.arange(flows.shape[1])])  # first above zero
    grid, powers = _grid(len(flows))
    share = (powers @ flows) / (powers @ np.abs(flows))
    before = ~np.logical_or.accumulate(share <= 0.0, axis=0)
    cell = before.sum(axis=0) % len(grid)
    exists = cell > 0  # not where it never turns, nor where it has turned at the highest rate already
    low, high = grid[cell - 1], grid[cell]
    inner = share[1:-1]
    dips = before[2:] & (inner < CLOSE) & (inner < share[:-2]) & (inner <= share[2:])
    (close,) = np.nonzero(dips.any(axis=0))
    if close.size:
        dip = dips[:, close].argmax(axis=0)
        at, reached = _lowest(flows[:, close], grid[dip], grid[dip + 2])
        close, dip, at = close[reached], dip[reached], at[reached]
        low[close], high[close], exists[close] = grid[dip], at, True
    return np.where(exists, _refined(flows, low, high), np.nan)


def _lowest(flows: FloatArray, low: FloatArray, high: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Return the x at which the worth is the least share of what is added up, and whether it reaches zero there."""
    gains, month = np.maximum(flows, 0.0), np.arange(len(flows), dtype=np.float64)
    costs = gains - flows
    for _ in range(HALVINGS):
        x = (low + high) / 2.0
        powers = np.exp(_exponents(len(flows), x))
        gain, cost = gains * powers, costs * powers
        falling = (month @ gain) * cost.sum(axis=0) < (month @ cost) * gain.sum(axis=0)
        low, high = np.where(falling, x, low), np.where(falling, high, x)
    return x, gain.sum(axis=0) <= cost.sum(axis=0)


@lru_cache(maxsize=8)
def _grid(months: int) -> tuple[FloatArray, FloatArray]:
    """Return the grid over x and exp(m·x), shape (cells + 1, months), scaled so that no power is out of bounds."""
    even, growing = np.linspace(NEAREST, MIDDLE, EVEN_CELLS + 1), np.geomspace(MIDDLE, FARTHEST, GROWING_CELLS + 1)
    grid = np.concatenate([even, growing[1:]])
    powers = np.exp(_exponents(months, grid).T)
    return grid, powers


def _exponents(months: int, x: FloatArray) -> FloatArray:
    """Return m·x less its largest value, shape (months, len(x))."""
    exponents: FloatArray = np.arange(months, dtype=np.float64)[:, None] * x - np.maximum((months - 1) * x, 0.0)
    return exponents


def _refined(flows: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Return where the worth turns from above zero at ``low``: Newton, halving where that would leave the bracket."""
    month = np.arange(len(flows), dtype=np.float64)
    x = (low + high) / 2.0
    for _ in range(HALVINGS):
        powers = np.exp(_exponents(len(flows), x))
        worth, slope = np.einsum("md,md->d", flows, powers), np.einsum("m,md,md->d", month, flows, powers)
        low, high = np.where(worth > 0.0, x, low), np.where(worth > 0.0, high, x)
        with np.errstate(all="ignore"):
            newton = x - worth / slope
        before, x = x, np.where((newton >= low) & (newton <= high), newton, (low + high) / 2.0)
        if (np.abs(x - before) < EXACT).all():
            break
    return x

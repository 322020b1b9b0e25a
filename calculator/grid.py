"""NPV over two inputs at once: what if this were so and that were so, at the point estimate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assumptions import Library
from calculator.arrays import FloatArray
from calculator.errors import InputError, Problem
from calculator.following import following
from calculator.language import gettext as _
from calculator.model import Block
from calculator.quantiles import quantile
from calculator.resolve import HEADS, Resolved, basis_value, resolve
from calculator.scenario import Road, Scenario

PLAN, MEDIAN = "clinic.planned_units", "clinic.median_dropout_unit"
PAIRS: Mapping[Road, tuple[str, str]] = {
    "program": ("program.odds_ratio", "program.subscription_per_clinician_month"),
    "alliance": ("program.alliance_lift_sd", "program.subscription_per_clinician_month"),
    "targeted": ("program.save_rate", "program.subscription_per_clinician_month"),
}
SPARE = 2  # round values beyond what was asked for, before those furthest from the scenario's own are left out
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
WHOLE_STEPS = (1.0, 2.0, 5.0, 10.0)
CLOSE = 0.3  # of a step: nearer than that the scenario's own value takes the place of a round one
FROM_NOTHING = 0.2  # a share that is zero and certain is tried up to here ...
FROM_NOTHING_ELSE = 10.0  # ... and any other number up to here


@dataclass(frozen=True)
class Grid:
    """NPV at every pair of values, a row for each value of ``down``; ``own`` is the row and column of the scenario."""

    across: str
    down: str
    across_values: tuple[float, ...]
    down_values: tuple[float, ...]
    npv: tuple[tuple[float, ...], ...]
    own: tuple[int, int]


def grid_inputs(resolved: Resolved) -> tuple[str, ...]:
    """Return the inputs a grid may vary: all that bear on the result by its road, but for the payers' shares.

    Shares add up to 1, so that one cannot move alone.
    """
    return tuple(path for path in resolved.inputs if resolved.matters(path) and not path.endswith(".share"))


def default_pair(road: Road) -> tuple[str, str]:
    """Return what to put across and down when nobody chose: how well it works by the road, and its price."""
    return PAIRS[road]


def npv_grid(scenario: Scenario, library: Library, across: str, down: str, columns: int = 7, rows: int = 7) -> Grid:
    """Return NPV at the point estimate over two inputs, everything else as it is.

    Defaults that are a share of one of the two move with it. How likely a freed slot is filled again does not.

    Args:
        scenario: what the user gave.
        library: the evidence that fills the gaps.
        across: path of the input along the columns.
        down: path of the input along the rows.
        columns: how many values of ``across`` at most, the scenario's own among them.
        rows: likewise of ``down``.

    Raises:
        InputError: where a path cannot be varied.
    """
    resolved = resolve(scenario, library)
    _check(resolved, across, down)
    first, second = _values(resolved, across, columns), _values(resolved, down, rows)
    raw = {across: np.tile(first, len(second)), down: np.repeat(second, len(first))}
    block = Block(resolved.road, resolved.payers, resolved.horizon_months, _settled(resolved, raw))
    npv = np.broadcast_to(block.npv, (len(first) * len(second),)).reshape(len(second), len(first))
    return Grid(
        across=across,
        down=down,
        across_values=first,
        down_values=second,
        npv=tuple(tuple(row) for row in npv.tolist()),
        own=(second.index(resolved.inputs[down].value), first.index(resolved.inputs[across].value)),
    )


def _check(resolved: Resolved, across: str, down: str) -> None:
    allowed = grid_inputs(resolved)
    problems = [
        Problem(path, _("cannot be varied here; choose an input that bears on the result, and no payer's share."))
        for path in (across, down)
        if path not in allowed
    ]
    if across == down:
        problems.append(Problem(down, _("is chosen twice; choose two different inputs.")))
    if {across, down} == {PLAN, MEDIAN}:
        problems.append(Problem(down, _("depends on %(path)s; choose another pair.", path=across)))
    if problems:
        raise InputError(problems)


def _settled(resolved: Resolved, raw: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Return every input's value as ``resolve`` would for each pair, defaults that are a share of another included."""
    values = {path: np.array([item.value]) for path, item in resolved.inputs.items()} | dict(raw)
    follow = following(resolved).items()
    return values | {path: each.value(values, resolved.payers) for path, each in follow if path not in raw}


def _values(resolved: Resolved, path: str, count: int) -> tuple[float, ...]:
    """Return round values over the plausible range, ascending, the scenario's own among them."""
    own = resolved.inputs[path].value
    low, high = _bounds(resolved, path)
    first, last = _range(resolved, path)
    first, last = max(min(first, own), low), min(max(last, own), high)
    if count < 2 or last <= first:
        return (own,)
    whole = resolved.inputs[path].quantity.whole or path == HEADS
    step, divisor = _step((last - first) / (count + SPARE - 1), whole=whole)
    numbers = range(math.ceil(first * divisor / step - 1e-9), math.floor(last * divisor / step + 1e-9) + 1)
    found = {min(max(number * step / divisor, low), high) for number in numbers}
    found = {value for value in found if abs(value - own) >= CLOSE * step / divisor} | {own}
    ordered = sorted(found)
    while len(ordered) > count:
        ordered.pop(0 if own - ordered[0] > ordered[-1] - own else -1)
    return tuple(ordered)


def _range(resolved: Resolved, path: str) -> tuple[float, float]:
    """Return the 5th and 95th percentile where the input is uncertain, else half and double its value."""
    item = resolved.inputs[path]
    own = item.value
    if not item.certain:
        low, high = (float(value) for value in quantile(item.distribution, np.array([0.05, 0.95])))
        scale = 1.0
        if item.basis is not None:
            point = {name: np.array([other.value]) for name, other in resolved.inputs.items()}
            scale = float(basis_value(item.basis, point, resolved.payers)[0])
        return low * scale, high * scale
    if own == 0.0:
        share = item.quantity.is_share or item.quantity.unit == "per year"
        return 0.0, FROM_NOTHING if share else FROM_NOTHING_ELSE
    return min(own / 2.0, own * 2.0), max(own / 2.0, own * 2.0)


def _bounds(resolved: Resolved, path: str) -> tuple[float, float]:
    """Return what may be entered: of plan and median dropout, each stays clear of the other where that is given."""
    declared = resolved.inputs[path].quantity
    low, high = declared.ge, declared.le
    plan, median = resolved.inputs[PLAN], resolved.inputs[MEDIAN]
    if path == PLAN and median.given is not None:
        low = min(math.floor(median.value) + 2.0, plan.value)
    if path == MEDIAN and plan.value > 2.0:
        high = max(math.nextafter(plan.value - 1.0, 0.0), median.value)
    return low, high


def _step(least: float, *, whole: bool) -> tuple[float, float]:
    """Return the smallest round step of at least ``least`` as a whole multiple and its divisor, both exact."""
    power = max(math.floor(math.log10(least)), 0) if whole else math.floor(math.log10(least))
    factor = next((step for step in (WHOLE_STEPS if whole else STEPS) if step * 10.0**power >= least), 10.0)
    return (factor * 10.0**power, 1.0) if power >= 0 else (factor, 10.0**-power)

"""Why a result changed: what each input that differs accounts for in the difference of two net present values.

An input's part is its Shapley value: the average, over every order in which the inputs could be changed one after the
other, of what its own step adds. So the parts add up to the whole difference, and no order is preferred.

A default that is a share of other inputs follows them in every world between, as it would if that world were written
down, and has no part of its own. It has one, under its own path, where only one scenario leaves it to the default or
where the share itself differs (between settings of care): the part of that choice or share, whatever the inputs it
meets. How likely a freed slot is filled again has one too wherever it differs, although its default goes in steps with
how full the practice is: places and occupancy, which that rests on, are no inputs of the model themselves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from calculator.arrays import FloatArray
from calculator.following import Following, following
from calculator.model import Block, sum_over_payers
from calculator.resolve import ROAD_INPUTS, Resolved
from calculator.scenario import Road

PAYERS = "payers"  # all payers together: their shares make sense only as a whole
ROAD = "program.evidence_road"  # where the road differs, it and the inputs of both roads
HORIZON = "analysis.horizon_months"
MOST_EXACT = 10  # inputs; above it 2 ** inputs worlds take too long, and orders are drawn instead
WORLDS = 4096  # drawn at most, or a few orders where even those are more
SEED = 1

Worlds = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]  # a row for each, a column for each input: taken from after


@dataclass(frozen=True)
class Part:
    """What one input accounts for: its path, or ``PAYERS`` or ``ROAD`` for a group."""

    input: str
    amount: float


@dataclass(frozen=True)
class Attribution:
    """The net present value before and after at the likely value of every input, and the parts between, largest first.

    ``exact`` is whether every order was looked at, rather than many drawn ones; the parts add up either way.
    """

    before: float
    after: float
    parts: tuple[Part, ...]
    exact: bool = True


def attribution(before: Resolved, after: Resolved, most_exact: int = MOST_EXACT) -> Attribution:
    """Return what each input that differs accounts for in the change of net present value.

    Args:
        before: the baseline.
        after: the other scenario, in the same currency.
        most_exact: up to so many differing inputs every order is looked at.

    References:
        Shapley LS (1953). A value for n-person games. Contributions to the Theory of Games II, 307-317.
        Castro J, Gómez D, Tejada J (2009). Polynomial calculation of the Shapley value based on sampling. Computers &
        Operations Research 36(5):1726-1730, doi:10.1016/j.cor.2008.04.004.
    """
    game = _Game(_State.of(before), _State.of(after))
    exact = len(game.players) <= most_exact
    amounts = (_over_all if exact else _over_drawn)(game) if game.players else np.zeros(0)
    parts = [Part(path, float(amount)) for path, amount in zip(game.players, amounts, strict=True)]
    return Attribution(
        before=float(before.block({}).npv[0]),
        after=float(after.block({}).npv[0]),
        parts=tuple(sorted(parts, key=lambda part: -abs(part.amount))),
        exact=exact,
    )


@dataclass(frozen=True)
class _State:
    """One scenario at its point: the numbers that bear on NPV by some road, its payers boiled down to one.

    ``following`` are those of them that are a share of others.
    """

    road: Road
    horizon: int
    payers: FloatArray
    values: Mapping[str, FloatArray]
    following: Mapping[str, Following]

    def chosen(self, path: str) -> Following | float:
        """Return what an input is by itself: how it follows others, or its number."""
        return self.following.get(path) or float(self.values[path][0])

    def settled(self, path: str, world: Mapping[str, FloatArray]) -> FloatArray:
        """Return an input as this scenario has it, where the inputs it may follow are as in ``world``."""
        follows = self.following.get(path)
        return self.values[path] if follows is None else follows.value(world, 1)

    @classmethod
    def of(cls, resolved: Resolved) -> _State:
        values = resolved.values({})
        paid = [[values[f"payers.{row}.{key}"] for key in ("share", "allowed_per_unit", "collection_rate")]
                for row in range(1, resolved.payers + 1)]  # fmt: skip
        collected = sum_over_payers(values, resolved.payers, collected=True)  # all that NPV takes from payers
        plain = {path: value for path, value in values.items() if not path.startswith("payers.")}
        one = {"payers.1.share": np.ones(1), "payers.1.allowed_per_unit": collected,
               "payers.1.collection_rate": np.ones(1)}  # fmt: skip
        return cls(resolved.road, resolved.horizon_months, np.array(paid), plain | one, following(resolved))


@dataclass(frozen=True)
class _Game:
    """Every world between two scenarios, in which some inputs are as before and the others as after."""

    before: _State
    after: _State

    @cached_property
    def players(self) -> tuple[str, ...]:
        """Return the inputs that differ, groups last."""
        before, after = self.before, self.after
        idle = [paths for road, paths in ROAD_INPUTS.items() if road != before.road or road != after.road]
        grouped = {path for paths in idle for path in paths}  # bear on nothing, or belong to ROAD
        alone = [
            path
            for path in before.values
            if path not in grouped and not path.startswith("payers.") and before.chosen(path) != after.chosen(path)
        ]
        groups = {
            PAYERS: not np.array_equal(before.payers, after.payers),
            ROAD: before.road != after.road,
            HORIZON: before.horizon != after.horizon,
        }
        return (*alone, *(group for group, differs in groups.items() if differs))

    @cached_property
    def _player_of(self) -> Mapping[str, str]:
        """Return which player moves each number; what none moves is the same or bears on nothing."""
        moved = {path: path for path in self.players if path in self.before.values}
        if PAYERS in self.players:
            moved |= {path: PAYERS for path in self.before.values if path.startswith("payers.")}
        if ROAD in self.players:
            moved |= {path: ROAD for paths in ROAD_INPUTS.values() for path in paths}
        return moved

    def npv(self, worlds: Worlds) -> FloatArray:
        """Return the net present value of each world; one block for each road and horizon."""
        found = np.empty(len(worlds))
        none = np.zeros(len(worlds), dtype=np.bool_)
        columns = dict(zip(self.players, worlds.T, strict=True))
        other_road, other_horizon = columns.get(ROAD, none), columns.get(HORIZON, none)
        for road in {False, bool(other_road.any())}:
            for horizon in {False, bool(other_horizon.any())}:
                rows = np.flatnonzero((other_road == road) & (other_horizon == horizon))
                if rows.size:
                    block = self._block(worlds[rows], road=road, horizon=horizon)
                    found[rows] = np.broadcast_to(block.npv, rows.shape)
        return found

    def _block(self, worlds: Worlds, *, road: bool, horizon: bool) -> Block:
        columns = dict(zip(self.players, worlds.T, strict=True))
        values = dict(self.before.values)
        follow = {*self.before.following, *self.after.following}
        for path in sorted(self._player_of.keys() - follow):
            here, there = self.before.values[path], self.after.values[path]
            values[path] = _either(here, there, columns[self._player_of[path]])
        for path in sorted(follow):
            here = self.before.settled(path, values)
            if path in self._player_of:
                here = _either(here, self.after.settled(path, values), columns[path])
            values[path] = here
        return Block(
            road=(self.after if road else self.before).road,
            payers=1,
            horizon_months=(self.after if horizon else self.before).horizon,
            values=values,
        )


def _either(here: FloatArray, there: FloatArray, moved: Worlds) -> FloatArray:
    """Return ``there`` in the worlds that have moved and ``here`` in the others."""
    if moved.all():
        return there
    return np.where(moved, there, here) if moved.any() else here


def _over_all(game: _Game) -> FloatArray:
    """Return the Shapley values from every subset: Σ |S|!(n − |S| − 1)!/n!·(v(S ∪ i) − v(S)) over S without i."""
    count = len(game.players)
    subsets = np.arange(2**count)
    members = (subsets[:, None] >> np.arange(count)) & 1 == 1
    npv = game.npv(members)
    sizes = members.sum(axis=1)
    weights = np.array([1.0 / (count * math.comb(count - 1, size)) for size in range(count)])
    amounts = np.empty(count)
    for player in range(count):
        without = subsets[~members[:, player]]
        steps = npv[without | (1 << player)] - npv[without]
        amounts[player] = (weights[sizes[without]] * steps).sum()
    return amounts


def _over_drawn(game: _Game) -> FloatArray:
    """Return the mean step of each input over drawn orders, each order also run backwards.

    The steps of one order add up to the whole difference, so their means do too.
    """
    count = len(game.players)
    generator = np.random.default_rng(SEED)
    pairs = max(WORLDS // (2 * count), 4)
    drawn = np.array([generator.permutation(count) for _ in range(pairs)])
    orders = np.concatenate([drawn, drawn[:, ::-1]])
    ranks = np.argsort(orders, axis=1)
    members = ranks[:, None, :] < np.arange(count + 1)[None, :, None]  # order, how many have moved, input
    npv = game.npv(members.reshape(-1, count)).reshape(len(orders), count + 1)
    steps = np.take_along_axis(np.diff(npv, axis=1), ranks, axis=1)
    amounts: FloatArray = steps.mean(axis=0)
    return amounts

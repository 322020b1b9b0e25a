"""The calendar against a literal loop over intake months, units and the two months a unit may fall in."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.calendar import Calendar
from tests.calculator import reference

horizons = st.integers(1, 40)
plans = st.integers(1, 30)
schedules = st.floats(0.25, 62.0)


def calendar(horizon: int, units: int, per_month: float, growth: float = 0.0, ramp: float = 0.0) -> Calendar:
    """Return a calendar of one draw."""
    one = (np.array([value]) for value in (per_month, growth, ramp))
    return Calendar(horizon, units, *one)


def covered(horizon: int, growth: float, ramp: float) -> list[float]:
    """Section 3: adoption and intakes of each month, for one intake a month and full adoption."""
    reached = [min(1.0, (t + 1) / ramp) if ramp > 0.0 else 1.0 for t in range(horizon)]
    return [share * (1.0 + growth) ** (t / 12) for t, share in enumerate(reached)]


@given(horizon=horizons, units=plans, per_month=schedules, growth=st.floats(-0.9, 2.0), ramp=st.floats(0.0, 60.0))
def test_units_fall_where_the_literal_loop_puts_them(
    horizon: int, units: int, per_month: float, growth: float, ramp: float
) -> None:
    of_episode = [1.0 / (k + 1) for k in range(units)]
    expected = reference.spread(covered(horizon, growth, ramp), of_episode, per_month, horizon)
    when = calendar(horizon, units, per_month, growth, ramp)
    assert when.by_month(np.array([of_episode]))[0] == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(horizon=horizons, units=plans, per_month=schedules, growth=st.floats(-0.9, 2.0), ramp=st.floats(0.0, 60.0))
def test_weights_of_units_are_the_months_summed(
    horizon: int, units: int, per_month: float, growth: float, ramp: float
) -> None:
    """The fast way for many draws (a weight for each unit) and the months one by one must come to the same."""
    months = 1.1 ** -np.arange(1.0, horizon + 1.0)
    of_episode = np.array([[1.0 / (k + 1) for k in range(units)]])
    when = calendar(horizon, units, per_month, growth, ramp)
    by_unit = (when.unit_weights(months[None, :])[0] * of_episode[0]).sum()
    assert by_unit == pytest.approx((when.by_month(of_episode)[0] * months).sum(), rel=1e-9)
    intakes = (np.array(covered(horizon, growth, ramp)) * months).sum()
    assert when.intake_weight(months[None, :])[0] == pytest.approx(intakes, rel=1e-9)


@given(horizon=horizons, units=plans, per_month=schedules)
def test_no_unit_is_lost_or_made(horizon: int, units: int, per_month: float) -> None:
    """Intakes of T months, seen so long that nothing is cut, bring T·N units in all."""
    tail = math.ceil((units - 1) / per_month) + 1
    arrivals = [1.0] * horizon + [0.0] * tail
    expected = reference.spread(arrivals, [1.0] * units, per_month, horizon + tail)
    assert math.fsum(expected) == pytest.approx(horizon * units)
    # with intakes in every month, the first T months' own units are what the whole calendar has less the later ones'
    whole = calendar(horizon + tail, units, per_month).by_month(np.ones((1, units)))[0].sum()
    later = calendar(tail, units, per_month).by_month(np.ones((1, units)))[0].sum()
    assert whole - later == pytest.approx(horizon * units, rel=1e-9)


def test_a_case_by_hand() -> None:
    """Two units a month, N = 4: delays 0, ½, 1, 1½. One intake month t = 0 then brings 1 + ½ in month 0,
    ½ + 1 + ½ in month 1 and ½ in month 2. With the same intakes in months 1 and 2 the horizon of 3 sees
    1½, then 1½ + 2 = 3½, then 1½ + 2 + ½ = 4.
    """
    found = calendar(3, 4, 2.0).by_month(np.ones((1, 4)))[0]
    assert found == pytest.approx([1.5, 3.5, 4.0], abs=1e-12)


def test_units_on_the_edge_of_a_month() -> None:
    """With one unit a month the second comes exactly one month later: f = 0, all of it in the next month."""
    assert calendar(3, 2, 1.0).by_month(np.array([[0.0, 1.0]]))[0] == pytest.approx([0.0, 1.0, 1.0], abs=1e-15)


def test_a_horizon_of_one_month_sees_half_of_what_comes_half_a_month_later() -> None:
    assert calendar(1, 2, 2.0).by_month(np.ones((1, 2)))[0] == pytest.approx([1.5], abs=1e-15)


@pytest.mark.parametrize(
    ("ramp", "expected"),
    [
        (0.0, [1.0, 1.0, 1.0, 1.0]),
        (1.0, [1.0, 1.0, 1.0, 1.0]),
        (4.0, [0.25, 0.5, 0.75, 1.0]),
        (2.5, [0.4, 0.8, 1.0, 1.0]),
        (0.5, [1.0, 1.0, 1.0, 1.0]),
        (8.0, [0.125, 0.25, 0.375, 0.5]),
    ],
)
def test_ramp_by_hand(ramp: float, expected: list[float]) -> None:
    assert np.broadcast_to(calendar(4, 1, 1.0, 0.0, ramp).coverage, (1, 4))[0] == pytest.approx(expected, abs=1e-15)


def test_growth_compounds_by_the_year() -> None:
    """44 % a year is 20 % in half a year: (1.44) ** (6/12) = 1.2."""
    found = calendar(13, 1, 1.0, 0.44).coverage[0]
    assert found[[0, 6, 12]] == pytest.approx([1.0, 1.2, 1.44], rel=1e-12)


def test_draws_are_kept_apart() -> None:
    """Two draws with schedules, growth and ramps of their own give what each gives alone."""
    pairs = [(4.33, 0.1, 6.0), (1.5, -0.2, 0.0)]
    both = Calendar(10, 7, *(np.array(column) for column in zip(*pairs, strict=True)))
    units = np.linspace(1.0, 0.3, 7)[None, :]
    for row, (per_month, growth, ramp) in enumerate(pairs):
        alone = calendar(10, 7, per_month, growth, ramp)
        assert both.by_month(np.repeat(units, 2, axis=0))[row] == pytest.approx(alone.by_month(units)[0], rel=1e-12)
        weights = np.ones((1, 10))
        assert both.unit_weights(weights)[row] == pytest.approx(alone.unit_weights(weights)[0], rel=1e-12)

"""Payback and internal rate of return against hand calculations, polynomial roots, scipy and a library."""

from __future__ import annotations

import math

import numpy as np
import pytest
import pyxirr
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import optimize

from calculator.cashflow import annual_irr, cumulative, payback_months
from tests.calculator import reference
from tests.calculator.clinics import PAYING, plain, point_of, resolved_of

money = st.floats(-1e6, 1e6).map(lambda value: round(value, 2))


def payback(start: float, *months: float) -> float | None:
    """Return the payback of what is paid at go-live and the net benefit of each month."""
    found = payback_months(cumulative(np.array([start]), np.array([months])))[0]
    return None if math.isnan(found) else float(found)


def irr(start: float, *months: float) -> float | None:
    """Return the annual internal rate of return."""
    found = annual_irr(np.array([float(start)]), np.array([months], dtype=float))[0]
    return None if math.isnan(found) else float(found)


def worth(rate: float, start: float, *months: float) -> float:
    """Return the net present value at an annual rate, month m paid (m + 1)/12 years after go-live."""
    return -start + math.fsum(net * (1.0 + rate) ** (-(m + 1) / 12.0) for m, net in enumerate(months))


@pytest.mark.parametrize(
    ("flows", "expected"),
    [
        ((100.0, 40.0, 40.0, 40.0), 2.5),  # −60, −20, +20: half of the third month
        ((100.0, 50.0, 50.0), 2.0),  # exactly at the end of the second
        ((0.0, 10.0, 10.0), 0.0),  # nothing to pay back
        ((0.0, 0.0, 0.0), 0.0),
        ((100.0, 10.0, 10.0), None),  # never
        ((100.0, 150.0, -80.0, 60.0), 2.5),  # +50, −30, +30: reached for good within the third month
        ((100.0, 150.0, -80.0), None),  # dips below zero at the end
        ((0.0, -10.0, 20.0, -5.0), 1.5),  # −10, +10, +5
        ((0.0, 5.0, -10.0, 20.0), 2.25),  # above, below, above: 5 of the 20 of the third month
        ((-50.0, -10.0, -10.0), 0.0),  # paid at go-live: never below zero
        ((100.0, 100.0, 0.0, 0.0), 1.0),  # zero is reached and held
    ],
)
def test_payback_by_hand(flows: tuple[float, ...], expected: float | None) -> None:
    assert payback(*flows) == expected


@given(start=money, months=st.lists(money, min_size=1, max_size=30))
def test_payback_is_where_a_walk_back_from_the_end_finds_it(start: float, months: list[float]) -> None:
    expected = reference.payback(start, months)
    found = payback(start, *months)
    if found is None or expected is None:
        assert found is expected
    else:
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_payback_of_many_draws_at_once() -> None:
    start, months = np.array([100.0, 0.0, 100.0]), np.array([[60.0, 60.0], [-1.0, 2.0], [1.0, 1.0]])
    found = payback_months(cumulative(start, months))
    assert found[:2] == pytest.approx([100.0 / 60.0, 1.5])
    assert math.isnan(found[2])


def test_irr_by_hand() -> None:
    """Pay 100, get 110 after twelve months: 10 % a year; get 101 after one month: 1.01 ** 12 − 1 = 12.6825 % a year."""
    assert irr(100.0, *[0.0] * 11, 110.0) == pytest.approx(0.10, abs=1e-9)
    assert irr(100.0, 101.0) == pytest.approx(1.01**12 - 1.0, abs=1e-9)
    assert irr(100.0, *[0.0] * 23, 121.0) == pytest.approx(0.10, abs=1e-9)
    assert irr(100.0, *[0.0] * 11, 100.0) == pytest.approx(0.0, abs=1e-9)
    assert irr(100.0, *[0.0] * 11, 50.0) == pytest.approx(-0.5, abs=1e-9)


def test_irr_of_an_annuity_by_hand() -> None:
    """Two equal payments of 60 for 100: 100v⁰ = 60v + 60v², v = (−1 + √(1 + 20/3))/2 = 0.884437, r = v⁻¹² − 1."""
    v = (-1.0 + math.sqrt(1.0 + 20.0 / 3.0)) / 2.0
    assert irr(100.0, 60.0, 60.0) == pytest.approx(v**-12 - 1.0, rel=1e-9)


@pytest.mark.parametrize(
    "flows", [(100.0, -1.0, -1.0), (0.0, 1.0, 2.0), (0.0, 0.0, 0.0), (100.0, 0.0, 0.0), (0.0, -1.0, -2.0), (-5.0, 1.0)]
)
def test_flows_of_one_sign_have_no_irr(flows: tuple[float, ...]) -> None:
    assert irr(*flows) is None


@given(
    start=st.floats(1.0, 1e6),
    first=st.lists(st.floats(-1e4, 0.0), max_size=12),
    then=st.lists(st.floats(0.0, 1e5), min_size=2, max_size=48).filter(lambda values: sum(values) > 1.0),
)
def test_irr_agrees_with_a_root_found_by_scipy(start: float, first: list[float], then: list[float]) -> None:
    """Outgoings first and incomings after have one root in the discount factor (Descartes), wherever it is found."""
    months = [*first, *then]
    low, high = -0.9, 1e4
    assume(worth(low, start, *months) > 0.0 > worth(high, start, *months))
    expected = optimize.brentq(worth, low, high, args=(start, *months), xtol=1e-13, rtol=1e-13)
    assert irr(start, *months) == pytest.approx(expected, rel=1e-6, abs=1e-8)


def test_rates_far_from_the_usual_are_found() -> None:
    """100 buys 36 level months of 100·r/(1 − (1 + r)^−36), the annuity at r a month: from a loss of a third to +110 %.

    Higher rates than that are beyond what is given: 1.15 ** 12 − 1 is 435 %, 2.1 ** 12 − 1 is 735,600 %.
    """
    monthly = np.array([-0.3, -0.05, -0.001, 0.001, 0.02, 0.15, 0.5, 1.1])
    level = 100.0 * monthly / (1.0 - (1.0 + monthly) ** -36.0)
    found = annual_irr(np.full(8, 100.0), np.repeat(level[:, None], 36, axis=1))
    assert found == pytest.approx((1.0 + monthly) ** 12.0 - 1.0, rel=1e-9, abs=1e-9)


def test_irr_agrees_with_polynomial_roots() -> None:
    """The real positive root in the discount factor, found from all roots of the polynomial."""
    generator = np.random.default_rng(7)
    start, months = generator.uniform(500.0, 5000.0, 40), generator.uniform(-20.0, 400.0, (40, 24))
    found = annual_irr(start, months)
    for row in range(40):
        roots = np.roots([*months[row, ::-1], -start[row]])
        real = roots[(abs(roots.imag) < 1e-9) & (roots.real > 0.0)].real
        rates = real**-12.0 - 1.0
        assert min(abs(rates - found[row])) < 1e-6 * (1.0 + abs(found[row]))


# Monthly rates and the flows that have them: the coefficients of Π (z − 1 − rate), z being 1 + rate, turned in sign.
SEVERAL = [
    # (z − 1.1)(z − 1.2) = z² − 2.3 z + 1.32
    ((-100.0, 230.0, -132.0), 1.2),
    ((100.0, -230.0, 132.0), 1.2),  # the same rates for who is on the other side
    ((0.0, -100.0, 230.0, -132.0), 1.2),  # a month later
    ((-100.0, 0.0, 230.0, 0.0, -132.0), math.sqrt(1.2)),  # every other month: z² in place of z
    # (z − 1.05)(z − 1.2)(z − 1.5) = z³ − 3.75 z² + 4.635 z − 1.89
    ((-1000.0, 3750.0, -4635.0, 1890.0), 1.5),
    # (z − 0.9)(z − 0.95)(z − 1.05) = z³ − 2.9 z² + 2.7975 z − 0.89775: two rates are losses
    ((-1000.0, 2900.0, -2797.5, 897.75), 1.05),
    # (z − 0.8)(z − 0.9) = z² − 1.7 z + 0.72: both are
    ((-100.0, 170.0, -72.0), 0.9),
    # (z − 1.1)(z − 2.5)(z − 3) = z³ − 6.6 z² + 13.55 z − 8.25; 2.5 ** 12 − 1 is nearly six million percent
    ((-100.0, 660.0, -1355.0, 825.0), 1.1),
    # (z − 1.1)(z − 3) = z² − 4.1 z + 3.3: the highest rate is 53 million percent, which counts as none
    ((-100.0, 410.0, -330.0), None),
    # (z − 1.008)(z − 1.014) = z² − 2.022 z + 1.022112: 10.03 and 18.16 % a year
    ((-1e6, 2022e3, -1022112.0), 1.014),
    # (z − 1.0001)(z − 1.0002) = z² − 2.0003 z + 1.00030002: 0.12 and 0.24 % a year
    ((-1e8, 200030e3, -100030002.0), 1.0002),
    # (z − 1)² + 0.01 = z² − 2 z + 1.01 has none
    ((-100.0, 200.0, -101.0), None),
]


@pytest.mark.parametrize(("flows", "growth"), SEVERAL)
def test_the_highest_of_several_rates_up_to_the_limit_is_the_irr(
    flows: tuple[float, ...], growth: float | None
) -> None:
    expected = None if growth is None else pytest.approx(growth**12 - 1.0, rel=1e-7)
    assert irr(-flows[0], *flows[1:]) == expected


def test_the_highest_of_several_rates_in_many_draws_at_once() -> None:
    """Draws that have one rate, several or none stand side by side, filled up with months in which nothing happens."""
    flows = np.array([(*some, *[0.0] * (5 - len(some))) for some, _ in SEVERAL] + [(-100.0, 60.0, 60.0, 0.0, 0.0)])
    alone = [irr(-row[0], *row[1:]) for row in flows]
    found = annual_irr(-flows[:, 0], flows[:, 1:])
    assert [None if math.isnan(rate) else pytest.approx(rate, rel=1e-6) for rate in found] == alone


@given(st.lists(st.integers(-20, 100), min_size=1, max_size=5, unique=True))
def test_the_highest_rate_is_found_among_known_ones(percent_a_month: list[int]) -> None:
    """The flows are the coefficients of the polynomial with those roots; a digit of them moves a root by ``noise``."""
    growths = [1.0 + percent / 100.0 for percent in sorted(percent_a_month)]
    highest, flows = growths[-1], -np.poly(growths)
    size = math.fsum(abs(flow) * highest ** (len(growths) - number) for number, flow in enumerate(flows))
    noise = 1e-15 * size / math.prod(highest - other for other in growths[:-1])
    assume(noise < 1e-6)
    assert irr(-flows[0], *flows[1:]) == pytest.approx(
        highest**12 - 1.0, rel=1e-9 + 50.0 * noise, abs=1e-9 + 50 * noise
    )


@given(start=st.floats(0.0, 1e5), months=st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=40))
def test_whatever_is_called_an_irr_makes_the_flows_worth_nothing(start: float, months: list[float]) -> None:
    found = irr(start, *months)
    if found is None:
        return
    assume(-0.99 < found < 1e3)  # beyond, one rounding of the rate moves the worth by more than any tolerance
    scale = start + math.fsum(abs(net) * (1.0 + found) ** (-(m + 1) / 12.0) for m, net in enumerate(months))
    assert worth(found, start, *months) == pytest.approx(0.0, abs=1e-6 * scale)


def test_irr_of_a_paying_clinic_is_the_librarys() -> None:
    data = plain(**PAYING)
    out = reference.point_flows(resolved_of(data))
    monthly = pyxirr.irr([-out.go_live_cost, *out.net_benefit])
    assert monthly is not None
    point = point_of(data)
    assert point["irr"] == pytest.approx((1.0 + monthly) ** 12 - 1.0, rel=1e-7)
    assert point["payback_months"] == pytest.approx(reference.payback(out.go_live_cost, out.net_benefit), rel=1e-9)


def test_a_programme_that_only_costs_has_neither_payback_nor_irr() -> None:
    """A dear programme loses money in every month: neither figure exists."""
    point = point_of(plain(program__subscription_per_clinician_month=5000.0))
    assert math.isnan(point["irr"])
    assert math.isnan(point["payback_months"])
    assert point["npv"] < 0.0


def test_an_enormous_return_is_still_a_number() -> None:
    """One unit of money that brings a million in each month of ten years: v ≈ 1e−6, far from where a search starts."""
    found = irr(1.0, *[1e6] * 120)
    assert found is None or found > 1e6

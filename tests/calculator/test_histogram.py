"""The histogram of NPV against numpy on the draws: shares, round edges, zero among them, no harm from a far tail."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from calculator.histogram import MOST_BINS, npv_histogram
from calculator.result import NpvBin
from calculator.uncertainty import uniforms
from tests.calculator.clinics import PAYING, plain, resolved_of, result_of

AMOUNTS = st.one_of(st.sampled_from([0.0, -0.0, 1e13, -1e13, 0.01]), st.floats(-1e13, 1e13), st.floats(-1e4, 1e4))


def check(bins: tuple[NpvBin, ...], npv: np.ndarray) -> None:
    """Equal width, side by side, zero an edge where it is in reach, all draws counted, each on its side of zero."""
    width = bins[0].high - bins[0].low
    assert len(bins) <= MOST_BINS + 1
    assert sum(part.share for part in bins) == pytest.approx(1.0, abs=1e-12)
    for part in bins:
        assert part.high - part.low == pytest.approx(width, rel=1e-9)
        assert not part.low < 0.0 < part.high
    for left, right in pairwise(bins):
        assert left.high == right.low
    assert bins[0].share > 0.0
    assert bins[-1].share > 0.0
    above = sum(part.share for part in bins if part.low >= 0.0)
    assert above == pytest.approx(float((npv > 0.0).mean()), abs=1e-12)


def test_shares_are_those_of_numpy_on_the_same_draws() -> None:
    """Inner bins hold exactly what numpy counts between their edges; the outer ones also the rest of their side."""
    data = plain(**PAYING, analysis__draws=4096)
    result, resolved = result_of(data), resolved_of(data)
    points = uniforms(resolved, tuple(p for p, item in resolved.inputs.items() if not item.certain), 0, 4096)
    npv = resolved.block(resolved.raw_values(points)).npv
    bins = result.npv_histogram
    check(bins, npv)
    assert 20 <= len(bins) <= MOST_BINS
    for part in bins[1:-1]:
        assert part.share == ((npv > part.low) & (npv <= part.high)).mean()
    assert bins[0].share == (npv <= bins[0].high).mean()
    assert bins[-1].share == (npv > bins[-1].low).mean()
    tail = np.percentile(npv, [0.5, 99.5])
    assert bins[0].low < tail[0] <= bins[0].high
    assert bins[-1].low < tail[1] <= bins[-1].high


def test_both_sides_of_zero_add_up_to_the_chance_that_it_pays() -> None:
    for changes in (PAYING, {}, {"program__subscription_per_clinician_month": 5000.0}):
        result = result_of(plain(**changes))
        above = sum(part.share for part in result.npv_histogram if part.low >= 0.0)
        assert above == pytest.approx(result.probability_npv_positive, abs=1e-12)


@settings(max_examples=200, deadline=None)
@given(npv=st.lists(AMOUNTS, min_size=1, max_size=60))
@example(npv=[0.0])
@example(npv=[1234.5] * 3)
@example(npv=[-1e13, 1e13])
@example(npv=[1.0] * 400 + [-1.0])
def test_any_draws_are_counted_on_their_side_of_zero(npv: list[float]) -> None:
    check(npv_histogram(np.array(npv)), np.array(npv))


@settings(max_examples=100, deadline=None)
@given(middle=st.floats(-1e6, 1e6), spread=st.floats(1.0, 1e6), seed=st.integers(0, 9))
def test_edges_are_round_and_bins_are_many_enough(middle: float, spread: float, seed: int) -> None:
    """Widths have at most two digits; where the draws straddle zero 15 to 40 bins show their shape."""
    npv = np.random.default_rng(seed).normal(middle, spread, 2000)
    bins = npv_histogram(npv)
    check(bins, npv)
    width = bins[0].high - bins[0].low
    assert len(Decimal(f"{width:.10g}").normalize().as_tuple().digits) <= 2
    low, high = np.percentile(npv, [0.5, 99.5])
    if low < 0.0 < high:
        assert 24 <= len(bins) <= MOST_BINS


def test_a_far_tail_does_not_flatten_the_picture() -> None:
    """One future in a thousand at a hundred times the rest: the rest still fills the bins."""
    ordinary = np.random.default_rng(1).normal(0.0, 1000.0, 9990)
    bins = npv_histogram(np.concatenate([ordinary, np.full(10, 1e5)]))
    assert bins[-1].high < 5000.0
    assert bins[-1].share >= 0.001


def test_no_uncertainty_is_one_bin() -> None:
    (only,) = npv_histogram(np.full(64, 1234.5))
    assert only.low < 1234.5 <= only.high
    assert only.share == 1.0
    (nothing,) = npv_histogram(np.zeros(64))
    assert nothing.high == 0.0  # nothing gained does not pay


def test_beyond_what_is_kept_the_histogram_still_adds_up() -> None:
    """More draws than the bands rest on: the first of them stand for all."""
    few, many = (
        result_of(plain(**PAYING, analysis__horizon_months=6, analysis__draws=draws)) for draws in (65_536, 131_072)
    )
    assert few.npv_histogram == many.npv_histogram

"""C-index and AUC against hand calculations, lifelines, scikit-survival and scikit-learn; the weights for censoring."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.utils import concordance_index
from sklearn.metrics import roc_auc_score
from sksurv.metrics import concordance_index_censored, cumulative_dynamic_auc

from plugin.evaluation.discrimination import auc, c_index
from plugin.evaluation.outcome import Outcome, left_by, rate, still_followed, weights


def simulated(n: int, seed: int = 1, *, digits: int = 12, censored: bool = True) -> tuple[Outcome, np.ndarray]:
    random = np.random.default_rng(seed)
    risk = np.round(random.normal(size=n), digits)
    leaving = np.round(random.exponential(1.0 / np.exp(0.6 * risk)), digits)
    end = np.round(random.uniform(0.2, 2.5, n), digits) if censored else np.full(n, 9.0)
    left = (leaving < 1.0) & (leaving <= end)
    return Outcome(np.where(left, leaving, np.minimum(end, 1.0)), left), risk


def test_hand_calculation() -> None:
    """A left at .2 (risk .9), B at .5 (.3), C stopped being followed at .6 (.5), D completed (.3).

    Pairs: A before B, C, D: all right; B before C wrong, before D a tie: (3 + 0 + .5)/5.
    """
    outcome = Outcome(np.array([0.2, 0.5, 0.6, 1.0]), np.array([True, True, False, False]))
    risk = np.array([0.9, 0.3, 0.5, 0.3])
    assert c_index(outcome, risk) == pytest.approx(3.5 / 5.0)
    assert auc(outcome, risk) == pytest.approx(1.5 / 2.0)  # A and B against D alone; C's end is not known


@pytest.mark.parametrize("seed", range(3))
def test_the_c_index_is_that_of_lifelines_and_scikit_survival(seed: int) -> None:
    outcome, risk = simulated(400, seed)
    assert c_index(outcome, risk) == pytest.approx(concordance_index(outcome.time, -risk, outcome.left))
    tied, rough = simulated(400, seed, digits=1)
    assert c_index(tied, rough) == pytest.approx(concordance_index_censored(tied.left, tied.time, rough)[0])


def test_a_person_counted_twice_is_two_people() -> None:
    outcome, risk = simulated(200, digits=2)
    count = np.random.default_rng(3).integers(0, 4, 200).astype(float)
    rows = np.repeat(np.arange(200), count.astype(int))
    assert c_index(outcome, risk, count) == pytest.approx(c_index(outcome.take(rows), risk[rows]))
    assert auc(outcome, risk, 0.5, count) == pytest.approx(auc(outcome.take(rows), risk[rows], 0.5))


def test_without_censoring_the_auc_is_that_of_scikit_learn() -> None:
    outcome, risk = simulated(500, censored=False)
    assert auc(outcome, risk) == pytest.approx(roc_auc_score(outcome.left, risk))
    assert auc(outcome, risk, 0.3) == pytest.approx(roc_auc_score(outcome.left & (outcome.time < 0.3), risk))


@pytest.mark.parametrize("by", [0.25, 0.5, 0.9])
def test_with_censoring_the_auc_is_that_of_scikit_survival(by: float) -> None:
    outcome, risk = simulated(500)
    beyond = np.where(outcome.time >= 1.0, 1.5, outcome.time)  # it wants somebody followed for longer than it asks
    rows = np.array(list(zip(outcome.left, beyond, strict=True)), dtype=[("left", bool), ("time", float)])
    assert auc(outcome, risk, by) == pytest.approx(cumulative_dynamic_auc(rows, rows, risk, [by])[0][0])


def test_pairs_are_made_within_strata_alone() -> None:
    """A constant that differs between folds sorts nobody, although it looks worse than chance where folds are mixed."""
    outcome, _ = simulated(300, censored=False)
    fold = np.arange(300) % 5
    constant = np.array([rate(outcome.take(fold != each)) for each in range(5)])[fold]
    assert c_index(outcome, constant, stratum=fold) == 0.5
    assert auc(outcome, constant, stratum=fold) == 0.5
    assert auc(outcome, constant) < 0.5


def test_perfect_and_reversed_predictions() -> None:
    outcome, _ = simulated(100)
    assert c_index(outcome, -outcome.time) == 1.0
    assert c_index(outcome, outcome.time) == 0.0


def test_where_there_is_no_pair_there_is_no_figure() -> None:
    nobody = Outcome(np.ones(5), np.zeros(5, dtype=bool))
    assert math.isnan(c_index(nobody, np.arange(5.0)))
    assert math.isnan(auc(nobody, np.arange(5.0)))
    unknown = Outcome(np.full(3, 0.4), np.zeros(3, dtype=bool))
    assert math.isnan(rate(unknown))


def test_weights_by_hand() -> None:
    """Leaves at .2 (of 5 people), unknown after .4 (of 4 at risk), leaves at .6, two complete.

    G is 1 up to .4 and 3/4 after it: weights 1, 0, 4/3, 4/3, 4/3, which add up to 5; 1 − (4/5)(2/3) = 7/15 leave.
    """
    outcome = Outcome(np.array([0.2, 0.4, 0.6, 1.0, 1.0]), np.array([True, False, True, False, False]))
    assert weights(outcome).tolist() == pytest.approx([1.0, 0.0, 4 / 3, 4 / 3, 4 / 3])
    assert rate(outcome) == pytest.approx(7 / 15)
    assert weights(outcome, 0.4).tolist() == [1.0] * 5  # by .4 everybody's fate is known


@given(st.integers(0, 10_000), st.integers(1, 3), st.floats(0.05, 1.0))
def test_weights_give_the_kaplan_meier_estimate(seed: int, digits: int, by: float) -> None:
    outcome, _ = simulated(80, seed, digits=digits)
    if not (outcome.time >= by).any():
        return
    left = KaplanMeierFitter().fit(outcome.time, outcome.left & (outcome.time < by))
    assert weights(outcome, by).sum() == pytest.approx(80.0)
    assert rate(outcome, by) == pytest.approx(1.0 - left.predict(by), abs=1e-9)


def test_the_chance_of_being_followed_is_the_kaplan_meier_estimate_of_censoring() -> None:
    outcome, _ = simulated(300)  # no ties: both conventions agree
    gone = KaplanMeierFitter().fit(outcome.time, ~outcome.followed)
    just_before = np.nextafter(outcome.time, 0.0)
    assert still_followed(outcome, outcome.time) == pytest.approx(gone.predict(just_before).to_numpy())
    assert (left_by(outcome) == outcome.left).all()

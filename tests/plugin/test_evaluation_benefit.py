"""Brier score and net benefit against scikit-learn, scikit-survival, dcurves and hand calculations."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from dcurves import dca
from sklearn.metrics import brier_score_loss
from sksurv.metrics import brier_score

from plugin.evaluation.brier import brier, scaled_brier
from plugin.evaluation.net_benefit import THRESHOLDS, decisions, treat_all
from plugin.evaluation.outcome import Outcome, left_by, rate, weights


def people(n: int = 300, *, censored: bool) -> tuple[Outcome, np.ndarray]:
    random = np.random.default_rng(4)
    risk = random.beta(2.0, 3.0, n)
    leaving = random.exponential(1.0 / -np.log1p(-risk))
    end = random.uniform(0.3, 3.0, n) if censored else np.full(n, 9.0)
    left = (leaving < 1.0) & (leaving <= end)
    return Outcome(np.where(left, leaving, np.minimum(end, 1.0)), left), risk


def test_the_brier_score_is_that_of_scikit_learn() -> None:
    outcome, risk = people(censored=False)
    one = np.ones(len(risk))
    assert brier(risk, outcome.left, one) == pytest.approx(brier_score_loss(outcome.left, risk))
    share = outcome.left.mean()
    assert scaled_brier(np.full(len(risk), share), outcome.left, one) == pytest.approx(0.0)
    assert scaled_brier(outcome.left.astype(float), outcome.left, one) == 1.0


def test_with_censoring_it_is_that_of_scikit_survival() -> None:
    outcome, risk = people(censored=True)
    beyond = np.where(outcome.time >= 1.0, 1.5, outcome.time)
    rows = np.array(list(zip(outcome.left, beyond, strict=True)), dtype=[("left", bool), ("time", float)])
    theirs = brier_score(rows, rows, 1.0 - risk, 0.9999)[1][0]
    late = Outcome(np.where(outcome.time >= 1.0, 1.0, outcome.time), outcome.left)
    assert brier(risk, left_by(late), weights(late)) == pytest.approx(theirs)


def test_nobody_has_no_score() -> None:
    assert math.isnan(brier(np.array([0.5]), np.array([True]), np.zeros(1)))
    assert math.isnan(scaled_brier(np.array([0.5]), np.array([True]), np.ones(1)))


def test_net_benefit_is_that_of_dcurves() -> None:
    outcome, risk = people(censored=False)
    frame = pd.DataFrame({"left": outcome.left.astype(int), "risk": risk})
    theirs = dca(data=frame, outcome="left", modelnames=["risk"], thresholds=list(THRESHOLDS))
    found = decisions(risk, outcome.left, np.ones(len(risk)))
    by_model = {name: rows.sort_values("threshold") for name, rows in theirs.groupby("model")}
    assert found.net_benefit == pytest.approx(by_model["risk"]["net_benefit"].to_numpy())
    assert treat_all(rate(outcome)) == pytest.approx(by_model["all"]["net_benefit"].to_numpy())
    assert found.flagged == pytest.approx(by_model["risk"]["test_pos_rate"].to_numpy())


def test_with_censoring_it_is_near_that_of_dcurves() -> None:
    """dcurves estimates Kaplan-Meier among the flagged, we weigh all alike; by chance censoring both say the same."""
    outcome, risk = people(3000, censored=True)
    frame = pd.DataFrame({"left": outcome.left, "time": outcome.time, "risk": risk})
    theirs = dca(
        data=frame, outcome="left", modelnames=["risk"], thresholds=[0.2, 0.4, 0.6], time=0.9999,
        time_to_outcome_col="time",
    )  # fmt: skip
    found = decisions(risk, left_by(outcome), weights(outcome), (0.2, 0.4, 0.6))
    assert found.net_benefit == pytest.approx(theirs[theirs["model"] == "risk"]["net_benefit"].to_numpy(), abs=0.01)


def test_hand_calculation() -> None:
    """Of ten, four leave. At .5 six are flagged, three rightly: 3/10 − 3/10·1 = 0; 3 of 4 caught, 3 of 6 spared."""
    left = np.array([True] * 4 + [False] * 6)
    risk = np.array([0.9, 0.8, 0.5, 0.2, 0.7, 0.6, 0.5, 0.4, 0.1, 0.1])
    found = decisions(risk, left, np.ones(10), (0.5, 0.2))
    assert found.net_benefit.tolist() == pytest.approx([0.0, 0.4 - 0.4 * 0.25])
    assert found.sensitivity.tolist() == [0.75, 1.0]
    assert found.specificity.tolist() == pytest.approx([0.5, 1.0 / 3.0])
    assert found.flagged.tolist() == pytest.approx([0.6, 0.8])


def test_a_perfect_prediction_is_worth_the_share_that_leaves() -> None:
    outcome, _ = people(censored=False)
    found = decisions(outcome.left.astype(float), outcome.left, np.ones(len(outcome)))
    assert found.net_benefit == pytest.approx(np.full(len(THRESHOLDS), outcome.left.mean()))
    assert found.sensitivity.tolist() == found.specificity.tolist() == [1.0] * len(THRESHOLDS)


def test_where_nobody_leaves_there_is_no_sensitivity() -> None:
    found = decisions(np.array([0.2, 0.6]), np.zeros(2, dtype=bool), np.ones(2), (0.5,))
    assert math.isnan(found.sensitivity[0])
    assert found.specificity.tolist() == [0.5]

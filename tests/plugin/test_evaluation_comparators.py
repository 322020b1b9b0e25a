"""The other ways to predict: simple rules by hand, Cox against lifelines, and what none of them may see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from plugin.caseload import Caseload, texts, visits
from plugin.evaluation import comparators
from plugin.evaluation.comparators import COMPARATORS, FEWEST_IN_RULE, base_rate, cox, last_attendance
from plugin.evaluation.discrimination import auc
from plugin.evaluation.landmark import Landmark, landmark
from plugin.evaluation.matrix import learn_columns
from plugin.evaluation.outcome import END, Outcome, rate
from plugin.records import STATUSES, VISIT_STATUSES
from plugin.simulation import Truth, simulate

SEED = 1


@pytest.fixture(scope="module")
def clinic() -> Caseload:
    return simulate(Truth(), 240, 5).caseload


def told(clinic: Caseload, leaves: np.ndarray, tells: bool) -> Landmark:
    """Return people at intake, half of whom leave at a tenth of the plan; a covariate tells who, or says nothing."""
    random = np.random.default_rng(1)
    fact = np.where(leaves, 1.0, 0.0) if tells else random.normal(size=len(leaves))
    people = landmark(replace(clinic, covariates={"fact": fact}))
    return replace(people, outcome=Outcome(np.where(leaves, 0.1, END), leaves))


@pytest.mark.parametrize("name", ["logistic", "cox", "survival_forest", "gradient_boosting"])
def test_what_tells_the_outcome_is_found_and_what_tells_nothing_is_not(clinic: Caseload, name: str) -> None:
    """Fitted to 120 and asked of 120: all sorted right, or an AUC of .5 within two standard errors (of .053)."""
    leaves = np.arange(len(clinic)) % 2 == 0
    half = np.arange(len(clinic)) // 2 % 2 == 0
    sorted_right = []
    for tells in (True, False):
        people = told(clinic, leaves, tells)
        train, test = people.take(half), people.take(~half)
        risk = COMPARATORS[name](train, test, SEED)
        assert risk.shape == (len(test),)
        assert ((risk >= 0.0) & (risk <= 1.0)).all()
        sorted_right.append(auc(test.outcome, risk))
    assert sorted_right[0] == 1.0
    assert sorted_right[1] == pytest.approx(0.5, abs=0.106)


@pytest.mark.parametrize("name", COMPARATORS)
def test_the_same_people_get_the_same_risks_whatever_became_of_them(clinic: Caseload, name: str) -> None:
    people = landmark(clinic, 30)
    half = np.arange(len(people)) % 2 == 0
    train, test = people.take(half), people.take(~half)
    other = replace(test, outcome=Outcome(np.full(len(test), 0.5), np.ones(len(test), dtype=bool)))
    assert np.array_equal(COMPARATORS[name](train, test, SEED), COMPARATORS[name](train, other, SEED))


def test_the_base_rate_is_that_of_the_people_fitted_to(clinic: Caseload) -> None:
    people = landmark(clinic)
    train, test = people.take(np.arange(100)), people.take(np.arange(100, 240))
    assert base_rate(train, test, SEED).tolist() == [rate(train.outcome)] * 140


def test_the_attendance_rule_by_hand(clinic: Caseload) -> None:
    """Of 30 whose last visit was missed 20 leave, of 60 whose was kept 15; 10 have no visit: too few, the base rate."""
    last = np.repeat([0, 1, 2], [30, 60, 10])
    leaves = np.concatenate([np.arange(30) < 20, np.arange(60) < 15, np.arange(10) < 5])
    rows = np.repeat(np.arange(90), 2)
    statuses = [VISIT_STATUSES.index(name) for name in ("no_show", "attended")]
    before = np.tile([statuses[1], 0], 90)  # a kept visit first, of which nothing follows
    status = np.where(np.tile([True, False], 90), before, np.array([*statuses, 0])[last[rows]])
    people = landmark(clinic.take(np.arange(100)))
    known = replace(people.caseload, visits=visits(rows, np.tile([1, 2], 90), status))
    made = replace(people, caseload=known, outcome=Outcome(np.where(leaves, 0.1, END), leaves))
    risk = last_attendance(made, made, SEED)
    assert FEWEST_IN_RULE > 10
    assert risk[:30].tolist() == pytest.approx([20 / 30] * 30)
    assert risk[30:90].tolist() == pytest.approx([15 / 60] * 60)
    assert risk[90:].tolist() == pytest.approx([40 / 100] * 10)


def test_cox_is_that_of_lifelines(clinic: Caseload) -> None:
    """The same columns and about the same ridge; ties are treated differently (Breslow here, Efron there)."""
    people = landmark(clinic, 30)
    made = learn_columns(people.caseload, people.day)
    x = made.of(people.caseload, people.day)
    frame = pd.DataFrame(x).assign(time=people.outcome.time + 1e-6, left=people.outcome.left)
    theirs = CoxPHFitter(penalizer=1.0 / len(x) / 2.0).fit(frame, "time", "left")
    risk = 1.0 - theirs.predict_survival_function(frame, times=[1.0]).to_numpy()[0]
    assert np.corrcoef(cox(people, people, SEED), risk)[0, 1] > 0.999
    assert cox(people, people, SEED) == pytest.approx(risk, abs=0.03)


def test_columns_are_learnt_from_the_people_fitted_to(clinic: Caseload) -> None:
    people = landmark(clinic, 30)
    train = people.take(np.arange(60))
    made = learn_columns(train.caseload, train.day)
    rows = made.of(train.caseload, train.day)
    assert rows.mean(axis=0) == pytest.approx(np.zeros(rows.shape[1]), abs=1e-9)
    assert rows.std(axis=0) == pytest.approx(np.ones(rows.shape[1]))
    assert np.linalg.matrix_rank(rows) == rows.shape[1]  # no column is there twice


def test_where_nothing_is_known_everybody_gets_the_same(clinic: Caseload) -> None:
    """One setting, one plan, no rating, visit or covariate: nothing but the base rate is left.

    Cox's baseline is Breslow's, exp(−Σ d/n), which lies above Kaplan-Meier's product where many leave at one time.
    """
    bare = Caseload(
        episode_id=clinic.episode_id,
        client=clinic.client,
        clinician=texts([""] * len(clinic)),
        setting=clinic.setting,
        intake_day=clinic.intake_day,
        planned_units=clinic.planned_units,
        units_attended=clinic.units_attended,
        last_unit_day=clinic.last_unit_day,
        status=clinic.status,
    )
    people = landmark(bare)
    assert (bare.status == STATUSES.index("dropped_out")).any()
    for name in ("logistic", "cox", "survival_forest", "gradient_boosting"):
        risk = COMPARATORS[name](people, people, SEED)
        assert np.ptp(risk) < 1e-9, name
        assert risk[0] == pytest.approx(rate(people.outcome), abs=0.03 if name == "cox" else 0.01), name


def test_a_forest_of_many_is_fitted_to_some(clinic: Caseload, monkeypatch: pytest.MonkeyPatch) -> None:
    people = landmark(clinic, 30)
    monkeypatch.setattr(comparators, "MOST_IN_FOREST", 50)
    few = COMPARATORS["survival_forest"](people, people, SEED)
    assert np.array_equal(few, COMPARATORS["survival_forest"](people, people, SEED))
    assert len(np.unique(few)) > 1

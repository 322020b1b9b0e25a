"""What else could be used instead: simple rules and standard learners, fitted to the same people on the same columns.

Each is a function (train, test, seed) -> the risk of dropping out before completion, shape (people judged,). Nothing
about the people judged reaches the fit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from plugin.caseload import FloatArray
from plugin.evaluation.landmark import Landmark
from plugin.evaluation.matrix import learn_columns
from plugin.evaluation.outcome import END, left_by, rate, weights
from plugin.records import MISSED, VISIT_STATUSES

Comparator = Callable[[Landmark, Landmark, int], FloatArray]

RIDGE: Final = 1.0  # weight of the squared coefficients of standardised columns, as one observation more
TREES: Final = 100
LEAF: Final = 15  # people at least in a leaf of the forest
MOST_IN_FOREST: Final = 5_000  # people a forest is fitted to; more take minutes and change little
FEWEST_IN_RULE: Final = 20  # people behind an answer of the attendance rule

_MISSED = [VISIT_STATUSES.index(name) for name in MISSED]


def base_rate(train: Landmark, test: Landmark, seed: int) -> FloatArray:
    """Return the share that dropped out, for everybody."""
    return np.full(len(test), rate(train.outcome))


def last_attendance(train: Landmark, test: Landmark, seed: int) -> FloatArray:
    """Return the share that dropped out among those whose last visit was missed, or was not, or is not known."""
    risk = base_rate(train, test, seed)
    learnt, asked = _last_visit(train), _last_visit(test)
    for answer in np.unique(learnt):
        same = learnt == answer
        found = rate(train.outcome.take(same))
        if same.sum() >= FEWEST_IN_RULE and np.isfinite(found):
            risk[asked == answer] = found
    return risk


def _last_visit(people: Landmark) -> FloatArray:
    """Return 1 where the last visit was missed, 0 where it was not, −1 where there is none; shape (n,)."""
    visits = people.caseload.visits
    found = np.full(len(people), -1.0)
    last = np.flatnonzero(np.diff(visits.episode, append=-1))  # they stand in the order of episode and day
    found[visits.episode[last]] = np.isin(visits.status[last], _MISSED)
    return found


def logistic(train: Landmark, test: Landmark, seed: int) -> FloatArray:
    """Return the prediction of a logistic regression with a ridge penalty, weighted for censoring."""
    from sklearn.linear_model import LogisticRegression

    x, asked = _rows(train, test)
    model = LogisticRegression(C=1.0 / RIDGE, max_iter=1000)
    model.fit(x, left_by(train.outcome), weights(train.outcome))
    return _column(model.predict_proba(asked)[:, 1])


def cox(train: Landmark, test: Landmark, seed: int) -> FloatArray:
    """Return 1 − S(end) of a Cox regression with a ridge penalty."""
    from sksurv.linear_model import CoxPHSurvivalAnalysis

    x, asked = _rows(train, test)
    # where most times are tied its steps are short, and the usual hundred are too few
    model = CoxPHSurvivalAnalysis(alpha=RIDGE, n_iter=1000).fit(x, _survival(train))
    return _left_by_end(model, asked)


def survival_forest(train: Landmark, test: Landmark, seed: int) -> FloatArray:
    """Return 1 − S(end) of a random survival forest."""
    from sksurv.ensemble import RandomSurvivalForest

    x, asked = _rows(train, test)
    some = np.arange(len(x))
    if len(x) > MOST_IN_FOREST:
        some = np.sort(np.random.default_rng(seed).choice(len(x), MOST_IN_FOREST, replace=False))
    model = RandomSurvivalForest(TREES, min_samples_leaf=LEAF, max_features="sqrt", random_state=seed)
    return _left_by_end(model.fit(x[some], _survival(train)[some]), asked)


def gradient_boosting(train: Landmark, test: Landmark, seed: int) -> FloatArray:
    """Return the prediction of gradient-boosted trees for the end of the plan, weighted for censoring."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    x, asked = _rows(train, test)
    model = HistGradientBoostingClassifier(
        max_iter=TREES, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=LEAF, early_stopping=False,
        random_state=seed,
    )  # fmt: skip
    weight = weights(train.outcome)
    counted = weight > 0.0  # those who were not followed have no outcome to learn
    model.fit(x[counted], left_by(train.outcome)[counted], weight[counted])
    return _column(model.predict_proba(asked)[:, 1])


COMPARATORS: Final[Mapping[str, Comparator]] = {
    "base_rate": base_rate,
    "last_attendance": last_attendance,
    "logistic": logistic,
    "cox": cox,
    "survival_forest": survival_forest,
    "gradient_boosting": gradient_boosting,
}


def _rows(train: Landmark, test: Landmark) -> tuple[FloatArray, FloatArray]:
    """Return the columns of both, made as the people fitted to teach; one column of zeros where nothing differs."""
    made = learn_columns(train.caseload, train.day)
    x, asked = made.of(train.caseload, train.day), made.of(test.caseload, test.day)
    if not x.shape[1]:
        return np.zeros((len(x), 1)), np.zeros((len(asked), 1))
    return x, asked


def _survival(people: Landmark) -> Any:
    """Return the outcome as scikit-survival wants it."""
    pairs = list(zip(people.outcome.left, np.minimum(people.outcome.time, END), strict=True))
    return np.array(pairs, dtype=[("left", np.bool_), ("time", np.float64)])


def _left_by_end(model: Any, asked: FloatArray) -> FloatArray:
    """Return 1 − S at the last time at which anybody was seen to leave or stay."""
    return _column(1.0 - model.predict_survival_function(asked, return_array=True)[:, -1])


def _column(values: Any) -> FloatArray:
    return np.clip(np.asarray(values, dtype=np.float64), 0.0, 1.0)

"""Predictions for people that no model was fitted to, one column for each model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from plugin.caseload import BoolArray, Caseload, FloatArray, IntArray, day_of
from plugin.contract import Predictor, Score
from plugin.errors import PluginError
from plugin.evaluation.comparators import COMPARATORS
from plugin.evaluation.folds import By, folds
from plugin.evaluation.landmark import Landmark
from plugin.evidence import evidence_model
from plugin.hazard import HazardModel
from plugin.learning import in_order, learn
from plugin.linear_predictor import LinearPredictor
from plugin.records import STATUSES
from plugin.risk_table import answers
from plugin.scores import score

_DROPPED = STATUSES.index("dropped_out")


@dataclass(frozen=True, eq=False)
class Predictions:
    """Risks of dropping out before completion.

    Attributes:
        person: whom a row is about, place in the people judged, shape (rows,); each is there once a repeat.
        stratum: rows of one number were predicted by the same fits, shape (rows,).
        risk: by model, shape (rows,) each; NaN where a model abstained.
    """

    person: IntArray
    stratum: IntArray
    risk: Mapping[str, FloatArray]

    def about(self, members: BoolArray) -> Predictions:
        """Return the rows about some of the people, who are numbered anew in their order; shape (people,)."""
        rows = members[self.person]
        number = np.cumsum(members) - 1
        return Predictions(
            person=number[self.person[rows]],
            stratum=self.stratum[rows],
            risk={name: risk[rows] for name, risk in self.risk.items()},
        )


def cross_validated(
    caseload: Caseload,
    people: Landmark,
    by: By,
    fixed: Mapping[str, Predictor],
    *,
    seed: int,
    repeats: int = 1,
    progress: Callable[[], None] = lambda: None,
) -> Predictions:
    """Return predictions for people of a caseload, each by models fitted to other clusters of it.

    Args:
        caseload: what is fitted to.
        people: those of it who are judged.
        by: whose episodes are held out together.
        fixed: predictors that were not fitted to these episodes, by name; they are taken as they are.
        seed: of the split into folds and of learners that draw.
        repeats: how often the split is drawn anew.
        progress: called after each fold.
    """
    parts: list[tuple[IntArray, dict[str, FloatArray]]] = []
    for repeat in range(repeats):
        for fold in folds(caseload, caseload.status == _DROPPED, by, seed + repeat):
            train, asked = (np.flatnonzero(np.isin(people.rows, rows)) for rows in (fold.train, fold.test))
            if len(asked):
                learnt = caseload.take(fold.train)
                learnt_from = people.take(train[~people.overdue[train]])
                parts.append((asked, _risks(learnt, learnt_from, people.take(asked), fixed, seed)))
            progress()
    return _joined(parts)


def on_test(
    caseload: Caseload,
    learnt_from: Landmark,
    people: Landmark,
    fixed: Mapping[str, Predictor],
    *,
    seed: int,
    progress: Callable[[], None] = lambda: None,
) -> Predictions:
    """Return predictions for people of another file by models fitted to this one; see ``cross_validated``."""
    found = _risks(caseload, learnt_from.take(~learnt_from.overdue), people, fixed, seed)
    progress()
    return _joined([(np.arange(len(people)), found)])


def _risks(
    caseload: Caseload, train: Landmark, test: Landmark, fixed: Mapping[str, Predictor], seed: int
) -> dict[str, FloatArray]:
    """Return what each model says of the people judged; ``fitted`` is fitted unless a fixed one has that name."""
    found = {} if "fitted" in fixed else {"fitted": hazard_risk(learn(in_order(caseload)).model, test)}
    found["evidence"] = hazard_risk(evidence_model(), test)
    found |= {name: risk_of(predictor, test) for name, predictor in fixed.items()}
    found |= {name: comparator(train, test, seed) for name, comparator in COMPARATORS.items()}
    return found


def hazard_risk(model: HazardModel, people: Landmark) -> FloatArray:
    """Return a hazard model's risks, shape (n,). What is known ends at each one's moment, so one day does for all."""
    return score(model, people.caseload, int(people.day.max())).risk_before_completion


def risk_of(predictor: Predictor, people: Landmark) -> FloatArray:
    """Return a predictor's risks, shape (n,), each asked on its own day; NaN where it abstains.

    Raises:
        PluginError: where it fails.
    """
    if isinstance(predictor, LinearPredictor):
        return hazard_risk(predictor.model, people)
    risk = np.full(len(people), np.nan)
    for number in np.unique(people.day):
        rows = np.flatnonzero(people.day == number)
        day = day_of(int(number))
        assert day is not None  # noqa: S101 - a moment is a day
        try:
            given = answers(predictor, people.caseload.take(rows), day)
            risk[rows] = [one.risk_before_completion.value if isinstance(one, Score) else np.nan for one in given]
        except Exception as error:  # another author's code may raise anything
            raise PluginError([f"model {predictor.name}: fails on these episodes: {type(error).__name__}"]) from None
    return risk


def _joined(parts: list[tuple[IntArray, dict[str, FloatArray]]]) -> Predictions:
    names = parts[0][1]
    return Predictions(
        person=np.concatenate([asked for asked, _ in parts]),
        stratum=np.repeat(np.arange(len(parts)), [len(asked) for asked, _ in parts]),
        risk={name: np.concatenate([risk[name] for _, risk in parts]) for name in names},
    )

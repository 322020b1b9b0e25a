"""Checks of predictors that can also score a whole caseload of columns at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, cast

import numpy as np

from plugin.caseload import Caseload, caseload_of
from plugin.conformance.check import Check
from plugin.conformance.same import CLOSE
from plugin.conformance.sample import told
from plugin.conformance.trial import CheckFailed, Trial
from plugin.contract import Abstention, Predictor, Score, TablePredictor
from plugin.scores import Scores

_NUMBERS: Final = (
    "risk_next_unit",
    "next_low",
    "next_high",
    "risk_before_completion",
    "completion_low",
    "completion_high",
    "expected_units_remaining",
)


def table_agrees(trial: Trial) -> None:
    """Expect the same risks and units from a table as from requests."""
    for day, rows, table in _tables(trial):
        scores = _scores(trial, table, day)
        for place, row in enumerate(rows):
            answer, asked = trial.answers[row], trial.questions[row]
            scored = bool(scores.reason[place] == 0)
            if isinstance(answer, Abstention) == scored:
                raise CheckFailed(f"score and predict disagree on whether to abstain, for {told(asked)}")
            if isinstance(answer, Score) and scored:
                _compare(answer, [float(getattr(scores, name)[place]) for name in _NUMBERS], told(asked))


def table_order(trial: Trial) -> None:
    """Expect the same scores in whatever order rows and columns of a table stand."""
    for day, rows, table in _tables(trial):
        before = _scores(trial, table, day)
        turned = replace(table, covariates=dict(reversed(list(table.covariates.items()))))
        for what, other, back in (
            ("columns", turned, slice(None)),
            ("rows", table.take(np.arange(len(rows))[::-1]), slice(None, None, -1)),
        ):
            after = _scores(trial, other, day)
            for name in (*_NUMBERS, "weakest", "reason"):
                old, new = getattr(before, name), getattr(after, name)[back]
                if not np.allclose(old, new, rtol=CLOSE, atol=CLOSE, equal_nan=True):
                    raise CheckFailed(f"{name} of a table depends on the order of its {what}")


def _tables(trial: Trial) -> Iterator[tuple[dt.date, list[int], Caseload]]:
    """Give the questions as tables: the day, the places of the questions, the columns."""
    for day in sorted({asked.as_of for asked in trial.questions}):
        rows = [row for row, asked in enumerate(trial.questions) if asked.as_of == day]
        own = [trial.questions[row] for row in rows]
        yield day, rows, caseload_of([r.episode for r in own], [r.ratings for r in own], [r.visits for r in own])


def _scores(trial: Trial, table: Caseload, day: dt.date) -> Scores:
    try:
        scores: object = cast(TablePredictor, trial.predictor).score(table, day)
    except Exception as error:  # another author's code may raise anything
        raise CheckFailed(f"score raises {type(error).__name__}: {error}, for a table of {len(table)} rows") from error
    if not isinstance(scores, Scores):
        raise CheckFailed(f"score returns {type(scores).__name__}, not Scores")
    if any(len(getattr(scores, name)) != len(table) for name in (*_NUMBERS, "weakest", "reason")):
        raise CheckFailed(f"score returns columns that do not have the {len(table)} rows of the table")
    return scores


def _compare(answer: Score, found: list[float], who: str) -> None:
    near, far = answer.risk_next_unit, answer.risk_before_completion
    asked = [near.value, near.low, near.high, far.value, far.low, far.high, answer.expected_units_remaining]
    for name, one, other in zip(_NUMBERS, asked, found, strict=True):
        if not np.isclose(one, other, rtol=CLOSE, atol=CLOSE, equal_nan=True):
            raise CheckFailed(f"{name} is {one:.9g} by predict and {other:.9g} by score, for {who}")


def _offers_table(predictor: Predictor) -> bool:
    return callable(getattr(predictor, "score", None))


CHECKS: Final = (
    Check("table_agrees", "a table has the same risks as requests", table_agrees, _offers_table),
    Check("table_order", "the order of rows and columns of a table makes no difference", table_order, _offers_table),
)

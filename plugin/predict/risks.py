"""Scores as columns of RISK.csv, computed a caseload at a time."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
import polars as pl

from plugin.answer_check import ROUNDING
from plugin.caseload import Caseload, FloatArray
from plugin.contract import Abstention, Answer, Predictor
from plugin.host import Host, open_host
from plugin.linear_predictor import LEAST_REASON, MOST_REASONS
from plugin.predict.model import Model, by_columns, opened
from plugin.records import COMPONENTS
from plugin.risk_table import drivers, reason_words, requests
from plugin.scores import REASONS, Scores
from plugin.words import UNSPOKEN, term_words

NUMBERS: Final = (
    "risk_next_unit",
    "risk_before_completion",
    "expected_units_remaining",
    "risk_next_low",
    "risk_next_high",
    "risk_low",
    "risk_high",
)
TEXTS: Final = ("weakest_component", "drivers", "reason")
NO_RISKS: Final = dict.fromkeys(NUMBERS, pl.Float64) | dict.fromkeys(TEXTS, pl.String)
BETWEEN_REASONS: Final = "; "

_ASKED_AT_ONCE: Final = 256  # requests
_TIME_LIMIT: Final = 60.0  # seconds for as many


def risks(model: Model, caseload: Caseload, as_of: dt.date) -> pl.DataFrame:
    """Return ``NUMBERS`` (null where there is no score) and ``TEXTS`` (null where empty) for each episode, in order."""
    predictor = opened(model)
    if by_columns(predictor):
        scores = _scores(predictor, caseload.known_on(as_of), as_of)
        if scores is not None:
            return _of_scores(scores)
    return _of_answers(_asked(model, caseload.known_on(as_of), as_of))


def _scores(predictor: Predictor, caseload: Caseload, as_of: dt.date) -> Scores | None:
    """Return scores that keep the rules of the contract; None where the predictor fails at it."""
    try:
        scores = predictor.score(caseload, as_of)  # type: ignore[attr-defined]
        return scores if _sound(scores, caseload) else None
    except Exception:  # another author's code may raise anything; asked row by row, the good rows get their scores
        return None


def _sound(scores: Scores, caseload: Caseload) -> bool:
    n = len(caseload)
    scored = scores.reason == 0
    if scores.reason.shape != (n,) or scores.terms.shape != (n, len(scores.term_names)):
        return False
    left = (caseload.planned_units - caseload.units_attended)[scored]
    risky = ("next_low", "risk_next_unit", "next_high"), ("completion_low", "risk_before_completion", "completion_high")
    orders = [*risky, ("risk_next_unit", "risk_before_completion")]
    units = scores.expected_units_remaining[scored]
    return (
        all(_rising([getattr(scores, name)[scored] for name in order]) for order in orders)
        and bool(((units >= 0.0) & (units <= left * (1.0 + ROUNDING))).all())
        and bool(np.isfinite(scores.terms[scored]).all())
        and bool(((scores.weakest >= -1) & (scores.weakest < len(COMPONENTS))).all())
        and bool(((scores.reason >= 0) & (scores.reason < len(REASONS))).all())
    )


def _rising(columns: Sequence[FloatArray]) -> bool:
    """Return whether all numbers lie between 0 and 1 and none falls from column to column; never so with a NaN."""
    steps = [low <= high + ROUNDING for low, high in itertools.pairwise(columns)]
    return all(bool(step.all()) for step in (columns[0] >= 0.0, columns[-1] <= 1.0, *steps))


def _of_scores(scores: Scores) -> pl.DataFrame:
    numbers = (
        scores.risk_next_unit,
        scores.risk_before_completion,
        scores.expected_units_remaining,
        scores.next_low,
        scores.next_high,
        scores.completion_low,
        scores.completion_high,
    )
    table = pl.DataFrame(dict(zip(NUMBERS, numbers, strict=True))).fill_nan(None)
    weakest = pl.Series([*COMPONENTS, None], dtype=pl.String)[scores.weakest % (len(COMPONENTS) + 1)]
    reason = pl.Series([reason or None for reason in REASONS], dtype=pl.String)[scores.reason]
    texts = (weakest, _drivers(scores), reason)
    return table.with_columns(column.alias(name) for name, column in zip(TEXTS, texts, strict=True))


def _drivers(scores: Scores) -> pl.Series:
    """Return the weightiest reasons of each episode in words, as ``linear_predictor.contributions`` chooses them."""
    spoken = [place for place, name in enumerate(scores.term_names) if name not in UNSPOKEN]
    words = [reason_words(term_words(scores.term_names[place], sign), sign) for place in spoken for sign in (-1.0, 1.0)]
    nothing = len(words)
    terms = scores.terms[:, spoken]
    weight = np.where(scores.reason[:, None] == 0, np.abs(terms), 0.0)
    row = np.arange(len(terms))
    code = np.zeros(len(terms), dtype=np.int64)
    for _ in range(min(MOST_REASONS, len(spoken))):
        place = weight.argmax(axis=1)  # the first of several
        chosen = np.where(weight[row, place] >= LEAST_REASON, 2 * place + (terms[row, place] > 0.0), nothing)
        code = code * (nothing + 1) + chosen
        weight[row, place] = -1.0
    different, which = np.unique(code, return_inverse=True)
    said = [_said(int(number), words, min(MOST_REASONS, len(spoken))) for number in different]
    return pl.Series(said, dtype=pl.String)[which]


def _said(code: int, words: Sequence[str], most: int) -> str | None:
    chosen = []
    for _ in range(most):
        code, place = divmod(code, len(words) + 1)
        chosen.append(place)
    return BETWEEN_REASONS.join(words[place] for place in reversed(chosen) if place < len(words)) or None


def _asked(model: Model, caseload: Caseload, as_of: dt.date) -> list[Answer]:
    host = _host(model)
    answers: list[Answer] = []
    for start in range(0, len(caseload), _ASKED_AT_ONCE):
        some = caseload.take(np.arange(start, min(start + _ASKED_AT_ONCE, len(caseload))))
        answers += host.predict(requests(some, as_of))
    return answers


@lru_cache(maxsize=1)
def _host(model: Model) -> Host:
    return open_host(model.name, time_limit=_TIME_LIMIT, workers=1)


def _of_answers(answers: Sequence[Answer]) -> pl.DataFrame:
    rows = [_row(answer) for answer in answers]
    return pl.DataFrame(rows, schema=NO_RISKS, orient="row")


def _row(answer: Answer) -> tuple[float | str | None, ...]:
    if isinstance(answer, Abstention):
        return (*[None] * len(NUMBERS), None, None, answer.reason)
    soon, whole = answer.risk_next_unit, answer.risk_before_completion
    return (
        soon.value,
        whole.value,
        answer.expected_units_remaining,
        soon.low,
        soon.high,
        whole.low,
        whole.high,
        answer.weakest_component,
        drivers(answer) or None,
        None,
    )

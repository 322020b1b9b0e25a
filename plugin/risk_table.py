"""RISK.csv: the scores of a caseload as rows of text, in the order of the episodes."""

from __future__ import annotations

import datetime as dt
from typing import Final

from plugin.caseload import Caseload, day_of
from plugin.contract import Answer, Predictor, Request, Score, TablePredictor
from plugin.linear_predictor import MOST_REASONS, answers_of
from plugin.records import MEASURES as ALL_MEASURES
from plugin.records import SETTINGS, STATUSES, VISIT_STATUSES, Episode, Rating, Visit

COLUMNS: Final = (
    "episode_id",
    "risk_next_unit",
    "risk_before_completion",
    "expected_units_remaining",
    "weakest_component",
    "drivers",
    "model",
    "model_version",
    "reason",
    "risk_next_low",
    "risk_next_high",
    "risk_low",
    "risk_high",
)
RUNS_AS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # OWASP, CSV injection


def answers(predictor: Predictor, caseload: Caseload, as_of: dt.date) -> list[Answer]:
    """Return one answer for each episode, in their order, from what is dated up to ``as_of``."""
    known = caseload.known_on(as_of)
    if isinstance(predictor, TablePredictor):
        return answers_of(predictor.score(known, as_of))
    return list(predictor.predict(requests(known, as_of)))


def requests(caseload: Caseload, as_of: dt.date) -> list[Request]:
    """Return the episodes of a caseload as questions of the contract."""
    rated: list[list[Rating]] = [[] for _ in range(len(caseload))]
    visited: list[list[Visit]] = [[] for _ in range(len(caseload))]
    r, v = caseload.ratings, caseload.visits
    for row, measure, day, unit, share in zip(r.episode, r.measure, r.day, r.unit, r.share, strict=True):
        number = None if unit < 0 else int(unit)
        rated[row].append(Rating(_day(day), ALL_MEASURES[measure], float(share), 0.0, 1.0, number))
    for row, day, status in zip(v.episode, v.day, v.status, strict=True):
        visited[row].append(Visit(_day(day), VISIT_STATUSES[status]))
    return [
        Request(
            Episode(
                episode_id=str(caseload.episode_id[row]),
                client_id=str(caseload.client[row]),
                clinician_id=str(caseload.clinician[row]),
                setting=SETTINGS[caseload.setting[row]],
                intake_date=_day(caseload.intake_day[row]),
                planned_units=int(caseload.planned_units[row]),
                units_attended=int(caseload.units_attended[row]),
                last_unit_date=day_of(int(caseload.last_unit_day[row])),
                status=STATUSES[caseload.status[row]],
                covariates={name: _plain(values[row]) for name, values in caseload.covariates.items()},
            ),
            as_of,
            tuple(rated[row]),
            tuple(visited[row]),
        )
        for row in range(len(caseload))
    ]


def drivers(answer: Score) -> str:
    """Return the weightiest reasons in words, those that lower the risk marked so."""
    return "; ".join(reason_words(each.words, each.log_hazard) for each in answer.contributions[:MOST_REASONS])


def reason_words(words: str, log_hazard: float) -> str:
    """Return a reason in words that say so where it lowers the risk.

    >>> reason_words("bond rated high", -0.2), reason_words("missed visits", 0.3)
    ('bond rated high (lowers the risk)', 'missed visits')
    """
    marked = log_hazard > 0.0 or words.endswith("(lowers the risk)")
    return words if marked else f"{words} (lowers the risk)"


def _day(number: int) -> dt.date:
    day = day_of(int(number))
    if day is None:
        raise ValueError("a rating, a visit and an intake have a day")
    return day


def _plain(value: object) -> float | str | None:
    if value is None or isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]
    return None if number != number else number

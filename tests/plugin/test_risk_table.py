"""Answers of a caseload: reasons say which way they point, both paths of a predictor agree."""

from __future__ import annotations

import datetime as dt

from plugin.contract import Contribution, Probability, Score
from plugin.evidence_predictor import predictor
from plugin.risk_table import answers, drivers, requests
from plugin.simulation import Truth, simulate

SURE = Probability(0.25, 0.125, 0.5)


def test_reasons_that_lower_the_risk_say_so_once() -> None:
    facts = (Contribution("bond", -0.5, "bond rated high"), Contribution("x", -0.2, "x (lowers the risk)"))
    assert drivers(Score(SURE, SURE, 1.0, None, facts)) == "bond rated high (lowers the risk); x (lowers the risk)"


def test_columns_and_single_questions_give_the_same_answers() -> None:
    made = simulate(Truth(), 60, seed=3)
    day = dt.date(2026, 6, 30)
    by_table = answers(predictor(), made.caseload, day)
    assert list(predictor().predict(requests(made.caseload.known_on(day), day))) == by_table

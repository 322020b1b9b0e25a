"""RISK.csv: formulas stay text, reasons say which way they point, both paths of a predictor agree."""

from __future__ import annotations

import datetime as dt

from plugin.contract import Contribution, Probability, Score
from plugin.evidence_predictor import predictor
from plugin.risk_table import answers, drivers, requests, risk_csv
from plugin.simulation import Truth, simulate

SURE = Probability(0.25, 0.125, 0.5)


def test_a_cell_that_a_spreadsheet_would_run_is_written_as_text() -> None:
    answer = Score(SURE, SURE, 3.456, "goals", (Contribution("goals", 0.4, "agreement on goals rated low"),))
    text = risk_csv(["=1+1"], [answer], "m", "1").decode()
    assert text.splitlines()[1] == (
        "'=1+1,0.250000,0.250000,3.46,goals,agreement on goals rated low,m,1,,0.125000,0.500000,0.125000,0.500000"
    )


def test_reasons_that_lower_the_risk_say_so_once() -> None:
    facts = (Contribution("bond", -0.5, "bond rated high"), Contribution("x", -0.2, "x (lowers the risk)"))
    assert drivers(Score(SURE, SURE, 1.0, None, facts)) == "bond rated high (lowers the risk); x (lowers the risk)"


def test_columns_and_single_questions_give_the_same_answers() -> None:
    made = simulate(Truth(), 60, seed=3)
    day = dt.date(2026, 6, 30)
    by_table = answers(predictor(), made.caseload, day)
    assert list(predictor().predict(requests(made.caseload.known_on(day), day))) == by_table

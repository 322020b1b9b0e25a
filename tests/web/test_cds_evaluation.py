"""What clinicians made of cards stands in an evaluation of the model, in its report and in its summary."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from plugin.cds.cards import suggestion_id
from plugin.cds.feedback import Feedback
from plugin.simulation import Truth, simulate
from reports.evaluation import build_evaluation_report
from web.cds.feedback_store import NAME, FeedbackStore, ShownCard
from web.cli import main
from web.cli.evaluation_summary import WIDTH, evaluation_summary

AT = dt.datetime(2026, 3, 5, 14, 30, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """An evaluation on a machine where seven cards of its model were shown, and three were answered."""
    folder = tmp_path_factory.mktemp("feedback")
    simulate(Truth(), 250, seed=12).frames().episodes.to_csv(folder / "episodes.csv", index=False)
    store, cards = FeedbackStore(folder / "data"), [uuid.UUID(int=number) for number in range(7)]
    kinds: Any = ("risk", "ratings")
    store.note_cards([ShownCard(str(card), "s", kinds[card.int % 2], "evidence", "1", AT.date()) for card in cards])
    store.note_cards([ShownCard(str(uuid.UUID(int=9)), "s", "risk", "another", "1", AT.date())])
    store.add([Feedback(str(cards[0]), "accepted", AT, (str(suggestion_id(cards[0], "tasks")),))])
    reason = ("urn:x-rapport:override-reason", "planned_ending")
    store.add([Feedback(str(cards[1]), "overridden", AT, (), *reason), Feedback(str(cards[2]), "overridden", AT)])
    evaluation: dict[str, Any] = evaluate(folder)
    return evaluation


def evaluate(folder: Path) -> Any:
    arguments = ["evaluate", str(folder / "episodes.csv"), "--model", "evidence", "--draws", "20", "--json"]
    result = CliRunner().invoke(main, arguments, env={"RAPPORT_DATA_DIR": str(folder / "data")})
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_json_counts_the_cards_of_the_model(found: dict[str, Any]) -> None:
    assert found["feedback"] == {
        "cards_shown": {"risk": 4, "ratings": 3},
        "cards_answered": 3,
        "accepted": 1,
        "overridden": 2,
        "override_reasons": {
            "already_addressed": 0,
            "planned_ending": 1,
            "sees_it_differently": 0,
            "data_wrong": 0,
            "no_time": 0,
            "other": 0,
            "none_given": 1,
        },
        "suggestions_taken": {"bond": 0, "goals": 0, "tasks": 1},
    }


def test_the_report_has_a_table_of_them(found: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(build_evaluation_report(found))
    text = " ".join(" ".join(page.extract_text().split()) for page in PdfReader(path).pages)
    assert "What clinicians made of its cards" in text
    assert "4 with a risk, 3 with ratings alone" in text
    assert "1 planned ending and 1 none given" in text
    path.write_bytes(build_evaluation_report(found | {"feedback": None}))
    assert all("made of its cards" not in page.extract_text() for page in PdfReader(path).pages)


def test_the_summary_says_it_in_a_sentence(found: dict[str, Any]) -> None:
    summary = evaluation_summary(found)
    assert "Clinicians answered 3 of 7 cards: took up a suggestion in 1 and put 2 aside." in " ".join(summary.split())
    assert max(map(len, summary.splitlines())) <= WIDTH + 20
    assert "Clinicians answered" not in evaluation_summary(found | {"feedback": None})


def test_where_nothing_was_shown_there_is_nothing_and_a_damaged_file_is_told(tmp_path: Path) -> None:
    simulate(Truth(), 120, seed=12).frames().episodes.to_csv(tmp_path / "episodes.csv", index=False)
    assert evaluate(tmp_path)["feedback"] is None
    (tmp_path / "data" / NAME).write_bytes(b"no database at all, and longer than its header " * 4)
    assert evaluate(tmp_path)["feedback"] is None

"""``rapport evaluate`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

from benchmarks.public_data import uis
from plugin.model_file import read_model
from plugin.simulation import Frames, Truth, simulate
from plugin.trust import calibrated
from tests.web.simulated_files import written
from web.cli import main


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    monkeypatch.setenv("RAPPORT_DATA_DIR", str(folder))
    return folder


@pytest.fixture(scope="module")
def tables() -> Frames:
    return simulate(Truth(), 400, seed=12).frames()


@pytest.fixture
def files(tmp_path: Path, tables: Frames) -> list[str]:
    """The arguments that name a clinic's three files."""
    return written(tmp_path, tables)


def evaluate(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["evaluate", *map(str, arguments)])


def test_the_summary_can_be_read_and_is_honest(files: list[str]) -> None:
    result = evaluate(*files, "--landmark-days", "30", "--draws", "20", "--group", "x_referral")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "SIMULATED CLIENTS: no real person"
    assert max(map(len, lines)) <= 120
    text = " ".join(result.stdout.split())
    assert "predicted 30 days after intake" in text
    assert "are left out: they had been silent for longer than" in text
    for model in ("fitted to your episodes", "published figures alone", "penalised Cox", "gradient boosting"):
        assert model in text
    assert "▸ fitted" in text
    assert "the same risk for all 0.500 0.500" in text
    assert "x_referral: unknown: fewer than 20 people or fewer than 5 dropouts: not shown" in text
    assert ("Not to be shown to clinicians yet" in text) != ("Well enough calibrated here" in text)
    assert "inverse probability of censoring" in text


def test_the_json_is_printed_alone_and_has_the_schema(files: list[str]) -> None:
    result = evaluate(*files, "--draws", "20", "--json", "--model", "evidence", "--by", "client", "--seed", "0")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["schema"] == "rapport.evaluation/1"
    assert (found["primary"], found["seed"], found["validation"]["by"]) == ("evidence", 0, "client")
    assert found["models"]["evidence"]["c_index"]["low"] <= found["models"]["evidence"]["c_index"]["high"]


def test_the_report_is_written_beside(files: list[str], tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    result = evaluate(*files, "--draws", "20", "--pdf", path)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == str(path)
    assert "Simulated clients: no real person." in PdfReader(path).pages[0].extract_text()


@pytest.mark.parametrize("model", ["fitted", "evidence"])
def test_a_model_is_saved_with_its_record(files: list[str], tmp_path: Path, model: str) -> None:
    path = tmp_path / "model.json"
    result = evaluate(*files, "--landmark-days", "30", "--draws", "20", "--model", model, "--save", path)
    assert result.exit_code == 0, result.output
    read = read_model(path)
    assert read.name == model
    assert read.local_record is not None
    said = " ".join(result.stdout.split())
    assert calibrated(read) == ("Well enough calibrated here" in said)
    risks = CliRunner().invoke(main, ["predict", *files, "-o", str(tmp_path / "risk.csv"), "--model", str(path)])
    assert risks.exit_code == 0, risks.output
    scored = pd.read_csv(tmp_path / "risk.csv")
    assert set(scored["model"]) == {model}


def test_a_second_file_is_judged(files: list[str], tmp_path: Path) -> None:
    other = simulate(Truth(), 400, seed=13).frames().episodes
    other = other.assign(client_id=[f"sim-other-{number}" for number in range(400)])
    other.to_csv(tmp_path / "later.csv", index=False)
    result = evaluate(*files, "--draws", "20", "--test", tmp_path / "later.csv", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["validation"]["kind"] == "second file"
    assert found["n"] == 400


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model", "nothing"], "model nothing: is neither a predictor nor a file"),
        (["--group", "referral"], "--group referral: is no column of what is known at intake; write x_name"),
        (["--group", "x_wealth"], "group x_wealth: the episodes have no such column; they have x_age, x_referral"),
        (["--landmark-days", "3000"], "too few to judge on: 0 people"),
        (["--test-ratings", "x.csv"], "--test-ratings and --test-visits: belong to --test"),
        (["--landmark-days", "0"], "is not in the range"),
        (["--test", "nowhere.csv"], "nowhere.csv: No such file"),
    ],
)
def test_mistakes_end_with_one_line_each(files: list[str], arguments: list[str], said: str) -> None:
    result = evaluate(*files, "--draws", "20", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert "sim-" not in result.stderr


def test_a_file_without_usable_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "uis.csv"
    uis().head(30).assign(status="gone").to_csv(path, index=False)
    result = evaluate(path)
    assert result.exit_code == 2
    assert "none of its 30 rows can be used" in result.stderr


def test_public_data_need_nothing_but_the_episodes(tmp_path: Path) -> None:
    path = tmp_path / "uis.csv"
    uis().to_csv(path, index=False)
    result = evaluate(path, "--draws", "20", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["n"], found["events"], found["simulated"]) == (575, 419, False)

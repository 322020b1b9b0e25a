"""``rapport simulate``, ``fit`` and ``predict`` as a user runs them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plugin.risk_table import COLUMNS
from web.cli.group import main


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clinic")
    done = _run(folder, "simulate", "-o", str(folder), "--episodes", "300")
    assert done.exit_code == 0, done.output
    assert "no real person" in done.output
    return folder


def _run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env={"RAPPORT_DATA_DIR": str(folder / "data")})


def _files(folder: Path) -> list[str]:
    return ["--ratings", str(folder / "ratings.csv"), "--visits", str(folder / "visits.csv")]


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


def test_open_episodes_are_scored_in_their_order_and_others_say_why_not(clinic: Path, tmp_path: Path) -> None:
    out = tmp_path / "RISK.csv"
    done = _run(clinic, "predict", str(clinic / "episodes.csv"), *_files(clinic), "-o", str(out))
    assert done.exit_code == 0, done.output
    assert "has not been checked on your own episodes" in done.output
    rows, episodes = _rows(out), _rows(clinic / "episodes.csv")
    assert tuple(rows[0]) == COLUMNS
    assert [row["episode_id"] for row in rows] == [row["episode_id"] for row in episodes]
    for row, episode in zip(rows, episodes, strict=True):
        assert (row["reason"] == "") == (row["risk_next_unit"] != "")
        if episode["status"] != "open":
            assert row["reason"] == "the episode is not open"
        elif row["reason"] == "":
            left = int(episode["planned_units"]) - int(episode["units_attended"])
            low, risk, high = (float(row[name]) for name in ("risk_low", "risk_before_completion", "risk_high"))
            assert 0.0 <= low <= risk <= high <= 1.0
            assert float(row["risk_next_unit"]) <= risk + 1e-6
            assert 0.0 <= float(row["expected_units_remaining"]) <= left
    assert sum(row["reason"] == "" for row in rows) > 10


def test_the_same_files_in_another_order_give_the_same_bytes(clinic: Path, tmp_path: Path) -> None:
    ratings = (clinic / "ratings.csv").read_text("utf-8").splitlines()
    shuffled = tmp_path / "ratings.csv"
    shuffled.write_text("\n".join([ratings[0], *reversed(ratings[1:])]) + "\n", "utf-8")
    visits = ["--visits", str(clinic / "visits.csv")]
    texts = []
    for name, file in (("a", clinic / "ratings.csv"), ("b", shuffled)):
        out = tmp_path / name
        done = _run(clinic, "predict", str(clinic / "episodes.csv"), "--ratings", str(file), *visits, "-o", str(out))
        assert done.exit_code == 0, done.output
        texts.append(out.read_bytes())
    assert texts[0] == texts[1]


def test_later_ratings_do_not_change_a_past_prediction(clinic: Path, tmp_path: Path) -> None:
    lines = (clinic / "ratings.csv").read_text("utf-8").splitlines()
    day = sorted(line.split(",")[2] for line in lines[1:])[len(lines) // 2]
    past = tmp_path / "past.csv"
    past.write_text("\n".join([lines[0], *(line for line in lines[1:] if line.split(",")[2] <= day)]) + "\n", "utf-8")
    texts = []
    for file in (clinic / "ratings.csv", past):
        out = tmp_path / "RISK.csv"
        arguments = ["predict", str(clinic / "episodes.csv"), "--ratings", str(file), "-o", str(out), "--as-of", day]
        assert _run(clinic, *arguments).exit_code == 0
        texts.append(out.read_bytes())
    assert texts[0] == texts[1]


def test_a_model_is_fitted_written_and_used(clinic: Path, tmp_path: Path) -> None:
    model, out = tmp_path / "MODEL", tmp_path / "RISK.csv"
    done = _run(clinic, "fit", str(clinic / "episodes.csv"), *_files(clinic), "-o", str(model))
    assert done.exit_code == 0, done.output
    assert "300 episodes" in done.output
    done = _run(clinic, "predict", str(clinic / "episodes.csv"), *_files(clinic), "-o", str(out), "--model", str(model))
    assert done.exit_code == 0, done.output
    assert {row["model"] for row in _rows(out)} == {"fitted"}
    again = tmp_path / "AGAIN"
    _run(clinic, "fit", str(clinic / "episodes.csv"), *_files(clinic), "-o", str(again))
    assert again.read_bytes() == model.read_bytes()
    assert b"sim-client" not in model.read_bytes()  # pseudonyms at most


def test_wrong_input_is_named_without_a_traceback_or_a_clients_data(clinic: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    lines = (clinic / "episodes.csv").read_text("utf-8").splitlines()
    cells = lines[1].split(",")
    cells[3], cells[4] = "spa", "12/31/2025"
    bad.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n", "utf-8")
    out = tmp_path / "RISK.csv"
    done = _run(clinic, "predict", str(bad), "-o", str(out))
    assert done.exit_code == 0  # the other rows are scored
    assert "row 2" in done.stderr
    assert "setting" in done.stderr
    assert cells[1] not in done.stderr
    refused = _run(clinic, "predict", str(bad), "-o", str(tmp_path / "none.csv"), "--refuse")
    assert refused.exit_code == 2
    assert not (tmp_path / "none.csv").exists()
    unknown = _run(clinic, "predict", str(bad), "-o", str(out), "--model", "oracle")
    assert unknown.exit_code == 2
    assert "evidence" in unknown.stderr

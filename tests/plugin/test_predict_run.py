"""Scoring files of any size: however the work is divided, done or interrupted, the bytes are the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from plugin.contract import Score
from plugin.errors import PluginError
from plugin.evidence_predictor import predictor
from plugin.predict.engine import run
from plugin.predict.hands import Hands, Here
from plugin.predict.model import sendable
from plugin.predict.task import Task
from plugin.predict.workplace import folder_of
from plugin.risk_table import requests
from plugin.simulation import Truth, simulate

DAY = date(2026, 6, 30)
HERE = Hands(Here())


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clinic")
    names = ("episodes", "ratings", "visits")
    for name, frame in zip(names, simulate(Truth(), 400, seed=5).frames(), strict=True):
        frame.to_csv(folder / f"{name}.csv", index=False)
    return folder


def _task(clinic: Path, output: Path, ending: str = "csv", **more: Any) -> Task:
    files = {name: clinic / f"{name}.{ending}" for name in ("episodes", "ratings", "visits")}
    return Task(files=files, output=output, model=sendable(predictor()), as_of=DAY, **more)


def _bytes(task: Task, hands: Hands = HERE) -> bytes:
    run(task, hands)
    return task.output.read_bytes()


@pytest.mark.parametrize(("block", "part"), [(1 << 14, 1 << 14), (1 << 15, 1 << 30), (1 << 30, 1 << 14)])
def test_it_is_the_same_however_it_is_divided(clinic: Path, tmp_path: Path, block: int, part: int) -> None:
    whole = _bytes(_task(clinic, tmp_path / "whole.csv"))
    assert _bytes(_task(clinic, tmp_path / "parts.csv", block=block, part=part)) == whole
    with ThreadPoolExecutor(3) as executor:
        several = _task(clinic, tmp_path / "several.csv", block=block, part=part)
        assert _bytes(several, Hands(executor, 3)) == whole
        remote = replace(several, output=tmp_path / "remote.csv")
        assert _bytes(remote, Hands(executor, 3, remote=True)) == whole


def test_columns_of_parquet_give_the_same_bytes(clinic: Path, tmp_path: Path) -> None:
    for name in ("episodes", "ratings", "visits"):
        pl.read_csv(clinic / f"{name}.csv", try_parse_dates=True).write_parquet(tmp_path / f"{name}.parquet")
    assert _bytes(_task(tmp_path, tmp_path / "a.csv", "parquet")) == _bytes(_task(clinic, tmp_path / "b.csv"))


def test_rows_are_what_the_predictor_says_of_each_client(clinic: Path, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(_bytes(_task(clinic, tmp_path / "RISK.csv")).decode())))
    made = simulate(Truth(), 400, seed=5).caseload
    found = predictor().predict(requests(made.known_on(DAY), DAY))
    assert [row["episode_id"] for row in rows] == list(made.episode_id)
    for row, answer in zip(rows, found, strict=True):
        if isinstance(answer, Score):
            assert float(row["risk_before_completion"]) == pytest.approx(answer.risk_before_completion.value, abs=1e-6)
            assert float(row["risk_next_low"]) == pytest.approx(answer.risk_next_unit.low, abs=1e-6)
            assert float(row["expected_units_remaining"]) == pytest.approx(answer.expected_units_remaining, abs=0.01)
            assert row["weakest_component"] == (answer.weakest_component or "")
        else:
            assert row["reason"] == answer.reason
    assert sum(isinstance(answer, Score) for answer in found) > 10


class _Stops(Here):
    """Does some tasks, then the power goes."""

    def __init__(self, after: int) -> None:
        self.left, self.done = after, 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        self.done += 1
        return super().submit(fn, *args, **kwargs)


@pytest.mark.parametrize("after", [1, 4, 9])
def test_what_was_interrupted_goes_on_and_ends_the_same(clinic: Path, tmp_path: Path, after: int) -> None:
    whole = _bytes(_task(clinic, tmp_path / "whole.csv", block=1 << 15, part=1 << 15))
    task = _task(clinic, tmp_path / "RISK.csv", block=1 << 15, part=1 << 15)
    with pytest.raises(KeyboardInterrupt):
        run(task, Hands(_Stops(after)))
    assert not task.output.exists()
    rest = _Stops(-1)
    assert _bytes(task, Hands(rest)) == whole
    assert rest.done > 0
    fresh = _Stops(-1)
    again = replace(task, output=tmp_path / "again.csv")
    _bytes(again, Hands(fresh))
    assert rest.done < fresh.done  # what was finished was not done again
    assert not folder_of(task.output).exists()


def test_a_cell_that_a_spreadsheet_would_run_is_written_as_text(clinic: Path, tmp_path: Path) -> None:
    for name in ("ratings", "visits"):
        (tmp_path / f"{name}.csv").write_bytes((clinic / f"{name}.csv").read_bytes())
    text = (clinic / "episodes.csv").read_text("utf-8")
    (tmp_path / "episodes.csv").write_text(text.replace("sim-00001,", "=1+1,", 1), "utf-8")
    assert _bytes(_task(tmp_path, tmp_path / "RISK.csv")).splitlines()[1].startswith(b"'=1+1,")


def test_a_bad_row_is_told_and_the_rest_is_scored(clinic: Path, tmp_path: Path) -> None:
    for name in ("episodes", "ratings", "visits"):
        (tmp_path / f"{name}.csv").write_bytes((clinic / f"{name}.csv").read_bytes())
    lines = (clinic / "episodes.csv").read_text("utf-8").splitlines()
    lines[3] = lines[3].replace("outpatient", "spa")
    (tmp_path / "episodes.csv").write_text("\n".join(lines) + "\n", "utf-8")
    task = _task(tmp_path, tmp_path / "RISK.csv")
    summary = run(task, HERE)
    told = [line.split(":") for line in summary.problems]
    assert told[0][:2] == ["episodes.csv", " row 4, column setting"]
    assert {each[0] for each in told[1:]} == {"ratings.csv", "visits.csv"}  # those of the row that is left out
    assert "sim-00003" not in "".join(summary.problems)
    good = _bytes(_task(clinic, tmp_path / "good.csv")).splitlines()
    rows = task.output.read_bytes().splitlines()
    assert [row for place, row in enumerate(rows) if place != 3] == [
        row for place, row in enumerate(good) if place != 3
    ]
    with pytest.raises(PluginError, match="row 4"):
        run(replace(task, output=tmp_path / "none.csv", refuse=True), HERE)
    assert not (tmp_path / "none.csv").exists()


def test_two_runs_do_not_write_one_output(clinic: Path, tmp_path: Path) -> None:
    task = _task(clinic, tmp_path / "RISK.csv")
    seen: list[str] = []

    class Meddles(Here):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
            if not seen:
                with pytest.raises(PluginError) as refused:
                    run(task, HERE)
                seen.extend(refused.value.problems)
            return super().submit(fn, *args, **kwargs)

    run(task, Hands(Meddles()))
    assert "another run is writing it" in seen[0]

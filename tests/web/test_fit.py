"""``rapport fit`` as a user runs it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from plugin.model_file import read_model
from plugin.simulation import Frames, Truth, simulate
from tests.web.simulated_files import written
from web.cli import main


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    monkeypatch.setenv("RAPPORT_DATA_DIR", str(folder))
    return folder


@pytest.fixture(scope="module")
def tables() -> Frames:
    return simulate(Truth(covariates={"age": -0.3}), 500, seed=12).frames()


@pytest.fixture
def files(tmp_path: Path, tables: Frames) -> list[str]:
    """The arguments that name a clinic's three files."""
    return written(tmp_path, tables)


def fit(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["fit", *map(str, arguments)])


def test_it_writes_a_model_that_can_be_read_and_says_what_it_found(files: list[str], tmp_path: Path) -> None:
    model = tmp_path / "model.json"
    result = fit(*files, "-o", model)
    assert result.exit_code == 0, result.output
    content = json.loads(model.read_text())
    lines = result.stdout.splitlines()
    assert lines[0].startswith("500 episodes with intakes from ")
    dropouts = int((pd.read_csv(files[0])["status"] == "dropped_out").sum())
    assert lines[1] == f"{dropouts} dropouts in {content['training']['person_units']:,} person-units, 12 clinicians."
    assert lines[-1] == str(model)
    assert read_model(model).version == content["version"]
    assert result.stderr == ""


def test_the_table_shows_published_and_fitted_hazard_ratios(files: list[str], tmp_path: Path) -> None:
    """Against the file: exp of the mean, and of mean ± 1.645 standard errors."""
    model = tmp_path / "model.json"
    result = fit(*files, "-o", model)
    predictor = read_model(model).model
    place = predictor.columns.index("missed_share")
    error = predictor.covariance[place, place] ** 0.5
    row = next(line for line in result.stdout.splitlines() if line.startswith("half of the last visits missed"))
    shown = [float(word.strip("()")) for word in row.split()[6:14] if word.strip("()").replace(".", "").isdigit()]
    assert shown[:3] == [2.0, 1.31, 3.06]  # exp(ln 2 ± 1.645·ln(3.3/1.2)/3.92): the published 1.2 to 3.3 at 95 percent
    mean = predictor.mean[place]
    wanted = [2.718281828459045**value for value in (mean, mean - 1.645 * error, mean + 1.645 * error)]
    assert shown[3:6] == pytest.approx(wanted, abs=0.006)  # two decimals are printed


def test_no_identifier_of_the_files_is_in_the_model(files: list[str], tmp_path: Path) -> None:
    model = tmp_path / "model.json"
    fit(*files, "-o", model)
    table = pd.read_csv(files[0])
    text = model.read_text()
    names = {*table["episode_id"], *table["client_id"], *table["clinician_id"]}
    assert not any(name in text for name in names)
    assert len(json.loads(text)["model"]["clinicians"]) == table["clinician_id"].nunique()


def test_the_same_files_give_the_same_bytes_in_any_order_of_rows(
    files: list[str], tables: Frames, tmp_path: Path
) -> None:
    fit(*files, "-o", tmp_path / "one.json")
    for name, table in tables._asdict().items():
        table.sample(frac=1.0, random_state=3).to_csv(tmp_path / f"{name}.csv", index=False)
    fit(*files, "-o", tmp_path / "two.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


def test_as_of_uses_nothing_later(files: list[str], tmp_path: Path) -> None:
    result = fit(*files, "-o", tmp_path / "model.json", "--as-of", "2025-10-01")
    assert result.exit_code == 0
    training = json.loads((tmp_path / "model.json").read_text())["training"]
    known = pd.read_csv(files[0])["intake_date"] <= "2025-10-01"
    assert training["episodes"] == known.sum()
    assert training["as_of"] == "2025-10-01"


def test_a_small_model_says_so(files: list[str], tmp_path: Path) -> None:
    pd.read_csv(files[0]).head(80).to_csv(files[0], index=False)
    result = fit(files[0], "-o", tmp_path / "model.json")
    assert result.exit_code == 0
    assert "small model" in result.stdout
    assert "fewer than 300 episodes" in result.stdout


def test_bad_rows_are_listed_and_left_out_or_refused(files: list[str], tmp_path: Path) -> None:
    table = pd.read_csv(files[0], dtype=str)
    table.loc[4, "status"] = "gone"
    table.to_csv(files[0], index=False)
    result = fit(files[0], "-o", tmp_path / "model.json")
    assert result.exit_code == 0
    assert "row 6, column status" in result.stderr
    assert json.loads((tmp_path / "model.json").read_text())["training"]["episodes"] == 499
    refused = fit(files[0], "-o", tmp_path / "refused.json", "--refuse")
    assert refused.exit_code == 2
    assert "row 6, column status" in refused.stderr
    assert not (tmp_path / "refused.json").exists()


def test_no_usable_row_ends_with_2_and_says_what_is_missing(files: list[str], tmp_path: Path) -> None:
    table = pd.read_csv(files[0], dtype=str).head(3)
    table["setting"] = "elsewhere"
    table.to_csv(files[0], index=False)
    result = fit(files[0], "-o", tmp_path / "model.json")
    assert result.exit_code == 2
    assert "none of its 3 rows can be used" in result.stderr
    assert not (tmp_path / "model.json").exists()


def test_episodes_that_have_not_begun_teach_nothing(files: list[str], tmp_path: Path) -> None:
    table = pd.read_csv(files[0], dtype=str).head(3)
    table["units_attended"], table["last_unit_date"], table["status"] = "0", "", "open"
    table.to_csv(files[0], index=False)
    result = fit(files[0], "-o", tmp_path / "model.json")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith(f"{files[0]}: there is no episode with a unit attended")


@pytest.mark.parametrize("missing", ["episodes.csv", "ratings.csv"])
def test_a_file_that_is_not_there(files: list[str], tmp_path: Path, missing: str) -> None:
    (tmp_path / missing).unlink()
    result = fit(*files, "-o", tmp_path / "model.json")
    assert result.exit_code == 2
    assert missing in result.stderr
    assert "Traceback" not in result.output


def test_what_stood_there_before_stays_if_the_fit_fails(files: list[str], tmp_path: Path) -> None:
    model = tmp_path / "model.json"
    model.write_text("before")
    Path(files[0]).write_text("episode_id\n1\n")
    assert fit(files[0], "-o", model).exit_code == 2
    assert model.read_text() == "before"


def test_a_wrong_data_folder_is_named(files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_DATA_DIR", "somewhere")
    result = fit(files[0], "-o", tmp_path / "model.json")
    assert result.exit_code == 2
    assert "RAPPORT_DATA_DIR" in result.stderr


def test_progress_shows_on_a_terminal_and_not_in_a_pipe(files: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from web.cli import main; main()", "fit", *files, "-o", str(tmp_path / "m.json")]
    piped = subprocess.run(command, capture_output=True, text=True, check=True)
    assert piped.stderr == ""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=theirs, check=True)
    os.set_blocking(ours, False)
    shown = os.read(ours, 65536).decode()  # while the other end is open: closed, it has nothing more to say
    os.close(theirs)
    os.close(ours)
    assert "Fitting" in shown

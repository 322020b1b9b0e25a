"""``rapport simulate`` as a user runs it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click
import pytest
from click.testing import CliRunner, Result

from plugin.loading import load_caseload
from plugin.records import SETTINGS
from web.cli import main
from web.cli.simulate import command

NAMES = ("episodes.csv", "ratings.csv", "visits.csv")


def simulate(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["simulate", "-o", str(folder), *options])


def test_it_writes_three_files_that_load_without_a_problem_and_says_that_nobody_is_in_them(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "clinic"
    result = simulate(folder, "--episodes", "60")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"Simulated clients: no real person. Written to {folder}: episodes.csv (60 rows), ")
    assert sorted(path.name for path in folder.iterdir()) == list(NAMES)
    loaded = load_caseload(*(folder / name for name in NAMES), salt=b"salt", refuse=True)
    assert (loaded.kept, loaded.notes) == (60, ())
    assert set(loaded.caseload.covariates) == {"age", "referral"}
    assert (folder / "episodes.csv").read_text().splitlines()[1].startswith("sim-00001,sim-client-00001,sim-clinician-")


def test_the_same_options_give_the_same_bytes(tmp_path: Path) -> None:
    options = ("--episodes", "40", "--seed", "0", "--setting", "iop", "--as-of", "2025-03-31")
    for name in ("a", "b"):
        assert simulate(tmp_path / name, *options).exit_code == 0
    assert simulate(tmp_path / "c", *options[:2], "--seed", "2", *options[4:]).exit_code == 0
    read = {name: [(tmp_path / name / file).read_bytes() for file in NAMES] for name in "abc"}
    assert read["a"] == read["b"]
    assert all(one != other for one, other in zip(read["a"], read["c"], strict=True))
    episodes = read["a"][0].decode()
    assert ",iop,2025-" in episodes
    assert max(row.split(",")[4] for row in episodes.splitlines()[1:]) <= "2025-03-31"


@pytest.mark.parametrize(
    "options",
    [
        ("--episodes", "0"),
        ("--seed", "-1"),
        ("--setting", "ward"),
        ("--as-of", "31.03.2025"),
        ("--as-of", "0001-01-05"),
    ],
)
def test_a_wrong_option_ends_with_exit_code_2(tmp_path: Path, options: tuple[str, str]) -> None:
    result = simulate(tmp_path / "clinic", *options)
    assert result.exit_code == 2
    assert options[0] in result.stderr
    assert not (tmp_path / "clinic").exists()


def test_every_setting_can_be_simulated() -> None:
    (choice,) = (each.type for each in command.params if each.name == "setting")
    assert tuple(cast("click.Choice[str]", choice).choices) == SETTINGS

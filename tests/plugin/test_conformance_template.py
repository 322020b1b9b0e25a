"""The template of a predictor: a package that installs, is found by its name, and passes the kit."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

TEMPLATE = Path(__file__).parents[2] / "examples" / "predictor-template"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, for building leaves files behind."""
    return Path(shutil.copytree(TEMPLATE, tmp_path_factory.mktemp("template") / "own"))


@pytest.fixture(scope="module")
def target(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which it is installed, without asking any registry."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(folder)]
    subprocess.run([*pip, *options, str(copy)], check=True, capture_output=True, text=True)
    return folder


def run(target: Path, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(target)}
    return subprocess.run(
        [sys.executable, *arguments], check=False, capture_output=True, text=True, env=environment, cwd=cwd
    )


def rapport(target: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(target, "-c", "from web.cli import main; main()", *arguments)


def test_it_installs_with_its_card_and_is_found_by_name(target: Path) -> None:
    assert (target / "rapport_attendance" / "card.toml").is_file()
    listed = rapport(target, "plugin", "list")
    assert ["attendance", "rapport-attendance", "1.0.0"] in [line.split() for line in listed.stdout.splitlines()]


def test_it_passes_every_check_as_it_is_installed(target: Path) -> None:
    checked = rapport(target, "plugin", "check", "attendance", "--json")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    report = json.loads(checked.stdout)
    assert (report["model"], report["version"]) == ("attendance", "1.0.0")
    assert {check["status"] for check in report["checks"]} == {"passed"}


def test_its_own_tests_pass_and_an_expected_failure_that_passes_fails(target: Path, copy: Path) -> None:
    strict = "EXPECTED_FAILURES: dict[str, str] = {'threads': 'it never was safe'}"
    own = (copy / "tests" / "test_conformance.py").read_text()
    changed = own.replace("EXPECTED_FAILURES: dict[str, str] = {}", strict)
    assert changed != own
    (copy / "tests" / "test_strict.py").write_text(changed)
    tested = run(target, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=copy)
    assert tested.returncode == 1, tested.stdout
    lines = tested.stdout.splitlines()
    failed = [line for line in lines if line.startswith("FAILED")]
    assert len(failed) == 1
    assert failed[0].startswith("FAILED tests/test_strict.py::test_it_keeps_the_contract[attendance-threads]")
    assert "[XPASS(strict)] it never was safe" in lines
    assert "1 failed, " in lines[-1]
    assert " passed" in lines[-1]


def test_it_asks_for_a_release_that_there_is_and_shares_our_license() -> None:
    root = TEMPLATE.parents[1]
    own, ours = (tomllib.loads((folder / "pyproject.toml").read_text()) for folder in (TEMPLATE, root))
    assert own["project"]["dependencies"] == [f"{ours['project']['name']}>=0.1"]
    assert (TEMPLATE / "LICENSE").read_text() == (root / "LICENSE").read_text()
    assert not any(path.startswith("examples") for path in ours["tool"]["pytest"]["ini_options"]["testpaths"])

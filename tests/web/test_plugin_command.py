"""``rapport plugin`` as a user runs it, with predictors of other authors that behave and that do not."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plugin.conformance import CHECKS, check_named, describe
from plugin.errors import PluginError
from plugin.fitted import fit_caseload
from plugin.model_file import model_bytes
from plugin.simulation import Truth, simulate
from web.cli import main

PREDICTOR = """
import os, time
from plugin.contract import API_VERSION, Abstention, ModelCard, Need, Probability, Score

class Made:
    name, version, api_version, local_record = "{name}", "3", API_VERSION, None
    horizon = "leaving"
    needs = (Need("visits", look_back_days=30), Need("covariate", ("phq9",), required=True))

    def card(self):
        texts = dict.fromkeys(("intended_use", "not_for", "trained_on", "outcome", "performance"), "A test.\\x1b[2J")
        return ModelCard(**texts, limits=("It is made up.",), version="3", date="2026-06-30")

    def predict(self, requests):
        print("client", [request.episode.clinician_id for request in requests])
        return [self.one(request) for request in requests]

    def one(self, request):
        bare = not request.episode.clinician_id and not request.episode.units_attended
        if request.episode.covariates.get("phq9") in (None, ""):
            return Abstention("the model needs phq9") if not bare else self.on_nothing()
        left = request.episode.planned_units - request.episode.units_attended
        near, far = Probability(0.1, 0.05, 0.2), Probability(1 - 0.9**left, 0.0, 1.0)
        return Score(near, far, {units})

    def on_nothing(self):
        {on_nothing}
        return Abstention("the model needs phq9")

{before}
"""

Install = Callable[..., str]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a predictor as a package does, and return its name."""

    def make(
        name: str = "made", units: str = "left * 0.5", on_nothing: str = "pass", before: str = "", broken: str = ""
    ) -> str:
        folder = tmp_path / name
        info = folder / f"rapport_{name}-2.5.dist-info"
        info.mkdir(parents=True)
        code = broken or PREDICTOR.format(name=name, units=units, on_nothing=on_nothing, before=before)
        (folder / f"rapport_{name}.py").write_text(code)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: rapport-{name}\nVersion: 2.5\n")
        (info / "entry_points.txt").write_text(f"[rapport.predictors]\n{name} = rapport_{name}:Made\n")
        monkeypatch.syspath_prepend(str(folder))
        return name

    return make


def plugin(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["plugin", *map(str, arguments)])


def statuses(result: Result) -> dict[str, str]:
    return {check["check"]: check["status"] for check in json.loads(result.stdout)["checks"]}


def test_list_names_package_and_version_and_loads_nothing(install: Install) -> None:
    install("gone", broken="raise SystemError('loaded')")
    result = plugin("list")
    assert result.exit_code == 0
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["gone", "rapport-gone", "2.5"] in rows
    assert rows[0][:2] == ["evidence", "rapport-roi"]


def test_show_tells_card_needs_horizon_contract_and_record() -> None:
    result = plugin("show", "evidence")
    assert result.exit_code == 0, result.output
    shown = " ".join(result.stdout.split())
    for words in (
        "version 1.0.0 contract 1.0 horizon leaving before the next planned unit",
        "needs ratings bond, goals, tasks, alliance_total, symptoms, satisfaction visits local record none",
        "clinicians do not see it: nobody has judged it",
        "not for Decisions about a client's care without a clinician",
        "sources alliance/completer_gap_sharf_2010",
    ):
        assert words in shown
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_show_tells_what_another_author_wrote_without_its_control_characters(install: Install) -> None:
    result = plugin("show", install())
    assert "visits, of the last 30 days" in result.stdout
    assert "covariate phq9, required" in result.stdout
    assert "\x1b" not in result.stdout


def test_a_model_file_is_shown_with_its_record_and_checked(tmp_path: Path) -> None:
    fitted = fit_caseload(simulate(Truth(), 400, 5).caseload)
    path = tmp_path / "model.json"
    path.write_bytes(model_bytes(fitted.predictor, fitted.training))
    shown = plugin("show", path)
    record = fitted.predictor.local_record
    assert record is not None
    assert f"{record.episodes} " in shown.stdout
    slope, low, high = record.calibration_slope
    assert f"calibration slope {slope:.2f} (95% interval {low:.2f} to {high:.2f})" in shown.stdout
    checked = plugin("check", path, "--json")
    assert checked.exit_code == 0, checked.output
    assert set(statuses(checked).values()) == {"passed"}


def test_check_names_each_check_and_ends_with_0_where_all_pass() -> None:
    result = plugin("check", "evidence")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line.split()[1] for line in lines[:-2]] == [name for name in CHECKS if name != "required_data"]
    assert {line.split()[0] for line in lines[:-2]} == {"pass"}
    assert lines[-1] == f"evidence 1.0.0, kit 1.0: {len(CHECKS) - 1} passed, 0 failed"


def test_an_honest_predictor_of_another_author_passes_and_what_it_prints_is_not_shown(install: Install) -> None:
    result = plugin("check", install(), "--json")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    assert json.loads(result.stdout)["version"] == "3"
    assert statuses(result)["required_data"] == "passed"


def test_a_failure_says_what_is_wrong_and_can_be_expected(install: Install) -> None:
    name = install(units="left + 1.0")
    result = plugin("check", name)
    assert result.exit_code == 1
    said = " ".join(result.stdout.split())
    assert "FAIL units_remaining expected units lie between 0 and those left of the plan" in said
    assert "expected_units_remaining is not between 0 and the units left of the plan, for a simulated client" in said
    assert "1 failed" in result.stdout.splitlines()[-1]
    expected = plugin("check", name, "--expect", "units_remaining=it counts the last unit twice")
    assert expected.exit_code == 0
    assert "expected: it counts the last unit twice" in expected.stdout
    assert expected.stdout.splitlines()[-1].endswith(" 0 failed, 1 failed as expected")


def test_an_expected_failure_that_passes_fails(install: Install) -> None:
    result = plugin("check", install(), "--json", "--expect", "threads=it had a global")
    assert result.exit_code == 1
    assert statuses(result).pop("threads") == "unexpected_pass"
    assert json.loads(result.stdout)["passed"] is False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "no-such"), "model no-such: is neither a predictor nor a file; write one of evidence"),
        (("show", "no-such"), "model no-such: is neither a predictor nor a file"),
        (("check", "evidence", "--expect", "threads"), "--expect threads: write the check and why it fails"),
        (("check", "evidence", "--expect", "warmth=x"), "expected failure warmth: is no check; there are api_version"),
        (("check", "evidence", "--expect", "threads=a", "--expect", "threads=b"), "--expect threads: is there twice"),
    ],
)
def test_a_wrong_name_or_expectation_ends_with_2(arguments: tuple[str, ...], said: str) -> None:
    result = plugin(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(said)
    assert result.stdout == ""


def test_one_that_cannot_be_loaded_ends_with_2(install: Install) -> None:
    result = plugin("check", install("ill", broken="raise OSError('a client in the message')"))
    assert (result.exit_code, result.stderr) == (2, "model ill: cannot be loaded: OSError\n")


def test_one_that_hangs_is_stopped_and_the_rest_not_made(install: Install) -> None:
    name = install(on_nothing="time.sleep(60)")
    start = time.monotonic()
    result = plugin("check", name, "--seconds", "0.4", "--json")
    assert time.monotonic() - start < 30.0
    assert result.exit_code == 1
    found = {check["check"]: check for check in json.loads(result.stdout)["checks"]}
    assert found["missing_facts"]["status"] == "passed"
    assert found["empty_history"]["message"] == "took longer than 3.2 seconds and was stopped"
    assert found["keeps_nothing"]["message"] == "not made: the predictor had stopped answering"
    assert found["keeps_nothing"]["status"] == "failed"


def test_one_that_takes_its_process_down_is_told(install: Install) -> None:
    result = plugin("check", install(on_nothing="os._exit(3)"), "--json")
    found = {check["check"]: check for check in json.loads(result.stdout)["checks"]}
    assert found["empty_history"]["message"] == "the predictor ends its process (its process ended)"
    assert found["keeps_nothing"]["message"] == "not made: the predictor had ended its process"


def test_one_that_never_opens_is_stopped(install: Install) -> None:
    name = install(before="time.sleep(60)")
    for ask in (lambda: describe(name, seconds=0.7), lambda: check_named(name, opening=0.7)):
        with pytest.raises(PluginError, match="model made: does not open in time; it was stopped"):
            ask()


def test_one_that_cannot_say_what_it_is_is_told_so(install: Install) -> None:
    name = install(before="Made.needs = ('visits',); Made.local_record = 3; Made.card = lambda self: {}")
    result = plugin("show", name)
    assert result.exit_code == 2
    assert [line.split(": ")[1].split(";")[0] for line in result.stderr.splitlines()] == [
        "card() returns no ModelCard",
        "local_record is no LocalRecord",
        "needs are no tuple of Need",
    ]

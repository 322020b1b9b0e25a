"""From prediction to money: what an evaluation counted at a threshold is what the targeted road computes with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from calculator.quantity import Range, likely
from plugin.caseload import Caseload
from plugin.contract import LocalRecord
from plugin.errors import PluginError
from plugin.evaluation.chosen import Chosen
from plugin.evaluation.evaluate import Settings, evaluate
from plugin.evaluation.landmark import landmark, records_end
from plugin.evaluation.local_record import local_record
from plugin.evidence_predictor import predictor as evidence
from plugin.evidence_record import record_bytes, with_record
from plugin.model_file import read_model
from plugin.records import STATUSES
from plugin.simulation import Truth, simulate
from tests.web.conftest import query
from web.cli import main
from web.measured_targeting import TargetedInputs, targeted_inputs

EXAMPLE = Path(__file__).parents[2] / "examples" / "outpatient_group_practice.toml"
PATHS = ("program.sensitivity", "program.specificity")
RECORD = LocalRecord(
    episodes=400,
    events=120,
    as_of="2026-06-30",
    calibration_slope=(1.0, 0.8, 1.2),
    expected_observed=(1.0, 0.9, 1.1),
    c_index=(0.7, 0.65, 0.75),
    thresholds={"0.30": (0.8, 0.6), "0.35": (0.7, 0.65)},
    threshold_intervals={"0.30": ((0.7, 0.9), (0.5, 0.7))},
)
COMPLETED, DROPPED = STATUSES.index("completed"), STATUSES.index("dropped_out")


def rapport(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model file with a record."""
    path = tmp_path / "judged.json"
    path.write_bytes(record_bytes(with_record(RECORD, "well")))
    return path


@pytest.fixture
def simulated_model(tmp_path: Path) -> Path:
    """A model file whose record is of simulated clients."""
    path = tmp_path / "simulated.json"
    path.write_bytes(record_bytes(with_record(replace(RECORD, simulated=True), "well")))
    return path


@pytest.fixture(scope="module")
def ended() -> Caseload:
    """A clinic all of whose episodes are followed to their end, so that plain counts are the figures."""
    made = simulate(Truth(), 500, seed=31).caseload
    return made.take(np.isin(made.status, (COMPLETED, DROPPED)))


def test_with_an_interval_a_share_is_a_range() -> None:
    """At intake nobody is out of reach: .8 (.7 to .9) and .6 (.5 to .7), each end √7/1.96 = 1.3499 times as far off."""
    found = targeted_inputs(RECORD, 0.3)
    assert likely(found.sensitivity) == 0.8
    assert likely(found.specificity) == pytest.approx(0.6)
    assert isinstance(found.sensitivity, Range)
    assert isinstance(found.specificity, Range)
    assert (found.sensitivity.low, found.sensitivity.high) == pytest.approx((0.66501, 0.93499), abs=1e-5)
    assert (found.specificity.low, found.specificity.high) == pytest.approx((0.46501, 0.73499), abs=1e-5)


def test_the_range_varies_as_the_interval_does() -> None:
    """A 95 percent interval of ±.1 has a standard deviation of .1/1.96; that of PERT is √((μ − low)(high − μ)/7)."""
    found = targeted_inputs(RECORD, 0.3).sensitivity
    assert isinstance(found, Range)
    mean = (found.low + 4.0 * found.likely + found.high) / 6.0
    assert ((mean - found.low) * (found.high - mean) / 7.0) ** 0.5 == pytest.approx(0.1 / 1.96)


def test_without_an_interval_it_is_a_number() -> None:
    assert targeted_inputs(RECORD, 0.35).sensitivity == 0.7
    assert targeted_inputs(RECORD, 0.35).specificity == pytest.approx(0.65)


def test_who_has_gone_before_the_day_is_not_flagged() -> None:
    """Half of the dropouts reached: .5·.8 = .4 are flagged; of .9 of the completers .4 are: 1 − .9·.4 = .64 are not."""
    found = targeted_inputs(replace(RECORD, landmark_days=30, reached=(0.5, 0.9)), 0.3)
    assert likely(found.sensitivity) == pytest.approx(0.4)
    assert likely(found.specificity) == pytest.approx(0.64)
    assert "a flag 30 days after intake from a risk of 0.30 on finds 40 of 100" in found.told()
    assert "Measured on 400 episodes, 120 of which ended in dropout, as of 2026-06-30" in found.told()


@given(
    shares=st.tuples(*[st.floats(0.0, 1.0)] * 6),
    reached=st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)),
)
def test_whatever_was_measured_is_a_share_or_a_range_of_shares(
    shares: tuple[float, ...], reached: tuple[float, float]
) -> None:
    flagged, spared = sorted(shares[:3]), sorted(shares[3:])
    record = replace(
        RECORD,
        thresholds={"0.50": (flagged[1], spared[1])},
        threshold_intervals={"0.50": ((flagged[0], flagged[2]), (spared[0], spared[2]))},
        reached=reached,
    )
    found = targeted_inputs(record, 0.5)
    for value in (found.sensitivity, found.specificity):
        low, high = (value.low, value.high) if isinstance(value, Range) else (value, value)
        assert 0.0 <= low <= likely(value) <= high <= 1.0
    assert likely(found.sensitivity) <= flagged[1] + 1e-12  # nobody out of reach is found
    assert likely(found.specificity) >= spared[1] - 1e-12


@pytest.mark.parametrize("days", [None, 30])
def test_the_numbers_are_those_counted_by_hand(ended: Caseload, days: int | None) -> None:
    """One client after the other: who is asked on the day, who has a risk of the threshold or more, who drops out."""
    cut = 0.30 if days is None else 0.15
    found = evaluate(ended, chosen=Chosen("evidence"), settings=Settings(landmark_days=days, draws=20))
    inputs = targeted_inputs(local_record(found), cut)
    asked = landmark(ended, days)
    risk = evidence().score(asked.caseload, simulate(Truth(), 1, 0).as_of).risk_before_completion
    flagged = {
        int(row)
        for row, each, overdue in zip(asked.rows, risk, asked.overdue, strict=True)
        if each >= cut and not overdue
    }
    count = {DROPPED: [0, 0], COMPLETED: [0, 0]}
    for row in range(len(ended)):
        if days is None or int(ended.intake_day[row]) + days <= records_end(ended):
            own = count[int(ended.status[row])]
            own[0] += row in flagged
            own[1] += 1
    (found_dropouts, dropouts), (false_flags, completers) = count[DROPPED], count[COMPLETED]
    assert min(found_dropouts, false_flags) > 10  # the example says something
    assert likely(inputs.sensitivity) == pytest.approx(found_dropouts / dropouts)
    assert likely(inputs.specificity) == pytest.approx(1.0 - false_flags / completers)
    assert isinstance(inputs.sensitivity, Range)
    assert inputs.landmark_days == days
    assert "episodes of simulated clients" in inputs.told()


@pytest.mark.parametrize(
    ("record", "threshold", "said"),
    [
        (None, 0.3, "has not been judged at any threshold"),
        (replace(RECORD, thresholds={}), 0.3, "use a MODEL that `rapport evaluate --save` wrote"),
        (RECORD, 0.31, "has nothing measured at --threshold 0.31; thresholds there are: 0.30, 0.35"),
        (RECORD, 0.301, "has nothing measured at --threshold 0.301"),
        (RECORD, float("nan"), "nothing measured at --threshold nan"),
    ],
)
def test_what_was_not_measured_is_told(record: LocalRecord | None, threshold: float, said: str) -> None:
    with pytest.raises(PluginError, match=said):
        targeted_inputs(record, threshold)


def put(tables: Any) -> tuple[Any, list[str]]:
    found: TargetedInputs = targeted_inputs(RECORD, 0.35)
    return tables, [str(problem) for problem in found.put_into(tables, "MODEL")]


def test_it_is_put_into_the_tables_of_a_clinic() -> None:
    tables, problems = put({"clinic": {"measured": ["no_show_rate", "program.sensitivity"]}})
    assert problems == []
    assert tables["program"]["evidence_road"] == "targeted"
    assert tables["program"]["sensitivity"] == 0.7
    assert tables["clinic"]["measured"] == ["no_show_rate", *PATHS]


def test_a_number_that_is_given_too_is_told_with_both() -> None:
    _, problems = put({"program": {"sensitivity": 0.5}})
    assert problems == [
        "program.sensitivity is given beside --model MODEL, which measured 0.7 at --threshold 0.35; leave out one of "
        "the two."
    ]


@pytest.mark.parametrize("tables", [{"program": 3}, {"clinic": []}, {"clinic": {"measured": "x"}}])
def test_tables_that_are_none_are_left_to_be_refused(tables: dict[str, Any]) -> None:
    before = json.dumps({key: value for key, value in tables.items() if not isinstance(value, Mapping)})
    put(tables)
    assert json.dumps({key: tables[key] for key in json.loads(before)}) == before


def test_the_estimate_says_that_they_are_measured(model: Path) -> None:
    done = rapport("estimate", EXAMPLE, "--model", model, "--threshold", "0.30", "--json")
    assert done.exit_code == 0, done.stderr
    data = json.loads(done.stdout)
    assert data["inputs"]["program"]["evidence_road"] == "targeted"
    assert data["inputs"]["program"]["sensitivity"]["likely"] == 0.8
    assert {path: data["sources"][path] for path in PATHS} == dict.fromkeys(PATHS, "measured")
    assert data["sources"]["program.save_rate"].startswith("benchmark:")
    typed = ("program.evidence_road=targeted", "program.sensitivity=0.8", "program.specificity=0.6")
    same = rapport("estimate", EXAMPLE, "--json", *(part for each in typed for part in ("--set", each)))
    assert json.loads(same.stdout)["point"] == pytest.approx(data["point"])  # the likely values alone make the point
    assert "Measured on 400 episodes" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--threshold", "0.3"), "--threshold: is given without --model"),
        (("--model", "MODEL"), "--model: is given without --threshold"),
        (("--model", "MODEL", "--threshold", "0.4"), "judged.json: has nothing measured at --threshold 0.4"),
        (("--model", "evidence", "--threshold", "0.3"), "--model evidence: has not been judged at any threshold"),
        (("--model", "nowhere", "--threshold", "0.3"), "model nowhere: is neither a predictor nor a file"),
        (("--model", "MODEL", "--threshold", "30"), "is not in the range"),
        (
            ("--model", "MODEL", "--threshold", "0.3", "--set", "program.specificity=0.9"),
            "program.specificity is given beside --model",
        ),
    ],
)
def test_mistakes_end_with_one_line_each(model: Path, arguments: tuple[str, ...], said: str) -> None:
    given = [str(model) if each == "MODEL" else each for each in arguments]
    done = rapport("estimate", EXAMPLE, *given)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_comparison_measures_the_scenarios_on_the_targeted_road(model: Path, tmp_path: Path) -> None:
    other = tmp_path / "targeted.toml"
    text = EXAMPLE.read_text("utf-8")
    other.write_text(text.replace('evidence_road = "program"', 'evidence_road = "targeted"'), "utf-8")
    done = rapport("compare", EXAMPLE, other, "--model", model, "--threshold", "0.30", "--json")
    assert done.exit_code == 0, done.stderr
    first, second = (each["result"]["sources"]["program.sensitivity"] for each in json.loads(done.stdout)["scenarios"])
    assert first.startswith("benchmark:")
    assert second == "measured"
    none = rapport("compare", EXAMPLE, "--model", model, "--threshold", "0.30")
    assert none.exit_code == 2
    assert "no scenario takes the targeted road" in none.stderr


def test_papers_are_made_from_what_was_measured(model: Path, tmp_path: Path) -> None:
    """The proposal carries its inputs, so that it can be verified without the model."""
    measured = ("--model", model, "--threshold", "0.30")
    pdf, workbook = tmp_path / "p.pdf", tmp_path / "w.xlsx"
    done = rapport("propose", EXAMPLE, "-o", pdf, "--short", *measured)
    assert done.exit_code == 0, done.stderr
    assert rapport("verify", pdf).stdout.splitlines()[0].startswith(f"{pdf}: MATCH")
    assert rapport("workbook", EXAMPLE, "-o", workbook, *measured).exit_code == 0
    assert workbook.stat().st_size > 0


def test_simulated_clients_are_no_records_of_a_clinic(simulated_model: Path, tmp_path: Path) -> None:
    """An estimate may be tried with them, never marked as measured; nothing that is handed on rests on them."""
    measured = ("--model", simulated_model, "--threshold", "0.30")
    done = rapport("estimate", EXAMPLE, *measured, "--json")
    assert done.exit_code == 0, done.stderr
    sources = json.loads(done.stdout)["sources"]
    assert {path: sources[path] for path in PATHS} == dict.fromkeys(PATHS, "estimate")
    assert "episodes of simulated clients" in done.stderr
    for command, file in (("propose", tmp_path / "p.pdf"), ("workbook", tmp_path / "w.xlsx")):
        refused = rapport(command, EXAMPLE, "-o", file, *measured)
        assert refused.exit_code == 2
        assert "was judged on simulated clients" in refused.stderr
        assert not file.exists()


def test_a_filled_data_request_takes_them_too(model: Path, tmp_path: Path) -> None:
    request = tmp_path / "request.xlsx"
    assert rapport("request", EXAMPLE, "-o", request).exit_code == 0
    done = rapport("estimate", request, "--model", model, "--threshold", "0.30", "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["sources"]["program.specificity"] == "measured"


def test_a_model_file_of_an_earlier_release_is_still_read(model: Path) -> None:
    """It has no intervals, so its shares are numbers, and says nothing of the day, so it was judged at intake."""
    content = json.loads(model.read_text("utf-8"))
    for key in ("threshold_intervals", "landmark_days", "reached", "simulated"):
        del content["local_record"][key]
    model.write_text(json.dumps(content), "utf-8")
    record = read_model(model).local_record
    assert record == replace(RECORD, threshold_intervals={})
    assert targeted_inputs(record, 0.3).sensitivity == 0.8
    assert rapport("estimate", EXAMPLE, "--model", model, "--threshold", "0.30").exit_code == 0


def test_evaluate_names_the_command_that_takes_it_further(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line it prints, run as it stands, uses what the line before says."""
    monkeypatch.setenv("RAPPORT_DATA_DIR", str(tmp_path / "data"))
    simulate(Truth(), 300, seed=12).frames().episodes.to_csv(tmp_path / "episodes.csv", index=False)
    saved = tmp_path / "own.json"
    done = rapport("evaluate", tmp_path / "episodes.csv", "--draws", "20", "--save", saved)
    assert done.exit_code == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("  rapport estimate"))
    words = line.split()
    assert words[:4] == ["rapport", "estimate", "CLINIC.toml", "--model"]
    run = rapport("estimate", EXAMPLE, *words[3:], "--json")
    assert run.exit_code == 0, run.stderr
    sensitivity = json.loads(run.stdout)["inputs"]["program"]["sensitivity"]
    share = sensitivity["likely"] if isinstance(sensitivity, dict) else sensitivity
    assert f"finds {100 * share:.0f} (" in " ".join(done.stdout.split())


def test_on_the_page_the_two_are_switched_to_measured(client: FlaskClient) -> None:
    fields = {"mode": "detailed", "program__evidence_road": "targeted", "program__sensitivity": "80"}
    fields |= {"program__specificity": "60", "from__program__sensitivity": "measured"}
    page = client.get(f"/?{query(**fields)}")
    assert page.status_code == 200
    form = BeautifulSoup(page.get_data(as_text=True), "html.parser")
    chosen = {path: _switched(form, path) for path in PATHS}
    assert chosen == {"program.sensitivity": "measured", "program.specificity": "estimate"}
    data = client.get(f"/clinic.toml?{query(**fields)}").get_data(as_text=True)
    assert 'measured = ["program.sensitivity"]' in data


def _switched(form: BeautifulSoup, path: str) -> str:
    option = form.select_one(f'[name="from.{path}"][checked], [name="from.{path}"] option[selected]')
    assert option is not None, path
    return str(option["value"])

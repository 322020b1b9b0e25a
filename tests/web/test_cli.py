"""The command line as outside scripts use it: output, exit codes, error lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from calculator import FIGURES
from web.cli import main
from web.cli.output import write_whole

EXAMPLES = Path(__file__).parents[2] / "examples"
IOP = EXAMPLES / "intensive_outpatient.toml"


def rapport(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def fresh_process(*arguments: str | Path, seed: str) -> bytes:
    """Run in a new interpreter whose hashes start from ``seed``."""
    command = [sys.executable, "-c", "from web.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}).stdout


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_summary_leads_with_revenue_kept_and_ends_with_what_to_find_out(example: Path) -> None:
    shown = rapport("estimate", example)
    assert shown.exit_code == 0, shown.output
    data = json.loads(rapport("estimate", example, "--json").output)
    lines = shown.output.splitlines()
    assert data["inputs"]["clinic"]["name"] in lines[0]
    assert lines[2].lstrip().startswith("Revenue kept")
    assert "90% range" in lines[2]
    assert lines[3].lstrip().startswith("Net benefit")
    assert "futures" in lines[3]
    for words in ("It pays back if", "trials found", "Find out next", "Three roads of evidence", "Net benefit a year"):
        assert words in shown.output


def test_json_has_the_published_names() -> None:
    data = json.loads(rapport("estimate", IOP, "--json").output)
    assert data["schema"] == "rapport.estimate/1"
    assert list(data["point"]) == list(data["distribution"]) == list(FIGURES)
    assert {"mean", "p5", "p25", "p50", "p75", "p95"} <= set(data["distribution"]["npv"])
    assert data["bridge"][-1]["step"] == "net_per_year"
    assert len(data["monthly"]) == data["inputs"]["analysis"]["horizon_months"] == 36
    assert set(data["reproducibility"]) == {"version", "evidence_sha256", "inputs_sha256", "seed", "draws"}
    assert data["sources"]["clinic.dropout_rate"] == "measured"
    assert data["sources"]["clinic.no_show_rate"] == "estimate"
    assert data["sources"]["program.odds_ratio"] == "benchmark:programs/feedback_dropout_or_dejong_2021"


def test_the_same_input_gives_the_same_bytes_in_another_process_seed_zero_included() -> None:
    for seed in ("0", "7"):
        arguments = ("estimate", IOP, "--json", "--set", f"analysis.seed={seed}")
        assert fresh_process(*arguments, seed="1") == fresh_process(*arguments, seed="2")


def test_set_changes_one_value_and_no_other() -> None:
    plain = json.loads(rapport("estimate", IOP, "--json").output)["inputs"]
    arguments = [
        "--set",
        "clinic.dropout_rate=0.3",
        "--set",
        "payers.2.collection_rate=0.5",
        "--set",
        "clinic.name=Elm St",
    ]
    changed = json.loads(rapport("estimate", IOP, "--json", *arguments).output)["inputs"]
    assert changed["clinic"]["dropout_rate"] == 0.3
    assert changed["payers"][1]["collection_rate"] == 0.5
    assert changed["clinic"]["name"] == "Elm St"
    for table, key, value in (("clinic", "dropout_rate", 0.28), ("clinic", "name", "Harbor Recovery IOP")):
        changed[table][key] = value
    changed["payers"][1]["collection_rate"] = 0.9
    assert changed == plain


def test_set_takes_a_range_and_a_bare_word() -> None:
    spread = "clinic.no_show_rate={ low = 0.1, likely = 0.15, high = 0.3 }"
    data = json.loads(rapport("estimate", IOP, "--json", "--set", spread, "--set", "clinic.setting=php").output)
    assert data["inputs"]["clinic"]["no_show_rate"] == {"low": 0.1, "likely": 0.15, "high": 0.3}
    assert data["inputs"]["clinic"]["setting"] == "php"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("clinic.dropout_rate", "write --set table.key=value"),
        ("dropout_rate=0.3", "write --set table.key=value"),
        ("payers.9.share=0.3", "names payer 9; there are 2"),
        ("payers.share=0.3", "does not name a value"),
        ("clinic.dropout_rate=30", "For 30 percent write 0.3"),
        ("clinic.droput_rate=0.3", "Did you mean dropout_rate?"),
        ("clinic.dropout_rate=nan", "is nan"),
        ("clinic.name.first=x", "does not name a value"),
    ],
)
def test_a_wrong_set_says_what_to_write(change: str, said: str) -> None:
    found = rapport("estimate", IOP, "--set", change)
    assert found.exit_code == 2
    assert said in found.stderr
    assert not found.stdout


BROKEN = {
    "missing": (None, ["cannot be read: No such file"]),
    "empty": (b"", ["clinic.setting is missing", "clinic.intakes_per_month is missing", "payers are missing"]),
    "binary": (b"\x89PNG\r\n\x1a\n\x00\xff\xfe", ["is not a text file in UTF-8"]),
    "syntax": (b"[clinic]\nsetting = outpatient\n", ["is not valid TOML", "line 2"]),
    "twice": (b"[clinic]\nname = 'a'\nname = 'b'\n", ["is not valid TOML", "line 3"]),
    "types": (b"clinic = 3\npayers = 'x'\nprogram = [1]\n", ["clinic is 3", "payers is 'x'", "program is a list"]),
    "shares": (
        b"[clinic]\nsetting='iop'\nintakes_per_month=5\n[[payers]]\nshare=0.5\nallowed_per_unit=1\n"
        b"[[payers]]\nshare=0.4\nallowed_per_unit=1\n",
        ["payers have shares that add up to 0.9; they must add up to 1."],
    ),
    "many": (
        b"colour = 1\n[clinic]\nsetting='spa'\nintakes_per_month=-3\ndropout_rate=35\n"
        b"no_show_rate='12%'\nplanned_unit=3\n"
        b"backfill_rate={low=0.5,likely=0.4,high=0.6}\n[[payers]]\nallowed_per_unit=inf\n[analysis]\nseed=1.5\n",
        [
            "colour is not a known table", "clinic.setting is 'spa'; it is one of outpatient, iop, php, residential.",
            "clinic.intakes_per_month is -3", "For 35 percent write 0.35.", "For 12% write 0.12",
            "clinic.planned_unit is not a known key. Did you mean planned_units?", "write low <= likely <= high",
            "payers.1.allowed_per_unit is inf", "analysis.seed is 1.5; it is a whole number",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("command", ["estimate", "compare"])
@pytest.mark.parametrize("name", BROKEN)
def test_a_bad_file_is_refused_with_one_line_for_each_problem(name: str, command: str, tmp_path: Path) -> None:
    content, said = BROKEN[name]
    path = tmp_path / f"{name}.toml"
    if content is not None:
        path.write_bytes(content)
    found = rapport(command, path)
    assert found.exit_code == 2
    lines = found.stderr.strip().splitlines()
    assert all(line.startswith(f"{path}: ") for line in lines)
    for words in said:
        assert any(words in line for line in lines), (words, lines)
    assert "Traceback" not in found.stderr
    assert not found.stdout
    if name == "many":
        assert len(lines) == len(said)


def test_a_folder_is_not_a_clinic(tmp_path: Path) -> None:
    found = rapport("estimate", tmp_path)
    assert found.exit_code == 2
    assert "Is a directory" in found.stderr


def test_compare_shows_the_first_as_baseline_and_only_what_differs() -> None:
    changed = rapport("compare", IOP, IOP, "--json")
    data = json.loads(changed.output)
    assert data["schema"] == "rapport.comparison/1"
    assert data["inputs"] == []
    assert all(difference in (0.0, None) for row in data["figures"] for difference in row["difference"])
    two = json.loads(rapport("compare", IOP, EXAMPLES / "residential_treatment.toml", "--json").output)
    kept = next(row for row in two["figures"] if row["name"] == "revenue_kept_per_year")
    points = [scenario["result"]["point"]["revenue_kept_per_year"] for scenario in two["scenarios"]]
    assert kept["point"] == points
    assert kept["difference"] == [0.0, points[1] - points[0]]
    assert {"path": "clinic.setting", "values": ["iop", "residential"]} in two["inputs"]
    table = rapport("compare", IOP, EXAMPLES / "residential_treatment.toml").output
    assert "(baseline)" in table
    assert "Inputs that differ" in table


def test_compare_counts_in_units_where_sessions_stand_beside_days() -> None:
    mixed = rapport("compare", IOP, EXAMPLES / "outpatient_group_practice.toml").output
    assert "Units per client today" in mixed
    assert "Days per client" not in mixed
    assert "Days per client today" in rapport("compare", IOP, EXAMPLES / "residential_treatment.toml").output


def test_compare_lists_the_problems_of_every_file(tmp_path: Path) -> None:
    first, second = tmp_path / "a.toml", tmp_path / "b.toml"
    first.write_text("x = 1")
    second.write_text("[clinic]\nsetting = 'iop'\n")
    lines = rapport("compare", first, second).stderr.splitlines()
    assert any(line.startswith(f"{first}: x ") for line in lines)
    assert any(line.startswith(f"{second}: clinic.intakes_per_month ") for line in lines)


def test_assumptions_list_show_and_check() -> None:
    listed = rapport("assumptions", "list").output
    assert "programs/feedback_dropout_or_dejong_2021" in listed
    only = rapport("assumptions", "list", "--topic", "finance").output.splitlines()
    assert only
    assert all(line.startswith("finance/") for line in only)
    shown = " ".join(rapport("assumptions", "show", "programs/feedback_dropout_or_dejong_2021").output.split())
    for words in (
        "OR 1.19 [1.03, 1.38]",
        "10.1016/j.cpr.2021.102002",
        "part-causal",
        "default of program.odds_ratio",
        "0.7246",
    ):
        assert words in shown
    assert "No problems." in rapport("assumptions", "check").output


def test_assumptions_says_what_there_is_when_asked_for_what_there_is_not() -> None:
    wrong = rapport("assumptions", "show", "programs/feedback_dejong")
    assert wrong.exit_code == 2
    assert "programs/feedback_dropout_or_dejong_2021" in wrong.stderr
    assert "topics are" in rapport("assumptions", "list", "--topic", "weather").stderr


def test_assumptions_check_names_file_and_key(tmp_path: Path) -> None:
    (tmp_path / "figures" / "dropout").mkdir(parents=True)
    (tmp_path / "settings").mkdir()
    (tmp_path / "figures" / "dropout" / "x.toml").write_text('label = "no more than this"\n')
    found = rapport("assumptions", "check", tmp_path)
    assert found.exit_code == 2
    assert "figures/dropout/x.toml" in found.stderr
    assert "Traceback" not in found.stderr


def test_propose_writes_a_pdf_and_the_same_one_again(tmp_path: Path) -> None:
    first, second = tmp_path / "a.pdf", tmp_path / "b.pdf"
    assert rapport("propose", IOP, "-o", first).exit_code == 0
    assert fresh_process("propose", IOP, "-o", second, seed="5")
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes().startswith(b"%PDF-")


def test_propose_into_a_folder_that_is_not_there_names_it(tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "a.pdf"
    found = rapport("propose", IOP, "-o", target)
    assert found.exit_code == 2
    assert str(target) in found.stderr


def test_write_whole_leaves_the_old_file_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.pdf"
    write_whole(target, b"old")

    def full_disk(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_whole(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_reader_that_leaves_early_is_no_error() -> None:
    command = f"{sys.executable} -c 'from web.cli import main; main()' estimate {IOP} --json | head -c 10"
    run = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert run.stderr == ""


def test_serve_on_a_taken_port_says_so() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = rapport("serve", "--port", str(port))
    assert found.exit_code == 2
    assert f"127.0.0.1:{port}" in found.stderr
    assert "Traceback" not in found.stderr


def test_help_names_every_command() -> None:
    shown = rapport("--help").output
    assert all(name in shown for name in ("serve", "estimate", "compare", "propose", "assumptions"))
    assert rapport("--version").output.strip().endswith("0.1.0")


def test_the_readme_shows_what_the_command_prints_today() -> None:
    readme = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    shown = readme.split("```text\n", 1)[1].split("\n```", 1)[0]
    assert rapport("estimate", IOP).output.rstrip() == shown


def test_serve_prints_its_address_answers_and_stops_on_ctrl_c() -> None:
    import re
    import signal
    from urllib.request import urlopen

    command = [sys.executable, "-u", "-c", "from web.cli import main; main()", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert address
        with urlopen(f"{address[0]}/health/live", timeout=10) as answer:  # noqa: S310 - our own loopback address
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=10)
    assert "Stopped." in rest
    assert "Traceback" not in errors

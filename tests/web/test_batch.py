"""``rapport batch`` as a user runs it: exit codes, lines, and what is left when it is killed."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reports.batch import Entry, Options, read_manifest
from tests.reports.batch_rows import contents, csv_text, inodes, prospects, run_here
from web.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"
ROWS = 16
RAPPORT = [sys.executable, "-c", "from web.cli import main; main()", "batch", "--short"]
SHORT = Options(form="short")  # quicker to make
JOURNAL = ".rapport-batch.jsonl"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the rows become in one process, with nothing happening on the way."""
    folder = tmp_path_factory.mktemp("whole")
    run_here(prospects(folder / "PROSPECTS.csv", csv_text(ROWS)), folder / "out", SHORT)
    return contents(folder / "out")


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "PROSPECTS.csv"
    path.write_text(csv_text(ROWS))
    return path


def batch(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["batch", *map(str, arguments)])


@contextmanager
def running(*arguments: str | Path, **how: object) -> Iterator[subprocess.Popen[str]]:
    command = [*RAPPORT, *map(str, arguments)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, **how
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def until(happened: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


def finished(folder: Path) -> int:
    """Return how many rows the journal says are finished."""
    journal = folder / JOURNAL
    return max(journal.read_bytes().count(b"\n") - 1, 0) if journal.exists() else 0


def children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def goes_on(rows: Path, out: Path, whole: dict[str, bytes]) -> None:
    """Run the same again in this process: no finished row is touched, and the result is that of one run."""
    before, kept = inodes(out), finished(out)
    assert 0 < kept < ROWS
    done = [json.loads(line)["entry"]["file"] for line in (out / JOURNAL).read_bytes().splitlines()[1 : kept + 1]]
    summary, worked = run_here(prospects(rows, rows.read_text()), out, SHORT)
    assert (summary.done, summary.kept, worked) == (ROWS, kept, ROWS - kept)
    assert all(inodes(out)[name] == before[name] for name in done)
    assert contents(out) == whole


# --- killed, interrupted, no room --------------------------------------------------------------------------------


def test_killed_in_the_middle_it_goes_on_and_leaves_no_worker_behind(
    rows: Path, tmp_path: Path, whole: dict[str, bytes]
) -> None:
    out = tmp_path / "out"
    with running(rows, "-o", out, "--workers", "2") as process:
        until(lambda: finished(out) >= 4 or process.poll() is not None)
        workers = children(process.pid)
        os.kill(process.pid, signal.SIGKILL)
    assert len(workers) >= 2
    until(lambda: not any(Path(f"/proc/{worker}/cmdline").exists() for worker in workers), seconds=10)
    assert "manifest.csv" not in contents(out)
    goes_on(rows, out, whole)


def test_interrupted_it_says_how_far_it_is_and_goes_on(rows: Path, tmp_path: Path, whole: dict[str, bytes]) -> None:
    out = tmp_path / "out"
    with running(rows, "-o", out, "--workers", "1") as process:
        until(lambda: finished(out) > 0 or process.poll() is not None)
        first = finished(out)  # not yet sure to be on disk: interrupted there, they are taken back
        until(lambda: finished(out) >= max(4, first + 1) or process.poll() is not None)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to all of them
        _output, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors == f"Interrupted; {finished(out)} of 16 rows are finished and kept. Run the same command to go on.\n"
    goes_on(rows, out, whole)


def test_where_files_cannot_grow_it_says_which_and_leaves_no_half_one(rows: Path, tmp_path: Path) -> None:
    import resource

    out = tmp_path / "out"

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, 8_000))

    with running(rows, "-o", out, "--workers", "1", preexec_fn=small) as process:
        _output, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert errors == (
        f"{out / '0002-clinic-0.pdf'}: File too large. 0 of 16 rows are finished and kept. "
        "Run the same command to go on.\n"
    )
    assert contents(out) == {}
    assert not (out / ".rapport-batch.tmp").exists()


def test_a_terminal_gets_a_bar_with_rate_and_remaining_time(tmp_path: Path) -> None:
    rows = tmp_path / "P.csv"
    rows.write_text(csv_text(5))
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    command = [*RAPPORT, str(rows), "-o", str(tmp_path / "out"), "--workers", "1"]
    with subprocess.Popen(command, stderr=theirs, stdout=subprocess.PIPE, text=True) as process:
        os.close(theirs)
        seen = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            seen += part
        output, _ = process.communicate()
    os.close(ours)
    assert process.returncode == 0
    assert b"5/5" in seen
    assert b"remaining" in seen
    assert b"row/s" in seen or b"s/row" in seen
    assert output.startswith("5 rows: 5 done, 0 held, 0 with problems.")


# --- exit codes and lines ----------------------------------------------------------------------------------------


def test_the_examples_dry_run(tmp_path: Path) -> None:
    clean = batch(EXAMPLES / "prospects.csv", "--dry-run", "--workers", "1")
    assert clean.exit_code == 0, clean.output
    assert clean.stdout == "5 rows: 5 ready, 0 with problems, 0 held. Nothing is written.\n"
    assert clean.stderr == ""
    slips = batch(EXAMPLES / "prospects_with_slips.csv", "--dry-run", "-o", tmp_path / "out", "--workers", "1")
    assert slips.exit_code == 2
    assert slips.stdout == "6 rows: 1 ready, 4 with problems, 1 held. Nothing is written.\n"
    lines = slips.stderr.splitlines()
    file = EXAMPLES / "prospects_with_slips.csv"
    assert lines[0] == f'{file}: not used: "City".'
    assert lines[1] == (
        f'{file}: row 3, "No-shows": is 35; it is a share of scheduled units from 0 to 0.95. For 35 percent write 0.35.'
    )
    assert lines[2].startswith(f"{file}: row 4 would be held: “Allowed amount a session” is $1,450")
    assert len(lines) == 7
    assert not (tmp_path / "out").exists()


def test_a_run_in_spanish_with_a_date_holds_and_lists(tmp_path: Path) -> None:
    arguments = (EXAMPLES / "prospects_with_slips.csv", "-o", tmp_path / "out", "--workers", "1")
    shown = batch(*arguments, "--language", "es", "--date", "2026-03-05", "--paper", "Letter", "--set", "draws=64")
    assert shown.exit_code == 1
    assert shown.stdout.startswith("6 rows: 1 done, 1 held, 4 with problems.")
    assert "row 6, \"Setting\": is 'day spa'" in shown.stderr
    found: list[Entry] = list(read_manifest(tmp_path / "out" / "manifest.csv"))
    assert [entry.status for entry in found] == ["done", "error", "held", "error", "error", "error"]
    assert "al año" in found[0].headline


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("none.csv", "-o", "out"), "none.csv: cannot be read: No such file or directory."),
        (("P.csv",), "-o DIR is missing"),
        (("P.csv", "-o", "out", "--set", "dropuot_rate=3"), "Did you mean dropout_rate?"),
        (("P.csv", "-o", "out", "--set", "x"), "write --set key=value"),
        (("P.csv", "-o", "out", "--map", "nope.toml"), "nope.toml: cannot be read"),
        (("P.csv", "-o", "out", "--map", "Town=name"), '--map: "Town" is not a column of the file.'),
        (("P.csv", "-o", "out", "--map", "id=nonsense"), "which is no input"),
        (("P.csv", "-o", "out", "--brand", "nope.toml"), "nope.toml"),
        (("P.csv", "-o", "out", "--sheet", "One"), "the file is no workbook"),
        (("P.csv", "-o", "out", "--scheduler", "nowhere"), "write it as tcp://host:8786"),
        (("P.csv", "-o", "P.csv"), "P.csv"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("P.csv").write_text(csv_text(1))
    shown = batch(*arguments)
    assert shown.exit_code == 2
    assert words in shown.stderr
    assert "Traceback" not in shown.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["P.csv"]

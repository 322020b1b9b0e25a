"""A batch in this process: what it writes, what it keeps, and what it does when something goes wrong."""

from __future__ import annotations

import csv
import dataclasses
import errno
import hashlib
import io
import multiprocessing
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assumptions import Library, load_library
from calculator import evaluate, parse_scenario, resolve
from calculator.errors import RapportError
from calculator.result import Result
from calculator.verdict import flags
from reports.attachment import result_attachment
from reports.batch import Entry, Options, Workers, check, read_manifest, run, status_of
from reports.batch.executors import ONE_THREAD, cluster_workers, local_workers
from reports.batch.journal import Journal
from reports.batch.manifest import as_text, from_text, written
from reports.batch.plausible import implausible
from reports.batch.work import Documents, Job, Outcome, fingerprint, work
from tests.reports.batch_rows import HEADER, Here, contents, csv_text, inodes, prospects, run_here

PLAIN = f"{HEADER}\np0,Elm,outpatient,40,12,30%,$140,64\n"


@pytest.fixture
def real() -> None:
    """Ask for real proposals."""


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the figures where the proposal would be: setting pages takes ten times as long as all else."""

    def figures(result: Result, library: Library, job: Job, options: Options) -> Documents:
        content = result_attachment(result).content + options.digest.encode()
        return Documents(content, b"sheet" if options.workbook else b"", result_attachment(result).digest)

    if "real" not in request.fixturenames:
        monkeypatch.setattr("reports.batch.work.render", figures)


@pytest.fixture
def whole(quick: None, tmp_path: Path) -> dict[str, bytes]:
    """What nine rows become when nothing happens on the way."""
    folder = tmp_path / "whole"
    folder.mkdir()
    found = prospects(folder / "PROSPECTS.csv", csv_text(9))
    run_here(found, folder / "out")
    return contents(folder / "out")


def entries(folder: Path) -> list[Entry]:
    return list(read_manifest(folder / "manifest.csv"))


def test_a_row_becomes_a_proposal_that_the_manifest_describes(real: None, tmp_path: Path) -> None:
    found = prospects(tmp_path / "P.csv", PLAIN)
    summary, _ = run_here(found, tmp_path / "out", Options(prepared_on=date(2026, 3, 5)))
    (entry,) = entries(tmp_path / "out")
    assert (summary.done, entry.row, entry.id, entry.name, entry.status) == (1, "2", "p0", "Elm", "done")
    assert entry.file == "0002-elm.pdf"
    content = (tmp_path / "out" / entry.file).read_bytes()
    assert entry.file_sha256 == hashlib.sha256(content).hexdigest()
    pdf = pypdf.PdfReader(io.BytesIO(content))
    inside = pdf.attachments["rapport.json"][0]
    assert entry.digest == hashlib.sha256(inside).hexdigest()
    clinic = {"name": "Elm", "setting": "outpatient", "intakes_per_month": 40, "planned_units": 12, "dropout_rate": 0.3}
    data = {"clinic": clinic, "payers": [{"allowed_per_unit": 140}], "analysis": {"draws": 64}}
    result = evaluate(parse_scenario(data), load_library())
    kept, net = result.distribution["revenue_kept_per_year"].p50, result.distribution["net_per_year"].p50
    assert kept is not None
    assert net is not None
    assert float(entry.revenue_kept_p50) == pytest.approx(kept, abs=0.005)
    assert float(entry.net_p50) == pytest.approx(net, abs=0.005)
    assert float(entry.probability) == pytest.approx(result.probability_npv_positive, abs=0.0000005)
    assert "Elm would keep" in entry.headline


def test_a_workbook_lies_beside_the_proposal_and_is_missed_when_it_is_gone(real: None, tmp_path: Path) -> None:
    found = prospects(tmp_path / "P.csv", PLAIN)
    run_here(found, tmp_path / "out", Options(workbook=True, form="short"))
    (entry,) = entries(tmp_path / "out")
    assert (entry.file, entry.workbook) == ("0002-elm.pdf", "0002-elm.xlsx")
    content = (tmp_path / "out" / entry.workbook).read_bytes()
    assert entry.workbook_sha256 == hashlib.sha256(content).hexdigest()
    assert content.startswith(b"PK")
    (tmp_path / "out" / entry.workbook).unlink()
    assert run_here(found, tmp_path / "out", Options(workbook=True, form="short"))[1] == 1
    assert (tmp_path / "out" / entry.workbook).read_bytes() == content


def test_a_row_with_problems_stops_no_other(tmp_path: Path) -> None:
    text = f"{PLAIN}p1,Oak,outpatient,40,12,35,$140,64\np2,Fir,spa,,12,30%,$140,64\np0,Ash,iop,40,30,30%,$140,64\n"
    text += "p4,Yew,outpatient,40,12,30%,$140,64\n"
    summary, _ = run_here(prospects(tmp_path / "P.csv", text), tmp_path / "out")
    assert (summary.done, summary.failed) == (2, 3)
    found = entries(tmp_path / "out")
    assert [entry.status for entry in found] == ["done", "error", "error", "error", "done"]
    assert found[1].error.startswith('row 3, "dropout_rate": is 35; it is a share of episodes')
    assert found[2].error.count("row 4, ") == 2
    assert found[3].error == 'row 5, "id": is p0, as in row 2; each row needs an id of its own.'
    assert sorted(contents(tmp_path / "out")) == ["0002-elm.pdf", "0006-yew.pdf", "manifest.csv"]


def test_a_row_that_cannot_be_made_is_named_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = prospects(tmp_path / "P.csv", csv_text(2))
    real = evaluate

    def broken(scenario: Any, library: Any) -> Any:
        if scenario.clinic.name == "Clinic 1":
            raise ZeroDivisionError("by\nzero")
        return real(scenario, library)

    with monkeypatch.context() as patch:
        patch.setattr("reports.batch.work.evaluate", broken)
        summary, _ = run_here(found, tmp_path / "out")
    assert (summary.done, summary.failed) == (1, 1)
    assert entries(tmp_path / "out")[1].error == "row 3 could not be made (ZeroDivisionError: by zero)"
    summary, worked = run_here(found, tmp_path / "out")
    assert (summary.done, summary.failed, worked) == (2, 0, 1)


# --- implausible values ---------------------------------------------------------------------------------------------

HELD = f"{PLAIN}p1,Oak,outpatient,40,12,30%,$1400,64\n"


def test_implausible_rows_are_held_and_written_only_when_asked_for(tmp_path: Path) -> None:
    found = prospects(tmp_path / "P.csv", HELD)
    summary, _ = run_here(found, tmp_path / "out")
    assert (summary.done, summary.held) == (1, 1)
    held = entries(tmp_path / "out")[1]
    assert (held.status, held.file) == ("held", "")
    assert held.flags.startswith("“Allowed amount a session” is $1,400, far from what is usual ($68 to $300).")
    assert list(contents(tmp_path / "out")) == ["0002-elm.pdf", "manifest.csv"]
    summary, worked = run_here(found, tmp_path / "out", include_held=True)
    assert (summary.done, summary.held, worked) == (2, 0, 1)
    assert "0003-oak.pdf" in contents(tmp_path / "out")
    run_here(found, tmp_path / "out")
    assert list(contents(tmp_path / "out")) == ["0002-elm.pdf", "manifest.csv"]


def doubts(setting: str = "outpatient", payer: dict[str, float] | None = None, **clinic: Any) -> list[str]:
    data = {"clinic": {"setting": setting, "intakes_per_month": 40} | clinic, "payers": [payer or {}]}
    return [remark.input for remark in implausible(resolve(parse_scenario(data), load_library()))]


def test_what_is_far_from_usual() -> None:
    """Fees: log-normal about 143.26; the 99.9 % point is 143.26·exp(3.0902·σ) = 301 (σ = 0.24), times e that is 818."""
    assert doubts(payer={"allowed_per_unit": 810.0}) == []
    assert doubts(payer={"allowed_per_unit": 825.0}) == ["payers.1.allowed_per_unit"]
    assert doubts(payer={"allowed_per_unit": 1.45}) == ["payers.1.allowed_per_unit"]  # dollars for cents
    assert doubts(payer={"allowed_per_unit": 0.0}) == ["payers.1.allowed_per_unit"]
    assert doubts(payer={"allowed_per_unit": 140.0, "collection_rate": 0.0095}) == ["payers.1.collection_rate"]
    assert doubts(payer={"collected_per_unit": 120.0}) == []  # which counts as all of it collected
    # 40 new clients with 12 sessions are 480 a month: at 60 to 110 a clinician, 4.4 to 8.0 clinicians
    assert doubts(clinicians=5, planned_units=12) == []
    assert doubts(clinicians=21, planned_units=12) == []  # 8.0·e = 21.7
    assert doubts(clinicians=23, planned_units=12) == ["clinic.clinicians"]
    assert doubts(clinicians=500, planned_units=12) == ["clinic.clinicians"]  # every employee of a hospital


def test_nothing_and_all_of_it_are_said_on_purpose() -> None:
    assert doubts(no_show_rate=0.0, acquisition_cost_per_intake=0.0, variable_cost_per_unit=0.0) == []
    assert doubts(payer={"collection_rate": 1.0}) == []


@pytest.mark.parametrize("setting", ["outpatient", "iop", "php", "residential"])
def test_the_evidence_itself_is_never_far_from_usual(setting: str) -> None:
    library = load_library()
    data = {"clinic": {"setting": setting, "intakes_per_month": 40}, "payers": [{}]}
    result = evaluate(parse_scenario(data), library)
    given = {path: item.value for path, item in result.resolved.inputs.items() if path.startswith("clinic.")}
    typed = {path.partition(".")[2]: value for path, value in given.items()}
    assert doubts(setting, **typed) == []
    assert flags(result, library) == ()


# --- the manifest is safe -------------------------------------------------------------------------------------------


@given(st.text(alphabet=st.sampled_from("=+-@\t\r\n'a1＝ "), max_size=6))
def test_no_cell_runs_as_a_formula_and_each_reads_back(text: str) -> None:
    assert as_text(text)[:1] not in tuple("=+-@\t\r\n＝")
    assert from_text(as_text(text)) == text


@given(st.builds(Entry, *[st.text(max_size=20).filter(lambda text: "\r" not in text) for _ in range(16)]))
def test_a_manifest_reads_back(tmp_path_factory: pytest.TempPathFactory, entry: Entry) -> None:
    path = tmp_path_factory.mktemp("m") / "manifest.csv"
    path.write_bytes(b"".join(written([entry])))
    assert list(read_manifest(path)) == [entry]


def test_hostile_names_become_files_and_cells_that_harm_nobody(real: None, tmp_path: Path) -> None:
    names = ["=HYPERLINK(1)", "../../etc/passwd", "a" * 300, "<b>&x</b>", "مركز", "two\nlines", "@SUM(A1)", ""]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["name", "setting", "intakes_per_month", "draws"])
    writer.writerows([name, "iop", 30, 64] for name in names)
    summary, _ = run_here(prospects(tmp_path / "P.csv", text.getvalue()), tmp_path / "out")
    assert summary.done == len(names)
    assert [entry.name for entry in entries(tmp_path / "out")] == names
    with (tmp_path / "out" / "manifest.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.DictReader(file) for key, cell in row.items() if key != "net_p50"]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    files = [path.name for path in (tmp_path / "out").glob("*.pdf")]
    assert len(files) == len(names)
    assert all(name.isascii() and len(name) < 80 for name in files)


# --- going on where it was ------------------------------------------------------------------------------------------


def test_a_second_run_does_nothing_and_says_so(tmp_path: Path, whole: dict[str, bytes]) -> None:
    found = prospects(tmp_path / "PROSPECTS.csv", csv_text(9))
    run_here(found, tmp_path / "out")
    before = inodes(tmp_path / "out")
    summary, worked = run_here(found, tmp_path / "out")
    assert (summary.done, summary.kept, worked) == (9, 9, 0)
    assert inodes(tmp_path / "out") == before
    assert contents(tmp_path / "out") == whole


@pytest.mark.parametrize("after", [1, 4, 6])
def test_a_run_that_was_stopped_goes_on(tmp_path: Path, whole: dict[str, bytes], after: int) -> None:
    found = prospects(tmp_path / "PROSPECTS.csv", csv_text(9))
    seen = 0

    def count(_summary: object) -> None:
        nonlocal seen
        seen += 1

    summary, _ = run_here(found, tmp_path / "out", on_progress=count, should_stop=lambda: seen >= after)
    assert summary.stopped
    assert 0 < summary.finished < 9
    assert "manifest.csv" not in contents(tmp_path / "out")
    before = inodes(tmp_path / "out")
    again, worked = run_here(found, tmp_path / "out")
    assert (again.done, again.kept, worked) == (9, summary.finished, 9 - summary.finished)
    assert {name: mark for name, mark in inodes(tmp_path / "out").items() if name in before} == before
    assert contents(tmp_path / "out") == whole


@pytest.mark.parametrize("harm", ["delete", "cut", "alter", "journal torn", "journal gone at the end", "temporary"])
def test_what_is_lost_or_altered_is_made_again_and_nothing_else(
    tmp_path: Path, whole: dict[str, bytes], harm: str
) -> None:
    found = prospects(tmp_path / "PROSPECTS.csv", csv_text(9))
    out = tmp_path / "out"
    run_here(found, out)
    victim, journal = out / "0004-clinic-2.pdf", out / ".rapport-batch.jsonl"
    content, lines = victim.read_bytes(), journal.read_bytes().splitlines(keepends=True)
    redone = 1
    if harm == "delete":
        victim.unlink()
    elif harm == "cut":
        victim.write_bytes(content[:-100])
    elif harm == "alter":
        victim.write_bytes(content[:1000] + b"?" + content[1001:])
    elif harm == "journal torn":
        journal.write_bytes(b"".join(lines)[:-40])
    elif harm == "journal gone at the end":
        journal.write_bytes(b"".join(lines[:-2]) + lines[-2][:30])
        redone = 2
    else:
        (out / ".rapport-batch.tmp").write_bytes(b"half a fi")
        redone = 0
    summary, worked = run_here(found, out)
    assert (summary.done, worked) == (9, redone)
    assert contents(out) == whole
    assert run_here(found, out)[1] == 0


def test_a_changed_row_is_done_again_and_its_old_file_goes(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_here(prospects(tmp_path / "P.csv", csv_text(5)), out)
    (out / "notes.txt").write_text("mine")
    (out / "0003-clinic-1.pdf").write_bytes(b"mine too")  # altered by its owner, so not ours to remove
    changed = csv_text(5).replace("Clinic 3", "Clinic Three").replace("Clinic 1", "Clinic One")
    summary, worked = run_here(prospects(tmp_path / "P.csv", changed), out)
    assert (summary.done, worked) == (5, 2)
    names = ["0002-clinic-0.pdf", "0003-clinic-1.pdf", "0003-clinic-one.pdf", "0004-clinic-2.pdf"]
    names += ["0005-clinic-three.pdf", "0006-clinic-4.pdf", "manifest.csv", "notes.txt"]
    assert list(contents(out)) == names
    plain = tmp_path / "plain"
    run_here(prospects(tmp_path / "P.csv", changed), plain)
    assert contents(plain) == {name: content for name, content in contents(out).items() if name in contents(plain)}


def test_another_option_does_all_again(tmp_path: Path) -> None:
    found = prospects(tmp_path / "P.csv", csv_text(3))
    run_here(found, tmp_path / "out")
    assert run_here(found, tmp_path / "out", Options(page_size="Letter"))[1] == 3
    assert run_here(found, tmp_path / "out", Options(page_size="Letter"))[1] == 0


def test_every_option_is_part_of_what_a_row_depends_on() -> None:
    from reports.brand import Brand

    changed: dict[str, Any] = {
        "page_size": "Letter",
        "form": "short",
        "prepared_by": "Ann",
        "prepared_on": date(2026, 3, 5),
        "workbook": True,
        "language": "es",
        "territory": "MX",
        "catalogue": b"x",
        "brand": Brand(seller="Acme"),
    }
    assert set(changed) == {part.name for part in dataclasses.fields(Options)}
    digests = {Options().digest, *(Options(**{name: value}).digest for name, value in changed.items())}
    assert len(digests) == len(changed) + 1


def test_a_new_version_or_other_evidence_does_all_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = prospects(tmp_path / "P.csv", csv_text(2))
    run_here(found, tmp_path / "out")
    other = ("99", fingerprint()[1])
    monkeypatch.setattr("reports.batch.engine.fingerprint", lambda: other)
    monkeypatch.setattr("reports.batch.dispatch.fingerprint", lambda: other)
    monkeypatch.setattr("reports.batch.work.fingerprint", lambda: other)
    assert run_here(found, tmp_path / "out")[1] == 2


# --- whose folder it is ---------------------------------------------------------------------------------------------


def test_a_folder_with_other_prospects_is_left_alone(tmp_path: Path) -> None:
    run_here(prospects(tmp_path / "P.csv", csv_text(4)), tmp_path / "out")
    before = contents(tmp_path / "out")
    others = csv_text(4).replace("\np", "\nq")
    with pytest.raises(RapportError, match=r"holds the proposals of other prospects \(P\.csv\)"):
        run_here(prospects(tmp_path / "P2.csv", others), tmp_path / "out")
    assert contents(tmp_path / "out") == before
    same = prospects(tmp_path / "renamed.csv", csv_text(5))
    assert run_here(same, tmp_path / "out")[1] == 1


def test_a_folder_with_a_manifest_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text("file,bytes\n")
    with pytest.raises(RapportError, match=r"holds a manifest\.csv but no record of its batch"):
        run_here(prospects(tmp_path / "P.csv", csv_text(1)), tmp_path)
    assert (tmp_path / "manifest.csv").read_text() == "file,bytes\n"


def test_local_workers_all_start_at_once_with_one_thread_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that started later would compute with as many threads as there are cores, at twice the time a row."""
    for name in ONE_THREAD:
        monkeypatch.delenv(name, raising=False)  # the tests themselves run with one
    before = {each.pid for each in multiprocessing.active_children()}
    with local_workers(3) as workers:
        started = {each.pid for each in multiprocessing.active_children()} - before
        told = [workers.executor.submit(os.getenv, name).result() for name in ONE_THREAD * 3]
        after = {each.pid for each in multiprocessing.active_children()} - before
    assert len(started) == 3
    assert after == started
    assert set(told) == {"1"}


def test_two_runs_at_once_on_one_folder_are_refused(tmp_path: Path) -> None:
    found = prospects(tmp_path / "P.csv", csv_text(1))
    (tmp_path / "out").mkdir()
    with Journal(tmp_path / "out"), pytest.raises(RapportError, match="another batch is running there"):
        run_here(found, tmp_path / "out")
    assert run_here(found, tmp_path / "out")[0].done == 1


# --- when the disk is full ------------------------------------------------------------------------------------------


def failing(call: int) -> Callable[[int], None]:
    """Return an ``fsync`` that finds the disk full at its n-th call, and at all after it."""
    real, count = os.fsync, 0

    def fsync(descriptor: int) -> None:
        nonlocal count
        count += 1
        if count >= call:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    return fsync


@pytest.mark.parametrize("call", [1, 2, 4, 6, 7, 9, 11])
def test_a_full_disk_leaves_no_half_file_and_loses_no_row(
    tmp_path: Path, whole: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    found = prospects(tmp_path / "PROSPECTS.csv", csv_text(9))
    out = tmp_path / "out"
    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", failing(call))
        with pytest.raises(OSError, match="No space left on device") as caught:
            run_here(found, out)
    assert Path(caught.value.filename).parent == out
    assert set(contents(out).items()) <= set(whole.items())
    assert not (out / ".rapport-batch.tmp").exists()
    with Journal(out) as journal:
        kept = len(list(journal.records()))
    before = inodes(out)
    summary, worked = run_here(found, out)
    assert (summary.done, summary.kept, worked) == (9, kept, 9 - kept)
    finished = [entry.file for entry in entries(out)[:kept]]
    assert all(inodes(out)[name] == before[name] for name in finished)
    assert contents(out) == whole


# --- workers ----------------------------------------------------------------------------------------------------


def test_a_dry_run_finds_what_a_run_would_and_writes_nothing(tmp_path: Path) -> None:
    text = f"{HELD}p2,Fir,spa,40,12,30%,$140,64\np2,Ash,iop,40,30,35,$140,64\n"
    found = prospects(tmp_path / "P.csv", text)
    looked = list(check(found, Options(), Workers(Here(), 1)))
    assert [status_of(outcome, include_held=False) for _row, outcome in looked] == ["done", "held", "error", "error"]
    assert len(looked[3][1].problems) == 2
    assert not any(outcome.pdf for _row, outcome in looked)
    assert [path.name for path in tmp_path.iterdir()] == ["P.csv"]


def test_only_so_many_rows_are_under_way_at_once(tmp_path: Path) -> None:
    """Three chunks of four rows a worker, and the chunk that is being filled."""
    found = prospects(tmp_path / "P.csv", csv_text(400))
    done = most = 0

    class Instant(Here):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
            nonlocal most
            future = super().submit(lambda _options, _expected, jobs: [Outcome() for _ in jobs], *args)
            most = max(most, self.rows - done)
            return future

    here = Instant()
    for _row, _outcome in check(found, Options(), Workers(here, 2)):
        done += 1
    assert done == here.rows == 400
    assert 8 <= most <= 2 * 3 * 4 + 4


def test_a_worker_of_another_version_is_refused() -> None:
    with pytest.raises(RapportError, match=r"a worker has rapport-roi .* install the same on both"):
        work(Options(), ("0.0.0", "0" * 64), [])


def test_a_lost_pool_is_told_and_resumable(tmp_path: Path) -> None:
    from concurrent.futures.process import BrokenProcessPool

    class Dying(Here):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
            future = super().submit(fn, *args)
            if self.rows > 4:
                raise BrokenProcessPool("gone")
            return future

    found = prospects(tmp_path / "P.csv", csv_text(30))
    with pytest.raises(RapportError, match="a worker process ended unexpectedly"):
        run(found, Options(), tmp_path / "out", Workers(Dying(), 1))


def test_without_the_package_for_clusters_its_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RapportError, match=r"pip install 'rapport-roi\[cluster\]'"), cluster_workers("tcp://x:1"):
        pass

"""Many prospects at once: what is told of a list, that nothing is lost on the way, and that nobody else sees it."""

from __future__ import annotations

import errno
import io
import json
import logging
import stat
import threading
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from assumptions import Library, load_library
from calculator import InputError
from calculator.result import Result
from reports.attachment import result_attachment
from reports.batch import Entry, Options, Workers, read_manifest
from reports.batch.work import Documents
from reports.batch.work import Job as Work
from tests.reports.batch_rows import HEADER, Here, contents, csv_text, prospects, run_here
from tests.web.conftest import HTMX, soup
from tests.web.visit import Visit
from web.access_log import PathOnlyHandler
from web.app import create_app
from web.batch import Choices, Job, Runner, Status, Store, archive, read_upload
from web.batch.job import CHECK, FAILED, MAKE, QUEUED, RUNNING
from web.batch.locks import is_locked, locked
from web.data_folder import usual_folder
from web.pages import batch as page
from web.settings import read_settings

EXAMPLES = Path(__file__).parents[2] / "examples"
PLAIN = csv_text(4).encode()
SHORT = {"page_size": "A4", "language": "en", "form": "short"}
HOSTILE = '"><script>alert(1)</script>=1+1 {{ 7777 * 7 }}'


@pytest.fixture(autouse=True)
def here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in this process and go when there is nothing to do; browsers get the real workers."""

    @contextmanager
    def workers(_count: int) -> Iterator[Workers]:
        yield Workers(Here(), 1)

    monkeypatch.setattr("web.batch.runner.IDLE", 0.05)
    monkeypatch.setattr("web.batch.runner.PAUSE", 0.01)
    if "visit" in request.fixturenames:
        return
    monkeypatch.setattr("web.batch.runner.local_workers", workers)
    if "real" not in request.fixturenames:
        monkeypatch.setattr("reports.batch.work.render", figures)


def figures(result: Result, _library: Library, _job: Work, options: Options) -> Documents:
    """Put the figures where the proposal would be: setting pages takes ten times as long as all else."""
    content = result_attachment(result).content
    return Documents(content, b"sheet" if options.workbook else b"", result_attachment(result).digest)


@pytest.fixture
def real() -> None:
    """Ask for real proposals."""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def app(data_dir: Path) -> Iterator[Flask]:
    application = create_app(
        {"TESTING": True, "PROPAGATE_EXCEPTIONS": True, "WTF_CSRF_ENABLED": False, "RAPPORT_DATA_DIR": str(data_dir)}
    )
    yield application
    at_rest(application)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def paused(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Nothing is worked on until the event is set."""
    begin = threading.Event()
    real = Runner._do

    def patient(self: Runner, job: Job, workers: Workers) -> bool:
        assert begin.wait(20)
        return real(self, job, workers)

    monkeypatch.setattr(Runner, "_do", patient)
    yield begin
    begin.set()


def at_rest(app: Flask) -> None:
    """Wait until nobody works in the background."""
    runner: Runner = app.extensions[page.KEY]
    until(lambda: runner._thread is None)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def upload(client: FlaskClient, data: bytes, name: str = "list.csv", mapping: str = "") -> TestResponse:
    form = {"file": (io.BytesIO(data), name), "mapping": mapping}
    return client.post("/batch", data=form, content_type="multipart/form-data")


def sent(client: FlaskClient, data: bytes, name: str = "list.csv") -> str:
    """Return the id of an upload that was taken."""
    response = upload(client, data, name)
    assert response.status_code == 303
    return parse_qs(urlsplit(response.headers["Location"]).query)["id"][0]


def seen(client: FlaskClient, number: str, **query: str) -> BeautifulSoup:
    response = client.get("/batch/job", query_string={"id": number, **query})
    assert response.status_code == 200
    return soup(response)


def finished(client: FlaskClient, number: str) -> BeautifulSoup:
    """Return the page when nothing goes on any more."""
    end = time.monotonic() + 20
    while (shown := seen(client, number)).find("progress") is not None:
        assert time.monotonic() < end
        time.sleep(0.02)
    return shown


def made(client: FlaskClient, number: str, **choices: str) -> BeautifulSoup:
    assert client.post("/batch/start", data={"id": number, **SHORT, **choices}).status_code == 303
    return finished(client, number)


def archived(client: FlaskClient, number: str) -> dict[str, bytes]:
    response = client.get("/batch/proposals.zip", query_string={"id": number})
    assert response.status_code == 200
    with zipfile.ZipFile(io.BytesIO(response.data)) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


def text_of(found: Any) -> str:
    return " ".join(found.get_text(" ").split())


def problems(response: TestResponse) -> list[str]:
    return [text_of(each) for each in soup(response).select(".faults li")]


# --- the steps ------------------------------------------------------------------------------------------------------


def test_a_list_becomes_the_archive_that_the_command_line_would_write(
    real: None, client: FlaskClient, tmp_path: Path
) -> None:
    assert soup(client.get("/batch")).select_one("form input[type=file]")
    number = sent(client, PLAIN)
    shown = finished(client, number)
    assert shown.h1.text == "4 of 4 rows are ready"
    assert [row["data-state"] for row in shown.select("table.rows tbody tr")] == ["ready"] * 4
    shown = made(client, number, prepared_on="2026-03-05")
    assert shown.h1.text == "4 proposals are made"
    run_here(prospects(tmp_path / "P.csv", PLAIN.decode()), tmp_path / "out",
             Options(form="short", prepared_on=date(2026, 3, 5)))  # fmt: skip
    expected = contents(tmp_path / "out")
    found = archived(client, number)
    assert next(iter(found)) == "manifest.csv"
    assert list(found)[1:] == sorted(name for name in expected if name.endswith(".pdf"))
    assert found == expected
    rows = shown.select("table.rows tbody tr")
    for row, entry in zip(rows, read_manifest(tmp_path / "out" / "manifest.csv"), strict=True):
        link = row.select_one("a")
        answer = client.get(link["href"], buffered=True)
        assert answer.data == expected[entry.file]
        assert answer.headers["Content-Disposition"] == f"attachment; filename={entry.file}"


def test_the_archive_is_the_same_bytes_each_time(client: FlaskClient) -> None:
    number = sent(client, PLAIN)
    finished(client, number)
    made(client, number)
    first, second = (client.get("/batch/proposals.zip", query_string={"id": number}).data for _ in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as found:
        assert {member.date_time for member in found.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_workbook_comes_beside_each_proposal_where_it_is_asked_for(client: FlaskClient) -> None:
    number = sent(client, PLAIN)
    finished(client, number)
    shown = made(client, number, workbook="1")
    links = [link["href"] for link in shown.select("tbody tr:first-child a")]
    assert [text_of(link) for link in shown.select("tbody tr:first-child a")] == [
        "Proposal Clinic 0",
        "Workbook Clinic 0",
    ]
    assert client.get(links[1], buffered=True).data == b"sheet"
    assert [name.rpartition(".")[2] for name in archived(client, number)] == ["csv", *["pdf", "xlsx"] * 4]
    made(client, number)
    assert [name.rpartition(".")[2] for name in archived(client, number)] == ["csv", *["pdf"] * 4]


def test_slips_are_told_by_row_and_column_and_the_sound_row_can_be_made(client: FlaskClient) -> None:
    number = sent(client, (EXAMPLES / "prospects_with_slips.csv").read_bytes())
    shown = finished(client, number)
    rows = {row.td.text: row for row in shown.select("table.rows tbody tr")}
    assert {place: row["data-state"] for place, row in rows.items()} == {
        "2": "ready", "3": "problem", "4": "held", "5": "problem", "6": "problem", "7": "problem",
    }  # fmt: skip
    told = {place: [text_of(each) for each in row.select("li")] for place, row in rows.items()}
    assert told["3"][0].startswith("No-shows is 35; it is a share")
    assert "For 35 percent write 0.35" in told["3"][0]
    assert told["4"][0].startswith("“Allowed amount a session” is $1,450, far from what is usual")
    assert told["5"] == ["Record ID is 101, as in row 2; each row needs an id of its own."]
    assert [each.split(" is ")[0] for each in told["6"]] == ["Setting", "Intakes per month"]
    assert told["7"][0].startswith("has 11 cells; the header has 10.")
    assert "not used: City" in text_of(shown)
    assert [text_of(each) for each in shown.select(".chips a")] == ["all 6", "ready 1", "held 1", "with problems 4"]
    held = seen(client, number, show="held")
    assert [row.td.text for row in held.select("table.rows tbody tr")] == ["4"]
    assert made(client, number).h1.text == "1 proposal is made"
    shown = made(client, number, include_held="1")
    assert shown.h1.text == "2 proposals are made"
    assert len(archived(client, number)) == 3


def test_a_workbook_of_prospects_is_read(client: FlaskClient) -> None:
    book = openpyxl.Workbook()
    for line in PLAIN.decode().splitlines():
        book.active.append(line.split(","))
    written = io.BytesIO()
    book.save(written)
    number = sent(client, written.getvalue(), "List of clinics.xlsx")
    shown = finished(client, number)
    assert shown.h1.text == "4 of 4 rows are ready"
    assert text_of(shown.select_one(".file")) == "List of clinics.xlsx"


def test_a_missing_column_is_named_without_choosing_the_file_again(client: FlaskClient) -> None:
    number = sent(client, b"Company,Care,New ones\nElm,iop,40\nOak,php,20\n")
    shown = seen(client, number)
    told = [text_of(each) for each in shown.select(".faults li")]
    assert [each.split(" ")[0] for each in told] == ["setting", "intakes_per_month"]
    assert [field["value"] for field in shown.select("input[name=gives]")] == ["name", "", ""]
    columns = [field["value"] for field in shown.select("input[name=column]")]
    data = {"id": number, "column": columns, "gives": ["name", "setting", "intakes per moth"]}
    client.post("/batch/check", data=data)
    told = [text_of(each) for each in seen(client, number).select(".faults li")]
    assert any("gives intakes per moth, which is no input. Did you mean intakes_per_month?" in each for each in told)
    client.post("/batch/check", data=data | {"gives": ["name", "setting", "intakes_per_month"]})
    assert finished(client, number).h1.text == "2 of 2 rows are ready"
    client.post("/batch/check", data=data | {"gives": ["name", "ignore", "intakes_per_month"], "setting": "outpatient"})
    shown = finished(client, number)
    assert shown.h1.text == "2 of 2 rows are ready"
    assert shown.select_one("#setting option[selected]")["value"] == "outpatient"


def test_two_columns_for_one_input_are_told_in_the_words_of_the_page(client: FlaskClient) -> None:
    number = sent(client, b"setting,Setting,intakes_per_month\niop,iop,40\n")
    shown = seen(client, number)
    assert "--" not in text_of(shown.select_one(".faults"))
    assert "write “ignore” beside one of them" in text_of(shown.select_one(".faults"))


def test_columns_are_read_alike_whatever_language_the_page_is_in(client: FlaskClient) -> None:
    """English labels count in Spanish, too, and Spanish ones for a list that was uploaded in Spanish."""
    spanish = {"Accept-Language": "es-MX"}
    data = b"Setting,Intakes per month,Allowed amount a session,Inasistencias\noutpatient,40,$140,12%\n"
    form = {"file": (io.BytesIO(data), "lista.csv"), "mapping": ""}
    answer = client.post("/batch", data=form, content_type="multipart/form-data", headers=spanish)
    number = parse_qs(urlsplit(answer.headers["Location"]).query)["id"][0]
    finished(client, number)
    for headers in (spanish, {}):
        shown = soup(client.get("/batch/job", query_string={"id": number}, headers=headers))
        gives = [field["value"] for field in shown.select("input[name=gives]")]
        assert gives == ["setting", "intakes_per_month", "allowed_per_unit", "no_show_rate"]


BAD = {
    "nothing": (b"", "is empty"),
    "no text": (b"\x00\x01\x02\xff" * 50, "is no text and no workbook"),
    "no rows": (HEADER.encode() + b"\n", "has no row below"),
    "no book": (b"PK\x03\x04 broken", "cannot be read as a workbook"),
    "many": (csv_text(2_001).encode(), "has 2,001 rows; 2,000 is the most here"),
}


@pytest.mark.parametrize(("data", "told"), BAD.values(), ids=BAD)
def test_what_cannot_be_a_list_is_refused_and_not_kept(
    client: FlaskClient, data_dir: Path, data: bytes, told: str
) -> None:
    response = upload(client, data)
    assert response.status_code == 422
    (problem,) = problems(response)
    assert told in problem
    assert [path for path in (data_dir / "batch").iterdir() if path.is_dir()] == []


def test_a_file_that_is_too_large_or_absent_is_told(client: FlaskClient, data_dir: Path) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="list.csv"\r\n\r\n'
    body = head + b"x" * 10_200_000 + b"\r\n--x--\r\n"
    response = client.post("/batch", data=body, content_type="multipart/form-data; boundary=x")
    assert (response.status_code, len(problems(response))) == (413, 1)
    response = client.post("/batch", data={"mapping": ""}, content_type="multipart/form-data")
    assert (response.status_code, len(problems(response))) == (422, 1)
    assert upload(client, PLAIN, mapping="nowhere").status_code == 422
    assert not (data_dir / "batch").exists()


def test_a_workbook_that_unfolds_to_gigabytes_is_refused(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.batch.choices.MOST_UNFOLDED", 1_000_000)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b" " * 1_100_000)
    assert "unfolds to far more" in problems(upload(client, packed.getvalue(), "list.xlsx"))[0]


def test_a_row_may_not_ask_for_more_futures_than_the_server_draws(client: FlaskClient) -> None:
    number = sent(client, PLAIN.replace(b",64\n", b",1000000\n", 1))
    shown = finished(client, number)
    assert shown.h1.text == "3 of 4 rows are ready"
    assert "draws This server draws at most 65,536 futures." in text_of(shown.select_one("[data-state=problem]"))


def test_hostile_cells_and_names_stay_text(client: FlaskClient) -> None:
    quoted = '"' + HOSTILE.replace('"', '""') + '"'
    rows = [HEADER + f",{quoted}", f"{quoted},{quoted},outpatient,20,12,30%,$140,64,x",
            f"a,{quoted},{quoted},20,12,30%,$140,64,x"]  # fmt: skip
    number = sent(client, "\n".join(rows).encode(), f"../../{HOSTILE}.csv")
    for shown in (finished(client, number), made(client, number)):
        assert shown.select("main script") == []
        assert "54439" not in str(shown)
        assert HOSTILE in shown.select_one("tbody th").text
    assert set(archived(client, number)) == {"manifest.csv", "0002-script-alert-1-script-1-1-7777-7.pdf"}


# --- while it goes on -----------------------------------------------------------------------------------------------


def test_progress_is_shown_with_and_without_script(client: FlaskClient, paused: threading.Event) -> None:
    number = sent(client, PLAIN)
    shown = seen(client, number)
    assert shown.h1.text == "Your file waits for its turn"
    assert shown.select_one("noscript meta[http-equiv=refresh]")
    look = shown.select_one("#progress")
    assert look["data-hx-trigger"] == "every 1s"
    part = client.get(look["data-hx-get"], headers=HTMX)
    assert part.headers["HX-Retarget"] == "#progress"
    assert soup(part).find("html") is None
    assert soup(client.get(look["data-hx-get"])).h1 is not None  # opened by hand, it is a page
    begun = client.get("/batch/progress", query_string={"id": number, "was": "check-done"}, headers=HTMX)
    assert not soup(begun).h1.has_attr("autofocus")  # who is about to press “Stop” stays there
    paused.set()
    finished(client, number)
    part = client.get(look["data-hx-get"], headers=HTMX)
    assert part.headers["HX-Retarget"] == "#job"
    assert soup(part).h1.text == "4 of 4 rows are ready"
    assert soup(part).h1.has_attr("autofocus")
    assert soup(part).select_one("title").text.strip() == "Rows checked · Rapport"


def test_rate_and_remaining_time() -> None:
    """30 rows in 10 s, 10 of them finished before: 2 a second, and 50 left take 25 s."""
    status = Status(MAKE, RUNNING, total=80, done=28, held=1, failed=1, kept=10, started=100.0, at=110.0)
    assert status.rows_per_second == pytest.approx(2.0)
    assert status.seconds_left == pytest.approx(25.0)
    assert Status(total=80, started=100.0, at=100.0).seconds_left is None


def test_who_listens_is_told_ten_times_at_most(client: FlaskClient, app: Flask) -> None:
    number = sent(client, PLAIN)
    finished(client, number)
    at_rest(app)
    job = found(app, number)
    with locked(job.lock):
        told = []
        for done in range(101):
            job.put_status(Status(MAKE, RUNNING, total=100, done=done))
            query = {"id": number, "was": "make-running", "told": str(max(done - 1, 0) // 10)}
            part = soup(client.get("/batch/progress", query_string=query, headers=HTMX))
            told += [each.text for each in part.select("#batch-told")]
    assert told == [f"{part}0 of 100 rows" for part in range(1, 11)]


def test_files_wait_for_their_turn_and_are_done_in_it(client: FlaskClient, app: Flask, paused: threading.Event) -> None:
    first, second, third = (sent(client, PLAIN) for _ in range(3))
    assert "It begins in a moment." in text_of(seen(client, first))
    assert "1 other file comes before yours." in text_of(seen(client, second))
    assert "2 other files come before yours." in text_of(seen(client, third))
    paused.set()
    for number in (first, second, third):
        finished(client, number)
    ends = [found(app, number).status().at for number in (first, second, third)]
    assert ends == sorted(ends)


def test_a_file_does_not_wait_for_itself(client: FlaskClient, app: Flask, paused: threading.Event) -> None:
    number = sent(client, PLAIN)
    job = found(app, number)
    with locked(job.lock):  # as in the moment between being taken and being said to run
        assert Store(job.folder.parent.parent).ahead(job) == 0
    paused.set()
    finished(client, number)


def test_one_file_at_a_time_among_all_processes(app: Flask, client: FlaskClient, data_dir: Path) -> None:
    (data_dir / "batch").mkdir(parents=True)
    with locked(Store(data_dir).worker_lock) as mine:
        assert mine
        number = sent(client, PLAIN)
        time.sleep(0.2)
        assert found(app, number).status().phase == QUEUED
    finished(client, number)


def test_a_waiting_file_can_be_stopped_and_taken_up_again(client: FlaskClient, paused: threading.Event) -> None:
    number = sent(client, PLAIN)
    client.post("/batch/cancel", data={"id": number})
    assert seen(client, number).h1.text == "Stopped. What was finished is kept"
    paused.set()
    client.post("/batch/go-on", data={"id": number})
    assert finished(client, number).h1.text == "4 of 4 rows are ready"


@pytest.mark.parametrize("step", [CHECK, MAKE])
def test_work_under_way_stops_keeps_what_is_finished_and_goes_on(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    number = sent(client, csv_text(9).encode())
    finished(client, number)
    job = found(app, number)
    real = Job.put_status

    def stopping(self: Job, status: Status) -> None:
        real(self, status)
        if status.phase == RUNNING and status.finished:
            self.ask_to_stop()

    monkeypatch.setattr(Job, "put_status", stopping)
    if step == CHECK:
        client.post("/batch/check", data={"id": number})
        shown = finished(client, number)
    else:
        shown = made(client, number)
    assert shown.h1.text == "Stopped. What was finished is kept"
    assert 0 < job.status().finished < 9
    assert client.get("/batch/proposals.zip", query_string={"id": number}).status_code == 404
    monkeypatch.undo()
    monkeypatch.setattr("web.batch.runner.IDLE", 0.05)
    monkeypatch.setattr("web.batch.runner.local_workers", lambda _count: _here())
    kept = {path.name: path.stat().st_mtime_ns for path in job.out.glob("*.pdf")} if step == MAKE else {}
    client.post("/batch/go-on", data={"id": number})
    shown = finished(client, number)
    assert shown.h1.text == ("9 of 9 rows are ready" if step == CHECK else "9 proposals are made")
    assert kept.items() <= {path.name: path.stat().st_mtime_ns for path in job.out.glob("*.pdf")}.items()


@contextmanager
def _here() -> Iterator[Workers]:
    yield Workers(Here(), 1)


def test_a_restarted_server_shows_it_and_goes_on(client: FlaskClient, app: Flask, data_dir: Path) -> None:
    number = sent(client, PLAIN)
    finished(client, number)
    at_rest(app)
    found(app, number).put_status(Status(MAKE, RUNNING, total=4, done=2))  # as a server leaves it that is killed
    again = create_app({"TESTING": True, "WTF_CSRF_ENABLED": False, "RAPPORT_DATA_DIR": str(data_dir)})
    other = again.test_client()
    shown = seen(other, number)
    assert shown.h1.text == "The server was restarted in the middle"
    assert "2 of 4 rows were finished." in text_of(shown)
    other.post("/batch/go-on", data={"id": number})
    assert finished(other, number).h1.text == "4 proposals are made"
    at_rest(again)
    assert seen(client, number).h1.text == "4 proposals are made"


def test_what_waited_when_the_server_stopped_is_done_when_somebody_looks(
    client: FlaskClient, app: Flask, data_dir: Path
) -> None:
    number = sent(client, PLAIN)
    finished(client, number)
    at_rest(app)
    found(app, number).put_status(Status(CHECK, QUEUED, order=1))
    again = create_app({"TESTING": True, "WTF_CSRF_ENABLED": False, "RAPPORT_DATA_DIR": str(data_dir)})
    assert finished(again.test_client(), number).h1.text == "4 of 4 rows are ready"
    at_rest(again)


def test_a_full_disk_is_said_and_what_is_finished_stays(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/somewhere/Riverbend")

    number = sent(client, PLAIN)
    finished(client, number)
    with monkeypatch.context() as broken:
        broken.setattr("web.batch.runner.run", full)
        assert made(client, number).h1.text == "This server’s disk is full"
        at_rest(app)
    assert "Riverbend" not in caplog.text
    assert found(app, number).status().phase == FAILED
    client.post("/batch/go-on", data={"id": number})
    assert finished(client, number).h1.text == "4 proposals are made"


# --- who may see it, and for how long -------------------------------------------------------------------------------


def found(app: Flask, number: str) -> Job:
    job = Store(Path(read_settings(app.config).data_dir)).find(number)
    assert job is not None
    return job


def test_what_is_kept_is_for_its_owner_alone_and_tells_no_id(client: FlaskClient, app: Flask, data_dir: Path) -> None:
    number = sent(client, PLAIN)
    finished(client, number)
    at_rest(app)
    job = found(app, number)
    assert stat.S_IMODE((data_dir / "batch").stat().st_mode) == 0o700
    assert stat.S_IMODE(job.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in job.folder.iterdir()} == {0o600}
    assert job.upload.read_bytes() == PLAIN
    for path in data_dir.rglob("*"):
        assert number not in str(path)
        assert path.is_dir() or number.encode() not in path.read_bytes()


def test_an_id_that_is_not_known_is_not_found(client: FlaskClient, app: Flask) -> None:
    number = sent(client, PLAIN)
    finished(client, number)
    job = found(app, number)
    wrong = number[:-1] + ("A" if number[-1] != "A" else "B")
    for other in (wrong, "", "x", number[:-1], job.folder.name, "../" * 10, number + "A"):
        for place in ("job", "progress", "proposals.zip", "file"):
            assert client.get(f"/batch/{place}", query_string={"id": other}).status_code == 404
        for place in ("check", "start", "cancel", "go-on", "delete"):
            assert client.post(f"/batch/{place}", data={"id": other, **SHORT}).status_code == 404
    assert client.get("/batch/proposals.zip", query_string={"id": number}).status_code == 404  # nothing is made yet
    made(client, number)
    for name in ("", "../upload.csv", "nothing.pdf", ".rapport-batch.jsonl", "../status.json"):
        assert client.get("/batch/file", query_string={"id": number, "name": name}).status_code == 404


def test_it_is_gone_when_deleted_and_after_a_day(client: FlaskClient, app: Flask, data_dir: Path) -> None:
    first, second = sent(client, PLAIN), sent(client, PLAIN)
    finished(client, first)
    finished(client, second)
    at_rest(app)
    job, other = found(app, first), found(app, second)
    answer = client.post("/batch/delete", data={"id": first}, follow_redirects=True)
    assert "are deleted" in text_of(soup(answer).select_one("[role=status]"))
    assert not job.folder.exists()
    assert client.get("/batch/job", query_string={"id": first}).status_code == 404
    old = time.time() - 24 * 3600 - 1
    other.put_status(Status(CHECK, "done", total=4, done=4, at=old))
    assert client.get("/batch/job", query_string={"id": second}).status_code == 404
    create_app({"RAPPORT_DATA_DIR": str(data_dir)}).test_client().get("/health/live")
    assert [path for path in (data_dir / "batch").iterdir() if path.is_dir()] == []


def test_deleting_while_it_is_made_leaves_nothing(
    client: FlaskClient, app: Flask, data_dir: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    number = sent(client, csv_text(9).encode())
    finished(client, number)
    real, store = Job.put_status, Store(data_dir)

    def removing(self: Job, status: Status) -> None:
        real(self, status)
        if status.step == MAKE and status.finished:
            store.remove(self)

    monkeypatch.setattr(Job, "put_status", removing)
    client.post("/batch/start", data={"id": number, **SHORT})
    at_rest(app)
    assert [path for path in (data_dir / "batch").iterdir() if path.is_dir()] == []
    assert caplog.text == ""


def test_only_so_many_are_kept(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.batch.store.MOST_KEPT", 1)
    finished(client, sent(client, PLAIN))
    response = upload(client, PLAIN)
    assert (response.status_code, len(problems(response))) == (503, 1)


FOREIGN = ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"},
           {"Origin": "null"})  # fmt: skip
OWN = ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {},
       {"Sec-Fetch-Site": "same-origin", "Origin": "null"})  # fmt: skip


def test_forms_of_other_sites_change_nothing(client: FlaskClient, app: Flask) -> None:
    number = sent(client, PLAIN)
    finished(client, number)
    for headers in FOREIGN:
        for place in ("", "/check", "/start", "/cancel", "/go-on", "/delete"):
            assert client.post(f"/batch{place}", data={"id": number, **SHORT}, headers=headers).status_code == 403
    assert found(app, number).status().phase == "done"
    for headers in OWN:
        assert client.post("/batch/cancel", data={"id": number}, headers=headers).status_code == 303


def test_answers_are_kept_nowhere_and_logs_tell_nothing(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        number = sent(client, PLAIN.replace(b"Clinic 1", b"SECRET4711"))
        finished(client, number)
        made(client, number)
        for place in ("/batch", f"/batch/job?id={number}", f"/batch/proposals.zip?id={number}"):
            headers = client.get(place).headers
            assert headers["Cache-Control"] == "no-store"
            assert headers["Referrer-Policy"] == "same-origin"
            assert "Set-Cookie" not in headers
        client.get(f"/batch/job?id={number}x")
    assert "4711" not in caplog.text
    assert number not in caplog.text


def test_the_access_log_writes_no_id(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), served(app) as address, pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{address}/batch/job?id={'k' * 43}")  # noqa: S310 - loopback
    refused.value.close()
    assert "/batch/job" in caplog.text
    assert "kkk" not in caplog.text


# --- in parts -------------------------------------------------------------------------------------------------------


def test_a_long_list_is_shown_in_parts(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PAGE", 3)
    number = sent(client, csv_text(7).encode())
    shown = finished(client, number)
    assert "Part 1 of 3" in text_of(shown.select_one(".turner"))
    last = soup(client.get(seen(client, number, page="2").select_one(".turner a[rel=next]")["href"]))
    assert [row.td.text for row in last.select("tbody tr")] == ["8"]
    for odd in ("0", "99", "-1", "x", "²", "9" * 40):
        assert seen(client, number, page=odd).select("tbody tr")


def test_a_lock_holds_between_threads_and_goes_with_who_held_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_locked(path)
    with locked(path) as mine:
        assert mine
        assert is_locked(path)
        with locked(path, wait=False) as second:
            assert not second
    assert not is_locked(path)


def test_an_archive_is_sent_in_pieces(tmp_path: Path) -> None:
    """A file of three blocks is never in memory at once."""
    (tmp_path / "manifest.csv").write_bytes(b"row\r\n")
    (tmp_path / "a.pdf").write_bytes(bytes(3 << 18))
    pieces = list(archive(tmp_path, [Entry("2", "a", "A", "done", file="a.pdf"), Entry("3", "b", "B", "error")]))
    assert max(map(len, pieces)) <= (1 << 18) + 1_000
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as made_of:
        assert made_of.namelist() == ["manifest.csv", "a.pdf"]
        assert made_of.read("a.pdf") == bytes(3 << 18)


def test_status_and_choices_survive_the_disk(tmp_path: Path) -> None:
    job = Job(tmp_path)
    status, choices = Status(MAKE, RUNNING, 3, 4, 1, 1, 1, 1, 5.0, 6.0), Choices("ä.csv", columns={"A": "name"})
    job.put_status(status)
    job.put_choices(choices)
    assert (job.status(), job.choices()) == (status, choices)
    assert json.loads((tmp_path / "status.json").read_text())["total"] == 4


def test_reading_tells_what_columns_give(tmp_path: Path) -> None:
    path = tmp_path / "upload.csv"
    path.write_bytes(b"Company name;Setting;Intakes per month;City\nElm;iop;40;Austin\n")
    reading = read_upload(path, Choices("x.csv"), load_library())
    assert reading.gives == ("name", "setting", "intakes_per_month", "")
    assert reading.unused == ["City"]


@pytest.mark.parametrize(
    ("platform", "variables", "folder"),
    [
        ("linux", {"HOME": "/home/a"}, "/home/a/.local/share/rapport"),
        ("linux", {"HOME": "/home/a", "XDG_DATA_HOME": "/data"}, "/data/rapport"),
        ("linux", {"HOME": "/home/a", "XDG_DATA_HOME": "data"}, "/home/a/.local/share/rapport"),
        ("darwin", {"HOME": "/Users/a"}, "/Users/a/Library/Application Support/Rapport"),
        ("win32", {"HOME": "/a", "APPDATA": "/a/Roaming"}, "/a/Roaming/Rapport"),
    ],
)
def test_the_usual_folder(platform: str, variables: dict[str, str], folder: str) -> None:
    assert usual_folder(platform, variables).as_posix() == folder


def test_a_data_folder_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for text, told in (("data", "whole path"), (str(tmp_path / "file"), "is a file"),
                       (str(tmp_path / "file" / "in"), "is a file"), ("/a\0b", "path of a folder")):  # fmt: skip
        with pytest.raises(InputError) as refused:
            create_app({"RAPPORT_DATA_DIR": text})
        (problem,) = refused.value.problems
        assert problem.path == "RAPPORT_DATA_DIR"
        assert told in problem.message
    assert read_settings({"RAPPORT_DATA_DIR": str(tmp_path / "new")}).data_dir == tmp_path / "new"
    assert not (tmp_path / "new").exists()


# --- in a browser ---------------------------------------------------------------------------------------------------


@contextmanager
def served(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=PathOnlyHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def visit(browser: Any, app: Flask) -> Iterator[Visit]:
    """Visit an application of its own, whose folder is this test's."""
    with served(app) as address:
        visiting = Visit(browser, address, viewport={"width": 1280, "height": 900}, bypass_csp=True)
        visiting.page.set_default_timeout(30_000)
        yield visiting
        visiting.close()


@pytest.mark.browser
def test_from_a_file_to_the_archive_in_a_browser(visit: Visit, tmp_path: Path) -> None:
    shown = visit.open("/batch")
    assert visit.faults() == []
    shown.set_input_files("#prospects", str(EXAMPLES / "prospects.csv"))
    shown.keyboard.press("Tab")
    shown.click("form.card button")
    shown.wait_for_selector("#progress progress")
    assert visit.faults() == []
    shown.wait_for_selector("form.start")
    assert shown.inner_text("h1") == "5 of 5 rows are ready"
    assert shown.title() == "Rows checked · Rapport"
    assert shown.evaluate("document.activeElement.id") == "job-heading"
    assert visit.faults() == []
    shown.check("input[name=form][value=short]")
    shown.click("form.start button")
    shown.wait_for_selector("#progress progress")
    shown.wait_for_selector("table.made")
    assert shown.inner_text("h1") == "5 proposals are made"
    assert visit.faults() == []
    with shown.expect_download() as downloading:
        shown.click("a.button[download]")
    downloading.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as found_there:
        assert len(found_there.namelist()) == 6
        assert all(found_there.read(name).startswith(b"%PDF-") for name in found_there.namelist()[1:])
    shown.set_viewport_size({"width": 390, "height": 800})
    assert shown.evaluate("document.documentElement.scrollWidth") <= 390
    assert visit.faults() == []
    shown.emulate_media(color_scheme="dark")
    assert visit.faults() == []

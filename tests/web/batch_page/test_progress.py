"""What is shown while a list is worked on, and that nothing is lost when it stops."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from reports.batch import Workers
from tests.reports.batch_rows import Here, csv_text
from tests.web.batch_page.uploads import PLAIN, at_rest, finished, found, made, seen, sent, text_of
from tests.web.conftest import HTMX, soup
from web.app import create_app
from web.batch import Job, Status, Store
from web.batch.job import CHECK, FAILED, MAKE, QUEUED, RUNNING
from web.batch.locks import locked


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

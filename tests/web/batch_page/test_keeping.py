"""Who may see a list, for how long, and what other sites and logs get to know."""

from __future__ import annotations

import logging
import stat
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.reports.batch_rows import csv_text
from tests.web.batch_page.uploads import (
    PLAIN,
    SHORT,
    at_rest,
    finished,
    found,
    made,
    problems,
    sent,
    text_of,
    upload,
)
from tests.web.conftest import soup
from tests.web.served import served
from web.app import create_app
from web.batch import Job, Status, Store
from web.batch.job import CHECK, MAKE


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

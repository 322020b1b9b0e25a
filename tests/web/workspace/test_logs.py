"""The log: a line an event, and nothing in it that somebody typed, not even when something breaks."""

from __future__ import annotations

import io
import json
import logging
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from tests.web.workspace import people
from web.access_log import PathOnlyHandler
from web.operations import logs
from web.storage import EVERY_ORGANISATION, Database
from web.storage.tables import Account

SECRET = "Riverbend-anna@example.org"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, logging_as_before: None) -> io.StringIO:
    """Write the log, as JSON and everything, into a text."""
    text = io.StringIO()
    monkeypatch.setattr(sys, "stderr", text)
    logs.configure("json", "debug")
    return text


@pytest.fixture
def app(tmp_path: Path, written: io.StringIO) -> Iterator[Flask]:
    database = Database.in_folder(tmp_path)
    made = people.app(database, tmp_path, PROPAGATE_EXCEPTIONS=False)
    made.testing = False
    yield made
    made.extensions["rapport_database"].close()
    database.close()


def told(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_request_is_one_line_by_its_route(app: Flask, written: io.StringIO) -> None:
    client = app.test_client()
    client.get(f"/evidence/{SECRET}?q={SECRET}", headers={"Referer": SECRET, "User-Agent": SECRET})
    client.get(f"/nowhere/{SECRET}")
    client.open("/", method="ODD")
    found = [(line["method"], line["route"], line["status"]) for line in told(written) if line["message"] == "request"]
    assert found == [("GET", "/evidence/<path:figure_id>", 404), ("GET", "none", 404), ("OTHER", "none", 405)]
    assert SECRET not in written.getvalue()


def test_an_error_is_told_by_kind_and_place_and_number(app: Flask, written: io.StringIO) -> None:
    def broken() -> str:
        raise ValueError(f"{SECRET} is no number")

    app.view_functions["method.index"] = broken
    answer = app.test_client().get("/method")
    assert answer.status_code == 500
    (error,) = (line for line in told(written) if line["level"] == "error")
    assert str(error["message"]).startswith("ValueError at ")
    assert "test_logs.py:" in str(error["message"])
    assert error["request_id"] == answer.headers["X-Request-Id"]
    assert SECRET not in written.getvalue()


def test_a_traceback_is_places_without_its_text(written: io.StringIO) -> None:
    try:
        raise KeyError(SECRET)
    except KeyError:
        logging.getLogger("anything").exception("it broke")
    (line,) = told(written)
    assert (line["message"], line["error"]) == ("it broke", "KeyError")
    assert "test_logs.py:" in str(line["at"])
    assert SECRET not in written.getvalue()


def test_libraries_write_no_address_and_no_value(written: io.StringIO, tmp_path: Path) -> None:
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200))) as client:
        client.get(f"https://provider.example/?who={SECRET}")
    database = Database.in_folder(tmp_path)
    people.app(database, tmp_path).extensions["rapport_database"].close()
    home = people.organisation(database)
    people.member(database, home, email=SECRET)
    with pytest.raises(IntegrityError) as twice:
        people.member(database, home, email=SECRET)
    assert SECRET not in str(twice.value)
    with database.reading(EVERY_ORGANISATION) as session:
        session.get(Account, uuid.uuid4())
    database.close()
    assert SECRET not in written.getvalue()


@pytest.mark.parametrize(
    "message",
    [
        f"Invalid request from ip=203.0.113.9: Invalid HTTP request line: 'GET /?{SECRET}'",
        f"Error handling request /?{SECRET}",
        f"Error on request:\nTraceback (most recent call last):\nValueError: {SECRET}",
    ],
)
def test_what_servers_say_of_a_request_is_cut_off(written: io.StringIO, message: str) -> None:
    logging.getLogger("gunicorn").warning(message)
    logging.getLogger("werkzeug").error(message)
    assert "203.0.113.9" not in written.getvalue()
    assert SECRET not in written.getvalue()
    assert len(told(written)) == 2


def test_werkzeugs_handler_knows_neither_address_nor_what_could_not_be_read(caplog: pytest.LogCaptureFixture) -> None:
    handler = PathOnlyHandler.__new__(PathOnlyHandler)
    handler.client_address = ("203.0.113.9", 4711)
    handler.path, handler.command = f"/?q={SECRET}", "GET"
    with caplog.at_level(logging.INFO, "werkzeug"):
        handler.log_request(200)
        handler.log_error("code %d, message %s", 400, SECRET)
    assert [record.getMessage() for record in caplog.records] == ['"GET /" 200 -', "a request could not be read"]


@settings(max_examples=40)
@given(message=st.text(max_size=40), value=st.text(max_size=40))
def test_an_event_is_one_line_whatever_is_in_it(message: str, value: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "%s", (message,), None)
    setattr(record, logs.FACTS, {"value": value})
    line = logs.Facts("json").format(record)
    assert "\n" not in line
    assert (json.loads(line)["message"], json.loads(line)["value"]) == (message, value)
    assert not set("\r\n") & set(logs.Facts("text").format(record))


def test_text_is_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    record = logging.LogRecord("rapport.request", logging.INFO, "", 1, "request", (), None)
    record.created = 1_764_406_800.5
    setattr(record, logs.FACTS, {"method": "GET", "route": "/", "status": 200, "ms": 12.5})
    assert logs.Facts("text").format(record) == (
        "2025-11-29T09:00:00.500+00:00 info rapport.request: request method=GET route=/ status=200 ms=12.5"
    )

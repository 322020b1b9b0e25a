"""What the tests of the page of many prospects do again and again."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.reports.batch_rows import csv_text
from tests.web.conftest import soup
from web.batch import Job, Runner, Store
from web.pages import batch as page
from web.settings import read_settings

PLAIN = csv_text(4).encode()
SHORT = {"page_size": "A4", "language": "en", "form": "short"}


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


def found(app: Flask, number: str) -> Job:
    job = Store(Path(read_settings(app.config).data_dir)).find(number)
    assert job is not None
    return job

"""The application, a client for it, and a real server for browsers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from assumptions import Library, load_library
from tests.web.served import served
from tests.web.visit import ARGUMENTS, Visit, chromium
from web.app import create_app

WIDE = {"width": 1280, "height": 900}
HTMX = {"HX-Request": "true"}


@pytest.fixture(scope="session")
def app() -> Flask:
    return create_app({"TESTING": True})


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Serve the application on a free port and return where."""
    with served(create_app()) as where:
        yield where


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Run a real Chromium; without one, the tests that need it are skipped, which CI does not allow."""
    sync_api = pytest.importorskip("playwright.sync_api")
    path = chromium()
    if path is None:
        pytest.skip("no Chromium found; install one, or name it in RAPPORT_CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield running
        running.close()


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Visit]:
    """Open pages in a wide window; afterwards fail on anything the browser complained of."""
    visiting = Visit(browser, address, viewport=WIDE)
    yield visiting
    visiting.close()


def query(**fields: str) -> str:
    """Return a query with two underscores for each dot of a path."""
    typed = {"clinic.setting": "outpatient", "clinic.intakes_per_month": "40"}
    return urlencode(typed | {name.replace("__", "."): text for name, text in fields.items()})


def soup(response: TestResponse) -> BeautifulSoup:
    """Return the elements of an answer. lxml is quicker, but would make a document of a part of one."""
    text = response.get_data(as_text=True)
    return BeautifulSoup(text, "lxml" if text.startswith("<!") else "html.parser")

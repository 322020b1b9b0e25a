"""A reader plays with a shared result in a browser."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.served import served
from tests.web.visit import Visit
from web.accounts.visitor import Visitor
from web.app import create_app
from web.storage import Database
from web.workspace import share_links


@pytest.fixture
def place(database: Database, tmp_path: Path, ada: Visitor, shared: uuid.UUID) -> Iterator[tuple[str, str]]:
    """Serve the workspace; return where, and the secret of a link."""
    app = create_app({"RAPPORT_DATA_DIR": str(tmp_path)})
    _key, secret = share_links.make(database, ada, share_links.Wish(shared, "result", "Board"))
    with served(app) as address:
        yield address, secret


@pytest.mark.browser
def test_a_reader_plays_and_goes_back(browser: Any, place: tuple[str, str]) -> None:
    where, secret = place
    visit = Visit(browser, where, viewport={"width": 1280, "height": 900})
    page = visit.open(f"/s?k={secret}")
    pinned = page.inner_text("#results .first .figure")
    visit.type_into("#program-minutes_per_unit", "0.25")
    visit.wait_for("document.querySelector('.tried')")
    assert page.input_value("[data-slide=program-minutes_per_unit]") != ""
    first = page.inner_text(".tried")
    page.focus("[data-slide=program-minutes_per_unit]")
    page.keyboard.press("End")
    visit.wait_for("document.querySelector('#program-minutes_per_unit').value !== '0.25'")
    for _ in range(100):
        if page.inner_text("#outcome") != first:
            break
        page.wait_for_timeout(50)
    assert page.inner_text("#outcome") != first
    visit.type_into("#program-minutes_per_unit", "x")
    visit.wait_for("document.querySelector('#program-minutes_per_unit-problem').textContent !== ''")
    assert page.inner_text("#results .first .figure") == pinned
    assert page.url == f"{where}/s?k={secret}", "what is tried stands in no address"
    page.click("[data-reset-levers]")
    visit.wait_for("document.querySelector('#program-minutes_per_unit-problem').textContent === ''")
    assert page.input_value("#program-minutes_per_unit") == "1"
    assert page.query_selector(".tried") is None
    visit.close()

"""Many prospects at once in a browser, from a file to the archive."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.web.served import served
from tests.web.visit import Visit

EXAMPLES = Path(__file__).parents[3] / "examples"


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

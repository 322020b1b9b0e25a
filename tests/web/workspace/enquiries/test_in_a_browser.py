"""The form in the frame of another site, which is another origin, in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from tests.web.served import served
from tests.web.visit import Visit
from tests.web.workspace.enquiries.asking import ON, stored
from web.app import create_app
from web.storage import Database


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Serve a site and our calculator; return where they are."""

    @Request.application
    def vendor(request: Request) -> Response:
        frame = f'<iframe src="{ours}/embed" title="Calculator" data-rapport width="100%" height="1500"></iframe>'
        page = f"<!DOCTYPE html><html lang='en'><title>Vendor</title>{frame}</html>"
        return Response(page if request.path == "/" else "", mimetype="text/html")

    with served(vendor, "localhost") as around:
        app = create_app({"RAPPORT_DATA_DIR": str(tmp_path), **ON, "RAPPORT_EMBED_PARENTS": around})
        with served(app) as ours:
            yield around, ours


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False])
def test_somebody_asks_from_the_frame_of_another_site(
    browser: Any, sites: tuple[str, str], tmp_path: Path, script: bool
) -> None:
    around, _ours = sites
    visit = Visit(browser, around, java_script_enabled=script, viewport={"width": 1000, "height": 1600})
    page = visit.open()
    frame = page.frame_locator("iframe")
    frame.locator("#enquiry-name").fill("Grace Hopper")
    if script:  # a new result under a form that is half filled in
        before = frame.locator("#enquiry-state").get_attribute("value")
        frame.locator("#clinic-dropout_rate").fill("50")
        frame.locator(f"#enquiry-state:not([value='{before}'])").wait_for(state="attached")
        assert frame.locator("#enquiry-name").input_value() == "Grace Hopper"
    frame.locator("#enquiry-email").fill("grace@example")
    frame.locator("#enquiry button").click()
    assert "no e-mail address" in frame.locator("#enquiry-email-problem:not(:empty)").inner_text()
    assert frame.locator("#enquiry-name").input_value() == "Grace Hopper"
    frame.locator("#enquiry-email").fill("grace@example.org")
    frame.locator("#enquiry-consent").check()
    frame.locator("#enquiry button").click()
    with page.expect_download() as download:
        frame.locator("#enquiry a.button").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    (kept,) = stored(Database.in_folder(tmp_path))
    assert (kept.email, kept.parent) == ("grace@example.org", around)
    assert ("dropout_rate=50" in kept.form) is script
    assert visit.context.cookies() == []
    visit.asked.clear()  # two sites are meant to be asked here
    visit.complaints[:] = [each for each in visit.complaints if "autofocus" not in each.lower()]
    visit.close()

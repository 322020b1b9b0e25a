"""The calculator in the frame of another site, in a browser: another site is another port, which is another origin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.wrappers import Request, Response

from tests.web.conftest import soup
from tests.web.served import served
from tests.web.visit import Visit
from web.app import create_app

pytestmark = pytest.mark.browser

SIZED = "[...document.querySelectorAll('iframe')].every((frame) => frame.style.height)"
FIGURE = "#results .first .figure"


class Site:
    """A site of somebody else: one page, with a content policy as strict as ours."""

    def __init__(self) -> None:
        self.body = ""
        self.address = ""
        self.framed = ""

    @Request.application
    def answer(self, request: Request) -> Response:
        if request.path != "/":
            return Response("", 204)
        page = f"<!DOCTYPE html><html lang='en'><title>Vendor</title><h1>Vendor</h1>{self.body}</html>"
        policy = f"default-src 'none'; script-src {self.framed}; frame-src {self.framed}; style-src 'none'"
        return Response(page, mimetype="text/html", headers={"Content-Security-Policy": policy})


@pytest.fixture(scope="module")
def sites() -> Iterator[tuple[Site, Site, str]]:
    """A site that is named, one that is not, and where the calculator is."""
    friend, stranger = Site(), Site()
    with served(friend.answer) as friend.address, served(stranger.answer) as stranger.address:
        application = create_app({
            "RAPPORT_EMBED_PARENTS": friend.address,
            "RAPPORT_EMBED_COLOR": "#6a2c91",
            "RAPPORT_EMBED_NAME": "Harbor Notes",
        })  # fmt: skip
        with served(application) as ours:
            friend.framed = stranger.framed = ours
            yield friend, stranger, ours


def snippet_of(ours: str) -> str:
    answer = create_app().test_client().get("/embed/demo", base_url=ours)
    return soup(answer).select_one("#snippet").get_text()


def frame_height(page: Any, place: int = 0) -> float:
    return float(page.locator("iframe").nth(place).bounding_box()["height"])


def wait_until(visit: Visit, holds: Any) -> None:
    for _ in range(160):
        if holds():
            return
        visit.page.wait_for_timeout(50)
    raise AssertionError("not within 8 seconds")


def test_an_allowed_site_shows_the_frame_as_tall_as_it_is(browser: Any, sites: tuple[Site, Site, str]) -> None:
    friend, _, ours = sites
    frame, script = snippet_of(ours).splitlines()
    second = frame.replace("/embed", "/embed?theme=dark&clinic.setting=iop&clinic.intakes_per_month=20", 1)
    friend.body = f"{frame}<div>{second}</div>{script}{script}"
    visit = Visit(browser, friend.address, viewport={"width": 900, "height": 2400})
    page = visit.open()
    inner = page.frames[1]
    visit.wait_for(SIZED)
    for place, each in enumerate(page.frames[1:]):
        tall = each.evaluate("document.documentElement.getBoundingClientRect().height")
        assert 0 <= frame_height(page, place) - tall < 1
        assert each.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    wide = frame_height(page)
    shown = inner.inner_text(FIGURE)
    inner.fill("#clinic-intakes_per_month", "400")
    wait_until(visit, lambda: inner.inner_text(FIGURE) != shown)
    page.set_viewport_size({"width": 420, "height": 2400})
    wait_until(visit, lambda: frame_height(page) > wide + 200)
    narrow = frame_height(page)
    inner.click("#clinic-dropout_rate-about summary")
    wait_until(visit, lambda: frame_height(page) > narrow)
    inner.click("#clinic-dropout_rate-about summary")
    wait_until(visit, lambda: frame_height(page) == narrow)
    assert page.context.cookies() == []
    assert {urlsplit(url).netloc for url in visit.asked} == {urlsplit(a).netloc for a in (friend.address, ours)}
    visit.asked.clear()
    visit.close()


def test_another_site_is_refused_by_the_browser(browser: Any, sites: tuple[Site, Site, str]) -> None:
    _, stranger, ours = sites
    stranger.body = snippet_of(ours)
    visit = Visit(browser, stranger.address, viewport={"width": 900, "height": 1200})
    page = visit.open()
    wait_until(visit, lambda: any("frame-ancestors" in text for text in visit.complaints))
    assert page.frames[1].url.startswith("chrome-error:")
    assert frame_height(page) == pytest.approx(900, abs=4)
    visit.complaints.clear()
    visit.asked.clear()
    visit.close()


def test_only_the_frame_itself_may_set_its_height(browser: Any, sites: tuple[Site, Site, str]) -> None:
    """A message from elsewhere, of another kind or without sense changes nothing."""
    friend, _, ours = sites
    frame, script = snippet_of(ours).splitlines()
    friend.body = f"{frame}{script}"
    visit = Visit(browser, friend.address, viewport={"width": 900, "height": 1200})
    page = visit.open()
    visit.wait_for(SIZED)
    before = frame_height(page)
    page.evaluate("window.postMessage({ type: 'rapport:size', height: 10 }, '*')")
    for height in ("-5", "'900'", "1e9", "NaN", "null"):
        page.frames[1].evaluate(f"window.parent.postMessage({{ type: 'rapport:size', height: {height} }}, '*')")
    page.frames[1].evaluate("window.parent.postMessage({ type: 'other', height: 10 }, '*')")
    page.wait_for_timeout(200)
    assert frame_height(page) == before
    said = page.evaluate("""() => new Promise((resolve) => {
        const heard = [];
        window.addEventListener("message", (event) => heard.push(event.data));
        document.querySelector("iframe").contentWindow.postMessage({ type: "rapport:ask" }, "*");
        setTimeout(() => resolve(heard), 300);
    })""")
    assert said == [{"type": "rapport:size", "height": before}]
    visit.asked.clear()
    visit.close()


def test_without_script_the_frame_is_a_plain_form(browser: Any, sites: tuple[Site, Site, str]) -> None:
    friend, _, ours = sites
    friend.body = snippet_of(ours).splitlines()[0].replace("/embed", "/embed?theme=dark", 1)
    visit = Visit(browser, friend.address, java_script_enabled=False, viewport={"width": 900, "height": 1200})
    page = visit.open()
    inner = page.frames[1]
    inner.wait_for_selector(FIGURE)
    before = inner.inner_text(FIGURE)
    inner.fill("#clinic-intakes_per_month", "400")
    inner.check("#setting-iop")
    inner.click("text=Calculate")
    inner.wait_for_selector("label[for=clinic-planned_units] >> text=/^Days/")
    assert inner.inner_text(FIGURE) != before
    assert "clinic.intakes_per_month=400" in inner.url
    assert "theme=dark" in inner.url
    inner.fill("#clinic-dropout_rate", "135")
    inner.click("text=Calculate")
    inner.wait_for_selector("#clinic-dropout_rate[aria-invalid]")
    assert inner.input_value("#clinic-dropout_rate") == "135"
    visit.asked.clear()
    visit.close()


def test_a_wrong_value_is_answered_at_its_field_and_keeps_the_last_result(
    browser: Any, sites: tuple[Site, Site, str]
) -> None:
    visit = Visit(browser, sites[2], viewport={"width": 390, "height": 900})
    page = visit.open("/embed")
    before = page.inner_text(FIGURE)
    page.fill("#clinic-dropout_rate", "135")  # at once: where keys are slow, 1 and 13 have results of their own
    visit.wait_for("document.querySelector('#clinic-dropout_rate[aria-invalid]')")
    assert page.inner_text(FIGURE) == before
    visit.type_into("#clinic-dropout_rate", "35")
    visit.wait_for("!document.querySelector('[aria-invalid]')")
    visit.wait_for(f"document.querySelector('{FIGURE}').innerText !== {before!r}")
    visit.wait_for("/dropout_rate=35(&|$)/.test(document.querySelector('#results .button').href)")  # not at the 3
    with page.expect_popup() as waiting:
        page.click("#results .button")
    full = waiting.value
    full.wait_for_load_state()
    assert re.search("clinic.dropout_rate=35(&|$)", full.url)
    assert full.inner_text("#results .headline .first .explained") in page.inner_text(FIGURE)
    visit.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_shut_out_at_any_width(browser: Any, sites: tuple[Site, Site, str], scheme: str) -> None:
    visit = Visit(browser, sites[2], viewport={"width": 1280, "height": 900}, color_scheme=scheme, bypass_csp=True)
    large = "clinic.setting=iop&clinic.intakes_per_month=90000&payers.1.allowed_per_unit=90000&clinic.currency=CHF"
    for path in ("/embed", f"/embed?{large}", "/embed?clinic.dropout_rate=135&clinic.setting=iop", "/embed/demo"):
        page = visit.open(path)
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        for width in (1280, 1000, 760, 719, 480, 390, 320):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            if width in (1280, 390):
                assert visit.faults() == [], (path, width)
    visit.close()


def test_the_snippet_is_copied_by_one_button(browser: Any, sites: tuple[Site, Site, str]) -> None:
    visit = Visit(browser, sites[2], permissions=["clipboard-read", "clipboard-write"])
    page = visit.open("/embed/demo")
    page.click("#copy")
    visit.wait_for("document.getElementById('copy').textContent === 'Copied'")
    assert page.evaluate("navigator.clipboard.readText()") == page.inner_text("#snippet")
    visit.close()

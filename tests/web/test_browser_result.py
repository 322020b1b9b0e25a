"""The result in a real browser: pictures, slow and broken answers, tabs, history, paper, and what it weighs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.visit import Visit
from web.example_clinics import examples

pytestmark = pytest.mark.browser

KEPT = "#results .first .figure"
INTAKES = "#clinic-intakes_per_month"
PICTURES = ("bridge", "cash", "retention", "distribution", "forest", "tornado", "grid")
MOST_BYTES = 350_000  # compressed, at first load


def test_every_picture_has_words_a_table_and_values_in_reach(visit: Visit) -> None:
    page = visit.open(f"/?{examples()[0].query}")
    for name in PICTURES:
        section = page.locator(f"section[aria-labelledby={name}-heading]")
        assert section.locator("h2").inner_text().strip(), name
        picture = section.locator(".picture.wide svg")
        assert picture.get_attribute("role") == "graphics-document img"
        assert len(picture.locator("desc").text_content()) > 20
        assert section.locator("details.numbers tbody tr").count() > 0
        mark = picture.locator("[tabindex='0']").first
        mark.focus()
        assert mark.get_attribute("aria-label"), name
        assert any(sign.isdigit() for sign in mark.get_attribute("aria-label")), name


def test_the_pictures_further_down_follow_an_edit(visit: Visit) -> None:
    page = visit.open()
    told = "document.querySelector('[aria-labelledby=distribution-heading] desc').textContent"
    before = page.evaluate(told)
    page.fill(INTAKES, "400")
    visit.wait_for(f"{told} !== {before!r}")
    assert page.locator("#more").count() == 1


def test_the_grid_shows_any_two_inputs(visit: Visit) -> None:
    page = visit.open()
    page.select_option("#grid-across", "clinic.dropout_rate")
    visit.wait_for("document.querySelector('#grid table').textContent.includes('clients who leave early')")
    page.fill(INTAKES, "60")  # the choice stays when the numbers change
    visit.wait_for("location.search.includes('intakes_per_month=60')")
    page.wait_for_timeout(600)
    assert page.input_value("#grid-across") == "clinic.dropout_rate"


def test_the_grid_works_without_script(browser: Any, address: str) -> None:
    visit = Visit(browser, address, java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = visit.open()
    page.select_option("#grid-across", "clinic.no_show_rate")
    page.click("#grid button")
    assert page.input_value("#grid-across") == "clinic.no_show_rate"
    assert page.locator(KEPT).count() == 1
    visit.close()


def test_where_it_does_not_pay_the_page_says_so_and_what_would(visit: Visit) -> None:
    page = visit.open()
    assert "does not pay" in page.inner_text("#honest-heading")
    assert page.locator(".honest li").count() >= 3
    page.locator(".honest .goto").first.click()
    visit.wait_for("document.activeElement.id === 'program-subscription_per_clinician_month'")
    visit.open("/?clinic.setting=residential&clinic.intakes_per_month=60&payers.1.collected_per_unit=900")
    assert page.locator(".honest").count() == 0
    visit.open("/?clinic.setting=outpatient&clinic.intakes_per_month=40&clinic.dropout_rate=80")
    assert "far outside" in page.inner_text(".flags")


def test_on_a_slow_network_the_last_answer_stays_until_the_new_one_is_there(visit: Visit) -> None:
    page = visit.open()
    before = page.inner_text(KEPT)
    held: list[Any] = []
    page.route("**/estimate", lambda route: held.append(route))
    page.fill(INTAKES, "300")
    page.wait_for_timeout(700)
    assert page.inner_text(KEPT) == before
    assert page.evaluate("getComputedStyle(document.querySelector('.working')).opacity") == "1"
    held[0].continue_()
    visit.wait_for(f"document.querySelector('{KEPT}').innerText !== {before!r}")


def test_after_a_broken_answer_what_was_typed_stays_and_one_click_tries_again(visit: Visit) -> None:
    page = visit.open()
    before = page.inner_text(KEPT)
    page.route("**/estimate", lambda route: route.abort())
    page.fill(INTAKES, "90")
    page.wait_for_selector("#trouble", state="visible")
    assert page.input_value(INTAKES) == "90"
    assert page.inner_text(KEPT) == before
    page.unroute("**/estimate")
    page.click("[data-again]")
    visit.wait_for(f"document.querySelector('{KEPT}').innerText !== {before!r}")
    page.wait_for_selector("#trouble", state="hidden")
    visit.complaints[:] = [text for text in visit.complaints if "ERR_FAILED" not in text and "htmx:" not in text]


def test_back_and_forward_bring_back_what_was_typed(visit: Visit) -> None:
    page = visit.open()
    page.fill(INTAKES, "75")
    visit.wait_for("location.search.includes('intakes_per_month=75')")
    shown = page.inner_text(KEPT)
    page.click("header a:has-text('Evidence')")
    visit.wait_for("location.pathname === '/evidence'")
    page.go_back(wait_until="load")
    assert page.input_value(INTAKES) == "75"
    assert page.inner_text(KEPT) == shown
    page.go_forward(wait_until="load")
    assert page.url.endswith("/evidence")


def test_two_tabs_do_not_disturb_each_other(visit: Visit) -> None:
    first = visit.open()
    second = visit.context.new_page()
    second.goto(visit.address + "/?clinic.setting=iop&clinic.intakes_per_month=20", wait_until="load")
    first.fill(INTAKES, "111")
    second.fill(INTAKES, "22")
    visit.wait_for("location.search.includes('intakes_per_month=111')")
    visit.wait_for("location.search.includes('intakes_per_month=22')", second)
    second.wait_for_timeout(500)
    assert "clinic.setting=iop" in second.url
    assert "intakes_per_month=22" in second.url
    assert "clinic.setting=outpatient" in first.url
    second.close()


def test_it_prints_the_result_without_form_and_buttons(visit: Visit) -> None:
    page = visit.open(f"/?{examples()[3].query}")
    page.emulate_media(media="print")
    assert page.is_visible(KEPT)
    for shown in ("bridge", "retention", "tornado"):
        assert page.is_visible(f"[aria-labelledby={shown}-heading] .picture.wide")
    for hidden in ("#clinic", ".actions", "header nav", ".pinned", ".axes"):
        assert page.locator(hidden).first.is_hidden(), hidden


def test_the_first_load_is_light(browser: Any, address: str) -> None:
    visit = Visit(browser, address, viewport={"width": 1280, "height": 900})
    session = visit.context.new_cdp_session(visit.page)
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    session.send("Network.enable")
    visit.page.goto(address, wait_until="networkidle")
    assert len(sizes) > 6
    assert sum(sizes) <= MOST_BYTES
    visit.close()


def test_nothing_moves_under_reduced_motion(browser: Any, address: str) -> None:
    visit = Visit(browser, address, viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = visit.open()
    page.evaluate("document.querySelector('#results').classList.add('htmx-settling')")
    assert page.evaluate("getComputedStyle(document.querySelector('#results .figure')).animationName") == "none"
    visit.close()


def test_the_keyboard_alone_reaches_a_result_and_its_explanation(visit: Visit) -> None:
    page = visit.open()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus(INTAKES)
    page.keyboard.press("Control+A")
    page.keyboard.type("66")
    visit.wait_for("location.search.includes('intakes_per_month=66')")
    page.focus("#results .pays a")
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    page.keyboard.press("Enter")
    visit.wait_for("document.getElementById('drawer').open")
    assert "above zero" in page.inner_text("#panel")
    page.keyboard.press("Escape")
    assert ring == "solid"

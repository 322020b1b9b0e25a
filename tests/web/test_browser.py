"""The calculator in a real browser: typing, sharing, going without script, and being usable by everybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.web.visit import Visit
from web.example_clinics import examples

pytestmark = pytest.mark.browser

KEPT = "#results .first .figure"


def test_typing_changes_the_result_without_a_reload(visit: Visit) -> None:
    page = visit.open()
    page.evaluate("window.stayed = true")
    before = page.inner_text(KEPT)
    visit.type_into("#clinic-intakes_per_month", "400")
    visit.wait_for("location.search.includes('intakes_per_month=400')")
    assert page.inner_text(KEPT) != before
    assert page.evaluate("window.stayed") is True
    assert "clinic.intakes_per_month=400" in page.url
    assert page.evaluate("document.activeElement.id") == "clinic-intakes_per_month"
    assert page.get_attribute("#clinic-clinicians", "placeholder") == "65"  # 400 × 13 sessions at 80 a clinician
    visit.wait_for("document.getElementById('announcement').textContent.includes('would keep')")
    after = page.inner_text(KEPT)
    page.reload(wait_until="load")
    assert page.inner_text(KEPT) == after


def test_fast_typing_shows_the_answer_to_the_last_key(visit: Visit) -> None:
    page = visit.open()
    held: list[Any] = []

    def hold_the_first(route: Any) -> None:
        if "intakes_per_month=50" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/estimate", hold_the_first)
    visit.type_into("#clinic-intakes_per_month", "50")
    for _ in range(100):  # past the pause that sends a request, so that one is under way
        page.wait_for_timeout(100)
        if held:
            break
    assert len(held) == 1
    visit.type_into("#clinic-intakes_per_month", "80")
    page.wait_for_timeout(400)
    held[0].continue_()
    visit.wait_for("location.search.includes('intakes_per_month=80')")
    page.wait_for_timeout(300)
    shown = page.inner_text(KEPT)
    assert page.input_value("#clinic-intakes_per_month") == "80"
    assert "intakes_per_month=80" in page.url
    page.unroute("**/estimate")
    page.reload(wait_until="load")
    assert page.inner_text(KEPT) == shown


def test_typing_while_another_setting_arrives_loses_neither(visit: Visit) -> None:
    page = visit.open()
    held: list[Any] = []
    page.route("**/setting", lambda route: held.append(route))
    page.check("#setting-iop")
    page.wait_for_timeout(100)
    visit.type_into("#clinic-intakes_per_month", "77")
    page.wait_for_timeout(400)
    held[0].continue_()
    visit.wait_for("location.search.includes('intakes_per_month=77')")
    assert "clinic.setting=iop" in page.url
    assert page.input_value("#clinic-intakes_per_month") == "77"
    assert page.inner_text("label[for=clinic-planned_units]").startswith("Days")


def test_a_wrong_value_is_answered_at_its_field_and_keeps_the_last_result(visit: Visit) -> None:
    page = visit.open()
    before = page.inner_text(KEPT)
    page.fill("#clinic-dropout_rate", "135")
    visit.wait_for("document.querySelector('#clinic-dropout_rate[aria-invalid]')")
    assert "0% to 99%" in page.inner_text("#clinic-dropout_rate-problem")
    assert page.inner_text(KEPT) == before
    assert page.input_value("#clinic-dropout_rate") == "135"
    assert page.evaluate("document.activeElement.id") == "clinic-dropout_rate"
    visit.type_into("#clinic-dropout_rate", "35")
    visit.wait_for("!document.querySelector('[aria-invalid]')")
    visit.wait_for(f"document.querySelector('{KEPT}').innerText !== {before!r}")
    assert page.inner_text("#clinic-dropout_rate-problem") == ""


def test_what_is_typed_while_an_answer_arrives_is_not_lost(visit: Visit) -> None:
    page = visit.open()
    held: list[Any] = []
    page.route("**/estimate", lambda route: held.append(route) if not held else route.continue_())
    visit.type_into("#clinic-dropout_rate", "135")
    page.wait_for_timeout(400)
    visit.type_into("#clinic-planned_units", "12")
    held[0].continue_()  # an answer that knows nothing of the 12
    visit.wait_for("document.querySelector('#clinic-dropout_rate[aria-invalid]')")
    assert page.input_value("#clinic-planned_units") == "12"
    page.keyboard.type("3456")
    visit.wait_for("document.querySelector('#clinic-planned_units[aria-invalid]')")
    assert page.input_value("#clinic-planned_units") == "123456"
    assert page.input_value("#clinic-dropout_rate") == "135"


def test_open_details_stay_open_when_the_inputs_are_answered(visit: Visit) -> None:
    page = visit.open("/?mode=detailed")
    page.click("#group-analysis > summary")
    visit.type_into("#analysis-horizon_months", "0")
    visit.wait_for("document.querySelector('#analysis-horizon_months[aria-invalid]')")
    assert page.is_visible("#analysis-horizon_months")
    page.click("#group-program > summary")
    page.check("#setting-iop")
    visit.type_into("#analysis-horizon_months", "24")
    visit.wait_for("document.querySelector('label[for=clinic-planned_units]').innerText.startsWith('Days')")
    assert page.is_visible("#program-adoption_rate")


def test_another_setting_brings_its_words_and_keeps_focus(visit: Visit) -> None:
    page = visit.open()
    page.check("#setting-residential")
    visit.wait_for("document.querySelector('label[for=clinic-planned_units]').innerText.startsWith('Days')")
    assert page.evaluate("document.activeElement.id") == "setting-residential"
    assert "clinic.setting=residential" in page.url
    visit.type_into("#clinic-intakes_per_month", "30")
    visit.wait_for("location.search.includes('intakes_per_month=30')")


def test_a_payer_is_added_and_typed_into(visit: Visit) -> None:
    page = visit.open("/?mode=detailed")
    page.click("#group-payers > summary")
    page.click("text=Add a payer")
    visit.wait_for("document.activeElement.id === 'payers-2-name'")
    page.keyboard.type("Medicaid")
    page.fill("#payers-1-share", "60")
    page.fill("#payers-2-share", "40")
    page.fill("#payers-2-allowed_per_unit", "86")
    visit.wait_for("location.search.includes('payers.2.allowed_per_unit=86')")
    visit.wait_for("!document.querySelector('[aria-invalid]')")  # 60 and 100 did not add up for a moment


def test_a_figure_explains_itself_in_a_drawer_and_focus_returns(visit: Visit) -> None:
    page = visit.open()
    page.click("#results .first .explained")
    visit.wait_for("document.getElementById('drawer').open")
    assert page.evaluate("document.activeElement.id") == "panel-heading"
    assert "New clients a month" in page.inner_text("#panel")
    page.locator("#panel a[href^='/evidence/']").first.click()
    visit.wait_for("document.querySelector('#panel .facts') && document.activeElement.id === 'panel-heading'")
    page.keyboard.press("Escape")
    assert page.evaluate("document.getElementById('drawer').open") is False
    assert "explained" in page.evaluate("document.activeElement.className")


def test_find_out_next_arrives_by_itself(visit: Visit) -> None:
    page = visit.open()
    visit.wait_for("document.querySelector('#next table')")
    assert page.locator("#next").count() == 1


def test_an_example_loads_by_one_click(visit: Visit) -> None:
    page = visit.open()
    for example in examples():
        page.click(f".examples >> text={example.label}")
        visit.wait_for(f"document.querySelector('.whose').innerText.includes({example.name!r})")


def test_the_proposal_downloads_as_a_pdf(visit: Visit) -> None:
    page = visit.open(f"/?{examples()[0].query}")
    with page.expect_download() as waiting:
        page.click("text=Download proposal")
    file = waiting.value
    assert file.suggested_filename == "rapport-proposal-riverbend-counseling.pdf"
    assert Path(file.path()).read_bytes().startswith(b"%PDF-")


def test_a_server_that_is_gone_is_said_and_the_result_stays(visit: Visit) -> None:
    page = visit.open()
    before = page.inner_text(KEPT)
    page.route("**/estimate", lambda route: route.fulfill(status=503, body="<h1>gone</h1>"))
    visit.type_into("#clinic-intakes_per_month", "90")
    page.wait_for_selector("#trouble", state="visible")
    assert page.inner_text(KEPT) == before
    page.unroute("**/estimate")
    visit.type_into("#clinic-intakes_per_month", "91")
    page.wait_for_selector("#trouble", state="hidden")
    visit.complaints[:] = [text for text in visit.complaints if "503" not in text]


def test_the_theme_is_switched_and_remembered(visit: Visit) -> None:
    page = visit.open()
    light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.click("#theme")
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert light != dark
    page.reload(wait_until="load")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == dark


def test_a_plain_form_works_without_script(browser: Any, address: str) -> None:
    visit = Visit(browser, address, java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = visit.open()
    before = page.inner_text(KEPT)
    page.fill("#clinic-intakes_per_month", "400")
    page.check("#setting-iop")
    page.click("text=Calculate")
    assert "clinic.intakes_per_month=400" in page.url
    assert page.inner_text(KEPT) != before
    assert page.inner_text("label[for=clinic-planned_units]").startswith("Days")
    page.fill("#clinic-dropout_rate", "135")
    page.click("text=Calculate")
    assert page.get_attribute("#clinic-dropout_rate", "aria-invalid") == "true"
    assert page.input_value("#clinic-dropout_rate") == "135"
    page.fill("#clinic-dropout_rate", "35")
    page.click("text=Calculate")
    page.click("#results .first .explained")
    assert page.inner_text("#panel h2").startswith("Revenue kept a year")
    visit.close()


def test_long_names_and_large_amounts_stay_within_the_page(browser: Any, address: str) -> None:
    large = "clinic.setting=iop&clinic.intakes_per_month=90000&payers.1.allowed_per_unit=90000&clinic.currency=CHF"
    for width in (1280, 1100, 768, 390, 360):
        visit = Visit(browser, address, viewport={"width": width, "height": 844})
        page = visit.open(f"/?{large}&clinic.name={'W' * 299}&payers.1.name={'M' * 99}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for figure in page.locator(".headline .explained").all():
            box, room = figure.bounding_box(), figure.locator("xpath=../..").bounding_box()
            assert box["x"] + box["width"] <= room["x"] + room["width"] + 1
        visit.close()


def test_on_a_narrow_page_the_headline_stays_in_sight_in_one_line(browser: Any, address: str) -> None:
    visit = Visit(browser, address, viewport={"width": 390, "height": 844})
    page = visit.open(f"/?{examples()[3].query}")
    page.evaluate("window.scrollTo(0, 600)")
    box = page.locator(".pinned").bounding_box()
    assert box["y"] == 0
    assert box["height"] <= 48
    assert page.evaluate(
        "(() => { const e = document.querySelector('.pinned a'); return e.scrollWidth <= e.clientWidth; })()"
    )
    before = page.inner_text(".pinned strong")
    visit.type_into("#clinic-intakes_per_month", "90")
    visit.wait_for(f"document.querySelector('.pinned strong').innerText !== {before!r}")
    visit.close()

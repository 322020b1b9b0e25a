"""The form in a real browser: quick and detailed, the switch, reset, one click to a field, and other languages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.visit import Visit

pytestmark = pytest.mark.browser

KEPT = "#results .first .figure"
RANGE = "#results .first .range"
RATE = "#clinic-dropout_rate"
SETTLED = "document.querySelectorAll('.htmx-request').length === 0"


def chosen(page: Any, field: str) -> str:
    """Return where the switch of a field stands, by its words."""
    return page.inner_text(f"[data-field='{field}'] .switch label:has(:checked)")


def width_of_the_result(page: Any) -> str:
    return page.inner_text(RANGE)


def test_quick_asks_little_and_detailed_opens_the_rest(visit: Visit) -> None:
    page = visit.open()
    assert page.is_visible(RATE)
    assert page.is_hidden("#group-costs")
    page.check("#mode-detailed", force=True)
    for group in ("clinic", "payers", "costs", "program", "evidence", "analysis"):
        assert page.is_visible(f"#group-{group} > summary"), group
    visit.wait_for("location.search.includes('mode=detailed')")
    page.reload(wait_until="load")
    assert page.is_visible("#group-costs > summary")


def test_the_switch_changes_how_wide_the_result_is(visit: Visit) -> None:
    """A measured number has no range of its own, an estimate a narrow one, a benchmark that of all clinics."""
    page = visit.open()
    before = page.inner_text(RANGE)
    page.fill(RATE, "35")
    visit.wait_for(f"document.querySelector('{RANGE}').innerText !== {before!r}")
    assert chosen(page, "clinic.dropout_rate") == "estimate"
    seen = {"benchmark": before, "estimate": page.inner_text(RANGE)}
    page.check(f"{RATE}-from-measured", force=True)
    visit.wait_for(f"document.querySelector('{RANGE}').innerText !== {seen['estimate']!r}")
    assert "measured=dropout_rate" in page.url
    seen["measured"] = page.inner_text(RANGE)
    page.check(f"{RATE}-from-benchmark", force=True)
    visit.wait_for(f"document.querySelector('{RANGE}').innerText === {before!r}")
    assert page.input_value(RATE) == ""
    assert len(set(seen.values())) == 3
    page.check(f"{RATE}-from-estimate", force=True)  # what stood there comes back
    visit.wait_for(f"document.querySelector('{RANGE}').innerText === {seen['estimate']!r}")
    assert page.input_value(RATE) == "35"


def test_reset_takes_a_number_back(visit: Visit) -> None:
    page = visit.open()
    before = page.inner_text(KEPT)
    reset = page.locator("[data-field='clinic.dropout_rate'] .reset")
    assert reset.is_hidden()
    page.fill(RATE, "50")
    visit.wait_for(f"document.querySelector('{KEPT}').innerText !== {before!r}")
    reset.click()
    visit.wait_for(f"document.querySelector('{KEPT}').innerText === {before!r}")
    assert page.input_value(RATE) == ""
    assert chosen(page, "clinic.dropout_rate") == "benchmark"
    assert page.evaluate("document.activeElement.id") == "clinic-dropout_rate"


def test_a_range_is_given_in_place_of_a_number(visit: Visit) -> None:
    page = visit.open()
    page.click(f"{RATE}-about > summary")
    page.fill(RATE, "35")
    page.fill(f"{RATE}-low", "30")
    page.fill(f"{RATE}-high", "45")
    visit.wait_for("location.search.includes('dropout_rate.high=45')")
    visit.wait_for(SETTLED)
    assert page.locator("[aria-invalid]").count() == 0


def test_one_click_leads_to_the_number_to_find_out_next(visit: Visit) -> None:
    page = visit.open("/?clinic.setting=iop&clinic.intakes_per_month=22")
    visit.wait_for("document.querySelector('#next .goto')")
    target = page.get_attribute("#next .goto", "data-goto")
    page.click("#next .goto")
    visit.wait_for(f"document.activeElement.id === {target!r}")
    assert page.is_visible(f"#{target}")


def test_without_script_a_link_leads_to_the_same_field(browser: Any, address: str) -> None:
    visit = Visit(browser, address, java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = visit.open("/?clinic.setting=outpatient&clinic.intakes_per_month=40")
    page.click("#next .goto")
    assert "mode=detailed" in page.url
    assert page.is_visible("#group-costs > summary")
    visit.close()


def test_beds_and_how_full_they_are_take_the_place_of_the_question(visit: Visit) -> None:
    page = visit.open("/?clinic.setting=residential&clinic.intakes_per_month=30")
    assert page.inner_text("label[for=clinic-intakes_per_month]") == "Admissions a month"
    assert page.inner_text("label[for=clinic-dropout_rate]") == "Clients who leave against advice (AMA)"
    before = page.inner_text(KEPT)
    page.fill("#clinic-occupancy_rate", "99")
    visit.wait_for(f"document.querySelector('{KEPT}').innerText !== {before!r}")
    page.check("#setting-outpatient")
    visit.wait_for("document.querySelector('label[for=clinic-intakes_per_month]').innerText.startsWith('New clients')")
    assert page.is_visible("#capacity-waitlist")


def test_a_payer_is_removed_with_its_numbers(visit: Visit) -> None:
    page = visit.open(
        "/?mode=detailed&clinic.setting=outpatient&clinic.intakes_per_month=40&payers.1.name=A&payers.1.share=60"
        "&payers.2.name=B&payers.2.share=40&payers.2.allowed_per_unit=90"
    )
    page.click("#group-payers > summary")
    page.click("text=Remove A")
    visit.wait_for("location.search.includes('payers.1.name=B')")
    assert "payers.2" not in page.url
    assert page.input_value("#payers-1-share") == ""  # who is left pays for all


def test_spanish_is_chosen_kept_and_reads_a_decimal_comma(browser: Any, address: str) -> None:
    visit = Visit(browser, address, viewport={"width": 1280, "height": 900}, locale="es-ES")
    page = visit.open("/?clinic.setting=outpatient&clinic.intakes_per_month=40&clinic.dropout_rate=35.5")
    assert page.get_attribute("html", "lang") == "es-ES"
    assert page.input_value(RATE) == "35,5"
    page.fill(RATE, "36,5")
    visit.wait_for("location.search.includes('dropout_rate=36%2C5')")
    page.click("[data-language=en]")
    visit.wait_for("document.documentElement.lang.startsWith('en')")
    assert page.input_value(RATE) == "36.5"
    visit.open("/evidence")
    assert page.get_attribute("html", "lang").startswith("en")
    visit.close()


def test_a_number_that_was_measured_and_cleared_can_be_typed_again(visit: Visit) -> None:
    """Of what is decided, such as a head count, the switch knows only one's own number and the benchmark."""
    page = visit.open(
        "/?clinic.setting=outpatient&clinic.intakes_per_month=40&clinic.clinicians=12&measured=clinicians"
    )
    page.fill("#clinic-clinicians", "")
    visit.wait_for("!location.search.includes('clinicians=12')")
    assert chosen(page, "clinic.clinicians") == "benchmark"
    page.fill("#clinic-clinicians", "30")
    visit.wait_for("location.search.includes('clinic.clinicians=30')")
    assert chosen(page, "clinic.clinicians") == "yours"


def test_a_range_comes_back_with_its_ends(visit: Visit) -> None:
    page = visit.open(
        "/?clinic.setting=outpatient&clinic.intakes_per_month=40&clinic.dropout_rate=35&clinic.dropout_rate.low=30"
        "&clinic.dropout_rate.high=45"
    )
    page.check(f"{RATE}-from-benchmark", force=True)
    visit.wait_for("!location.search.includes('dropout_rate')")
    page.check(f"{RATE}-from-estimate", force=True)
    visit.wait_for("location.search.includes('dropout_rate.high=45')")
    assert "dropout_rate.low=30" in page.url


def test_rows_of_payers_stay_where_they_are_while_one_types(visit: Visit) -> None:
    """The first payer is all benchmarks; a second is described before the first gets its share."""
    page = visit.open("/?mode=detailed&clinic.setting=residential&clinic.intakes_per_month=30")
    page.click("#group-payers > summary")
    page.click("text=Add a payer")
    visit.wait_for("document.activeElement.id === 'payers-2-name'")
    page.keyboard.type("Medicaid", delay=20)
    page.focus("#payers-2-share")
    page.keyboard.type("60", delay=40)
    visit.wait_for("document.querySelector('#payers-1-share[aria-invalid]')")  # told what is to come
    assert page.input_value("#payers-2-name") == "Medicaid"
    assert page.input_value("#payers-2-share") == "60"
    assert page.evaluate("document.activeElement.id") == "payers-2-share"
    page.fill("#payers-1-share", "40")
    visit.wait_for("location.search.includes('payers.2.share=60')")
    assert "payers.1.share=40" in page.url
    visit.wait_for("!document.querySelector('[aria-invalid]')")


def test_back_undoes_the_last_field(visit: Visit) -> None:
    page = visit.open("/?clinic.setting=outpatient&clinic.intakes_per_month=40")
    page.fill("#clinic-intakes_per_month", "75")
    visit.wait_for("location.search.includes('intakes_per_month=75')")
    page.fill(RATE, "33")
    visit.wait_for("location.search.includes('dropout_rate=33')")
    visit.wait_for(SETTLED)
    page.wait_for_timeout(700)  # what follows a result has come
    page.go_back(wait_until="load")
    visit.wait_for(f"document.querySelector('{RATE}').value === ''")
    assert page.input_value("#clinic-intakes_per_month") == "75"
    page.go_forward(wait_until="load")
    visit.wait_for(f"document.querySelector('{RATE}').value === '33'")
    visit.complaints[:] = [text for text in visit.complaints if "htmx:" not in text]  # a request cut off by leaving


def test_a_fault_is_seen_where_the_quick_form_would_hide_it(visit: Visit) -> None:
    page = visit.open(f"/?clinic.setting=outpatient&clinic.intakes_per_month=40&clinic.name={'W' * 390}")
    assert page.is_visible("#clinic-name-problem")
    assert page.get_attribute("#clinic-clinicians", "placeholder") == "7"  # defaults stay in sight

"""The long pages on the alliance and on the method: every number is the library's or the model's."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from assumptions import Figure, Library
from calculator import evaluate, words
from calculator.display import money, months, number, quantity, share
from calculator.explain import names
from reports.evidence_words import cited
from tests.web.conftest import HTMX, soup
from tests.web.visit import Visit
from web.example_clinics import examples
from web.forms import parse_form
from web.pages.method import shape_of, worked_example

PAGES = ("/alliance", "/method")
ALLIANCE_ROAD = "/?program.evidence_road=alliance&clinic.setting=outpatient&clinic.intakes_per_month=40"


def text(element: Tag) -> str:
    return " ".join(element.get_text().split())


def article(client: FlaskClient, address: str) -> BeautifulSoup:
    page = soup(client.get(address)).select_one("article.reading")
    assert page is not None
    return page


def figure_of(link: Tag, library: Library) -> Figure:
    return library.figures[urlsplit(link["href"]).path.removeprefix("/evidence/")]


@pytest.mark.parametrize("address", PAGES)
def test_the_page_answers_whole_to_everybody(client: FlaskClient, address: str) -> None:
    for headers in ({}, HTMX):
        answer = client.get(address, headers=headers)
        assert answer.status_code == 200
        assert soup(answer).select_one("html main article.reading") is not None
    assert client.get(address).data == client.get(address).data


@pytest.mark.parametrize("address", PAGES)
def test_nothing_is_inline_and_nothing_is_loaded_from_elsewhere(client: FlaskClient, address: str) -> None:
    page = soup(client.get(address))
    assert not page.select("style, script:not([src]), [style], [onclick], iframe, img[src^=http]")
    loaded = [element.get("src") or element.get("href") for element in page.select("script, link, img, use")]
    assert loaded
    assert all(source.startswith("/") for source in loaded)
    assert any("reading.css" in source for source in loaded)


@pytest.mark.parametrize("address", PAGES)
def test_ids_are_unique_and_references_resolve(client: FlaskClient, address: str) -> None:
    page = soup(client.get(address))
    ids = [element["id"] for element in page.select("[id]")]
    assert len(ids) == len(set(ids)), [name for name in ids if ids.count(name) > 1]
    for attribute in ("for", "aria-describedby", "aria-labelledby"):
        for element in page.select(f"[{attribute}]"):
            assert set(element[attribute].split()) <= set(ids) | {"panel-heading"}, element
    assert {link["href"][1:] for link in page.select("a[href^='#']")} <= set(ids)


@pytest.mark.parametrize("address", PAGES)
def test_headings_go_down_one_level_at_a_time_and_the_contents_lists_the_sections(
    client: FlaskClient, address: str
) -> None:
    page = soup(client.get(address))
    levels = [int(heading.name[1]) for heading in page.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    listed = [link["href"][1:] for link in page.select("nav.contents a")]
    assert listed == [heading["id"] for heading in page.select(".text > section > h2")]


@pytest.mark.parametrize("address", PAGES)
def test_every_link_within_rapport_leads_somewhere(client: FlaskClient, address: str) -> None:
    page = article(client, address)
    links = {link["href"] for link in page.select("a[href^='/']")}
    assert len(links) > 15
    for link in sorted(links):
        answer = client.get(link)
        assert answer.status_code == 200, link
        fragment = urlsplit(link).fragment
        assert not fragment or soup(answer).find(id=fragment) is not None, link
    for link in page.select("a[href^='http']"):
        assert {"noreferrer", "external"} <= set(link["rel"]), link


@pytest.mark.parametrize("address", PAGES)
def test_every_citation_shows_what_the_library_holds(client: FlaskClient, library: Library, address: str) -> None:
    page = article(client, address)
    citations = [link for link in page.select("a.cited") if link.find_parent(class_="evidence") is None]
    assert len(citations) >= 15
    for link in citations:
        figure = figure_of(link, library)
        assert link["data-hx-get"] == link["href"]
        assert text(link) in (cited(figure) or "a direction, no size", "for amounts", "for shares"), link


def test_a_citation_has_the_digits_that_a_reader_needs(library: Library) -> None:
    """By hand: 1/1.19 = 0.8403, 1/1.38 = 0.7246, 1/1.03 = 0.9709."""
    assert cited(library["programs/feedback_dropout_or_dejong_2021"]) == "0.84 (0.72 to 0.97)"
    assert cited(library["alliance/outcome_correlation_fluckiger_2018"]) == "0.28 (0.26 to 0.30)"
    assert cited(library["dropout/adult_overall_swift_2012"]) == "19.7% (18.7% to 20.7%)"
    assert cited(library["instruments/wai_sr_total_range"]) == "12 to 60"
    assert cited(library["instruments/srs_discussion_line"]) == "36"
    assert cited(library["finance/vendor_claim_retention_gain"]) == "$50,000 to $100,000"
    assert cited(library["programs/alliance_workshop_umass"]) == ""  # a direction has no size


def test_every_finding_says_what_it_may_claim_and_whose_it_is(client: FlaskClient, library: Library) -> None:
    findings = article(client, "/alliance").select(".evidence")
    assert len(findings) > 10
    for finding in findings:
        figure = figure_of(finding.select_one("a.cited"), library)
        shown = text(finding)
        assert words.READING_WORDS[figure.reading] in shown
        assert " ".join(figure.references[0].citation.split()) in shown
        number_shown = text(finding.select_one("a.cited"))
        if figure.value is None:
            assert number_shown == "No size printed"
            continue
        assert number_shown == (
            quantity(figure.value, "points") if figure.unit == "points" else number(figure.value, 2)
        )
        if figure.interval is None:
            assert "no interval printed" in shown
        else:
            assert f"{number(figure.interval.low, 2)} to {number(figure.interval.high, 2)}" in shown


def test_no_finding_claims_more_than_its_evidence(client: FlaskClient, library: Library) -> None:
    """An effect is said to be shown only of controlled studies whose interval, where there is one, excludes none."""
    for finding in article(client, "/alliance").select(".evidence"):
        figure = figure_of(finding.select_one("a.cited"), library)
        verdict = next(name for name in finding.select_one(".verdict")["class"] if name != "verdict")
        nothing = 1.0 if figure.kind == "ratio" else 0.0
        excludes = figure.interval is None or not figure.interval.low <= nothing <= figure.interval.high
        if verdict == "effect":
            assert figure.reading in ("causal", "part-causal"), figure.id
            assert excludes, figure.id
        if verdict == "none":
            assert figure.interval is None or not excludes, figure.id
        if verdict == "goes-with":
            assert figure.reading == "associational", figure.id


def test_weak_evidence_is_told(client: FlaskClient, library: Library) -> None:
    page = article(client, "/alliance")
    none = {figure_of(item.select_one("a.cited"), library).id for item in page.select(".evidence:has(.verdict.none)")}
    assert {
        "programs/rupture_training_eubanks_2018",
        "programs/alliance_workshop_umass",
        "programs/pcoms_alliance_2012",
    } <= none
    assert "no figure" in text(page.select_one("#satisfaction"))
    assert len(page.select(".backing:not(.tested)")) >= 8
    assert page.select_one(f'a.button[href="{ALLIANCE_ROAD}"]') is not None


def test_no_number_of_the_evidence_is_typed_into_the_page(client: FlaskClient, library: Library) -> None:
    """Outside links to the library, the works named and what the model computed, the page has hardly a digit."""
    page = article(client, "/alliance")
    result = worked_example(library).result
    computed = {share(road.relative_reduction) for road in result.roads.values()}
    computed |= {share(result.resolved.inputs["clinic.dropout_rate"].value), share(result.point["dropout_rate_after"])}
    for part in page.select("a, .works, .source, .evidence-value, svg, .steps"):
        part.decompose()
    left = set(re.findall(r"\d[\d.,]*%?", text(page)))
    assert left <= computed | {"95%", "1"}, left  # the level of an interval; an AUC or a ratio of 1


def test_the_worked_example_is_what_the_model_says(client: FlaskClient, library: Library) -> None:
    query = examples()[0].query
    form = parse_form(MultiDict(parse_qsl(query)), library)
    assert form.scenario is not None
    result = evaluate(form.scenario, library)
    page = article(client, "/method")
    links = page.select(".worked a.explained")
    told = {urlsplit(link["href"]).path.removeprefix("/explain/") for link in links}
    assert {
        "units_per_episode_before", "hazard_ratio", "odds_ratio", "dropout_rate_after", "net_revenue_per_unit",
        "revenue_lost_per_year", "revenue_kept_per_year", "net_per_year", "npv", "roi", "irr", "payback_months",
    } <= told <= set(names())  # fmt: skip
    for link in links:
        name, address = urlsplit(link["href"]).path.removeprefix("/explain/"), urlsplit(link["href"])
        assert unquote(address.query) == unquote(query)
        explanation = result.explain(name)
        assert text(link) == explanation.shown
        assert text(link.find_parent("div").select_one("dt")) == explanation.label
    whole = text(page)
    for sentence in (
        words.headline(result),
        words.break_even_sentence(result),
        words.detection_sentence(result),
        words.cash_title(result),
        words.ask_next_sentence(result, result.ask_next),
    ):
        assert sentence in whole
    rows = {text(row.th): text(row.td) for row in page.select(".ledger tbody tr")}
    for step in result.bridge:
        assert rows[words.bridge_label(step.step, result)] == money(step.amount)
    assert rows["Revenue kept a year"] == money(result.point["revenue_kept_per_year"])
    for road in result.roads.values():
        (row,) = (row for row in page.select("tr") if row.th and text(row.th).startswith(words.ROAD_LABELS[road.name]))
        assert text(row.td) == share(road.relative_reduction)
    assert months(result.resolved.horizon_months) in whole
    assert result.reproducibility.inputs_sha256[:12] in whole


def test_the_steps_of_the_ledger_add_up(client: FlaskClient) -> None:
    """The steps as they are shown, to three digits each, add up to the subtotal and the end within their rounding."""

    def value(cell: Tag) -> float:
        return float(text(cell).replace("$", "").replace(",", "").replace("−", "-"))

    def rounding(shown: float) -> float:
        return 0.5 * 10.0 ** (math.floor(math.log10(abs(shown))) - 2) if shown else 0.005

    rows = article(client, "/method").select(".ledger tbody tr")
    steps = [value(row.td) for row in rows]
    kept, net = (place for place, row in enumerate(rows) if "total" in row.get("class", []))
    slack = sum(rounding(step) for step in steps)
    assert sum(steps[:kept]) == pytest.approx(steps[kept], abs=slack)
    assert steps[kept] + sum(steps[kept + 1 : net]) == pytest.approx(steps[net], abs=slack)


def test_the_shape_puts_half_of_the_dropouts_before_the_median(library: Library) -> None:
    """With the shape on the page, S at unit m + 1 is 1 − D/2: half of those who leave have left after unit m."""
    result = worked_example(library).result
    inputs = {key: result.resolved.inputs[f"clinic.{key}"].value for key in ("dropout_rate", "planned_units")}
    median = result.resolved.inputs["clinic.median_dropout_unit"].value
    stays = 1.0 - inputs["dropout_rate"]
    survival = stays ** ((median / (inputs["planned_units"] - 1.0)) ** shape_of(result))
    assert survival == pytest.approx(1.0 - inputs["dropout_rate"] / 2.0)
    assert survival == pytest.approx(result.retention_before[int(median)])


def test_formulas_are_mathml_in_regions_that_can_be_scrolled_by_keyboard(client: FlaskClient) -> None:
    regions = article(client, "/method").select(".math")
    assert len(regions) >= 14
    for region in regions:
        assert region["tabindex"] == "0"
        assert region["role"] == "group"
        assert region["aria-label"]
        assert region.select("math[display=block]")
        for element in region.select("mfrac, msub, msup"):
            assert len(element.find_all(recursive=False)) == 2, element
        for element in region.select("msubsup, munderover"):
            assert len(element.find_all(recursive=False)) == 3, element


def test_every_judgement_of_the_example_is_linked(client: FlaskClient, library: Library) -> None:
    page = article(client, "/method")
    linked = {link["href"].removeprefix("/evidence/") for link in page.select("a[href^='/evidence/']")}
    inputs = worked_example(library).result.resolved.inputs.values()
    judged = {item.figure.id for item in inputs if item.figure is not None and item.figure.kind == "judgement"}
    assert len(judged) > 5
    assert judged <= linked
    assert {"uncertainty/estimate_amount_factor", "uncertainty/estimate_odds_factor", "uncertainty/draws"} <= linked


@pytest.fixture
def phone(browser: Any, address: str) -> Iterator[Visit]:
    visiting = Visit(browser, address, viewport={"width": 390, "height": 844})
    yield visiting
    visiting.close()


@pytest.mark.browser
def test_the_pages_fit_a_telephone_and_formulas_are_drawn_as_such(phone: Visit) -> None:
    for path in PAGES:
        page = phone.open(path)
        assert page.evaluate("document.querySelector('article').scrollWidth") <= 390 - 2 * 16
        assert page.evaluate("[...document.querySelectorAll('nav.contents a')].every(a => a.offsetHeight >= 24)")
    stacked = """[...document.querySelectorAll("mfrac")].every((fraction) => {
        const [over, under] = [...fraction.children].map((child) => child.getBoundingClientRect());
        return over.height > 0 && over.bottom <= under.top + 2;
    })"""
    assert page.evaluate(stacked)
    assert all(url.startswith(phone.address) for url in phone.asked)
    assert phone.complaints == []

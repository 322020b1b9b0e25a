"""The evidence pages: what a search finds, what a page tells, and that every link of theirs leads somewhere."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from werkzeug.datastructures import MultiDict

from assumptions import Library, load_library
from assumptions.vocabulary import ROLES, TOPICS
from calculator import words
from reports import evidence_words as worded
from reports.charts.interval import pictured
from tests.web.conftest import HTMX, soup
from tests.web.visit import Visit
from web.app import create_app
from web.evidence_catalogue import TOPICS as TOPIC_TITLES
from web.evidence_catalogue import fold, levels
from web.evidence_search import SETTING_WORDS, options, read_search
from web.evidence_uses import CAPACITY_SENTENCES, PLACES, ROLE_SENTENCES
from web.pages.evidence import alike

LIBRARY = load_library()
APPLICATION = create_app({"TESTING": True})
FIGURES = list(LIBRARY.figures.values())
HOSTILE = (
    "<script>alert(1)</script>",
    "'\"><svg onload=x>",
    "\x00\x1f\u202e",
    "%s%(q)s{{7*7}}",
    "\ud83d",
    "é" * 9999,
    " ",
)


LEFT_OUT = "//*[contains(concat(' ', @class, ' '), ' left-out ')]"


def found(**typed: str) -> list[str]:
    """Return the ids of what a search finds."""
    search = read_search(MultiDict({name.rstrip("_"): text for name, text in typed.items()}), LIBRARY)
    return [hit.figure.id for hit in search.hits]


def listed(page: BeautifulSoup) -> list[str]:
    return [link["href"].removeprefix("/evidence/") for link in page.select("#found .hit .name")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "swift",  # his own, one that quotes him, and two as co-author
            {
                "dropout/adult_overall_swift_2012", "dropout/adult_overall_wierzbicki_1993",
                "dropout/before_first_session_fernandez_2015", "dropout/during_cbt_fernandez_2015",
            },
        ),
        ("swift 2012 669", {"dropout/adult_overall_swift_2012"}),
        ("2012 SWIFT  669 ", {"dropout/adult_overall_swift_2012"}),
        ("10.1037/a0028226", {"dropout/adult_overall_swift_2012", "dropout/adult_overall_wierzbicki_1993"}),
        (
            "ostergard",
            {
                "programs/pcoms_counselling_ostergard_2020", "programs/pcoms_psychiatric_ostergard_2020",
                "programs/pcoms_symptoms_ostergard_2020",
            },
        ),
        ("gulum", {"dropout/schema_therapy_gulum_2018"}),
        ("teds methadone", {"dropout/teds_methadone_2004"}),
        ("uncertainty/seed", {"uncertainty/seed"}),
        ("fifth fewer", {"programs/vendor_claim_fifth_fewer_dropouts"}),
        ("swift methadone", set()),
        ("wift", set()),  # a word is found by its start
    ],
)  # fmt: skip
def test_a_search_finds_what_a_hand_would_pick(text: str, expected: set[str]) -> None:
    assert set(found(q=text)) == expected


@pytest.mark.parametrize("text", ["Østergård", "OSTERGARD", "østergard", "ostergård", "O\u0308stergård"])
def test_case_and_accents_make_no_difference(text: str) -> None:
    assert found(q=text) == found(q="ostergard")


def test_every_figure_is_found_by_its_id_its_label_and_its_source() -> None:
    for figure in FIGURES:
        assert figure.id in found(q=figure.id)
        assert figure.id in found(q=figure.label)
        assert figure.id in found(q=figure.population[:190])
        for reference in figure.references:
            assert figure.id in found(q=reference.citation)
        for caution in figure.cautions:
            assert figure.id in found(q=caution[:80].rpartition(" ")[0])


def test_filters_pass_what_the_files_say() -> None:
    assert set(found(topic="therapists")) == {figure.id for figure in FIGURES if figure.id.startswith("therapists/")}
    assert set(found(kind="vendor")) == {figure.id for figure in FIGURES if figure.source_type == "vendor"}
    assert set(found(reading="causal")) == {figure.id for figure in FIGURES if figure.reading == "causal"}
    assert set(found(kind="judgement", topic="alliance")) == {"alliance/causal_share"}
    defaults = {default.figure.id for setting in LIBRARY.settings.values() for default in setting.defaults.values()}
    assert set(found(default="1")) == defaults | {figure.id for figure in LIBRARY.capacity.values()}
    assert set(found(used="1")) >= set(found(default="1"))
    assert not set(found(used="1", kind="vendor"))
    assert "uncertainty/estimate_odds_factor" in found(used="1")
    assert "dropout/pooled_lowest_carpallo_2023" not in found(used="1")  # kept to compare with


def test_levels_of_care_are_those_a_figure_names_or_stands_in_for() -> None:
    expected = {
        "dropout/teds_iop_2004": {"iop"},  # "intensive outpatient" is no outpatient therapy
        "dropout/teds_outpatient_2004": {"outpatient"},
        "practice/no_show_php": {"php"},
        "practice/occupancy_full": {"iop", "php", "residential"},
        "uncertainty/day_rate_log_sd": {"iop", "php"},
        "timing/sessions_in_trials_hansen_2002": {"outpatient"},  # names none, but is the default there alone
        "alliance/causal_share": {"any"},
        "programs/feedback_dropout_or_dejong_2021": {"any"},
    }
    assert {figure: set(levels(LIBRARY[figure], LIBRARY)) for figure in expected} == expected
    assert "dropout/teds_iop_2004" in found(setting="iop")
    assert "dropout/teds_iop_2004" not in found(setting="outpatient")
    assert set(SETTING_WORDS) == {*LIBRARY.settings, "any"}


CHOICES = st.fixed_dictionaries(
    {},
    optional={
        "topic": st.sampled_from(TOPICS),
        "reading": st.sampled_from(list(options("reading"))),
        "kind": st.sampled_from(list(options("kind"))),
        "setting": st.sampled_from(list(SETTING_WORDS)),
        "used": st.just("1"),
        "default": st.just("1"),
    },
)
WORDS = st.lists(st.sampled_from(["dropout", "share", "2012", "de", "therap", "not", "0.", "United", "zz"]), max_size=3)


@settings(max_examples=60, deadline=None)
@given(chosen=CHOICES, typed=WORDS)
def test_words_and_filters_combine_as_sets_do(chosen: dict[str, str], typed: list[str]) -> None:
    together = found(q=" ".join(typed), **chosen)
    apart = [set(found(**{name: value})) for name, value in chosen.items()] + [set(found(q=word)) for word in typed]
    assert set(together) == set(LIBRARY.figures).intersection(*apart)
    assert len(together) == len(set(together))


def test_topics_come_in_the_order_of_the_library_and_what_is_used_comes_first() -> None:
    assert list(TOPIC_TITLES) == list(TOPICS)
    search = read_search(MultiDict(), LIBRARY)
    assert [group.topic for group in search.groups] == list(TOPICS)
    for group in search.groups:
        used = [hit.used for hit in group.hits]
        assert used == sorted(used, reverse=True)
    (dropout,) = [
        group for group in read_search(MultiDict({"q": "alliance"}), LIBRARY).groups if group.topic == "programs"
    ]
    named = ["alliance" in hit.label.lower() for hit in dropout.hits]
    assert named == sorted(named, reverse=True)


def test_the_page_lists_says_how_many_and_holds_the_search(client: FlaskClient) -> None:
    page = soup(client.get("/evidence?q=Swift&topic=dropout&default=1&utm_source=x"))
    assert listed(page) == ["dropout/adult_overall_swift_2012"]
    assert page.select_one("#count")["role"] == "status"
    assert page.select_one("#count").get_text() == f"1 figure of {len(FIGURES)}"
    assert page.select_one("#search-words")["value"] == "Swift"
    assert page.select_one("#search-topic option[selected]")["value"] == "dropout"
    assert page.select_one("#search-default").has_attr("checked")
    assert not page.select_one("#search-used").has_attr("checked")
    assert soup(client.get("/evidence")).select_one("#count").get_text() == f"{len(FIGURES)} figures"


def test_each_chip_leaves_out_one_thing_and_reset_all(client: FlaskClient) -> None:
    page = soup(client.get("/evidence?q=teds&topic=dropout&kind=registry&used=1"))
    chips = [(" ".join(chip.get_text().split()), chip["href"]) for chip in page.select(".chips .chip")]
    assert [text for text, _ in chips] == [
        "Leave out “teds” ×", "Leave out Topic: How many leave early ×",
        "Leave out Kind of source: Official register ×",
        "Leave out Used by the model ×", "Show all",
    ]  # fmt: skip
    assert [parse_qs(urlsplit(address).query) for _, address in chips] == [
        {"topic": ["dropout"], "kind": ["registry"], "used": ["1"]},
        {"q": ["teds"], "kind": ["registry"], "used": ["1"]},
        {"q": ["teds"], "topic": ["dropout"], "used": ["1"]},
        {"q": ["teds"], "topic": ["dropout"], "kind": ["registry"]},
        {},
    ]
    assert not soup(client.get("/evidence")).select(".chips")


def test_a_part_is_the_list_alone_with_the_count_beside_and_the_address_follows(client: FlaskClient) -> None:
    answer = client.get("/evidence?q=swift&topic=&reading=&kind=&setting=&used=1", headers=HTMX)
    assert answer.headers["HX-Retarget"] == "#found"
    assert answer.headers["HX-Replace-Url"] == "/evidence?q=swift&used=1"
    part = soup(answer)
    assert [element["id"] for element in part.find_all(recursive=False)] == ["found"]
    (count,) = part.select("#count")
    assert count["data-hx-swap-oob"] == "innerHTML"
    whole = soup(client.get("/evidence?q=swift&used=1"))
    assert listed(whole) == listed(part)
    assert whole.select_one("#count").get_text() == count.get_text()


def test_where_nothing_is_found_the_page_says_what_to_try(client: FlaskClient) -> None:
    page = soup(client.get("/evidence?q=swift&topic=prices"))
    assert page.select_one("#count").get_text() == "Nothing found"
    assert page.select_one(".empty h2").get_text() == "Nothing found for “swift”"
    links = {" ".join(link.get_text().split()): link["href"] for link in page.select(".empty a")}
    assert links["Without the filters there are 4 figures."] == "/evidence?q=swift"
    assert len(links) > 4
    for address in links.values():
        assert listed(soup(client.get(address))), address
    typo = soup(client.get("/evidence?q=metadone+dropout")).select_one(".empty p a")
    assert typo.get_text() == "Did you mean “methadone dropout”?"
    assert listed(soup(client.get(typo["href"])))
    filtered = soup(client.get("/evidence?kind=vendor&used=1"))
    assert filtered.select_one(".empty h2").get_text() == "No figure passes all of these filters"


def test_an_unknown_choice_is_left_out_and_noted(client: FlaskClient) -> None:
    page = soup(client.get("/evidence?topic=weather&used=yes&q=swift&colour=red"))
    assert len(listed(page)) == 4
    assert [note.get_text() for note in page.select(".left-out")] == [
        "“weather” is no choice for “Topic” and was left out.",
        "“yes” is no choice for “Used by the model” and was left out.",
    ]


@pytest.mark.parametrize("field", ["q", "topic", "reading", "kind", "setting", "used", "default"])
def test_hostile_queries_are_harmless(client: FlaskClient, field: str) -> None:
    for text in HOSTILE:
        query = urlencode({field: text.encode("utf-8", "surrogatepass")})
        for headers in ({}, HTMX):
            answer = client.get(f"/evidence?{query}", headers=headers)
            assert answer.status_code == 200
            body = answer.get_data(as_text=True)
            assert "<script>alert" not in body
            assert "<svg onload" not in body
            assert "\x00" not in body
            assert "\n" not in answer.headers.get("HX-Replace-Url", "")
            assert all(len(note.text_content()) < 150 for note in html.fromstring(body).xpath(LEFT_OUT))
    for path in ("..%2f..%2fetc", "%00", "dropout/%3Cscript%3E", "x" * 5000):
        assert client.get(f"/evidence/{path}").status_code == 404


@settings(max_examples=80, deadline=None)
@given(text=st.text(max_size=300), other=st.text(max_size=40))
def test_any_text_is_answered(text: str, other: str) -> None:
    query = urlencode([("q", text.encode("utf-8", "surrogatepass")), ("topic", other.encode("utf-8", "surrogatepass"))])
    answer = APPLICATION.test_client().get(f"/evidence?{query}")
    assert answer.status_code == 200
    page = html.fromstring(answer.get_data(as_text=True))
    page.get_element_by_id("found")
    assert len(page.get_element_by_id("search-words").get("value")) <= 200


@given(text=st.text(max_size=60))
def test_folding_is_stable_and_leaves_nothing_unseen(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(text.upper().lower()) == fold(text.lower())
    assert not re.search(r"[\x00-\x1f]", fold(text))


def test_a_page_is_quick(client: FlaskClient) -> None:
    """The whole list in well under 100 ms; the best of five, since other tests may share the machine."""
    client.get("/evidence")

    def seconds(address: str) -> float:
        start = time.perf_counter()
        client.get(address)
        return time.perf_counter() - start

    for address in ("/evidence", "/evidence?q=zzzz+yyyy+xxxx", "/evidence?" + urlencode({"q": "a e i o u " * 20})):
        assert min(seconds(address) for _ in range(5)) < 0.1, address


def test_studies_judgements_and_claims_differ_in_words_and_form(client: FlaskClient) -> None:
    page = soup(client.get("/evidence"))
    for item in page.select(".hit"):
        figure = LIBRARY[item.select_one(".name")["href"].removeprefix("/evidence/")]
        standing = worded.standing(figure)
        assert standing in item["class"]
        badge = item.select_one(".badge").get_text()
        assert badge == {"judgement": "Judgement", "claim": "Vendor’s claim"}.get(
            standing, worded.READING_BADGES[figure.reading]
        )
        assert item.select_one(".worth").get_text().startswith(worded.worth(figure))
        picture = item.select_one("svg")
        if picture is not None and figure.value is not None:
            assert bool(picture.select("path.point")) == (standing == "claim")  # a cross; the others are round
            assert bool(picture.select("circle.judgement")) == (standing == "judgement")


def test_the_small_picture_shows_the_figures_numbers(client: FlaskClient) -> None:
    """Shares from 0 to 100% on 88 pixels from 4: 19.7% at 21.3, 18.7% to 20.7% from 20.5 to 22.2."""
    svg = soup(client.get("/evidence?q=swift+669")).select_one(".hit svg")
    assert svg.select_one("circle")["cx"] == "21.3"
    assert svg.select_one(".bounds")["d"] == "M20.5 8H22.2"
    assert svg["aria-hidden"] == "true"


@pytest.fixture(scope="module")
def pages() -> dict[str, BeautifulSoup]:
    """The page of each figure, to be read only."""
    return {figure.id: soup(APPLICATION.test_client().get(f"/evidence/{figure.id}")) for figure in FIGURES}


def test_every_figure_has_a_complete_page(pages: dict[str, BeautifulSoup]) -> None:
    for figure in FIGURES:
        page = pages[figure.id]
        text = " ".join(page.select_one("#panel").get_text().split())
        told = (figure.label, figure.population, figure.design, figure.derivation, figure.id, figure.reason)
        for expected in (*told, *figure.cautions, worded.worth(figure), worded.span(figure)):
            assert " ".join(expected.split()) in text, (figure.id, expected)
        assert words.READING_WORDS[figure.reading].lower() in text.lower()
        assert not figure.year or str(figure.year) in text
        for reference in figure.references:
            assert " ".join(reference.citation.split()) in text
            assert not reference.as_printed or " ".join(reference.as_printed.split()) in text
            link = f"https://doi.org/{reference.doi}" if reference.doi else reference.url
            assert page.select(f'#panel a[href="{link}"]')
            assert link in page.select_one(".citation").get_text()
        assert bool(page.select("#panel svg")) == pictured(figure)
        assert len(page.select("#panel .standing")) == (worded.standing(figure) != "found")
        ids = [element["id"] for element in page.select("[id]")]
        assert len(ids) == len(set(ids))


def test_what_stays_english_says_so(client: FlaskClient) -> None:
    page = soup(client.get("/evidence/dropout/adult_overall_swift_2012?lang=es"))
    marked = " ".join(element.get_text() for element in page.select('[lang="en"]'))
    assert "Swift & Greenberg (2012)" in marked
    assert "19.7%, 95% CI 18.7% to 20.7%" in marked


def test_the_citation_can_be_copied_as_it_stands(client: FlaskClient) -> None:
    text = soup(client.get("/evidence/dropout/adult_overall_swift_2012")).select_one(".citation").get_text()
    assert re.fullmatch(
        r"Share of clients who leave early, all adult psychotherapy: "
        r"19\.7% \(95% confidence interval 18\.7% to 20\.7%\)\. "
        r"Rapport [\d.]+, evidence library [0-9a-f]{12}, dropout/adult_overall_swift_2012, from: "
        r"Swift & Greenberg \(2012\)\. J Consult Clin Psychol 80\(4\):547-559\. https://doi\.org/10\.1037/a0028226",
        text,
    )
    judged = soup(client.get("/evidence/practice/occupancy_full")).select_one(".citation").get_text()
    assert judged.endswith("practice/occupancy_full, a judgement of the maintainers.")


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (
            "dropout/adult_overall_swift_2012",
            ["“Clients who leave early” when you leave it blank, in outpatient therapy"],
        ),
        (
            "programs/feedback_dropout_or_dejong_2021",
            ["“Odds ratio on dropout” when you leave it blank, in every setting"],
        ),
        (
            "practice/backfill_waitlist",
            ["“Freed slots filled again anyway” when you leave it blank and have a waiting list"],
        ),
        (
            "uncertainty/day_rate_log_sd",
            [
                "How widely “Allowed amount a day” may differ from clinic to clinic while you have not measured it, in "
                "intensive outpatient care (IOP)",
                "How widely “Allowed amount a day” may differ from clinic to clinic while you have not measured it, in "
                "partial hospitalization (PHP)",
            ],
        ),
        ("uncertainty/estimate_odds_factor", ["How far a share may be off that you estimate with one number"]),
    ],
)
def test_uses_are_told_in_a_managers_words(client: FlaskClient, figure: str, expected: list[str]) -> None:
    page = soup(client.get(f"/evidence/{figure}"))
    told = [item.a.get_text() if item.a else item.get_text() for item in page.select("#panel .uses li")]
    assert [" ".join(text.split()) for text in told] == expected


def test_a_figure_without_a_use_says_so(client: FlaskClient) -> None:
    page = soup(client.get("/evidence/finance/vendor_claim_lost_revenue"))
    assert "Nowhere; it is kept as context." in page.select_one("#panel").get_text()


def test_every_use_is_put_into_words_and_leads_to_its_field(
    client: FlaskClient, pages: dict[str, BeautifulSoup]
) -> None:
    assert set(ROLE_SENTENCES) == set(ROLES)
    assert set(CAPACITY_SENTENCES) == set(LIBRARY.capacity)
    assert set(PLACES) == set(LIBRARY.settings)
    seen: dict[str, set[str]] = {}  # the ids of the fields that an address has
    linked = set()
    for figure in FIGURES:
        page = pages[figure.id]
        assert bool(page.select("#panel .uses li")) == bool(LIBRARY.uses(figure.id)), figure.id
        for link in page.select("#panel .uses a"):
            address, _, place = link["href"].partition("#")
            if address not in seen:
                answer = client.get(address)
                assert answer.status_code == 200, address
                seen[address] = set(html.fromstring(answer.get_data(as_text=True)).xpath("//input/@id"))
            assert place in seen[address], link["href"]
            linked.add(place)
    inputs = {path.replace("payers.", "payers-1-").replace(".", "-") for path in LIBRARY.settings["iop"].defaults}
    assert linked == inputs | {"clinic-backfill_rate"}


def test_in_the_drawer_uses_have_no_links_that_would_leave_what_was_typed(client: FlaskClient) -> None:
    part = soup(client.get("/evidence/dropout/adult_overall_swift_2012", headers=HTMX))
    assert [element["id"] for element in part.find_all(recursive=False)] == ["panel"]
    assert part.select(".uses li")
    assert not part.select(".uses a")
    assert not part.select("a[href^='/']")


def test_previous_and_next_go_through_a_topic_once(client: FlaskClient, pages: dict[str, BeautifulSoup]) -> None:
    for topic in ("therapists", "finance"):
        order = listed(soup(client.get(f"/evidence?topic={topic}")))
        assert len(order) > 4
        for place, figure in enumerate(order):
            page = pages[figure]
            before, after = page.select_one("a[rel=prev]"), page.select_one("a[rel=next]")
            assert (before and before["href"]) == (f"/evidence/{order[place - 1]}" if place else None)
            assert (after and after["href"]) == (f"/evidence/{order[place + 1]}" if place + 1 < len(order) else None)
            assert page.select(f'nav a[href="/evidence?topic={topic}"]')


def test_figures_are_set_beside_what_is_like_them(library: Library) -> None:
    def beside(figure: str) -> set[str]:
        return {other.id for other in alike(LIBRARY[figure], LIBRARY)}

    assert beside("practice/no_show_outpatient") == {f"practice/no_show_{s}" for s in ("iop", "php", "residential")}
    assert beside("practice/backfill_slack") == {"practice/backfill_mixed", "practice/backfill_waitlist"}
    assert beside("practice/action_rate") == set()
    shares = {figure.id for figure in FIGURES if (figure.topic, figure.unit) == ("dropout", "share")}
    assert beside("dropout/adult_overall_swift_2012") == shares - {"dropout/adult_overall_swift_2012"}
    for figure in FIGURES:
        assert all(other.unit == figure.unit and pictured(other) for other in alike(figure, LIBRARY))


@pytest.mark.browser
def test_the_list_follows_what_is_typed_and_chosen(browser: Any, address: str) -> None:
    visit = Visit(browser, address, viewport={"width": 1280, "height": 900})
    page = visit.open("/evidence")
    page.evaluate("window.stayed = true")
    page.evaluate("document.getElementById('count').dataset.kept = 'yes'")  # a live region is heard only if it stays
    visit.type_into("#search-words", "swift")
    visit.wait_for("document.getElementById('count').textContent.startsWith('4 figures of')")
    assert page.url.endswith("/evidence?q=swift")
    assert page.evaluate("document.activeElement.id") == "search-words"
    page.select_option("#search-topic", "prices")
    visit.wait_for("document.querySelector('#found .empty h2')")
    assert page.url.endswith("/evidence?q=swift&topic=prices")
    page.select_option("#search-topic", "")
    page.check("#search-default")
    visit.wait_for("document.querySelectorAll('#found .hit').length === 1")
    assert page.evaluate("window.stayed && document.getElementById('count').dataset.kept") == "yes"
    page.reload(wait_until="load")
    assert page.locator("#found .hit").count() == 1
    assert page.is_checked("#search-default")
    visit.close()


@pytest.mark.browser
def test_the_keyboard_reaches_search_hits_and_every_value(browser: Any, address: str) -> None:
    visit = Visit(browser, address, viewport={"width": 1280, "height": 900})
    page = visit.open("/evidence?q=swift")
    page.focus("#search-default")
    for expected in ("chip", "chip", "name"):  # the words, all, the first hit
        page.keyboard.press("Tab")
        assert expected in page.evaluate("document.activeElement.className").split()
    page.keyboard.press("Enter")
    visit.wait_for("location.pathname === '/evidence/dropout/adult_overall_swift_2012'")
    said = []
    page.focus("#panel-heading")
    for _ in range(2):
        page.keyboard.press("Tab")
        said.append(page.evaluate("document.activeElement.getAttribute('aria-label')"))
    assert said == [
        "95% confidence interval: 18.7% to 20.7%",
        "Share of clients who leave early, all adult psychotherapy: 19.7%",
    ]
    visit.close()


@pytest.mark.browser
def test_without_script_the_form_searches(browser: Any, address: str) -> None:
    visit = Visit(browser, address, java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = visit.open("/evidence")
    page.fill("#search-words", "swift 669")
    page.select_option("#search-topic", "dropout")
    page.click("button:has-text('Search')")
    assert page.locator("#found .hit").count() == 1
    page.click("#found .hit .name")
    assert page.inner_text("#panel h2").startswith("Share of clients who leave early")
    page.click(".uses a")
    assert page.locator("#clinic-dropout_rate").count() == 1
    visit.close()

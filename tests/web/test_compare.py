"""Scenarios side by side: the page, its links, and what is carried along while one of them is edited."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient

from assumptions import Library
from calculator import Result, evaluate
from calculator.attribution import attribution
from calculator.display import money, money_exact, money_range
from tests.web.conftest import HTMX, soup
from tests.web.visit import Visit
from web.forms import Form, parse_form
from web.scenarios import TITLE
from web.state import pack, unpack

PLAIN = {
    "clinic.setting": "outpatient", "clinic.intakes_per_month": "60", "clinic.clinicians": "12",
    "clinic.dropout_rate": "35", "measured": "dropout_rate", "program.subscription_per_clinician_month": "16",
}  # fmt: skip
BROKEN = pack([*PLAIN.items(), ("clinic.no_show_rate", "135")])
UNREADABLE = "1.xyz"


def state(title: str = "", **changes: str) -> str:
    """Return the plain clinic with changes; two underscores stand for the dot."""
    pairs = PLAIN | {name.replace("__", "."): text for name, text in changes.items()}
    return pack([*pairs.items(), *([(TITLE, title)] if title else [])])


def page(client: FlaskClient, *states: str, **more: str) -> BeautifulSoup:
    response = client.get(f"/compare?{urlencode([*(('s', each) for each in states), *more.items()])}")
    assert response.status_code == 200
    return soup(response)


def form_in(text: str, library: Library) -> Form:
    return parse_form(unpack(text), library)


def result_in(text: str, library: Library) -> Result:
    form = form_in(text, library)
    assert form.scenario is not None
    return evaluate(form.scenario, library)


def texts(element: Tag) -> str:
    return " ".join(element.get_text(" ").split())


def heads(found: BeautifulSoup) -> list[str]:
    row = found.select_one("table.beside thead tr")
    assert row is not None
    return [texts(cell) for cell in row.find_all("th")]


def row_of(found: BeautifulSoup, label: str, table: str = "table.beside") -> list[Tag]:
    for head in found.select(f"{table} tbody th"):
        if texts(head).startswith(label):
            parent = head.parent
            assert parent is not None
            return parent.find_all("td")
    raise AssertionError(f"no row {label!r}")


def link(cell: Tag, text: str) -> str | None:
    found = [each for each in cell.find_all("a") if texts(each).startswith(text)]
    return str(found[0]["href"]) if found else None


def states_in(address: str) -> list[str]:
    return [text for name, text in parse_qsl(urlsplit(address).query) if name == "s"]


def test_figures_stand_side_by_side_with_signed_differences(client: FlaskClient, library: Library) -> None:
    states = state(), state("Half", program__subscription_per_clinician_month="8"), state(program__adoption_rate="50")
    found = page(client, *states)
    results = [result_in(each, library) for each in states]
    assert heads(found) == ["Baseline", "Half", "Scenario 3"]
    for name, label in (
        ("revenue_kept_per_year", "Revenue kept"),
        ("net_per_year", "Net benefit"),
        ("npv", "Net present"),
    ):
        for cell, result in zip(row_of(found, label), results, strict=True):
            spread = result.distribution[name]
            assert money(spread.p50) in texts(cell)
            assert money_range(spread.p5, spread.p95) in texts(cell)
    net = row_of(found, "Net benefit")
    assert net[0].select_one(".change") is None
    assert texts(net[1].select_one(".change")).startswith("+$")
    assert "better" in net[1].select_one(".change")["class"]
    assert texts(net[2].select_one(".change")).startswith("−$")
    assert texts(row_of(found, "Revenue kept")[1].select_one(".change")) == "the same"
    cost = [texts(cell) for cell in row_of(found, "Programme cost a year")]
    assert money(results[0].workings["program_cost_per_year"]) in cost[0]


def test_inputs_that_differ_are_marked_with_their_source_and_the_rest_is_folded_away(client: FlaskClient) -> None:
    found = page(client, state(), state(clinic__dropout_rate="40"), state(measured="", clinic__no_show_rate="20"))
    rate = row_of(found, "Clients who leave early", "table.inputs")
    assert [texts(cell) for cell in rate] == ["35% measured", "40% differs from the baseline measured",
                                             "35% differs from the baseline your estimate"]  # fmt: skip
    assert [cell.has_attr("class") for cell in rate] == [False, True, True]
    labels = [texts(head) for head in found.select("table.inputs tbody th")]
    assert labels == ["Clients who leave early", "No-shows"]
    folded = [texts(head) for head in found.select("details .sources tbody th")]
    assert "Clinicians" in folded
    assert not {"Clients who leave early", "No-shows"} & set(folded)


def test_the_change_is_explained_and_adds_up(client: FlaskClient, library: Library) -> None:
    states = state(), state(clinic__dropout_rate="40", program__adoption_rate="50")
    found = page(client, *states)
    first, second = (result_in(each, library) for each in states)
    parts = attribution(first.resolved, second.resolved).parts
    section = found.find(id="change-1-heading").find_parent("section")
    rows = [[texts(cell) for cell in row.find_all(["th", "td"])] for row in section.select("tbody tr")]
    assert rows[0] == ["Baseline", money_exact(first.point["npv"])]
    assert rows[-1] == ["Scenario 2", money_exact(second.point["npv"])]
    assert [amount.lstrip("+") for _, amount in rows[1:-1]] == [money_exact(part.amount) for part in parts]
    cents = [round(float(amount.replace("$", "").replace(",", "").replace("−", "-")) * 100) for _, amount in rows]
    assert sum(cents[:-1]) == pytest.approx(cents[-1], abs=len(cents))  # each is rounded to a cent
    assert section.select("svg")
    assert "At the likely value of every input it goes from" in texts(section)


def test_names_come_from_title_clinic_or_number(client: FlaskClient) -> None:
    assert heads(page(client, state(clinic__name="Elm"), state(clinic__name="Oak"))) == ["Elm baseline", "Oak"]
    assert heads(page(client, state(clinic__name="Elm"), state(clinic__name="Elm"))) == ["Baseline", "Scenario 2"]


def test_a_scenario_is_renamed_by_a_plain_form(client: FlaskClient) -> None:
    states = [state(), state()]
    form = row_of(page(client, *states), "What you can do")[1].find("form")
    fields = [(str(field["name"]), str(field.get("value", ""))) for field in form.find_all("input")]
    sent = [(name, "A <b> name" if name == "title" else text) for name, text in fields]
    response = client.get(f"{form['action']}?{urlencode(sent)}")
    assert response.status_code == 303
    kept = states_in(response.headers["Location"])
    assert kept[0] == states[0]
    assert heads(page(client, *kept)) == ["Baseline", "A <b> name"]
    for odd in ("2", "-1", "x", "", "9"):
        assert (
            client.get(f"/compare?{urlencode([('s', states[0]), ('rename', odd), ('title', 'x')])}").status_code == 200
        )


def test_links_copy_remove_and_make_baseline(client: FlaskClient) -> None:
    states = [state("A"), state("B", clinic__dropout_rate="40"), state("C")]
    cells = row_of(page(client, *states), "What you can do")
    assert states_in(link(cells[1], "Remove")) == [states[0], states[2]]
    assert states_in(link(cells[2], "Make baseline")) == [states[2], states[0], states[1]]
    assert link(cells[0], "Make baseline") is None
    copied = states_in(link(cells[1], "Copy"))
    assert [*copied[:2], copied[3]] == states
    assert dict(unpack(copied[2])) == {name: text for name, text in dict(unpack(states[1])).items() if name != TITLE}
    full = page(client, *copied)
    assert link(row_of(full, "What you can do")[0], "Copy") is None
    assert "Add a scenario" not in texts(full)


def test_change_opens_the_calculator_and_side_by_side_leads_back(client: FlaskClient, library: Library) -> None:
    states = [state("A"), state("B", clinic__dropout_rate="40"), state("C")]
    address = link(row_of(page(client, *states), "What you can do")[1], "Change")
    calculator = soup(client.get(address))
    assert calculator.find(id="clinic-dropout_rate")["value"] == "40"
    bar = calculator.select_one("nav.comparing")
    assert "A · B (this one) · C" in texts(bar)
    back = states_in(link(bar, "See side by side"))
    assert back == [states[0], back[1], states[2]]
    assert form_in(back[1], library).scenario == form_in(states[1], library).scenario
    assert unpack(back[1])[TITLE] == "B"


def fields_of(calculator: BeautifulSoup) -> list[tuple[str, str]]:
    form = calculator.find("form", id="clinic")
    return [
        (str(field["name"]), str(field.get("value", "")))
        for field in form.find_all("input")
        if field.get("type") not in ("radio", "checkbox") or field.has_attr("checked")
    ]


@pytest.mark.parametrize("path", ["/estimate", "/setting"])
def test_every_answer_carries_the_others_along(client: FlaskClient, path: str) -> None:
    states = [state("A"), state("B"), state("C")]
    calculator = soup(client.get(link(row_of(page(client, *states), "What you can do")[2], "Change")))
    sent = [(name, "50" if name == "clinic.dropout_rate" else text) for name, text in fields_of(calculator)]
    response = client.post(path, data=urlencode(sent), content_type="application/x-www-form-urlencoded", headers=HTMX)
    address = response.headers["HX-Replace-Url"]
    assert [pair for pair in parse_qsl(urlsplit(address).query) if pair[0] in ("keep", "slot", "title")] == [
        ("keep", states[0]), ("keep", states[1]), ("slot", "2"), ("title", "C"),
    ]  # fmt: skip
    back = states_in(link(soup(response).select_one("nav.comparing"), "See side by side"))
    assert back[:2] == states[:2]
    assert unpack(back[2])["clinic.dropout_rate"] == "50"


def test_a_first_comparison_begins_in_the_calculator(client: FlaskClient, library: Library) -> None:
    calculator = soup(client.get(f"/?{urlencode(PLAIN)}"))
    assert "keep=" not in str(calculator.find("form", id="clinic"))
    alone = soup(client.get(link(calculator.select_one(".actions"), "Compare with another scenario")))
    assert len(heads(alone)) == 1
    second = soup(client.get(link(alone.select_one(".opening"), "Add a scenario")))
    assert "Baseline · Scenario 2 (this one)" in texts(second.select_one("nav.comparing"))
    both = states_in(link(second.select_one("nav.comparing"), "See side by side"))
    assert [form_in(each, library).scenario for each in both] == [form_in(state(), library).scenario] * 2


def test_a_broken_scenario_is_told_and_the_others_still_work(client: FlaskClient, library: Library) -> None:
    good = state("Good")
    found = page(client, UNREADABLE, good, BROKEN)
    wrong = row_of(found, "What is wrong")
    assert "damaged" in texts(wrong[0])
    assert texts(wrong[1]) == ""
    assert texts(wrong[2]).startswith("No-shows")
    assert "135" in texts(wrong[2])
    kept = [texts(cell) for cell in row_of(found, "Revenue kept")]
    assert kept[0] == kept[2] == "—"
    assert money(result_in(good, library).distribution["revenue_kept_per_year"].p50) in kept[1]
    actions = row_of(found, "What you can do")
    assert link(actions[0], "Change") is None
    assert states_in(link(actions[0], "Remove")) == [good, BROKEN]
    assert soup(client.get(link(actions[2], "Change"))).find(id="clinic-no_show_rate")["value"] == "135"
    assert page(client, UNREADABLE).find("table") is not None
    assert page(client, "", "1.", "2.abc", "x" * 20_000).find("table") is not None


def test_money_in_other_currencies_is_shown_and_not_compared(client: FlaskClient) -> None:
    found = page(client, state(), state(clinic__currency="EUR"), state(clinic__dropout_rate="40"))
    assert "not compared" in texts(found.select_one(".opening"))
    kept = row_of(found, "Revenue kept")
    assert "€" in texts(kept[1])
    assert kept[1].select_one(".change") is None
    assert kept[2].select_one(".change") is not None
    assert row_of(found, "Programme cost a year")[1].select_one(".change") is None
    assert len(found.select("[id^=change-][id$=-heading]")) == 1
    assert found.find(id="nets-heading") is None
    price = row_of(found, "Programme price", "table.inputs")
    assert [cell.has_attr("class") for cell in price] == [False, True, False]


def test_settings_that_count_differently_share_no_words(client: FlaskClient) -> None:
    found = page(client, state(), state(clinic__setting="residential"))
    labels = [texts(head) for head in found.select("tbody th")]
    assert "Units in a full course" in labels
    assert not [label for label in labels if "Sessions" in label or "Days" in label]
    assert [texts(cell).split(" differs")[0] for cell in row_of(found, "Setting", "table.inputs")] == [
        "Outpatient therapy", "Residential",
    ]  # fmt: skip


def test_four_at_most_and_none_at_all(client: FlaskClient) -> None:
    many = page(client, *[state(str(number)) for number in range(6)])
    assert heads(many) == ["0 baseline", "1", "2", "3"]
    assert "room for four" in texts(many)
    empty = page(client)
    assert empty.find("table") is None
    assert link(empty.select_one(".opening"), "To the calculator") == "/"


HOSTILE: dict[str, Any] = {
    "clinic.name": "</title><script>alert(1)</script>", "clinic.setting": "\"><img src=x onerror=alert(1)>",
    "clinic.intakes_per_month": "<svg onload=alert(1)>", "payers.1.name": "{{ 7 * 7 }}%(x)s", "clinic.<b>": "1",
}  # fmt: skip


def test_nothing_in_a_link_becomes_part_of_the_page(client: FlaskClient) -> None:
    title = '"><script>alert(2)</script>'
    fine = {**PLAIN, "clinic.name": HOSTILE["clinic.name"], "payers.1.name": HOSTILE["payers.1.name"]}
    states = [
        pack([*HOSTILE.items(), (TITLE, title)]),
        pack([*fine.items(), (TITLE, title)]),
        "<script>alert(3)</script>",
    ]
    plain = page(client, state(), state(), state())
    found = page(client, *states)
    for name in ("script", "img", "svg[onload]", "b"):
        assert len(found.select(name)) == (len(plain.select(name)) if name == "script" else 0)
    assert title in heads(found)[0]
    assert "49" not in heads(found)[1]
    kept = [("keep", each) for each in (state(), *states)]
    calculator = soup(client.get(f"/?{urlencode([*PLAIN.items(), *kept, ('title', title)])}"))
    assert not [each for each in calculator.find_all("script") if each.text]
    assert title in texts(calculator.select_one("nav.comparing"))


def test_the_page_speaks_the_visitors_language_and_habit(client: FlaskClient) -> None:
    """A state written with decimal points is read where a comma is the habit."""
    query = urlencode([("s", state(clinic__units_per_month="4.33")), ("s", state(clinic__units_per_month="2.5"))])
    found = soup(client.get(f"/compare?{query}", headers={"Accept-Language": "es-ES"}))
    rows = [[texts(cell) for cell in row.find_all("td")] for row in found.select("table.inputs tbody tr")]
    assert any(cells[0].startswith("4,33") and cells[1].startswith("2,5") for cells in rows)


# --- in a browser -----------------------------------------------------------------------------------------------


def leave(visit: Visit) -> None:
    """Close a visit that went from page to page: what the calculator was still loading when it was left is no fault."""
    aborted = ("htmx:sendAbort", "htmx:afterRequest")
    visit.complaints[:] = [text for text in visit.complaints if not text.startswith(aborted)]
    visit.close()


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_a_comparison_is_built_by_clicking(browser: Any, address: str, script: bool) -> None:
    visit = Visit(browser, address, java_script_enabled=script, viewport={"width": 1280, "height": 900})
    page = visit.open()
    page.click("text=Compare with another scenario")
    page.click("text=Add a scenario")
    page.wait_for_selector("nav.comparing")
    if script:
        visit.type_into("#clinic-intakes_per_month", "80")
        visit.wait_for("document.querySelector('nav.comparing a').href !== '' && location.search.includes('month=80')")
        visit.wait_for("document.querySelector('#results').dataset.query.includes('month=80')")
    else:
        page.fill("#clinic-intakes_per_month", "80")
        page.click("text=Calculate")
    page.click("text=See side by side")
    page.wait_for_selector("table.inputs")
    assert page.inner_text("#change-1-heading").startswith("Scenario 2: net present value")
    assert page.locator("table.inputs td.differs strong").all_inner_texts() == ["13", "80"]  # clinicians follow
    page.click(".doing td:nth-of-type(2) summary")
    page.fill(".doing td:nth-of-type(2) input[name=title]", "More clients")
    page.click(".doing td:nth-of-type(2) button")
    page.wait_for_selector("th:has-text('More clients')")
    page.click("a:has-text('Make baseline')")
    page.wait_for_selector("thead th:nth-of-type(1):has-text('More clients')")
    page.go_back()
    page.wait_for_selector("thead th:nth-of-type(2):has-text('More clients')")
    page.go_forward()
    page.wait_for_selector("thead th:nth-of-type(1):has-text('More clients')")
    page.click("a:has-text('Change') >> nth=1")
    page.wait_for_selector("nav.comparing:has-text('More clients')")
    assert page.input_value("#clinic-intakes_per_month") == "40"
    leave(visit)


@pytest.mark.browser
def test_a_scenario_is_saved_and_loaded_again(browser: Any, address: str, tmp_path: Path) -> None:
    visit = Visit(browser, address, viewport={"width": 1280, "height": 900})
    page = visit.open(f"/compare?{urlencode({'s': state('Mine', clinic__name='Elm St', clinic__dropout_rate='41')})}")
    with page.expect_download() as waiting:
        page.click("a:has-text('CLINIC.toml')")
    assert waiting.value.suggested_filename == "elm-st-mine.toml"
    file = tmp_path / "CLINIC.toml"
    waiting.value.save_as(file)
    page.click("text=Add one from a file")
    page.set_input_files("#clinic-file", file)
    page.click("text=Open it in the calculator")
    page.wait_for_selector("nav.comparing:has-text('Mine')")
    assert page.input_value("#clinic-dropout_rate") == "41"
    file.write_text("[clinic]\nsetting = 'spa'\n")
    visit.open("/clinic-file")
    page.set_input_files("#clinic-file", file)
    page.click("text=Open it in the calculator")
    page.wait_for_selector(".problems-of-file code:has-text('clinic.setting')")
    leave(visit)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nobody_is_shut_out(browser: Any, address: str, width: int, scheme: str) -> None:
    visit = Visit(browser, address, viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True)
    more = [state(), state("W" * 60, clinic__dropout_rate="40"), state(program__evidence_road="alliance"), state("D")]
    for states in (more[:1], more, [more[0], BROKEN, UNREADABLE], None):
        path = "/clinic-file" if states is None else f"/compare?{urlencode([('s', each) for each in states])}"
        page = visit.open(path)
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert visit.faults() == [], path
    visit.close()

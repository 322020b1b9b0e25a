"""The pages as elements: what stands where, in whole and in part."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from bs4 import Tag
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from werkzeug.datastructures import MultiDict

from assumptions import Library, load_library
from calculator import InputError, evaluate, parse_scenario, resolve, words
from calculator.display import chance, money, money_range
from calculator.explain import names
from calculator.quantity import quantity_of
from calculator.scenario import CAPACITY_WORDS, Analysis, Clinic, Payer, Program
from tests.strategies import scenarios
from tests.web.conftest import HTMX, query, soup
from web.app import create_app
from web.example_clinics import EXAMPLES, examples
from web.forms import form_of, parse_form

APPLICATION = create_app()
PARTIALS = Path(__file__).parents[2] / "web" / "templates"


def test_the_first_page_shows_headline_range_net_and_chance(client: FlaskClient, library: Library) -> None:
    page = soup(client.get(f"/?{query(clinic__dropout_rate='35')}"))
    data = {"clinic": {"setting": "outpatient", "intakes_per_month": 40.0, "dropout_rate": 0.35}, "payers": [{}]}
    result = evaluate(parse_scenario(data), library)
    kept, net = result.distribution["revenue_kept_per_year"], result.distribution["net_per_year"]
    headline = page.select_one("#results .headline")
    assert headline is not None
    first, second = headline.select_one(".first"), headline.select_one(".second")
    assert money(kept.p50) in first.select_one(".figure").get_text()
    assert money_range(kept.p5, kept.p95) in first.select_one(".range").get_text()
    assert money(net.p50) in second.select_one(".figure").get_text()
    assert chance(result.probability_npv_positive) in second.get_text()
    assert page.select_one(".even h2").get_text() == words.break_even_sentence(result)
    assert page.select_one("#results")["data-announce"] == words.headline(result)


def by(elements: Iterable[Tag], attribute: str) -> dict[str, list[Tag]]:
    """Return elements by what stands in an attribute."""
    found: dict[str, list[Tag]] = {}
    for element in elements:
        found.setdefault(str(element[attribute]), []).append(element)
    return found


@pytest.mark.parametrize("setting", ["outpatient", "residential"])
def test_every_declared_number_has_one_field_with_its_label_and_help(
    client: FlaskClient, library: Library, setting: str
) -> None:
    page = soup(client.get(f"/?{query(clinic__setting=setting)}"))
    fields, labels = by(page.select("#inputs input[name]"), "name"), by(page.select("label[for]"), "for")
    words_of_setting = library.settings[setting].words
    for prefix, model in (("clinic", Clinic), ("payers.1", Payer), ("program", Program), ("analysis", Analysis)):
        for key, declaration in model.model_fields.items():
            declared = quantity_of(declaration)
            if declared is None or (setting == "outpatient" and key in ("places", "occupancy_rate")):
                continue  # an outpatient practice is asked whether it has room instead
            (field,) = fields[f"{prefix}.{key}"]
            (label,) = labels[field["id"]]
            assert label.get_text() == declared.named(words_of_setting)
            about = page.find(id=f"{field['id']}-about").get_text()
            assert declared.explained(words_of_setting) in about
            assert "Write a" in about  # what may be typed
            assert len(fields.get(f"{prefix}.{key}.low", [])) == int(declared.ranged)


def test_the_quick_form_asks_what_a_manager_knows_by_heart(client: FlaskClient) -> None:
    """The issue names what each kind of care is asked; all else stands in the groups of the detailed form."""
    asked = {
        "outpatient": {
            "clinic.clinicians", "clinic.intakes_per_month", "clinic.planned_units", "payers.1.collected_per_unit",
            "clinic.dropout_rate", "program.subscription_per_clinician_month",
        },
        "residential": {
            "clinic.intakes_per_month", "clinic.dropout_rate", "clinic.planned_units", "payers.1.collected_per_unit",
            "clinic.places", "clinic.occupancy_rate", "program.subscription_per_clinician_month",
        },
    }  # fmt: skip
    asked |= {"iop": asked["residential"], "php": asked["residential"]}
    for setting, expected in asked.items():
        inputs = soup(client.get(f"/?{query(clinic__setting=setting)}")).select_one("#inputs")
        for group in inputs.select(".detail"):
            group.extract()
        assert {field["data-field"] for field in inputs.select("[data-field]")} == expected
        assert bool(inputs.select("[name='clinic.practice_capacity']")) == (setting == "outpatient")


def test_each_default_says_where_most_clinics_lie(client: FlaskClient, library: Library) -> None:
    """0.197 with a logit SD of 0.75: expit(-1.405 ± 1.645 × 0.75) is 6.7 % and 45.7 %, to two digits 6.7 and 46."""
    about = soup(client.get("/")).select_one("#clinic-dropout_rate-about").get_text()
    ends = [100 / (1 + math.exp(-(math.log(0.197 / 0.803) + sign * 1.645 * 0.75))) for sign in (-1, 1)]
    assert [round(end, 1) for end in ends] == [6.7, 45.7]
    assert "A plausible range: 6.7% to 46%." in about


def test_ids_are_unique_and_every_reference_leads_somewhere(client: FlaskClient) -> None:
    for address in ("/", f"/?{examples()[2].query}", "/?clinic.setting=iop&mode=detailed", f"/explain/npv?{query()}",
                    "/evidence", "/compare", "/clinic-file", "/?lang=es"):  # fmt: skip
        page = soup(client.get(address))
        ids = [element["id"] for element in page.select("[id]")]
        assert len(ids) == len(set(ids)), [name for name in ids if ids.count(name) > 1]
        for attribute in ("for", "aria-describedby", "aria-labelledby"):
            for element in page.select(f"[{attribute}]"):
                assert set(element[attribute].split()) <= set(ids) | {"panel-heading"}, element


def test_a_blank_field_shows_the_default_of_the_setting_and_its_source(client: FlaskClient, library: Library) -> None:
    for setting in library.settings.values():
        page = soup(client.get(f"/?{query(clinic__setting=setting.id)}"))
        field = page.select_one("#clinic-dropout_rate")
        default = setting.defaults["clinic.dropout_rate"]
        assert float(field["placeholder"].rstrip("%")) == pytest.approx(default.value * 100, rel=1e-3)
        link = page.select_one("#clinic-dropout_rate-source a")
        assert link["href"] == f"/evidence/{default.figure.id}"
        assert page.select_one('label[for="clinic-planned_units"]').get_text().lower().startswith(setting.units)
        assert page.select_one("#clinic-dropout_rate-from-benchmark").has_attr("checked")


def test_room_for_more_clients_offers_what_the_model_knows(client: FlaskClient, library: Library) -> None:
    assert set(CAPACITY_WORDS) == set(library.capacity)
    page = soup(client.get(f"/?{query(clinic__practice_capacity='waitlist')}"))
    assert page.select_one("#capacity-waitlist").has_attr("checked")
    assert float(page.select_one("#clinic-backfill_rate")["placeholder"]) == pytest.approx(
        (library.capacity["waitlist"].value or 0) * 100
    )


def test_what_was_typed_stands_in_its_field_again(client: FlaskClient) -> None:
    page = soup(client.get(f"/?{query(clinic__dropout_rate='35 %', clinic__name='A & B')}&measured=dropout_rate"))
    assert page.select_one("#clinic-dropout_rate")["value"] == "35 %"
    assert page.select_one("#clinic-name")["value"] == "A & B"
    assert page.select_one("#clinic-dropout_rate-from-measured").has_attr("checked")
    assert page.select_one("#clinic-no_show_rate-from-benchmark").has_attr("checked")


def test_wrong_input_is_marked_at_its_field_all_at_once(client: FlaskClient) -> None:
    answer = client.get(f"/?{query(clinic__dropout_rate='135', clinic__planned_units='x')}")
    page = soup(answer)
    assert answer.status_code == 422
    for name, typed in (("dropout_rate", "135"), ("planned_units", "x")):
        field = page.select_one(f"#clinic-{name}")
        assert field["aria-invalid"] == "true"
        assert field["value"] == typed
        message = page.select_one(f"#{field['aria-describedby'].split()[0]}")
        assert "Write a" in message.get_text()
    assert not page.select_one("#clinic-no_show_rate").has_attr("aria-invalid")
    assert "as soon as the marked fields are right" in page.select_one("#results").get_text()


def test_a_wrong_field_in_a_closed_group_opens_it(client: FlaskClient) -> None:
    page = soup(client.get(f"/?{query(program__fidelity='400', payers__1__collection_rate='x')}"))
    assert page.select_one("#group-evidence").has_attr("open")
    assert page.select_one("#group-payers").has_attr("open")
    assert not page.select_one("#group-analysis").has_attr("open")


@pytest.mark.parametrize(
    ("method", "address", "status", "root"),
    [
        ("POST", "/estimate", 200, "results"),
        ("POST", "/setting", 200, "workspace"),
        ("GET", "/explain/npv", 200, "panel"),
        ("GET", "/evidence/programs/feedback_dropout_or_dejong_2021", 200, "panel"),
    ],
)
def test_a_partial_is_aimed_at_its_own_root_and_the_page_includes_it(
    client: FlaskClient, method: str, address: str, status: int, root: str
) -> None:
    target = f"{address}?{query()}"
    part = client.open(target, method=method, headers=HTMX)
    whole = client.open(target, method=method)
    restored = client.open(target, method=method, headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert part.status_code == whole.status_code == status
    assert part.headers["HX-Retarget"] == f"#{root}"
    assert [element["id"] for element in soup(part).find_all(recursive=False)] == [root]
    assert soup(whole).select_one(f"html #{root}") is not None
    assert soup(restored).html is not None
    for answer in (part, whole, restored):
        assert "HX-Request" in answer.vary


def test_only_page_or_partial_reads_the_htmx_header() -> None:
    sources = [path for path in PARTIALS.parent.rglob("*.py") if "htmx" in path.read_text("utf-8")]
    assert {path.name for path in sources} == {"app.py", "partials.py"}


def test_wrong_input_swaps_the_inputs_only(client: FlaskClient) -> None:
    for address in ("/estimate", "/setting"):
        answer = client.post(address, data=dict(parse_qsl(query(clinic__dropout_rate="135"))), headers=HTMX)
        assert answer.status_code == 422
        assert answer.headers["HX-Retarget"] == "#inputs"
        assert "HX-Replace-Url" not in answer.headers
        assert soup(answer).select_one("#results") is None


def test_the_address_reproduces_the_result(client: FlaskClient, library: Library) -> None:
    typed = dict(parse_qsl(query(clinic__name="Café “A&B”", clinic__dropout_rate="35", clinic__dropout_rate__low="30")))
    typed |= {"clinic.dropout_rate.high": "40", "clinic.no_show_rate": "", "measured": "intakes_per_month"}
    answer = client.post("/estimate", data=typed, headers=HTMX)
    address = answer.headers["HX-Replace-Url"]
    form = parse_form(MultiDict(parse_qsl(urlsplit(address).query)), library)
    assert form.scenario == parse_form(MultiDict(typed), library).scenario
    assert soup(client.get(address)).select_one("#results")["data-announce"] == soup(answer).section["data-announce"]


@pytest.fixture(scope="module")
def answered() -> dict[str, int]:
    """How links that many pages share were answered."""
    return {}


@pytest.mark.parametrize("name", names())
def test_every_figure_explains_itself_on_a_page_of_its_own(
    client: FlaskClient, answered: dict[str, int], name: str
) -> None:
    page = soup(client.get(f"/explain/{name}?{examples()[0].query}"))
    assert page.select_one("#panel h2") is not None
    assert page.select_one(".formula").get_text().strip()
    for link in page.select("#panel td a, #panel th a"):
        if link["href"] not in answered:
            answered[link["href"]] = client.get(link["href"]).status_code
        assert answered[link["href"]] == 200


def test_links_of_the_result_lead_somewhere(client: FlaskClient) -> None:
    page = soup(client.get(f"/?{examples()[0].query}"))
    links = {link["href"] for link in page.select("#results a[href^='/']")}
    assert len(links) > 10
    for link in sorted(links):
        if not link.startswith("/proposal.pdf"):
            assert client.get(link).status_code == 200, link


def test_the_evidence_page_lists_every_figure_of_the_library(client: FlaskClient, library: Library) -> None:
    """What stands on the page of each: test_evidence.py."""
    listed = {link["href"] for link in soup(client.get("/evidence")).select("main a")}
    assert listed == {f"/evidence/{figure}" for figure in library.figures}


def test_find_out_next_works_without_script(client: FlaskClient) -> None:
    page = soup(client.get(f"/?{query()}"))
    assert page.select_one("#next table") is not None
    assert page.select_one("#results .headline") is not None


def test_examples_are_those_of_the_repository_and_load_by_one_link(client: FlaskClient) -> None:
    ours = Path(__file__).parents[2]
    assert sorted(path.stem for path in (ours / "examples").glob("*.toml")) == sorted(EXAMPLES)
    for path in (ours / "examples").glob("*.toml"):
        assert (ours / "web" / "examples" / path.name).read_bytes() == path.read_bytes()
    for chip, example in zip(soup(client.get("/")).select(".examples .chip"), examples(), strict=False):
        page = soup(client.get(chip["href"]))
        assert example.name in page.select_one(".whose").get_text()


def test_the_proposal_is_a_pdf_with_a_name_of_its_own(client: FlaskClient) -> None:
    for answer in (
        client.get(f"/proposal.pdf?{examples()[2].query}"),
        client.post("/proposal.pdf", data=dict(parse_qsl(examples()[2].query))),
    ):
        assert answer.status_code == 200
        assert answer.data.startswith(b"%PDF-")
        assert answer.headers["Content-Disposition"] == "attachment; filename=rapport-proposal-harbor-recovery-iop.pdf"
    dated = client.get(f"/proposal.pdf?{query()}&prepared_on=2027-01-31&page_size=Letter")
    assert dated.data.startswith(b"%PDF-")
    for wrong in (query(clinic__dropout_rate="135"), f"{query()}&page_size=A0", f"{query()}&prepared_on=soon"):
        assert client.get(f"/proposal.pdf?{wrong}").status_code == 422


def test_headings_go_down_one_level_at_a_time(client: FlaskClient) -> None:
    for address in ("/", f"/explain/npv?{query()}", "/evidence", "/evidence/finance/discount_rate", "/nowhere"):
        levels = [int(heading.name[1]) for heading in soup(client.get(address)).find_all(re.compile("^h[1-6]$"))]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


@settings(max_examples=40)
@given(data=scenarios(), tongue=st.sampled_from(["en-US", "es-ES"]))
def test_any_clinic_has_a_page_without_holes(data: dict[str, Any], tongue: str) -> None:
    library = load_library()
    scenario = parse_scenario(data)
    try:
        resolve(scenario, library)
    except InputError:
        return
    query = form_of(scenario).query
    answer = APPLICATION.test_client().get("/", query_string=query, headers={"Accept-Language": tongue})
    assert answer.status_code == 200
    page = html.fromstring(answer.get_data(as_text=True))
    text = page.text_content()
    assert not re.search(r"\b(nan|None|inf)\b", text)
    assert not re.search(r"\{\w+\}|%\(", text)
    assert "nan" not in " ".join(page.xpath("//svg//@x | //svg//@points | //svg//@width"))

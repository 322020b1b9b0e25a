"""Who to call this week: the list, what is at stake, the demonstration, and how quick it is."""

from __future__ import annotations

import csv
import datetime as dt
import io
import time
import uuid
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.datastructures import MultiDict

from assumptions import load_library
from calculator.at_stake import at_stake
from calculator.display import money
from plugin.simulation import Truth, simulate
from plugin.worklist import worklist
from tests.web.conftest import HTMX, soup
from tests.web.worklist.caseloads import MISSED, ONE, rows, sent
from web.accounts.first_start import first_start
from web.forms import parse_form
from web.pages import worklist as page
from web.state import pack
from web.storage import current_database
from web.storage.tables import HouseValue, Organisation
from web.worklist.demo import demo_caseload
from web.worklist.upload import kept
from web.worklist.wanted import LONGEST


def test_the_demo_shows_the_list_that_the_plugin_makes_and_says_that_nobody_is_real(client: FlaskClient) -> None:
    found = soup(client.get("/worklist/list?id=demo"))
    demo = demo_caseload()
    made = worklist(demo.predictor, demo.caseload, dt.date(2026, 6, 30), 10)
    assert rows(found) == [case.episode_id for case in made.cases]
    assert "Simulated clients: no real person" in found.select_one(".simulated").get_text()
    first = found.select_one(".calls tbody tr").get_text(" ", strip=True)
    risk = made.cases[0].risk_before_completion
    assert f"{risk[0]:.0%} ({risk[1]:.0%} to {risk[2]:.0%})" in first
    for contribution in made.cases[0].reasons:
        assert contribution.words in first
    assert "learnt from this caseload: 1,500 episodes" in found.get_text()
    assert demo.shown  # else the demo would hide what it is there to show


def test_capacity_order_and_day_are_what_is_asked_for(client: FlaskClient) -> None:
    demo = demo_caseload()
    answer = client.get("/worklist/list?id=demo&calls=3&order=units_at_stake&as_of=2026-07-03")
    made = worklist(demo.predictor, demo.caseload, dt.date(2026, 7, 3), 3, "units_at_stake")
    assert rows(answer) == [case.episode_id for case in made.cases]
    assert "July 3, 2026" in soup(answer).get_text()
    assert soup(answer).select_one("h1").get_text(strip=True) == "Call these 3 clients this week"


def test_money_is_the_calculators_from_two_plain_numbers(client: FlaskClient) -> None:
    """The page's amounts are those of ``at_stake`` for the units and calls of the list, and of the clinic given."""
    demo, library = demo_caseload(), load_library()
    made = worklist(demo.predictor, demo.caseload, dt.date(2026, 6, 30), 10)
    usual = parse_form(MultiDict({"clinic.setting": "outpatient", "clinic.intakes_per_month": "40"}), library)
    own = parse_form(MultiDict({**usual.texts, "payers.1.collected_per_unit": "200"}), library)
    assert usual.scenario is not None
    assert own.scenario is not None
    for form, query in ((usual, ""), (own, "&" + urlencode({"s": pack(own.query)})), (own, "&collected=200")):
        found = soup(client.get(f"/worklist/list?id=demo{query}"))
        worth = at_stake(form.scenario, library, units=made.units_at_stake_listed, calls=10)
        figures = [node.get_text(strip=True) for node in found.select(".headline .figure")]
        assert figures == [money(worth.revenue.p50), money(worth.kept.p50)]
        assert money(worth.call_cost.p50) in found.select_one(".headline .second").get_text()


def test_an_organisations_own_values_stand_in_for_the_usual_ones(client: FlaskClient) -> None:
    """The amounts are those of a form with the value typed; what is typed beside the list, or was given, goes first."""
    demo, library = demo_caseload(), load_library()
    made = worklist(demo.predictor, demo.caseload, dt.date(2026, 6, 30), 10)
    value = {"setting": "outpatient", "path": "payers.allowed_per_unit", "likely": "$180", "reason": "our contracts"}
    assert client.post("/administration/house", data=value).status_code == 303
    usual = {"clinic.setting": "outpatient", "clinic.intakes_per_month": "40"}
    given = parse_form(MultiDict(usual), library)
    for typed, query, said in (
        ({"payers.1.allowed_per_unit": "180"}, "", True),
        ({"payers.1.collected_per_unit": "200"}, "&collected=200", False),
        ({}, "&" + urlencode({"s": pack(given.query)}), False),
    ):
        form = parse_form(MultiDict(usual | typed), library)
        assert form.scenario is not None
        found = soup(client.get(f"/worklist/list?id=demo{query}"))
        worth = at_stake(form.scenario, library, units=made.units_at_stake_listed, calls=10)
        figures = [node.get_text(strip=True) for node in found.select(".headline .figure")]
        assert figures == [money(worth.revenue.p50), money(worth.kept.p50)], query
        assert ("One of them is your organisation’s own value." in found.get_text()) == said


def test_the_calculators_numbers_come_along_from_its_address_to_the_list_and_back(client: FlaskClient) -> None:
    query = "v=1&clinic.setting=iop&clinic.intakes_per_month=9"
    front = soup(client.get(f"/worklist?{query}"))
    state = front.select_one("form.upload input[name=s]")["value"]
    address = sent(client, {"episodes": ONE.encode(), "visits": MISSED.encode()}, s=state)
    shown = soup(client.get(address))
    assert "you gave to the calculator" in shown.get_text()
    back = shown.select_one("nav a[href^='/?']")["href"]
    assert "clinic.intakes_per_month=9" in back


@pytest.mark.parametrize("query", ["s=1.broken", "s=nonsense", "collected=a+lot", "clinic.no_show_rate=300"])
def test_numbers_that_cannot_be_used_are_told_and_the_usual_ones_stand(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/worklist/list?id=demo&{query}")
    assert answer.status_code == 422
    assert "cannot be used" in soup(answer).select_one(".wishes .problem").get_text()
    if query.startswith("collected"):
        assert soup(answer).select_one("#collected")["value"] == "a lot"  # nobody types it twice
    usual = soup(client.get("/worklist/list?id=demo"))
    assert soup(answer).select_one(".figure").get_text() == usual.select_one(".figure").get_text()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("calls=0", "calls"),
        ("calls=-3", "calls"),
        ("calls=99999", "calls"),
        ("calls=²", "calls"),
        ("as_of=yesterday", "as-of"),
        ("as_of=2026-06-29", "as-of"),
        ("as_of=2099-01-01", "as-of"),
        ("order=alphabet", "order"),
    ],
)
def test_wishes_that_cannot_be_had_are_told_at_their_field(client: FlaskClient, query: str, field: str) -> None:
    answer = client.get(f"/worklist/list?id=demo&{query}")
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-problem").get_text(strip=True)
    if field != "order":
        assert soup(answer).select_one(f"#{field}")["value"] == query.partition("=")[2]
    assert len(rows(answer)) == 10


def test_a_list_long_after_the_files_end_says_so(client: FlaskClient) -> None:
    latest = dt.date(2026, 6, 30)
    assert "The files end on" in client.get(f"/worklist/list?id=demo&as_of={latest + LONGEST}").get_data(as_text=True)
    assert "The files end on" not in client.get("/worklist/list?id=demo").get_data(as_text=True)


def test_htmx_gets_the_list_alone_and_the_address_that_holds_it(client: FlaskClient) -> None:
    answer = client.get("/worklist/list?id=demo&calls=2&order=next_unit", headers=HTMX)
    assert answer.headers["HX-Retarget"] == "#list"
    assert answer.headers["HX-Replace-Url"] == "/worklist/list?id=demo&calls=2&order=next_unit"
    assert soup(answer).find("html") is None


def test_the_download_holds_the_same_clients_with_numbers_and_reasons(client: FlaskClient) -> None:
    found = soup(client.get("/worklist/list?id=demo&calls=4"))
    answer = client.get(found.select_one(".actions a[download]")["href"])
    table = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert [row["episode_id"] for row in table] == rows(found)
    made = worklist(demo_caseload().predictor, demo_caseload().caseload, dt.date(2026, 6, 30), 4)
    assert [float(row["risk_before_completion"]) for row in table] == pytest.approx(
        [case.risk_before_completion[0] for case in made.cases], abs=5e-7
    )
    assert table[0]["drivers"] == "; ".join(each.words for each in made.cases[0].reasons)


def test_the_picture_beside_it_shows_clients_that_the_model_had_not_learnt_from(client: FlaskClient) -> None:
    found = soup(client.get("/worklist/list?id=demo"))
    shown = demo_caseload().facts.picture
    assert shown is not None
    assert shown.basis == "last"
    assert found.select_one("#model-heading").get_text() == "About as many clients left as it foretold"
    table = found.select(".beside table tbody tr")
    assert len(table) == len(shown.points)
    assert sum(point.units * point.observed for point in shown.points) == pytest.approx(shown.left)
    record = demo_caseload().predictor.local_record
    assert record is not None
    assert f"calibration slope {record.calibration_slope[0]:.2f}" in found.get_text()


def test_both_pages_speak_spanish(client: FlaskClient) -> None:
    for address in ("/worklist", "/worklist/list?id=demo", "/worklist/clinicians?id=demo"):
        found = soup(client.get(f"{address}{'&' if '?' in address else '?'}lang=es"))
        assert found.html["lang"].startswith("es")
        assert "pacientes" in found.get_text()
        assert " clients" not in found.get_text()


def test_a_page_of_20_000_clients_is_quick(client: FlaskClient, app: Flask) -> None:
    with app.app_context():
        owner = str(first_start().local_visitor().scope)
    number = app.extensions[page.KEY].add(kept(simulate(Truth(clinicians=80), 20_000, 1).caseload), owner)
    start = time.perf_counter()
    assert len(rows(client.get(f"/worklist/list?id={number}&calls=50"))) == 50
    assert time.perf_counter() - start < 2.0


def test_own_values_that_no_longer_make_a_clinic_leave_the_usual_ones(app: Flask, client: FlaskClient) -> None:
    """Values are checked when they are set; a later release may know better what can be."""
    usual = soup(client.get("/worklist/list?id=demo")).select_one(".headline .figure").get_text()
    with app.app_context(), current_database().writing(first_start().local_visitor().scope) as session:
        for path, likely in (("clinic.planned_units", 4.0), ("clinic.median_dropout_unit", 9.0)):
            session.add(HouseValue(setting="outpatient", path=path, value={"likely": likely}, reason="ours"))
        session.execute(update(Organisation).values(house_revision=uuid.uuid4()))
    answer = client.get("/worklist/list?id=demo")
    assert answer.status_code == 422
    found = soup(answer)
    assert found.select_one(".headline .figure").get_text() == usual
    assert "These numbers cannot be used" in found.get_text()

"""Values of an organisation's own: in its members' forms, told as what they are, and nowhere else."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from assumptions import load_library
from calculator import evaluate
from calculator.house import HOUSE_PATHS
from calculator.quantity import Range
from tests.strategies import entry
from tests.web.workspace import people
from web.forms import declared_at, form_of, parse_form
from web.house import House, HouseNumber
from web.storage import Database
from web.storage.tables import HouseValue
from web.workspace import house_values

REASON = "our own audit & count"
NO_SHOWS = "clinic.no_show_rate"
LIBRARY = load_library()
SINGLE = [path for path in HOUSE_PATHS if path not in ("clinic.planned_units", "clinic.median_dropout_unit")]


def house(values: dict[str, Any]) -> House:
    numbers = {path: HouseNumber(value, REASON) for path, value in values.items()}
    return House("outpatient", numbers)


def typed(query: list[tuple[str, str]]) -> MultiDict[str, str]:
    return MultiDict(query)


@st.composite
def houses(draw: st.DrawFn) -> House:
    """Return values for some paths; planned units and the median of dropouts, which bound each other, are left out."""
    paths = draw(st.lists(st.sampled_from(SINGLE), unique=True, min_size=1, max_size=6))
    found: dict[str, Any] = {}
    for path in paths:
        declared = declared_at(path)
        assert declared is not None
        value = draw(entry(declared))
        found[path] = Range(**value) if isinstance(value, dict) else float(value)
    return house(found)


@settings(max_examples=30)
@given(mine=houses())
def test_a_form_with_it_gives_the_result_of_the_same_numbers_typed(mine: House) -> None:
    """Typed means: the scenario of the form, with the same numbers and no word about whose they are."""
    form = parse_form(typed([]), LIBRARY, houses=lambda setting: mine)
    assert form.scenario is not None
    assert set(form.scenario.house) == {path.replace("payers.", "payers.1.") for path in mine.values}
    estimate = form.scenario.model_copy(update={"house": {}})
    one, other = evaluate(form.scenario, LIBRARY), evaluate(estimate, LIBRARY)
    assert one.point == other.point
    assert one.distribution == other.distribution
    assert parse_form(typed(form.query), LIBRARY).scenario == form.scenario, "its address holds it for everybody"
    assert form_of(form.scenario).query[-1] == form.query[-1]
    assert parse_form(typed(form_of(form.scenario).query), LIBRARY).scenario == form.scenario


def test_a_typed_number_stands_before_it_and_a_cleared_field_returns_to_it() -> None:
    mine = house({NO_SHOWS: 0.2})
    form = parse_form(typed([]), LIBRARY, houses=lambda _: mine)
    typed_over = parse_form(typed([*form.query, (NO_SHOWS, "10%")]), LIBRARY)
    assert typed_over.scenario is not None
    assert typed_over.scenario.clinic.no_show_rate == pytest.approx(0.1)
    assert not typed_over.scenario.house
    cleared = parse_form(typed([*typed_over.query, (f"from.{NO_SHOWS}", "benchmark")]), LIBRARY)
    assert cleared.scenario == form.scenario


def test_it_is_pinned_in_the_address_and_follows_the_setting() -> None:
    def now(setting: str) -> House:
        return House(setting, {NO_SHOWS: HouseNumber({"outpatient": 0.2, "iop": 0.3}[setting], REASON)})

    form = parse_form(typed([]), LIBRARY, houses=now)
    later = parse_form(typed(form.query), LIBRARY, houses=lambda _: house({NO_SHOWS: 0.9}))
    assert later.scenario == form.scenario, "values that changed since change nothing that has an address"
    moved = [(name, "iop" if name == "clinic.setting" else text) for name, text in form.query]
    assert parse_form(typed(moved), LIBRARY, houses=now).house.values[NO_SHOWS].value == 0.3
    assert not parse_form(typed(moved), LIBRARY).house, "a stranger has none to take"
    taken = parse_form(typed([*form.query, ("house", "now")]), LIBRARY, houses=lambda _: house({NO_SHOWS: 0.9}))
    assert taken.house.values[NO_SHOWS].value == 0.9
    assert not parse_form(typed([*form.query, ("house", "off")]), LIBRARY, houses=now).house


def test_a_form_that_was_made_without_stays_without() -> None:
    plain = parse_form(typed([]), LIBRARY)
    assert parse_form(typed(plain.query), LIBRARY, houses=lambda _: house({NO_SHOWS: 0.9})).scenario == plain.scenario


def test_what_is_collected_stands_before_what_the_organisation_says_is_allowed() -> None:
    mine = house({"payers.allowed_per_unit": 150.0, "payers.collection_rate": 0.9})
    form = parse_form(typed([]), LIBRARY, houses=lambda _: mine)
    both = parse_form(typed([*form.query, ("payers.1.collected_per_unit", "120")]), LIBRARY)
    assert not both.problems
    assert both.scenario is not None
    assert not both.scenario.house
    two = [*form.query, ("payers.1.share", "50%"), ("payers.2.share", "50%"), ("payers.2.collection_rate", "80%")]
    found = parse_form(typed(two), LIBRARY).scenario
    assert found is not None
    assert set(found.house) == {
        f"payers.{key}" for key in ("1.allowed_per_unit", "1.collection_rate", "2.allowed_per_unit")
    }


def test_a_mistyped_address_is_told_and_computes_nothing() -> None:
    for name, text in (
        ("house.clinic.no_show_rate", "much"),
        ("house.clinic.colour", "1"),
        ("house.clinic.no_show_rate.low", "1"),
    ):
        form = parse_form(typed([("clinic.setting", "outpatient"), ("house.for", "outpatient"), (name, text)]), LIBRARY)
        assert form.scenario is None
        assert [problem.path for problem in form.problems if problem.path == "house"]


@pytest.fixture
def where(database: Database, tmp_path: Path) -> tuple[FlaskClient, FlaskClient, Database, uuid.UUID]:
    """Return an administrator's and a viewer's browser of one organisation."""
    mine = people.organisation(database)
    boss, viewer = people.member(database, mine), people.member(database, mine, "viewer")
    app = people.app(database, tmp_path)
    return people.client(app, boss), people.client(app, viewer), database, mine


def put(browser: FlaskClient, path: str = NO_SHOWS, **changes: str) -> Any:
    fields = {"setting": "outpatient", "path": path, "likely": "20%", "low": "", "high": "", "reason": REASON}
    return browser.post("/administration/house", data=fields | changes)


def test_an_administrator_sets_it_and_every_member_is_shown_it_with_its_reason(where: Any) -> None:
    boss, viewer, database, mine = where
    assert put(boss).status_code == 303
    assert "our own audit &amp; count" in boss.get("/administration/house").text
    page = viewer.get("/").text
    assert "your organisation: our own audit &amp; count" in page
    assert 'placeholder="20"' in page
    assert 'name="house.clinic.no_show_rate" value="0.2"' in page
    assert re.search(r'badge organisation">the organisation’s value: our own audit &amp; count', page)
    stranger = viewer.application.test_client()
    assert "audit" not in stranger.get("/").text, "whoever is not of the organisation sees nothing of it"
    with database.reading(mine) as session:
        (row,) = session.query(HouseValue).all()
    assert (row.value, row.reason) == ({"likely": 0.2}, REASON)


def test_result_paper_and_workbook_say_whose_value_it_is(where: Any) -> None:
    boss, viewer, *_ = where
    put(boss)
    query = re.search(r'data-query="([^"]+)"', viewer.get("/").text)
    assert query
    address = query[1].replace("&amp;", "&")
    stranger = viewer.application.test_client()
    explained = stranger.get(f"/explain/revenue_kept_per_year?{address}").text
    assert "the organisation’s value: our own audit &amp; count" in explained
    pdf = stranger.get(f"/proposal.pdf?{address}")
    assert pdf.status_code == 200
    from io import BytesIO

    from openpyxl import load_workbook
    from pypdf import PdfReader

    text = " ".join(" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf.data)).pages)
    assert "Values of the organisation in place of numbers you did not give" in text
    assert "the organisation’s value: our own audit & count" in text
    book = load_workbook(BytesIO(stranger.get(f"/workbook.xlsx?{address}").data))
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert any("the organisation’s value: our own audit & count" in cell for cell in cells)
    toml = stranger.get(f"/clinic.toml?{address}").text
    assert '[house]\n"clinic.no_show_rate" = "our own audit & count"' in toml


def test_it_is_changed_taken_away_and_refused_without_a_reason(where: Any) -> None:
    boss, viewer, database, mine = where
    put(boss)
    assert put(boss, likely="15%", low="10%", high="30%").status_code == 303
    with database.reading(mine) as session:
        (row,) = session.query(HouseValue).all()
    assert row.value == {"low": pytest.approx(0.1), "likely": pytest.approx(0.15), "high": pytest.approx(0.3)}
    for changes in (
        {"reason": " "},
        {"likely": "120%"},
        {"likely": "x"},
        {"likely": ""},
        {"low": "5%"},
        {"reason": "x" * 301},
    ):
        answer = put(boss, **changes)
        assert answer.status_code == 422, changes
        assert 'role="alert"' in answer.text, changes
    for path in ("clinic.intakes_per_month", "clinic.colour", "analysis.draws"):
        assert put(boss, path=path).status_code == 422
    plan = LIBRARY.settings["outpatient"].defaults["clinic.planned_units"].value
    late = put(boss, "clinic.median_dropout_unit", likely=f"{plan:g}")
    assert late.status_code == 422, "half of the dropouts cannot leave when the plan is over"
    assert put(viewer).status_code == 403
    assert boss.post(f"/administration/house/{row.id}/remove").status_code == 303
    assert "audit" not in viewer.get("/").text


def test_every_process_sees_at_once_what_another_one_set(where: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process keeps what it read until the values change, whoever changes them; two stand for two processes here."""
    boss, viewer, database, mine = where
    ours: dict[Any, Any] = {}

    def shown(browser: FlaskClient) -> list[str]:
        with monkeypatch.context() as other:
            other.setattr(house_values, "_kept", ours if browser is viewer else {})
            return sorted(set(re.findall(r'name="house.clinic.no_show_rate" value="([^"]+)"', browser.get("/").text)))

    assert shown(viewer) == shown(boss) == []
    for likely in ("20%", "30%"):
        put(boss, likely=likely)
        assert shown(viewer) == shown(boss) == [f"0.{likely[0]}"]
    assert len(ours) == 2, "each state was read once"
    with database.reading(mine) as session:
        (row,) = session.query(HouseValue).all()
    boss.post(f"/administration/house/{row.id}/remove")
    assert shown(viewer) == shown(boss) == []
    other = people.organisation(database, "Harbour")
    theirs = people.client(viewer.application, people.member(database, other))
    put(boss)
    assert (shown(viewer), shown(theirs)) == (["0.2"], [])

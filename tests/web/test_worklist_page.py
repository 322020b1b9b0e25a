"""The worklist page: who is on it and why, what is withheld, what is kept and what is not, what cannot break it."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
import logging
import os
import stat
import time
import uuid
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from assumptions import load_library
from calculator.at_stake import at_stake
from calculator.display import money
from plugin import trust
from plugin.came_true import picture
from plugin.caseload import NO_DAY, Caseload, caseload_of, texts
from plugin.clinician_expectation import estimates
from plugin.clinicians import clinician_estimates
from plugin.contract import LocalRecord
from plugin.due import due_list
from plugin.evidence import evidence_model
from plugin.evidence_predictor import predictor
from plugin.fitted import fit_caseload
from plugin.loading import load_caseload, pseudonym, read_salt
from plugin.model_file import model_bytes
from plugin.person_units import person_units
from plugin.records import COMPONENTS, Episode, Rating, Visit
from plugin.retention import cumulative_hazard
from plugin.simulation import Truth, simulate
from plugin.words import term_words
from plugin.worklist import worklist
from tests.web.conftest import HTMX, soup
from web.accounts.first_start import first_start
from web.app import create_app
from web.forms import parse_form
from web.languages import translations
from web.pages import worklist as page
from web.state import pack
from web.worklist import words
from web.worklist.caseload_file import caseload_bytes, read_caseload
from web.worklist.demo import FILES, demo_caseload, demo_file
from web.worklist.upload import kept
from web.worklist.wanted import LONGEST

DAY = dt.date(2026, 3, 1)
HEADER = "episode_id,client_id,clinician_id,setting,intake_date,planned_units,units_attended,last_unit_date,status"
ONE = f"{HEADER}\nA-17,Jane Roe,Dr Smith,outpatient,2026-01-05,12,3,2026-02-02,open\n"
MISSED = "episode_id,date,status,minutes\nA-17,2026-02-09,no_show,\n"
CLINIC = [("clinic.setting", "iop"), ("clinic.intakes_per_month", "9")]
Files = dict[str, bytes]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def app(data_dir: Path) -> Flask:
    return create_app(
        {"TESTING": True, "PROPAGATE_EXCEPTIONS": True, "WTF_CSRF_ENABLED": False, "RAPPORT_DATA_DIR": str(data_dir)}
    )


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def send(client: FlaskClient, files: Files, **fields: str) -> TestResponse:
    """Upload files by the names of their fields."""
    parts = {name: FileStorage(io.BytesIO(content), f"{name}.csv") for name, content in files.items()}
    boundary, body = encode_multipart({**parts, **fields})
    return client.post("/worklist", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def sent(client: FlaskClient, files: Files, **fields: str) -> str:
    """Upload files and return the address of the list."""
    answer = send(client, files, **fields)
    assert answer.status_code == 303, soup(answer).select(".faults li")
    return answer.headers["Location"]


def number_in(address: str) -> str:
    return parse_qs(urlsplit(address).query)["id"][0]


def rows(answer: TestResponse | BeautifulSoup) -> list[str]:
    """Return the episodes on the list, in their order."""
    found = answer if isinstance(answer, BeautifulSoup) else soup(answer)
    return [node.get_text() for node in found.select(".calls .episode")]


def simulated(episodes: int, seed: int = 11) -> Files:
    tables = simulate(Truth(), episodes, seed).frames()
    return {name: table.to_csv(index=False).encode() for name, table in tables._asdict().items()}


# The simulated clinic


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


# A model that has not proved right


def test_without_a_record_no_risk_is_shown_and_it_says_why_and_how_to_get_one(client: FlaskClient) -> None:
    address = sent(client, {"episodes": ONE.encode(), "visits": MISSED.encode()})
    found = soup(client.get(address))
    assert rows(found) == ["A-17"]
    assert "missed the last visit" in found.select_one(".calls").get_text()
    assert "%" not in found.select_one(".calls").get_text()
    assert not found.select(".calls .amount")
    assert "Risks are not shown" in found.select_one("#withheld-heading").get_text()
    assert "rapport evaluate" in found.select_one(".honest").get_text()
    assert "Revenue at stake" not in found.get_text()
    table = client.get(found.select_one(".actions a[download]")["href"]).get_data(as_text=True)
    assert "risk" not in table
    assert table.splitlines()[1].startswith("A-17,k-")


def test_a_clinic_with_enough_ended_episodes_sees_risks_from_its_own_files_alone(client: FlaskClient) -> None:
    """The demo's own files, uploaded: the same clients in the same order."""
    files = dict(zip(("episodes", "ratings", "visits"), map(demo_file, FILES), strict=True))
    address = sent(client, files)
    assert rows(client.get(address)) == rows(client.get("/worklist/list?id=demo"))


def test_an_uploaded_model_is_used_and_withheld_by_the_rule_of_trust(client: FlaskClient, data_dir: Path) -> None:
    files = simulated(400, seed=2)
    read = load_caseload(files["episodes"], files["ratings"], files["visits"], salt=b"0" * 32)
    fitted = fit_caseload(read.caseload)
    good = LocalRecord(400, 120, "2026-06-30", (1.0, 0.8, 1.2), (1.0, 0.9, 1.1), (0.65, 0.6, 0.7))
    poor = LocalRecord(400, 120, "2026-06-30", (1.0, 0.8, 1.2), (1.6, 1.4, 1.8), (0.65, 0.6, 0.7))
    for record, headings in ((good, 0), (poor, 1)):
        model = model_bytes(dataclasses.replace(fitted.predictor, local_record=record), fitted.training)
        found = soup(client.get(sent(client, {**files, "model": model})))
        assert len(found.select("#withheld-heading")) == headings
        assert "from a model file" in found.get_text()
    assert "foretold 1.60 times" in found.select_one(".honest").get_text()


def test_the_model_that_the_server_is_set_to_is_used_where_none_is_uploaded(tmp_path: Path) -> None:
    files = simulated(200, seed=2)
    fitted = fit_caseload(load_caseload(files["episodes"], salt=b"0" * 32).caseload)
    path = tmp_path / "model.json"
    path.write_bytes(model_bytes(fitted.predictor, fitted.training))
    settings = {"RAPPORT_DATA_DIR": str(tmp_path / "data"), "RAPPORT_MODEL": str(path)}
    client = create_app(
        {"TESTING": True, "PROPAGATE_EXCEPTIONS": True, "WTF_CSRF_ENABLED": False} | settings
    ).test_client()
    assert "the model of this server is used" in client.get("/worklist").get_data(as_text=True)
    found = soup(client.get(sent(client, {"episodes": ONE.encode()})))
    assert fitted.predictor.version in found.get_text()


def test_what_flagging_finds_goes_to_the_calculator_as_measured_numbers(client: FlaskClient) -> None:
    """Judged 30 days after intake, when 80 of 100 dropouts and 90 of 100 completers were still there: of all who drop
    out .8·.75 = 60% are found, and of all who complete 1 − .9·(1 − .7) = 73% are spared."""
    files = simulated(200, seed=2)
    read = load_caseload(files["episodes"], salt=b"0" * 32)
    fitted = fit_caseload(read.caseload)
    record = LocalRecord(
        400, 120, "2026-06-30", (1.0, 0.8, 1.2), (1.0, 0.9, 1.1), (0.65, 0.6, 0.7),
        thresholds={"0.30": (0.75, 0.7)}, landmark_days=30, reached=(0.8, 0.9),
    )  # fmt: skip
    model = model_bytes(dataclasses.replace(fitted.predictor, local_record=record), fitted.training)
    found = soup(client.get(sent(client, {**files, "model": model}, s=pack(CLINIC))))
    form = found.select_one("form.thresholds")
    assert "finds 60% of those who leave, spares 73% of those who stay" in form.get_text()
    fields = {node["name"]: node["value"] for node in form.select("input")} | {"threshold": "0.30"}
    answer = client.get(form["action"], query_string=fields)
    assert answer.status_code == 303
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert (query["program.sensitivity"], query["program.specificity"]) == (["60"], ["73"])
    assert query["program.evidence_road"] == ["targeted"]
    assert query["clinic.setting"] == ["iop"]
    assert {"program.sensitivity", "program.specificity"} <= set(query["measured"])
    shown = client.get(answer.headers["Location"])
    assert shown.status_code == 200
    assert not soup(shown).select(".problems li")
    assert client.get(form["action"], query_string=fields | {"threshold": "0.31"}).status_code == 404


RECORDS = st.builds(
    LocalRecord,
    st.just(100),
    st.integers(0, 120),
    st.just("2026-01-01"),
    st.floats(0.2, 2.0).map(lambda value: (value, value - 0.1, value + 0.1)),
    st.floats(0.2, 2.0).map(lambda value: (value, value - 0.1, value + 0.1)),
    st.just((0.6, 0.5, 0.7)),
)


@given(record=st.none() | RECORDS)
def test_the_page_says_why_exactly_where_the_rule_withholds(record: LocalRecord | None) -> None:
    for learnt_here in (False, True):
        assert bool(words.withheld(record, learnt_here=learnt_here)) == bool(trust.judge(record))


def test_all_words_of_reasons_that_raise_a_risk_are_in_the_catalogue() -> None:
    names = ("bond", "goals", "tasks", "symptoms", "symptoms_change", "satisfaction", "missed_share")
    assert {term_words(name, 1.0) for name in names} == set(words.TERMS)
    spanish = translations("es")
    assert all(spanish.gettext(text) != text for text in words.TERMS)


def _episode(
    name: str, attended: int = 3, last: dt.date | None = dt.date(2026, 2, 25), status: str = "open"
) -> Episode:
    return Episode(name, f"c-{name}", "k-1", "outpatient", dt.date(2026, 1, 1), 12, attended, last, status)


def test_facts_come_in_the_order_that_the_page_names() -> None:
    """Silent for more than 95 of 100 gaps first, then missed visits, then the lowest rating; d and e say nothing."""
    steady = [_episode(f"z{n}", 8, dt.date(2026, 2, 26), "completed") for n in range(30)]  # seven days between units
    episodes = [
        _episode("silent", 3, dt.date(2026, 1, 21)),
        _episode("rated"),
        _episode("missed"),
        _episode("well"),
        _episode("over", status="dropped_out"),
        *steady,
    ]
    low = [Rating(dt.date(2026, 2, 20), "bond", 2, 1, 7), Rating(dt.date(2026, 2, 20), "goals", 6, 1, 7)]
    visited = [Visit(dt.date(2026, 2, 10), "attended"), Visit(dt.date(2026, 2, 17), "no_show")]
    late = [Visit(dt.date(2026, 3, 2), "no_show")]
    found = due_list(
        caseload_of(episodes, [(), low, *[()] * 33], [(), (), visited, late, *[()] * 31]), DAY, capacity=10
    )
    assert [case.episode_id for case in found.cases] == ["silent", "missed", "rated"]
    assert (found.due, found.open_clients) == (3, 4)
    silent, missed, rated = found.cases
    assert silent.silent == 39  # from January 21 to March 1
    assert (missed.missed, missed.visits) == (1, 2)
    assert (rated.weakest, rated.rating) == (COMPONENTS[0], pytest.approx(1 / 6))
    assert [case.episode_id for case in due_list(caseload_of(episodes), DAY, capacity=1).cases] == ["silent"]


# What is kept, and what is not


def test_nothing_personal_is_kept_but_the_episode_ids_and_nobody_else_may_read_it(
    client: FlaskClient, data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        address = sent(client, {"episodes": ONE.encode(), "visits": MISSED.encode()})
        shown = client.get(address).get_data(as_text=True)
    (folder,) = (data_dir / "worklist").iterdir()
    stored = b"".join(path.read_bytes() for path in folder.iterdir())
    for personal in ("Jane Roe", "Dr Smith"):
        assert personal not in shown + address + caplog.text
        assert personal.encode() not in stored
        assert personal.encode("utf-32-le") not in stored  # as numpy writes text
    assert "A-17".encode("utf-32-le") in stored
    assert number_in(address) not in str(folder)
    assert number_in(address).encode() not in stored
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert {path.name for path in folder.iterdir()} <= {"caseload.npz", "facts.json", "model.json", "owner"}
    uuid.UUID((folder / "owner").read_text())  # the organisation's, and nobody's name


def test_it_goes_when_it_is_deleted_and_a_day_after_the_last_look(client: FlaskClient, data_dir: Path) -> None:
    first, second = (sent(client, {"episodes": ONE.encode()}) for _ in range(2))
    assert client.post("/worklist/delete", data={"id": number_in(first)}).status_code == 303
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    (folder,) = (data_dir / "worklist").iterdir()
    old = time.time() - 25 * 3600
    os.utime(folder, (old, old))
    answer = client.get(second)
    assert answer.status_code == 404
    assert "no caseload under this address" in soup(answer).select_one(".faults").get_text()
    sent(client, {"episodes": ONE.encode()})  # room is made when another comes
    assert not folder.exists()


def test_a_look_keeps_it_for_another_day(client: FlaskClient, data_dir: Path) -> None:
    address = sent(client, {"episodes": ONE.encode()})
    (folder,) = (data_dir / "worklist").iterdir()
    before = time.time() - 20 * 3600
    os.utime(folder, (before, before))
    client.get(address)
    assert time.time() - folder.stat().st_mtime < 60


@pytest.mark.parametrize("number", ["", "x", "../../etc", "a" * 43, "demo2"])
def test_what_is_no_id_finds_nothing(client: FlaskClient, number: str) -> None:
    for path in ("list", "clinicians", "list.csv"):
        assert client.get(f"/worklist/{path}", query_string={"id": number}).status_code == 404


def test_a_file_that_another_version_wrote_is_told_like_one_that_is_gone(client: FlaskClient, data_dir: Path) -> None:
    address = sent(client, {"episodes": ONE.encode()})
    (folder,) = (data_dir / "worklist").iterdir()
    (folder / "facts.json").write_text(json.dumps({"new": 1}))
    assert client.get(address).status_code == 404


def test_forms_of_other_sites_are_refused(client: FlaskClient) -> None:
    for path in ("/worklist", "/worklist/delete", "/worklist/clinicians"):
        assert client.post(path, data={}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_only_so_many_are_kept(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.worklist.store.MOST_KEPT", 1)
    sent(client, {"episodes": ONE.encode()})
    answer = send(client, {"episodes": ONE.encode()})
    assert answer.status_code == 503
    assert soup(answer).select(".faults li")


def test_a_caseload_file_gives_back_what_was_written(tmp_path: Path) -> None:
    made = simulate(Truth(), 60, 3).caseload
    odd = {**made.covariates, "note": texts([None if n % 3 else f"ü{n}" for n in range(60)])}
    before = dataclasses.replace(made, covariates=odd)
    path = tmp_path / "caseload.npz"
    path.write_bytes(caseload_bytes(before))
    after = read_caseload(path)
    for field in dataclasses.fields(Caseload):
        one, other = getattr(before, field.name), getattr(after, field.name)
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype
            assert one.tolist() == other.tolist()
    assert set(after.covariates) == set(odd)
    for name, values in odd.items():
        np.testing.assert_array_equal(after.covariates[name], values)
    for part in ("ratings", "visits"):
        for column in dataclasses.fields(getattr(before, part)):
            np.testing.assert_array_equal(
                getattr(getattr(after, part), column.name), getattr(getattr(before, part), column.name)
            )
    assert NO_DAY in before.last_unit_day  # the case is among them


# Files that are wrong


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "Choose the file of episodes"),
        ({"episodes": b""}, "is empty"),
        ({"episodes": b"PK\x03\x04 rest"}, "episodes.csv: is a spreadsheet or an archive; save it as CSV (UTF-8)"),
        ({"episodes": ONE.encode(), "ratings": b"%PDF-1.7"}, "ratings.csv: is a PDF"),
        ({"episodes": HEADER.encode()}, "has a header and no episodes"),
        ({"episodes": b"a,b\n1,2\n"}, "column episode_id: is missing"),
        ({"episodes": ONE.replace("2026-01-05", "soon").encode()}, "row 2, column intake_date"),
        ({"episodes": ONE.encode(), "model": b"{}"}, "model.json: "),
        ({"episodes": ONE.encode(), "model": b"\x00\xff"}, "model.json: is no model file"),
    ],
)
def test_files_that_cannot_be_used_are_told_on_the_first_page(client: FlaskClient, files: Files, told: str) -> None:
    answer = send(client, files)
    assert answer.status_code == 422
    text = soup(answer).select_one(".faults").get_text()
    assert told in text
    assert "Jane" not in text
    assert "/" not in text.replace("://", "")  # no folder of the server


def test_bad_rows_are_listed_by_file_row_and_column_and_the_rest_is_kept(client: FlaskClient) -> None:
    bad = "B-2,John Doe,Dr Who,outpatient,2026-01-05,twelve,3,2026-02-02,open\n"
    address = sent(client, {"episodes": (ONE + bad).encode(), "visits": MISSED.encode()})
    found = soup(client.get(address))
    told = found.select_one(".told")
    assert "1 of 2 episodes could be used" in told.get_text(" ", strip=True)
    assert "episodes.csv: row 3, column planned_units" in told.get_text()
    assert "John" not in found.get_text()
    assert rows(found) == ["A-17"]


def test_too_large_an_upload_is_told(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MOST_BYTES", 1000)
    answer = send(client, {"episodes": b"x" * 200_000})
    assert answer.status_code == 413
    assert "64 MB" in soup(answer).select_one(".faults").get_text()


def test_nobody_open_and_nothing_to_say_have_pages_of_their_own(client: FlaskClient) -> None:
    over = sent(client, {"episodes": ONE.replace(",open", ",completed").encode()})
    assert "Nobody is open" in soup(client.get(over)).select_one("h1").get_text()
    quiet = sent(client, {"episodes": ONE.encode()})
    found = soup(client.get(quiet))
    assert "Nothing speaks for a call" in found.select_one("h1").get_text()
    assert not found.select(".calls")
    nobody_seen = ONE.replace(",3,2026-02-02,", ",0,,")
    assert client.get(sent(client, {"episodes": nobody_seen.encode()})).status_code == 200


def test_hostile_ids_are_text_and_no_formula(client: FlaskClient) -> None:
    hostile = ONE.replace("A-17", '"=<script>alert(1)</script>"')
    visits = MISSED.replace("A-17", '"=<script>alert(1)</script>"')
    address = sent(client, {"episodes": hostile.encode(), "visits": visits.encode()})
    found = soup(client.get(address))
    assert rows(found) == ["=<script>alert(1)</script>"]
    assert not [node for node in found.select("script") if "alert" in node.get_text()]
    table = client.get(f"/worklist/list.csv?id={number_in(address)}").get_data(as_text=True)
    assert table.splitlines()[1].startswith("'=<script>")


def test_the_example_files_are_those_of_the_demo_and_of_nothing_else(client: FlaskClient) -> None:
    front = soup(client.get("/worklist"))
    links = [link["href"] for link in front.select("a[download]")]
    assert links == [f"/worklist/example/{name}" for name in FILES]
    assert client.get(links[0]).get_data(as_text=True).startswith(HEADER)
    assert client.get("/worklist/example/app.py").status_code == 404


# Clinicians


def test_clinicians_stand_by_name_with_interval_and_nothing_below_the_minimum(client: FlaskClient) -> None:
    few = simulated(60, seed=4)
    found = soup(client.get(sent(client, few).replace("/list", "/clinicians")))
    names = [node.get_text(strip=True) for node in found.select(".clinicians tbody th")]
    assert names == sorted(names)
    assert all(name.startswith("k-") and len(name) == 8 for name in names)
    assert "nothing can be said" in found.select_one(".clinicians tbody").get_text()
    assert "Not for hiring, pay or discipline" in found.get_text()
    found = soup(client.get("/worklist/clinicians?id=demo"))
    demo = demo_caseload()
    first = estimates(demo.predictor.model, demo.caseload)[0]
    assert (
        f"{first.ratio:.2f} ({first.low:.2f}–{first.high:.2f})" in found.select_one(".clinicians tbody tr").get_text()
    )


def test_whose_pseudonym_it_is_is_told_to_who_types_the_id_and_kept_nowhere(
    client: FlaskClient, data_dir: Path
) -> None:
    ended = ONE.replace(",open", ",completed")
    address = sent(client, {"episodes": ended.encode()}).replace("/list", "/clinicians")
    answer = client.post(address, data={"names": "Dr Nobody\nDr Smith"})
    row = soup(answer).select_one(".clinicians .named")
    assert "Dr Smith" in row.get_text()
    assert pseudonym(read_salt(data_dir), "clinician", "Dr Smith")[:8] in row.get_text()
    assert "Dr Nobody" not in soup(answer).get_text()
    assert "Dr Smith" not in client.get(address).get_data(as_text=True)
    assert "None of these ids" in client.post(address, data={"names": "Dr Nobody"}).get_data(as_text=True)


def test_clinicians_are_set_against_the_published_course_by_setting_plan_and_symptoms_at_intake() -> None:
    """Expected hazard of a middle client is H(units followed); two standard deviations of symptoms multiply it."""
    ended = [_episode("a", 12, status="completed"), _episode("b", 4, status="dropped_out"), _episode("c")]
    model = evidence_model()
    hazard = cumulative_hazard(np.zeros(2, dtype=np.int64), np.array([12, 12]), np.array([12, 5]))
    caseload = caseload_of(ended)
    expected = clinician_estimates(caseload.take(np.array([0, 1])), hazard, np.array([0.0, 1.0]))
    assert estimates(model, caseload) == expected
    late = [Rating(dt.date(2026, 2, 1), "bond", 1, 1, 7)]  # part of the work: makes no difference
    missed = [Visit(dt.date(2026, 1, 20), "no_show")]
    assert estimates(model, caseload_of(ended, [late, (), ()], [missed, (), ()])) == expected


# The picture's numbers


def test_points_hold_every_prediction_once_and_wilsons_interval() -> None:
    """Wilson (1927) for x of n, z = 1.96: (p + z²/2n ± z√(p(1 − p)/n + z²/4n²)) / (1 + z²/n)."""
    caseload = simulate(Truth(), 400, 5).caseload
    found = picture(caseload, predictor(), None)
    assert found is not None
    assert found.basis == "everybody"
    assert [point.predicted for point in found.points] == sorted(point.predicted for point in found.points)
    every = person_units(caseload)
    assert sum(point.units for point in found.points) == len(every)
    assert found.left == int(every.left.sum()) == round(sum(point.observed * point.units for point in found.points))
    z = 1.959963984540054
    for point in found.points:
        p, n = point.observed, point.units
        middle, half = p + z**2 / (2 * n), z * (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5
        assert (point.low, point.high) == pytest.approx(
            ((middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)), abs=1e-9
        )


def test_too_few_who_left_make_no_picture() -> None:
    assert picture(simulate(Truth(), 20, 5).caseload, predictor(), None) is None


# Size


def test_a_page_of_20_000_clients_is_quick(client: FlaskClient, app: Flask) -> None:
    with app.app_context():
        owner = str(first_start().local_visitor().scope)
    number = app.extensions[page.KEY].add(kept(simulate(Truth(clinicians=80), 20_000, 1).caseload), owner)
    start = time.perf_counter()
    assert len(rows(client.get(f"/worklist/list?id={number}&calls=50"))) == 50
    assert time.perf_counter() - start < 2.0

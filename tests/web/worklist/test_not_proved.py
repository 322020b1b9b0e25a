"""A model that has not proved right here shows no risk, and says how it could."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from plugin import trust
from plugin.caseload import caseload_of
from plugin.contract import LocalRecord
from plugin.due import due_list
from plugin.fitted import fit_caseload
from plugin.loading import load_caseload
from plugin.model_file import model_bytes
from plugin.records import COMPONENTS, Rating, Visit
from plugin.words import term_words
from tests.web.conftest import soup
from tests.web.worklist.caseloads import CLINIC, DAY, MISSED, ONE, _episode, rows, sent, simulated
from web.app import create_app
from web.languages import translations
from web.state import pack
from web.worklist import words
from web.worklist.demo import FILES, demo_file


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

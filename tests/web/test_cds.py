"""CDS Hooks 2.0 over HTTP: points of the checklist, each test named by its point, then what hostile callers try.

Points 38 to 45 (who may call) are in cds_trust/, those of cards and resources in tests/plugin/cds.
"""

from __future__ import annotations

import copy
import io
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.plugin.cds.resources import INSTANCE, call, searchset
from tests.web.cds_calls import SERVICE, model_file, today, view
from tests.web.cds_keys import DISCOVERY, bearer, trusting
from web.app import create_app
from web.cds.feedback_store import NAME
from web.cds.service import KEY
from web.pages import cds
from web.settings import read_settings

FEEDBACK = SERVICE + "/feedback"
OPEN_HERE = "CDS Hooks answers this machine's own calls only"


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cds, "today", today)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cds")


@pytest.fixture(scope="module")
def service(folder: Path) -> Flask:
    """The service with the evidence model, which may show no risk."""
    return create_app({"RAPPORT_DATA_DIR": str(folder / "plain")})


@pytest.fixture(scope="module")
def shown(folder: Path) -> Flask:
    """The service with a model that may show risks."""
    return create_app({"RAPPORT_DATA_DIR": str(folder / "shown"), "RAPPORT_MODEL": model_file(folder)})


@pytest.fixture
def client(service: Flask) -> FlaskClient:
    return service.test_client()


def problems(response: Any, status: int) -> list[str]:
    """Return what an OperationOutcome says, and check that it is one."""
    assert response.status_code == status, response.get_data(as_text=True)
    found = response.get_json()
    assert found["resourceType"] == "OperationOutcome"
    assert all(issue["severity"] == "error" and issue["code"] for issue in found["issue"])
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    return [issue["diagnostics"] for issue in found["issue"]]


def nothing_is_empty(value: Any, key: str = "") -> bool:
    if value is None or (value in ("", [], {}) and key not in ("cards", "services")):
        return False
    if isinstance(value, dict):
        return all(nothing_is_empty(part, name) for name, part in value.items())
    return not isinstance(value, list) or all(map(nothing_is_empty, value))


def test_01_json_in_and_json_out(client: FlaskClient) -> None:
    body = json.dumps(view())
    for kind in ("application/json", "application/json; charset=utf-8", "application/fhir+json", None):
        response = client.post(SERVICE, data=body, content_type=kind)
        assert (response.status_code, response.mimetype) == (200, "application/json")
    assert "JSON" in problems(client.post(SERVICE, data=body, content_type="text/plain"), 415)[0]
    zipped = client.post(SERVICE, data=body, content_type="application/json", headers={"Content-Encoding": "gzip"})
    assert "Content-Encoding" in problems(zipped, 415)[0]


def test_02_nothing_in_an_answer_is_null_or_empty(client: FlaskClient, shown: Flask) -> None:
    extension = {"org.rapport-roi.cds": {"riskAssessment": True}}
    answered = shown.test_client().post(SERVICE, json=view(extension=extension)).get_json()
    assert answered["cards"]
    assert answered["systemActions"]
    for found in (answered, client.get(DISCOVERY).get_json(), client.post(SERVICE, json=view()).get_json()):
        assert nothing_is_empty(found)


def test_03_discovery_lists_the_services(client: FlaskClient) -> None:
    response = client.get(DISCOVERY)
    assert response.status_code == 200
    found = response.get_json()["services"]
    assert {each["hook"] for each in found} == {"patient-view", "appointment-book", "encounter-start"}
    assert all(each["id"] and each["description"] and each["title"] for each in found)
    assert client.head(DISCOVERY).status_code == 200


def test_04_each_service_listed_answers_its_hook_with_its_own_prefetch(client: FlaskClient) -> None:
    for each in client.get(DISCOVERY).get_json()["services"]:
        body = call(each["hook"], prefetch=dict.fromkeys(each["prefetch"], searchset()))
        response = client.post(f"{DISCOVERY}/{each['id']}", json=body)
        assert (response.status_code, response.get_json()) == (200, {"cards": []})


@pytest.mark.parametrize("missing", ["hook", "hookInstance", "context"])
def test_09_what_a_call_must_have(client: FlaskClient, missing: str) -> None:
    body = view()
    del body[missing]
    assert any(said.startswith(missing) for said in problems(client.post(SERVICE, json=body), 400))


def test_11_an_answer_takes_less_than_half_a_second(shown: Flask) -> None:
    client, body, seconds = shown.test_client(), view(), []
    client.post(SERVICE, json=body)  # the model is opened with the first call
    for _ in range(5):
        start = time.perf_counter()
        assert client.post(SERVICE, json=body).get_json()["cards"]
        seconds.append(time.perf_counter() - start)
    assert median(seconds) < 0.5


def test_12_wrong_calls_have_the_statuses_of_http(client: FlaskClient) -> None:
    assert "rapport-patient-view" in problems(client.post(f"{DISCOVERY}/none", data=b"{"), 404)[0]
    assert problems(client.post(f"{DISCOVERY}/none/feedback", json={}), 404)
    assert problems(client.get(f"{DISCOVERY}/a/b/c"), 404)
    assert problems(client.get(f"{DISCOVERY}/"), 404)
    assert "not JSON" in problems(client.post(SERVICE, data=b"{"), 400)[0]
    assert "patient-view" in problems(client.post(SERVICE, json=call("order-sign", prefetch={})), 400)[0]
    for path, method, allowed in (
        (DISCOVERY, "POST", "GET, OPTIONS"),
        (DISCOVERY, "DELETE", "GET, OPTIONS"),
        (SERVICE, "GET", "POST, OPTIONS"),
        (SERVICE, "PUT", "POST, OPTIONS"),
        (FEEDBACK, "GET", "POST, OPTIONS"),
    ):
        response = client.open(path, method=method)
        assert problems(response, 405)
        assert response.headers["Allow"] == allowed


def test_12_a_body_may_be_larger_than_a_form_but_not_endless(client: FlaskClient) -> None:
    padded = view() | {"extension": {"com.example.pad": "x" * 1_000_000}}
    assert client.post(SERVICE, json=padded).status_code == 200
    over = client.post(SERVICE, data=b" " * (cds.MOST_BYTES + 1), content_type="application/json")
    assert "4,000,000" in problems(over, 413)[0]
    for content, status in ((json.dumps(padded), 200), (json.dumps(padded) + " " * cds.MOST_BYTES, 413)):
        pieces = client.post(  # without a length, as Transfer-Encoding: chunked comes from a server
            SERVICE, input_stream=io.BytesIO(content.encode()), environ_overrides={"wsgi.input_terminated": True}
        )
        assert pieces.status_code == status


def test_16_unknown_fields_and_keys_change_nothing(client: FlaskClient) -> None:
    plain = client.post(SERVICE, json=view()).get_json()
    more = view() | {"unknown": {"a": [1]}, "extension": {"com.example": {}}}
    more["prefetch"]["unheard-of"] = {"resourceType": "Patient", "id": "p1"}
    assert client.post(SERVICE, json=more).get_json() == plain


def test_18_needed_data_that_are_nowhere_are_412(client: FlaskClient) -> None:
    prefetch = view()["prefetch"]
    del prefetch["episodes"]
    (said,) = problems(client.post(SERVICE, json=view(prefetch)), 412)
    assert said.startswith("prefetch.episodes is needed")


def test_21_a_null_is_no_missing_key(client: FlaskClient) -> None:
    body = view(view()["prefetch"] | {"episodes": None, "plans": None})
    response = client.post(SERVICE, json=body)
    assert (response.status_code, response.get_json()) == (200, {"cards": []})


@pytest.mark.parametrize("user", ["Patient/p1", "RelatedPerson/r1"])
def test_23_clients_and_relatives_are_shown_nothing(shown: Flask, user: str) -> None:
    response = shown.test_client().post(SERVICE, json=view({}, context={"userId": user}))
    assert (response.status_code, response.get_json()) == (200, {"cards": []})


def test_46_a_browser_may_ask_before_it_calls_and_read_errors(tmp_path: Path) -> None:
    client = create_app(trusting(tmp_path)).test_client()
    asks = {"Origin": "https://sandbox.example", "Access-Control-Request-Method": "POST"}
    for path in (DISCOVERY, SERVICE, FEEDBACK):
        response = client.options(path, headers=asks | {"Access-Control-Request-Headers": "authorization"})
        assert (response.status_code, response.data) == (204, b"")
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Access-Control-Allow-Methods"] == "GET, POST"
        assert response.headers["Access-Control-Allow-Headers"] == "authorization, content-type"
        assert "Access-Control-Allow-Credentials" not in response.headers
    assert problems(client.get(DISCOVERY, headers={"Origin": "https://sandbox.example"}), 401)
    authorized = {"Authorization": bearer(SERVICE)}
    assert problems(client.post(SERVICE, json=view({}), headers=authorized), 412)


def test_39_every_call_needs_a_token_of_its_own_and_is_refused_before_it_is_read(tmp_path: Path) -> None:
    client = create_app(trusting(tmp_path)).test_client()
    for path, method in ((DISCOVERY, "GET"), (SERVICE, "POST"), (FEEDBACK, "POST"), (f"{DISCOVERY}/none", "POST")):
        response = client.open(path, method=method, data=b"{" if method == "POST" else None)
        assert problems(response, 401)
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
        token = {"Authorization": bearer(path)}
        assert client.open(path, method=method, headers=token).status_code not in (401, 403, 500)
        assert problems(client.open(path, method=method, headers=token), 401)  # used


def test_without_clients_only_this_machine_is_answered(client: FlaskClient) -> None:
    away = client.get(DISCOVERY, environ_overrides={"REMOTE_ADDR": "203.0.113.7"})
    assert "RAPPORT_CDS_CLIENTS" in problems(away, 403)[0]


def test_a_calibrated_model_shows_its_risk_and_its_assessment(shown: Flask) -> None:
    extension = {"org.rapport-roi.cds": {"riskAssessment": True}}
    found = shown.test_client().post(SERVICE, json=view(extension=extension)).get_json()
    (card,) = found["cards"]
    assert card["summary"].startswith("Risk of leaving before the plan is done: ")
    assert "fitted" in card["source"]["label"]
    assert card["source"]["url"] == "http://localhost/model"
    assert "goals" in card["suggestions"][0]["label"].lower()
    (action,) = found["systemActions"]
    risk = action["resource"]["prediction"][0]["probabilityDecimal"]
    assert f"{risk:.0f}%" in card["summary"]  # a percentage in both
    assert shown.extensions[KEY].feedback.counts("fitted").shown["risk"] >= 1


def test_a_model_that_nobody_judged_shows_no_risk(client: FlaskClient) -> None:
    (card,) = client.post(SERVICE, json=view()).get_json()["cards"]
    assert card["summary"] == "Rated lowest in the alliance: goals; no risk of leaving is shown"
    assert "nobody has judged it" in card["detail"].replace("\\", "")


def test_the_same_call_has_the_same_answer_and_counts_once(folder: Path) -> None:
    app = create_app({"RAPPORT_DATA_DIR": str(folder / "once")})
    first, second = (app.test_client().post(SERVICE, json=view()).get_json() for _ in range(2))
    assert first == second
    assert app.extensions[KEY].feedback.counts("evidence").shown == {"risk": 0, "ratings": 1}


def test_links_lead_to_the_public_address(tmp_path: Path) -> None:
    app = create_app(trusting(tmp_path))
    response = app.test_client().post(SERVICE, json=view(), headers={"Authorization": bearer(SERVICE), "Host": "x"})
    assert response.get_json()["cards"][0]["source"]["url"] == "https://rapport.example/model"


def test_a_card_that_cannot_be_noted_is_shown_all_the_same(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app({"RAPPORT_DATA_DIR": str(tmp_path)})
    (tmp_path / NAME).write_bytes(b"no database at all, and longer than its header " * 4)
    assert app.test_client().post(SERVICE, json=view()).get_json()["cards"]
    assert "cannot be noted" in caplog.text
    item = {"card": INSTANCE, "outcome": "overridden", "outcomeTimestamp": "2026-03-05T14:30:00Z"}
    assert problems(app.test_client().post(FEEDBACK, json={"feedback": [item]}), 503)


def test_what_goes_wrong_inside_is_told_without_a_trace(
    service: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: Any) -> Any:
        raise RuntimeError("Patient/p1 has no such thing")

    monkeypatch.setattr(service.extensions[KEY], "answer", fails)
    (said,) = problems(service.test_client().post(SERVICE, json=view()), 500)
    assert "p1" not in said + caplog.text
    assert "RuntimeError at" in caplog.text


def test_nothing_of_the_patient_is_logged_or_kept(
    tmp_path: Path, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = json.loads(json.dumps(view()).replace('"p1"', '"secret-patient"').replace("/p1", "/secret-patient"))
    body["context"]["patientId"] = "secret-patient"
    body = json.loads(json.dumps(body).replace("dr-1", "secret-clinician"))
    app = create_app({"RAPPORT_DATA_DIR": str(tmp_path), "RAPPORT_MODEL": model_file(folder)})
    client = app.test_client()
    (card,) = client.post(SERVICE, json=body).get_json()["cards"]
    comment = {"reason": {"system": "urn:x", "code": "c"}, "userComment": "secret-comment"}
    item = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-03-05T14:30:00Z"}
    assert client.post(FEEDBACK, json={"feedback": [item | {"overrideReason": comment}]}).status_code == 200
    body["prefetch"]["episodes"] = "secret"
    assert client.post(SERVICE, json=body).status_code == 400
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert card["uuid"].encode() in kept
    assert b"secret" not in kept
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (b'"x": NaN', "NaN"),
        (b'"x": -Infinity', "Infinity"),
        (b'"x": 1e999', "too large"),
        (b'"x": ' + b"9" * 5_000, "too large"),
        (b'"x": {"a": 1, "a": 1}', "twice"),
        (b'"x": "\\ud800"', "half a character"),
        (b'"x": "\xff"', "UTF-8"),
        (b'"x": ' + b"[" * 100_000, "nested too deeply"),
        (b'"x": ' + b'{"a":' * 50_000, "nested too deeply"),
        (b'"x": 01', "not JSON"),
    ],
)
def test_a_body_that_two_readers_could_read_in_two_ways_is_refused(client: FlaskClient, more: bytes, said: str) -> None:
    item = {"card": INSTANCE, "outcome": "overridden", "outcomeTimestamp": "2026-03-05T14:30:00Z"}
    for path, good in ((SERVICE, view()), (FEEDBACK, {"feedback": [item]})):
        whole = json.dumps(good).encode()
        assert client.post(path, data=whole).status_code == 200
        assert said in problems(client.post(path, data=b"{" + more + b", " + whole[1:]), 400)[0]


@pytest.mark.parametrize("body", [b"", b"[]", b'"text"', b"null", b"3", b"{}", b"\x00"])
def test_a_body_that_is_no_call_is_refused(client: FlaskClient, body: bytes) -> None:
    for path in (SERVICE, FEEDBACK):
        assert problems(client.post(path, data=body), 400)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from places(part, (*at, key))


PLACES = list(places(view()))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.sampled_from(PLACES), value=JSON)
def test_whatever_stands_anywhere_in_a_call_is_answered_or_refused(shown: Flask, place: Any, value: Any) -> None:
    body: Any = copy.deepcopy(view())
    if place:
        *way, last = place
        inner = body
        for key in way:
            inner = inner[key]
        inner[last] = value
    else:
        body = value
    response = shown.test_client().post(SERVICE, json=body)
    assert response.status_code in (200, 400, 412)
    assert "Traceback" not in response.get_data(as_text=True)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=60) | JSON.map(lambda value: json.dumps({"feedback": [value]}).encode()))
def test_whatever_comes_as_feedback_is_kept_or_refused(service: Flask, body: bytes) -> None:
    assert service.test_client().post(FEEDBACK, data=body).status_code in (200, 400)


def test_the_example_of_the_documentation_does_what_it_says(client: FlaskClient) -> None:
    page = (Path(__file__).parents[2] / "docs" / "cds-hooks.md").read_text(encoding="utf-8")
    example = page.partition("<<'JSON'\n")[2].partition("\nJSON\n")[0]
    (card,) = client.post(SERVICE, data=example, content_type="application/json").get_json()["cards"]
    assert f"*{card['summary']}*" in page
    for asked in client.get(DISCOVERY).get_json()["services"]:
        assert f"`{asked['id']}` | `{asked['hook']}`" in page


def test_the_code_map_of_the_documentation_can_be_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "cds-hooks.md").read_text(encoding="utf-8")
    path = tmp_path / "codes.toml"
    path.write_text(page.partition("# codes.toml")[2].partition("\n")[2].partition("```")[0], encoding="utf-8")
    codes = read_settings({"RAPPORT_CDS_CODES": str(path)}).cds_codes
    assert codes.scales["https://clinic.example/Questionnaire/alliance", "bond"].questionnaire
    assert codes.settings["https://clinic.example/care", "day-program"] == "php"

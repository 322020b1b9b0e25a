"""The API: the published result, problems as JSON, and a description that keeps its word."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from assumptions import Library
from calculator import evaluate, parse_scenario
from web.app import create_app

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))
LEAST: dict[str, Any] = {"clinic": {"setting": "outpatient", "intakes_per_month": 40}, "payers": [{}]}


def schema_of(name: str, client: FlaskClient) -> Draft202012Validator:
    described = client.get("/api/v1/openapi.json").get_json()
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": described["components"]})


def problems(answer: Any) -> dict[str, str]:
    assert answer.mimetype == "application/json"
    return {problem["path"]: problem["message"] for problem in answer.get_json()["problems"]}


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_a_clinic_as_json_gives_the_result_of_the_model(client: FlaskClient, library: Library, file: Path) -> None:
    data = tomllib.loads(file.read_text("utf-8"))
    answer = client.post("/api/v1/estimate", json=data)
    assert answer.status_code == 200
    assert answer.get_json() == json.loads(json.dumps(evaluate(parse_scenario(data), library, indices=True).to_dict()))
    assert list(schema_of("Estimate", client).iter_errors(answer.get_json())) == []
    assert list(schema_of("Scenario", client).iter_errors(data)) == []
    assert client.post("/api/v1/estimate", json=data).data == answer.data


def test_the_fast_part_leaves_out_what_costs_more(client: FlaskClient) -> None:
    fast = client.post("/api/v1/estimate?part=fast", json=LEAST).get_json()
    whole = client.post("/api/v1/estimate", json=LEAST).get_json()
    assert fast["sobol"] is None
    assert whole["sobol"]
    assert {key: value for key, value in fast.items() if key != "sobol"} == {
        key: value for key, value in whole.items() if key != "sobol"
    }
    assert list(schema_of("Estimate", client).iter_errors(fast)) == []
    assert "part" in problems(client.post("/api/v1/estimate?part=half", json=LEAST))


def test_every_problem_is_listed_with_its_path(client: FlaskClient) -> None:
    data = {"clinic": {"setting": "spa", "dropout_rate": 35, "colour": 1}, "payers": [{"share": "x"}], "analyse": {}}
    answer = client.post("/api/v1/estimate", json=data)
    assert answer.status_code == 422
    assert set(problems(answer)) >= {
        "clinic.setting", "clinic.dropout_rate", "clinic.colour", "clinic.intakes_per_month", "payers.1.share",
        "analyse",
    }  # fmt: skip
    assert list(schema_of("Problems", client).iter_errors(answer.get_json())) == []


@pytest.mark.parametrize(
    ("body", "kind", "status", "part"),
    [
        (b"", "application/json", 400, "not JSON"),
        (b"{", "application/json", 400, "not JSON"),
        (b'{"clinic": NaN}', "application/json", 400, "NaN is not a number JSON knows"),
        (b'{"a": Infinity}', "application/json", 400, "Infinity"),
        (b'{"a": 1, "a": 2}', "application/json", 400, "there twice"),
        (b'"\\ud800"', "application/json", 400, "not JSON"),
        (b"\xff\xfe\x00", "application/json", 400, "not JSON"),
        (b"[" * 60_000, "application/json", 400, "nested too deeply"),
        (b"[]", "application/json", 422, "must be an object"),
        (b"null", "application/json", 422, "must be an object"),
        (b"{}", "text/plain", 415, "Content-Type"),
        (b"clinic.setting=iop", "application/x-www-form-urlencoded", 415, "Content-Type"),
        (b" " * 70_000, "application/json", 413, "65,536 bytes"),
    ],
)
def test_what_is_not_a_clinic_is_answered_in_json(
    client: FlaskClient, body: bytes, kind: str, status: int, part: str
) -> None:
    answer = client.post("/api/v1/estimate", data=body, content_type=kind)
    assert answer.status_code == status
    assert part in problems(answer)[""]


def test_other_errors_are_json_too(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/api/v1/nothing").status_code == 404
    assert problems(client.get("/api/v1/nothing"))
    assert client.get("/api/v1/estimate").status_code == 405
    assert problems(client.get("/api/v1/estimate"))

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("web.api.evaluate", broken)
    answer = create_app().test_client().post("/api/v1/estimate", json=LEAST)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert problems(answer)


def test_a_visitor_cannot_ask_for_millions_of_futures(client: FlaskClient) -> None:
    answer = client.post("/api/v1/estimate", json=LEAST | {"analysis": {"draws": 65_537}})
    assert answer.status_code == 422
    assert "at most 65536" in problems(answer)["analysis.draws"]


def test_numbers_beyond_all_bounds_are_problems_and_not_crashes(client: FlaskClient) -> None:
    for number in ("1e400", "1" + "0" * 400, "-1e400"):
        body = f'{{"clinic": {{"setting": "iop", "intakes_per_month": {number}}}, "payers": [{{}}]}}'
        answer = client.post("/api/v1/estimate", data=body, content_type="application/json")
        assert answer.status_code == 422
        assert "clinic.intakes_per_month" in problems(answer)


def test_the_description_is_valid_openapi_and_holds_bounds_and_units(client: FlaskClient) -> None:
    described = client.get("/api/v1/openapi.json").get_json()
    validate(described)
    assert described["openapi"].startswith("3.1")
    rate = described["components"]["schemas"]["Clinic"]["properties"]["dropout_rate"]
    assert rate["x-unit"] == "share of episodes"
    assert rate["anyOf"][0]["maximum"] == 0.99
    wrong = {"clinic": {"setting": "outpatient", "intakes_per_month": 40, "dropout_rate": 35}, "payers": [{}]}
    assert list(schema_of("Scenario", client).iter_errors(wrong)) != []


def test_health(client: FlaskClient, library: Library) -> None:
    assert client.get("/health/live").get_json() == {"status": "live"}
    assert client.get("/health/ready").get_json() == {"status": "ready", "evidence_sha256": library.sha256}

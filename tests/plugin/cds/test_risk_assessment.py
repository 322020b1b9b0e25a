"""The RiskAssessment: right in FHIR R4, by three validators that do not know each other, and in its percent."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given, settings
from pydantic import ValidationError

from assumptions import load_library
from plugin.cds import ClientRecord, Maker, respond
from plugin.cds.advice import advices
from plugin.cds.codes import URN
from plugin.cds.risk_assessment import OUTCOMES
from plugin.cds.risk_words import level, usual_risk
from plugin.contract import Probability, Score
from plugin.records import SETTINGS
from tests.plugin.cds.answers import MAKER, client, score, scored, speech
from tests.plugin.cds.resources import (
    TODAY,
    Json,
    answers,
    appointment,
    call,
    care,
    encounter,
    observation,
    plan,
    request,
    searchset,
    usual_resources,
)
from tests.plugin.cds.validators import SOURCE, NotHere, Validators


@pytest.fixture(scope="module")
def validators() -> Iterator[Validators]:
    try:
        running = Validators()
    except NotHere as error:
        pytest.skip(str(error))
    yield running
    running.close()


def actions(answer: Score, who: ClientRecord, body: Json | None = None, maker: Maker = MAKER) -> list[Json]:
    """Return the system actions of a score as they leave the service, through JSON."""
    made = respond(request(body), who, speech(answer, maker), TODAY, wants_assessment=True)
    return list(json.loads(json.dumps(made["systemActions"], allow_nan=False)))


def assessment(answer: Score | None = None, who: ClientRecord | None = None, body: Json | None = None) -> Json:
    (action,) = actions(answer or score(), who or client(), body)
    return dict(action["resource"])


def pydantic_problems(resource: Json) -> list[str]:
    """Return what fhir.resources says; of R4B, which is R4 for these resources."""
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(copy.deepcopy(resource))
    except ValidationError as error:
        return [str(each["loc"]) for each in error.errors()]
    return []


def test_a_probability_is_a_percentage_and_not_a_share() -> None:
    """Invariant ras-2 of R4 allows up to 100: 0.42 is 42, and no validator can tell that 0.42 would be wrong."""
    whole, following = assessment()["prediction"]
    assert whole["probabilityDecimal"] == 42
    assert following["probabilityDecimal"] == 8
    for share, percentage in ((0.0, 0), (1.0, 100), (0.0049, 0.5), (0.5, 50), (0.12345, 12.3), (0.9999, 100)):
        made = assessment(score(risk_before_completion=Probability(share, 0.0, 1.0)))
        assert made["prediction"][0]["probabilityDecimal"] == percentage
        assert "probabilityRange" not in made["prediction"][0]


def test_an_assessment_by_hand() -> None:
    record = client(planned_end=dt.date(2026, 6, 30), basis=("EpisodeOfCare/c1", "Observation/o1"))
    made = assessment(who=record, body=call(context={"encounterId": "e1"}))
    assert (made["resourceType"], made["status"]) == ("RiskAssessment", "final")
    assert made["subject"] == {"reference": "Patient/p1"}
    assert made["encounter"] == {"reference": "Encounter/e1"}
    assert made["occurrenceDateTime"] == "2026-03-05"
    assert made["basis"] == [{"reference": "EpisodeOfCare/c1"}, {"reference": "Observation/o1"}]
    assert made["method"]["coding"] == [{"system": f"{URN}:model", "version": "1.0", "code": "evidence"}]
    whole, following = made["prediction"]
    assert whole["whenPeriod"] == {"start": "2026-03-05", "end": "2026-06-30"}
    assert following["whenPeriod"] == {"start": "2026-03-05"}
    assert [each["outcome"]["text"] for each in made["prediction"]] == list(OUTCOMES.values())
    assert whole["qualitativeRisk"]["coding"][0]["code"] == "higher"
    assert whole["rationale"] == (
        "90 percent range 25% to 60%. What goes with a higher risk: agreement on goals rated low."
    )
    assert following["rationale"] == "90 percent range 5% to 12%."
    assert made["mitigation"].startswith("Goals: review the plan together, in the client's own words. ")
    assert made["mitigation"].endswith(advices()["goals"].citation)
    bare = assessment(score(weakest_component=None, contributions=()), client(basis=()))
    assert {"mitigation", "basis", "encounter"} & set(bare) == set()


@given(found=scored())
def test_an_assessment_says_what_the_card_says(found: tuple[Score, ClientRecord]) -> None:
    answer, who = found
    whole, following = assessment(answer, who)["prediction"]
    for part, risk in ((whole, answer.risk_before_completion), (following, answer.risk_next_unit)):
        assert part["probabilityDecimal"] == pytest.approx(100 * risk.value, abs=0.05 + 1e-9)
        assert 0 <= part["probabilityDecimal"] <= 100
    assert whole["qualitativeRisk"]["coding"][0]["code"] == level(
        answer.risk_before_completion, usual_risk(who.episode)
    )


def test_one_patient_model_and_day_have_one_identifier() -> None:
    def identifier(**changes: Any) -> str:
        body = call(context={"patientId": changes.get("patient", "p1")}, hookInstance=changes.get("call", "1" * 32))
        maker = Maker(changes.get("model", "evidence"), changes.get("version", "1.0"), MAKER.site)
        said = speech(changes.get("score", score()), maker)
        made = respond(request(body), client(), said, changes.get("day", TODAY), wants_assessment=True)
        (found,) = made["systemActions"][0]["resource"]["identifier"]
        assert found["system"] == "urn:ietf:rfc:3986"
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", found["value"])
        return str(found["value"])

    same = identifier()
    assert identifier(call="2" * 32, score=score(expected_units_remaining=1.0)) == same
    others = [
        identifier(patient="p2"),
        identifier(model="fitted"),
        identifier(version="1.1"),
        identifier(day=TODAY + dt.timedelta(days=1)),
    ]
    assert len({same, *others}) == 5


@settings(max_examples=60)
@given(found=scored())
def test_33_system_actions_are_valid_fhir_by_three_validators(
    validators: Validators, found: tuple[Score, ClientRecord]
) -> None:
    """Each resource by itself, and all of them as a transaction would carry them."""
    made = [action["resource"] for action in actions(*found, body=call(context={"encounterId": "e1"}))]
    sent = {"method": "POST", "url": "RiskAssessment"}
    entries = [{"fullUrl": each["identifier"][0]["value"], "resource": each, "request": sent} for each in made]
    for resource in (*made, {"resourceType": "Bundle", "type": "transaction", "entry": entries}):
        assert validators.problems(resource) == {"medplum": [], "lantana": []}
        assert pydantic_problems(resource) == []


def test_the_resources_of_these_tests_are_valid_fhir_themselves(validators: Validators) -> None:
    items = [{"linkId": "1", "answer": [{"valueInteger": 5, "item": [{"linkId": "2"}]}]}]
    resources = [*usual_resources(), answers(items, "2026-02-01"), plan(), appointment("2026-03-01")]
    for resource in (*resources, searchset(care(), encounter("2026-01-05"), following="https://ehr.example/2")):
        assert validators.problems(resource) == {"medplum": [], "lantana": []}, resource["resourceType"]
        assert pydantic_problems(resource) == []
    assert validators.problems(observation("bond", "12", TODAY))["medplum"] != []


def without(*keys: str) -> Callable[[Json], None]:
    def change(resource: Json) -> None:
        for key in keys:
            del resource[key]

    return change


def having(**changes: Any) -> Callable[[Json], None]:
    return lambda resource: resource.update(changes)


def predicting(**changes: Any) -> Callable[[Json], None]:
    def change(resource: Json) -> None:
        prediction = resource["prediction"][0]
        prediction.update(changes)
        if "probabilityRange" in changes and "probabilityDecimal" not in changes:
            del prediction["probabilityDecimal"]

    return change


PERCENT = {"unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}
RANGE = {"low": {"value": 25, **PERCENT}, "high": {"value": 60, **PERCENT}}
UNITLESS = {"low": {"value": 25}, "high": {"value": 60}}

#: A defect, and who is known to see it; together they see them all.
DEFECTS: dict[str, tuple[Callable[[Json], None], set[str]]] = {
    "missing subject": (without("subject"), {"medplum", "lantana", "pydantic"}),
    "missing status": (without("status"), {"medplum", "lantana", "pydantic"}),
    "bad status code": (having(status="finished"), {"lantana"}),
    "unknown field": (having(severity="high"), {"medplum", "lantana", "pydantic"}),
    "142 percent": (predicting(probabilityDecimal=142), {"medplum"}),
    "range without percent": (predicting(probabilityRange=UNITLESS), {"medplum"}),
    "number and range": (predicting(probabilityDecimal=42, probabilityRange=RANGE), {"pydantic"}),
    "bad date": (having(occurrenceDateTime="2026-13-45"), {"medplum", "pydantic"}),
    "null": (having(note=None), {"medplum"}),
    "number as text": (predicting(probabilityDecimal="0.4"), {"medplum", "lantana"}),
    "one object for a list": (having(basis={"reference": "Patient/p1"}), {"medplum", "lantana", "pydantic"}),
    "subject as text": (having(subject="Patient/p1"), {"medplum", "pydantic"}),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_the_validators_see_planted_defects(validators: Validators, name: str) -> None:
    change, seen_by = DEFECTS[name]
    resource = assessment()
    change(resource)
    said = {**validators.problems(resource), "pydantic": pydantic_problems(resource)}
    assert seen_by <= {who for who, problems in said.items() if problems}


def test_a_range_in_percent_is_no_defect(validators: Validators) -> None:
    resource = assessment()
    predicting(probabilityRange=RANGE)(resource)
    assert validators.problems(resource) == {"medplum": [], "lantana": []}


def test_the_lock_file_names_versions_and_no_host() -> None:
    lock = json.loads((SOURCE / "package-lock.json").read_text("utf-8"))
    wanted = json.loads((SOURCE / "package.json").read_text("utf-8"))["dependencies"]
    assert {name: lock["packages"][f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert "resolved" not in json.dumps(lock)
    assert not list(SOURCE.rglob(".npmrc"))


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_risk_is_judged_by_what_is_usual_in_the_setting(setting: str) -> None:
    """After one unit the usual risk is the published dropout rate D of the setting."""
    rate = load_library().settings[setting].defaults["clinic.dropout_rate"].value
    who = client(episode=dataclasses.replace(client().episode, setting=setting, planned_units=12, units_attended=1))
    ranges = {"higher": (0.01, 0.02), "unclear": (-0.01, 0.01), "lower": (-0.02, -0.01)}
    for word, (low, high) in ranges.items():
        risk = Probability(rate + (low + high) / 2.0, rate + low, rate + high)
        whole = assessment(score(risk_before_completion=risk), who)["prediction"][0]
        assert whole["qualitativeRisk"]["coding"][0]["code"] == word

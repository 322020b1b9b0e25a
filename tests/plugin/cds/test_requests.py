"""Reading a call: strict in what the answer rests on, lenient in everything else."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from plugin.cds import SERVICES, RequestError, parse_request
from plugin.cds.request import EXTENSION
from tests.plugin.cds.resources import INSTANCE, Json, call, request

ACCESS = {
    "access_token": "some-opaque.token~1",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "patient/Observation.rs",
    "subject": "cds-service",
}
SERVER = "https://ehr.example/fhir"


def problems(body: Any, hook: str = "patient-view") -> tuple[str, ...]:
    """Return what is said to be wrong with a call."""
    with pytest.raises(RequestError) as caught:
        parse_request(body, frozenset({hook}))
    return tuple(caught.value.problems)


def test_06_extension_is_an_object_with_keys_of_a_reversed_domain() -> None:
    assert EXTENSION.count(".") >= 2
    assert EXTENSION.startswith("org.")
    asking = {EXTENSION: {"riskAssessment": True}}
    assert request(call(extension=asking | {"com.example.other": [1, None]})).wants_risk_assessment
    for other in (None, [], "x", {EXTENSION: True}, {EXTENSION: {"riskAssessment": "yes"}}, {"riskAssessment": True}):
        assert not request(call(extension=other)).wants_risk_assessment


def test_10_authorization_needs_all_of_its_parts_and_a_server() -> None:
    read = request(call(fhirServer=SERVER, fhirAuthorization=ACCESS | {"patient": "p1"}))
    assert read.fhir_server == SERVER
    assert read.authorization is not None
    assert (read.authorization.access_token, read.authorization.scope) == (ACCESS["access_token"], ACCESS["scope"])
    for key in ACCESS:
        less = {name: value for name, value in ACCESS.items() if name != key}
        (said,) = problems(call(fhirServer=SERVER, fhirAuthorization=less))
        assert said.startswith(f"fhirAuthorization.{key}: is missing")
    assert problems(call(fhirAuthorization=ACCESS)) == ("fhirServer: is missing, though fhirAuthorization is there",)
    for change in ({"token_type": "Basic"}, {"expires_in": "300"}, {"expires_in": True}, {"access_token": "a\r\nb"}):
        assert len(problems(call(fhirServer=SERVER, fhirAuthorization=ACCESS | change))) == 1
    assert problems(call(fhirServer=SERVER, fhirAuthorization="token")) == ("fhirAuthorization: is no object",)
    assert request(call(fhirServer=SERVER)).authorization is None


def test_the_token_is_in_no_text_of_the_call() -> None:
    read = request(call(fhirServer=SERVER, fhirAuthorization=ACCESS, prefetch={"x": {"secret": "s"}}))
    assert ACCESS["access_token"] not in repr(read)
    assert "secret" not in repr(read)


def test_13_patient_view_needs_user_and_patient_and_may_name_the_encounter() -> None:
    assert request().encounter_id is None
    assert request(call(context={"encounterId": "e1"})).encounter_id == "e1"
    for kind, sees in (
        ("Practitioner", True),
        ("PractitionerRole", True),
        ("Patient", False),
        ("RelatedPerson", False),
    ):
        read = request(call(context={"userId": f"{kind}/a.1-B"}))
        assert (read.user, read.for_clinician) == (f"{kind}/a.1-B", sees)
    absolute = request(call(context={"userId": f"{SERVER}/Practitioner/7", "patientId": "Patient/p1"}))
    assert (absolute.user, absolute.patient_id) == ("Practitioner/7", "p1")
    for key in ("userId", "patientId"):
        for nothing in (None, "", "  ", 3, [], {}):
            assert problems(call(context={key: nothing})) == (f"context.{key}: is missing; send it as text",)
    for user in ("7", "Device/7", "Practitioner/", "Practitioner/a b", "Practitioner/7/x", "/7"):
        (said,) = problems(call(context={"userId": user}))
        assert said.startswith("context.userId: is Type/id")
    for patient in ("a b", "p1&_count=1", "../p1", "p" * 65, "Patient/"):
        (said,) = problems(call(context={"patientId": patient}))
        assert said.startswith("context.patientId: is no id")


def test_14_appointment_book_is_read_leniently() -> None:
    """As in the published example: two entries of one id, and the shapes of STU3."""
    booked: list[Json] = [
        {
            "resourceType": "Appointment",
            "id": "example",
            "status": "proposed",
            "appointmentType": {"coding": [{"system": "http://hl7.org/fhir/v2/0276", "code": "FOLLOWUP"}]},
            "indication": [{"reference": "Condition/example"}],
            "reason": [{"coding": [{"code": "1"}]}],
            "participant": [{"actor": {"reference": "Patient/example"}, "required": "required"}],
        },
        {"resourceType": "Appointment", "id": "example", "status": "proposed", "comment": "the same id"},
    ]
    bundle = {"resourceType": "Bundle", "entry": [{"resource": each} for each in booked]}
    read = request(call("appointment-book", {"appointments": bundle}))
    assert [each["id"] for each in read.appointments] == ["example", "example"]
    for odd in ({}, {"entry": None}, {"entry": {}}, {"entry": [None, 3, {}, {"resource": []}]}):
        assert request(call("appointment-book", {"appointments": odd})).appointments == ()
    assert request(call("appointment-book", {"encounterId": "e1"})).encounter_id == "e1"
    for nothing in (None, [], "x"):
        (said,) = problems(call("appointment-book", {"appointments": nothing}), "appointment-book")
        assert said.startswith("context.appointments: is missing")


@pytest.mark.parametrize("hook", ["encounter-start", "encounter-discharge"])
def test_15_encounter_hooks_need_user_patient_and_encounter(hook: str) -> None:
    assert request(call(hook)).encounter_id == "e-now"
    for key in ("userId", "patientId", "encounterId"):
        body = call(hook)
        del body["context"][key]
        assert problems(body, hook) == (f"context.{key}: is missing; send it as text",)


def test_15_hooks_that_are_served_are_published_ones_or_of_a_reversed_domain() -> None:
    published = {"patient-view", "appointment-book", "encounter-start", "encounter-discharge"}
    for service in SERVICES:
        assert service.hook in published or service.hook.count(".") >= 2


def test_16_what_is_not_known_is_ignored() -> None:
    body = call(
        context={"somethingNew": {"deep": [1]}},
        prefetch={"not-asked-for": 3},
        extension={"com.example": {"x": None}},
        hookVersion="1.0",
        whatever=[{}],
    )
    read, plain = request(body), request()
    assert (read.user, read.patient_id, read.hook_instance) == (plain.user, plain.patient_id, plain.hook_instance)
    assert plain.hook_instance == uuid.UUID(INSTANCE)


def test_everything_that_is_wrong_is_said_at_once_and_none_of_it_is_repeated() -> None:
    body = {
        "hook": "secret-hook",
        "hookInstance": "secret-instance",
        "context": {"userId": "secret user", "patientId": "secret patient", "encounterId": "secret encounter"},
        "fhirServer": ["secret"],
        "fhirAuthorization": {"access_token": "secret\0", "token_type": "secret"},
        "prefetch": "secret",
    }
    found = problems(body)
    starts = (
        "hook:", "hookInstance:", "context.userId:", "context.patientId:", "context.encounterId:", "fhirServer:",
        "fhirAuthorization.scope:", "fhirAuthorization.subject:", "fhirAuthorization.token_type:",
        "fhirAuthorization.expires_in:", "fhirAuthorization.access_token:", "prefetch:",
    )  # fmt: skip
    for start in starts:
        assert any(said.startswith(start) for said in found), start
    assert not any("secret" in said for said in found)


@pytest.mark.parametrize("body", [None, [], "x", 3, True])
def test_a_body_that_is_no_object_is_refused(body: Any) -> None:
    assert problems(body) == ("the body is no JSON object",)


def test_what_the_answer_rests_on_must_be_there() -> None:
    found = problems({})
    assert [said.partition(":")[0] for said in found] == ["hook", "hookInstance", "context"]
    assert problems(call(), "encounter-start") == ("hook: this service serves encounter-start",)

"""Calls and resources of FHIR R4 as a record system sends them; each test changes what it is about."""

from __future__ import annotations

import datetime as dt
from typing import Any

from plugin.cds import HookRequest, parse_request
from plugin.cds.codes import PLANNED_UNITS, URN

TODAY = dt.date(2026, 3, 5)
PATIENT = "p1"
INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
PRACTITIONER = "Practitioner/dr-1"
SUBJECT = {"reference": f"Patient/{PATIENT}"}

Json = dict[str, Any]


def call(hook: str = "patient-view", context: Json | None = None, **more: Any) -> Json:
    """Return the body of a call; ``context`` adds to or changes the usual one."""
    usual: Json = {"userId": PRACTITIONER, "patientId": PATIENT}
    if hook.startswith("encounter"):
        usual["encounterId"] = "e-now"
    if hook == "appointment-book":
        usual["appointments"] = searchset(appointment(dt.date(2026, 3, 12), status="proposed"))
    return {"hook": hook, "hookInstance": INSTANCE, "context": usual | (context or {}), **more}


def request(body: Json | None = None) -> HookRequest:
    """Return a call that was read."""
    body = body or call()
    return parse_request(body, frozenset({body["hook"]}))


def care(identity: str = "c1", start: str = "2026-01-05", planned: int | None = 12, **more: Any) -> Json:
    """Return an EpisodeOfCare; ``planned`` units stand in an extension."""
    plan = [] if planned is None else [{"url": PLANNED_UNITS, "valueInteger": planned}]
    return {
        "resourceType": "EpisodeOfCare",
        "id": identity,
        "status": "active",
        "patient": SUBJECT,
        "period": {"start": start},
        "careManager": {"reference": PRACTITIONER},
        **({"extension": plan} if plan else {}),
    } | more


def plan(identity: str = "plan1", start: str = "2026-01-05", **more: Any) -> Json:
    """Return a CarePlan."""
    return {
        "resourceType": "CarePlan",
        "id": identity,
        "status": "active",
        "intent": "plan",
        "subject": SUBJECT,
        "period": {"start": start},
    } | more


def encounter(day: dt.date | str, identity: str | None = None, **more: Any) -> Json:
    """Return an Encounter that took place, of the episode c1."""
    return {
        "resourceType": "Encounter",
        "id": identity or f"e-{day}",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": SUBJECT,
        "episodeOfCare": [{"reference": "EpisodeOfCare/c1"}],
        "period": {"start": f"{day}T09:00:00-05:00"},
    } | more


def appointment(day: dt.date | str, identity: str | None = None, status: str = "noshow", **more: Any) -> Json:
    """Return an Appointment."""
    return {
        "resourceType": "Appointment",
        "id": identity or f"a-{day}",
        "status": status,
        "start": f"{day}T09:00:00-05:00",
        "end": f"{day}T09:50:00-05:00",
        "participant": [{"actor": SUBJECT, "status": "accepted"}],
    } | more


def observation(measure: str, score: Any, day: dt.date | str, identity: str | None = None, **more: Any) -> Json:
    """Return an Observation with a score on a measure in the codes that hold without a clinic's own."""
    return {
        "resourceType": "Observation",
        "id": identity or f"o-{measure.replace('_', '-')}-{day}",
        "status": "final",
        "code": {"coding": [{"system": f"{URN}:measure", "code": measure}]},
        "subject": SUBJECT,
        "effectiveDateTime": f"{day}",
        "valueQuantity": {"value": score},
    } | more


def answers(items: list[Json], day: dt.date | str, identity: str = "q1", **more: Any) -> Json:
    """Return a QuestionnaireResponse."""
    return {
        "resourceType": "QuestionnaireResponse",
        "id": identity,
        "status": "completed",
        "questionnaire": "https://clinic.example/Questionnaire/alliance|2.1",
        "subject": SUBJECT,
        "authored": f"{day}T10:00:00Z",
        "item": items,
    } | more


def searchset(*resources: Json, following: str | None = None) -> Json:
    """Return a Bundle as a search gives it, with the address of its next page if it goes on."""
    bundle: Json = {"resourceType": "Bundle", "type": "searchset"}
    if resources:
        bundle["entry"] = [
            {"fullUrl": f"https://ehr.example/{each['resourceType']}/{each['id']}", "resource": each}
            for each in resources
        ]
    if following:
        bundle["link"] = [
            {"relation": "self", "url": "https://ehr.example/now"},
            {"relation": "next", "url": following},
        ]
    return bundle


def usual_resources() -> list[Json]:
    """Return what is known of a client in care for two months: four visits, one missed, goals rated low."""
    days = ("2026-01-05", "2026-01-12", "2026-01-26", "2026-02-09")
    rated = [
        observation(measure, score, day)
        for day in days
        for measure, score in (("bond", 16), ("goals", 9), ("tasks", 15), ("alliance_total", 40))
    ]
    symptoms = observation("x", 14, "2026-01-05", "phq")
    symptoms["code"] = {"coding": [{"system": "http://loinc.org", "code": "44261-6"}]}
    return [care(), plan(), *map(encounter, days), appointment("2026-01-19"), *rated, symptoms]

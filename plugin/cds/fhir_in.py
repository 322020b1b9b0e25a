"""From resources of FHIR R4 to one client's episode, ratings and visits, and from what they rest on.

No name goes on to a predictor: episode and client have none, and the clinician has a pseudonym at most.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from plugin.cds.codes import COVARIATE, LATE_CANCEL, MOST_UNITS, PLANNED_UNITS, CodeMap, ScaleCode
from plugin.cds.fhir_values import at, codings, day, extensions, listed, number, of_type, own_reference, reference
from plugin.cds.request import HookRequest, Resource
from plugin.records import Covariate, Episode, Rating, Visit

OPEN: Final = ("active", "onhold", "on-hold")  # of EpisodeOfCare and CarePlan
CAME: Final = ("finished", "in-progress", "arrived", "triaged", "onleave")  # of Encounter: the client was there
KEPT: Final = ("fulfilled", "arrived", "checked-in")  # of Appointment
SOUND: Final = ("final", "amended", "corrected", "completed")  # of Observation and QuestionnaireResponse

Pseudonym = Callable[[str], str]


def _nobody(_: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """What is known of the client who is looked at.

    Attributes:
        episode, ratings, visits: as a predictor takes them; nothing is dated after the day of the call.
        plan_is_recorded: the number of planned units is the record's, not the clinic's usual one.
        planned_end: day on which the plan ends, where the record says.
        basis: the resources it was read from, as ``Type/id``.
        unusable: how many ratings were left out because of a score outside its scale or a missing day.
    """

    episode: Episode
    ratings: tuple[Rating, ...]
    visits: tuple[Visit, ...]
    plan_is_recorded: bool
    planned_end: dt.date | None
    basis: tuple[str, ...]
    unusable: int = 0


def client_record(
    request: HookRequest, resources: Sequence[Resource], codes: CodeMap, as_of: dt.date, pseudonym: Pseudonym = _nobody
) -> ClientRecord | None:
    """Return what resources say of the client of a call; None where they name no open episode of care.

    Resources of other patients are ignored. Without an EpisodeOfCare, an active CarePlan that has begun stands in.

    Args:
        request: the call.
        resources: all that came back, in any order.
        codes: what codes mean.
        as_of: the day of the call; nothing dated later is read.
        pseudonym: of a clinician's id, the same as in the clinic's files; without one the clinician is unknown.
    """
    own = [resource for resource in resources if _is_about(resource, request.patient_id)]
    encounters = [each for each in of_type(own, "Encounter") if _day_of(each, "period") is not None]
    care = _episode(own, encounters, request.encounter_id)
    if care is None:
        return None
    intake = _day_of(care, "period")
    if intake is None:
        return None
    visited = _of_episode(encounters, care)
    visits, seen = _visits(visited, of_type(own, "Appointment"), intake, as_of)
    attended = sorted({visit.date for visit in visits if visit.status == "attended"})
    plans = [each for each in of_type(own, "CarePlan") if each.get("status") in OPEN]
    planned = _planned_units([care, *plans])
    setting = _setting(care, codes)
    ratings, rated, unusable = _ratings(own, codes, intake, as_of)
    ends = [end for each in (care, *plans) if (end := day(at(each, "period", "end"))) and end > as_of]
    episode = Episode(
        episode_id="",
        client_id="",
        clinician_id=pseudonym(_clinician(care)),
        setting=setting,
        intake_date=intake,
        planned_units=planned or codes.planned_units[setting],
        units_attended=len(attended),
        last_unit_date=attended[-1] if attended else None,
        covariates=_covariates(care),
    )
    used = [care, *(plan for plan in plans if plan is not care and _planned_units([plan])), *seen, *rated]
    return ClientRecord(
        episode=episode,
        ratings=ratings,
        visits=visits,
        plan_is_recorded=planned is not None,
        planned_end=min(ends) if ends else None,
        basis=tuple(dict.fromkeys(name for each in used if (name := own_reference(each)))),
        unusable=unusable,
    )


def _is_about(resource: Resource, patient_id: str) -> bool:
    """Return whether a resource is about the patient; one that names nobody came as an answer about them."""
    named = [reference(resource.get(key)) for key in ("patient", "subject") if key in resource]
    actors = [reference(at(each, "actor")) for each in listed(resource, "participant")]
    patients = [found for found in (*named, *actors) if found and found[0] == "Patient"]
    return not patients or ("Patient", patient_id) in patients


def _day_of(resource: Resource, key: str) -> dt.date | None:
    return day(at(resource, key, "start"))


def _episode(own: Sequence[Resource], encounters: Sequence[Resource], encounter_id: str | None) -> Resource | None:
    """Return the open episode of the encounter in view, else the one that began last."""
    for kind in ("EpisodeOfCare", "CarePlan"):
        found = [each for each in of_type(own, kind) if each.get("status") in OPEN and _day_of(each, "period")]
        if not found:
            continue
        now = {name for each in encounters if each.get("id") == encounter_id for name in _episodes_of(each)}
        here = [each for each in found if own_reference(each) in now]
        return max(here or found, key=lambda each: (_day_of(each, "period"), str(each.get("id"))))
    return None


def _episodes_of(encounter: Resource) -> set[str]:
    found = (reference(each) for each in listed(encounter, "episodeOfCare"))
    return {f"{kind}/{identity}" for kind, identity in (each for each in found if each)}


def _of_episode(encounters: Sequence[Resource], care: Resource) -> list[Resource]:
    """Return the encounters of an episode; all that name no episode where the record system does not link them."""
    if care.get("resourceType") != "EpisodeOfCare":
        return list(encounters)
    linked = [each for each in encounters if own_reference(care) in _episodes_of(each)]
    return linked or [each for each in encounters if not _episodes_of(each)]


def _visits(
    encounters: Sequence[Resource], appointments: Sequence[Resource], intake: dt.date, as_of: dt.date
) -> tuple[tuple[Visit, ...], list[Resource]]:
    """Return visits since intake, one a day and status, and the resources they come from."""
    found: dict[tuple[dt.date, str], Resource] = {}
    for encounter in encounters:
        when, status = _day_of(encounter, "period"), encounter.get("status")
        word = "attended" if status in CAME else "cancelled" if status == "cancelled" else None
        if when and word and intake <= when <= as_of:
            found.setdefault((when, word), encounter)
    for appointment in appointments:
        when, word = day(appointment.get("start")), _appointment_word(appointment)
        if when and word and intake <= when <= as_of:
            found.setdefault((when, word), appointment)
    visits = tuple(Visit(when, word) for when, word in sorted(found))
    return visits, [found[visit.date, visit.status] for visit in visits]


def _appointment_word(appointment: Resource) -> str | None:
    status = appointment.get("status")
    if status == "cancelled":
        late = LATE_CANCEL in set(codings(appointment.get("cancelationReason")))
        return "late_cancel" if late else "cancelled"
    return "attended" if status in KEPT else "no_show" if status == "noshow" else None


def _clinician(care: Resource) -> str:
    found = reference(care.get("careManager"))
    return found[1] if found else ""


def _planned_units(resources: Sequence[Resource]) -> int | None:
    for resource in resources:
        for value in extensions(resource, PLANNED_UNITS):
            if type(value) is int and 1 <= value <= MOST_UNITS:
                return value
    return None


def _setting(care: Resource, codes: CodeMap) -> str:
    kinds = [code for concept in (*listed(care, "type"), *listed(care, "category")) for code in codings(concept)]
    return next((codes.settings[code] for code in kinds if code in codes.settings), codes.usual_setting)


def _covariates(care: Resource) -> Mapping[str, Covariate]:
    found: dict[str, Covariate] = {}
    for extension in listed(care, "extension"):
        url = at(extension, "url")
        if not isinstance(url, str) or not url.startswith(COVARIATE):
            continue
        for value in extensions(care, url):
            if isinstance(value, str) or number(value) is not None:
                found[url.removeprefix(COVARIATE)] = value if isinstance(value, str) else float(value)
    return found


def _ratings(
    own: Sequence[Resource], codes: CodeMap, intake: dt.date, as_of: dt.date
) -> tuple[tuple[Rating, ...], list[Resource], int]:
    """Return ratings since intake, the resources they come from, and how many could not be used.

    A measure is followed on one instrument, the one with most ratings: two scales side by side would look like change.
    """
    found: list[tuple[ScaleCode, Rating, Resource]] = []
    unusable = 0
    for resource in (*of_type(own, "Observation"), *of_type(own, "QuestionnaireResponse")):
        if resource.get("status") not in SOUND:
            continue
        when = _rated_on(resource)
        for scale, value in _scores(resource, codes):
            score = number(value)
            if when is None or score is None or not scale.scale_min <= score <= scale.scale_max:
                unusable += 1
            elif intake <= when <= as_of:
                rating = Rating(when, scale.measure, score, scale.scale_min, scale.scale_max)
                found.append((scale, rating, resource))
    counts = Counter(scale for scale, _, _ in found)
    order = list(codes.scales.values())
    chosen = {
        measure: max((s for s in counts if s.measure == measure), key=lambda s: (counts[s], -order.index(s)))
        for measure in {scale.measure for scale in counts}
    }
    kept = sorted(
        (each for each in found if chosen[each[0].measure] is each[0]),
        key=lambda each: (each[1].measure, each[1].date, each[1].score),
    )
    return tuple(rating for _, rating, _ in kept), [resource for _, _, resource in kept], unusable


def _rated_on(resource: Resource) -> dt.date | None:
    places = ("effectiveDateTime", "effectiveInstant", "authored", "issued")
    days = [day(resource.get(place)) for place in places]
    period = day(at(resource, "effectivePeriod", "end")) or day(at(resource, "effectivePeriod", "start"))
    return next((found for found in (*days[:2], period, *days[2:]) if found), None)


def _scores(resource: Resource, codes: CodeMap) -> list[tuple[ScaleCode, Any]]:
    """Return the scores in a resource that have a meaning here, with what stands there as their value."""
    if resource.get("resourceType") == "QuestionnaireResponse":
        address = resource.get("questionnaire")
        system = address.partition("|")[0] if isinstance(address, str) else ""
        return [
            (codes.scales[system, link], _answer(item))
            for item in _items(resource)
            if isinstance(link := item.get("linkId"), str) and (system, link) in codes.scales
        ]
    found: list[tuple[ScaleCode, Any]] = []
    for part in (resource, *listed(resource, "component")):
        scale = next((codes.scales[code] for code in codings(at(part, "code")) if code in codes.scales), None)
        value = _value(part)
        if scale is not None and value is not None:
            found.append((scale, value))
    return found


def _value(part: Any) -> Any:
    values = (at(part, "valueQuantity", "value"), at(part, "valueInteger"), at(part, "valueDecimal"))
    return next((value for value in values if value is not None), None)


def _items(resource: Resource) -> list[Resource]:
    """Return all items of a questionnaire, however deep; a loop over levels, as depth is the sender's."""
    found: list[Resource] = []
    waiting = [item for item in listed(resource, "item") if isinstance(item, Mapping)]
    while waiting:
        found += waiting
        waiting = [below for item in waiting for below in listed(item, "item") if isinstance(below, Mapping)]
    return found


def _answer(item: Resource) -> Any:
    answers = listed(item, "answer")
    return _value(answers[0]) if answers else None

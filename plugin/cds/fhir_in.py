"""From resources of FHIR R4 to one client's episode, ratings and visits, and from what they rest on.

No name goes on to a predictor: episode and client have none, and the clinician has a pseudonym at most.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from plugin.cds.codes import COVARIATE, LATE_CANCEL, MOST_UNITS, PLANNED_UNITS, CodeMap
from plugin.cds.fhir_ratings import ratings_of
from plugin.cds.fhir_values import at, codings, day, extensions, listed, number, of_type, own_reference, reference
from plugin.cds.request import HookRequest, Resource
from plugin.records import Covariate, Episode, Rating, Visit

OPEN: Final = ("active", "onhold", "on-hold")  # of EpisodeOfCare and CarePlan
CAME: Final = ("finished", "in-progress", "arrived", "triaged", "onleave")  # of Encounter: the client was there
KEPT: Final = ("fulfilled", "arrived", "checked-in")  # of Appointment

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
    own.sort(key=lambda each: own_reference(each) or "")  # what came first must not matter
    found = _episode(own, request.encounter_id, as_of)
    if found is None:
        return None
    care, intake = found
    visits, seen = _visits(_of_episode(own, care, as_of), of_type(own, "Appointment"), intake, as_of)
    attended = sorted({visit.date for visit in visits if visit.status == "attended"})
    plans = _plans(own, as_of)
    planned = _planned_units([care, *plans])
    setting = _setting(care, codes)
    ratings, rated, unusable = ratings_of(own, codes, intake, as_of)
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
    """Return whether a resource is about the patient; one that names nobody came as an answer about them.

    A subject that is named in a way that cannot be read is somebody else: a stranger's data do more harm than a gap.
    """
    subjects = [resource.get(key) for key in ("patient", "subject") if isinstance(at(resource, key, "reference"), str)]
    if subjects:
        return all(reference(each) == ("Patient", patient_id) for each in subjects)
    actors = [reference(at(each, "actor")) for each in listed(resource, "participant")]
    patients = [found for found in actors if found and found[0] == "Patient"]
    return not patients or ("Patient", patient_id) in patients


def _begun(resource: Resource, as_of: dt.date) -> dt.date | None:
    """Return the day on which a resource's period began; None where it has not, or the day is unknown."""
    start = day(at(resource, "period", "start"))
    return start if start is not None and start <= as_of else None


def _episode(own: Sequence[Resource], encounter_id: str | None, as_of: dt.date) -> tuple[Resource, dt.date] | None:
    """Return the open episode of the encounter in view, else the one that began last, with the day it began."""
    encounters = of_type(own, "Encounter") if encounter_id else []
    now = {name for each in encounters if each.get("id") == encounter_id for name in _episodes_of(each)}
    for kind in ("EpisodeOfCare", "CarePlan"):
        opened = [each for each in of_type(own, kind) if each.get("status") in OPEN]
        found = [(each, start) for each in opened if (start := _begun(each, as_of))]
        here = [(each, start) for each, start in found if own_reference(each) in now]
        if found:
            return max(here or found, key=lambda each: (each[1], str(each[0].get("id"))))
    return None


def _plans(own: Sequence[Resource], as_of: dt.date) -> list[Resource]:
    """Return the open plans, the latest first; one without a start is the oldest, one still to begin is left out."""
    opened = [each for each in of_type(own, "CarePlan") if each.get("status") in OPEN]
    known = [(day(at(each, "period", "start")) or dt.date.min, each) for each in opened]
    begun = [(start, each) for start, each in known if start <= as_of]
    return [each for _, each in sorted(begun, key=lambda pair: pair[0], reverse=True)]


def _episodes_of(encounter: Resource) -> set[str]:
    found = (reference(each) for each in listed(encounter, "episodeOfCare"))
    return {f"{kind}/{identity}" for kind, identity in (each for each in found if each)}


def _of_episode(own: Sequence[Resource], care: Resource, as_of: dt.date) -> list[Resource]:
    """Return the encounters of an episode; all that name no episode where the record system does not link them."""
    encounters = [each for each in of_type(own, "Encounter") if _begun(each, as_of)]
    if care.get("resourceType") != "EpisodeOfCare":
        return encounters
    linked = [each for each in encounters if own_reference(care) in _episodes_of(each)]
    return linked or [each for each in encounters if not _episodes_of(each)]


def _visits(
    encounters: Sequence[Resource], appointments: Sequence[Resource], intake: dt.date, as_of: dt.date
) -> tuple[tuple[Visit, ...], list[Resource]]:
    """Return visits since intake, one a day and status, and the resources they come from."""
    found: dict[tuple[dt.date, str], Resource] = {}
    for encounter in encounters:
        when, status = _begun(encounter, as_of), encounter.get("status")
        word = "attended" if status in CAME else "cancelled" if status == "cancelled" else None
        if when and word and intake <= when:
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
        if not isinstance(url, str) or not url.startswith(COVARIATE) or url == COVARIATE:
            continue
        for value in extensions(care, url):
            known = value if isinstance(value, str) else number(value)
            if known is not None:
                found[url.removeprefix(COVARIATE)] = known
    return found

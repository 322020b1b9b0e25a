"""A CDS Hooks call, read and checked: strict in what the answer rests on, lenient in everything else."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from plugin.errors import PluginError

#: An extension of the request by which a client asks for a RiskAssessment: ``{"org.rapport-roi.cds": {...}}``.
EXTENSION: Final = "org.rapport-roi.cds"
USERS: Final = ("Practitioner", "PractitionerRole", "Patient", "RelatedPerson")
CLINICIANS: Final = ("Practitioner", "PractitionerRole")
IN_ENCOUNTER: Final = ("encounter-start", "encounter-discharge")  # hooks whose context names the encounter

FHIR_ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")

Resource = Mapping[str, Any]


class RequestError(PluginError):
    """A call that cannot be answered because it is not what the specification asks for."""


@dataclass(frozen=True, slots=True)
class Authorization:
    """What lets the service read from the record system during this call, and never after it."""

    access_token: str = field(repr=False)
    scope: str


@dataclass(frozen=True, slots=True)
class HookRequest:
    """A call of a service.

    Attributes:
        hook, hook_instance: what happened in the record system, and the number of this call.
        user: who looks, as ``Type/id``.
        patient_id, encounter_id: of the record system; the encounter may be unknown.
        appointments: those being booked, for appointment-book only.
        fhir_server, authorization: where more can be read, and with what; None where nothing is offered.
        prefetch: what came along, by key; a key that was not sent is not in it.
        wants_risk_assessment: the client asks for the RiskAssessment in this call.
    """

    hook: str
    hook_instance: uuid.UUID
    user: str
    patient_id: str
    encounter_id: str | None
    appointments: tuple[Resource, ...] = ()
    fhir_server: str | None = None
    authorization: Authorization | None = None
    prefetch: Mapping[str, Any] = field(default_factory=dict, repr=False)
    wants_risk_assessment: bool = False

    @property
    def for_clinician(self) -> bool:
        """Return whether a clinician looks, and not the client or a relative."""
        return self.user.partition("/")[0] in CLINICIANS


def parse_request(body: Any, hooks: frozenset[str]) -> HookRequest:
    """Return a call; fields that are not known here are ignored.

    Args:
        body: what was sent, parsed from JSON.
        hooks: those that the service serves.

    Raises:
        RequestError: with everything that is wrong; none of it repeats the client's data.
    """
    if not isinstance(body, Mapping):
        raise RequestError(["the body is no JSON object"])
    problems: list[str] = []
    hook = _text(body, "hook", "", problems)
    if hook and hook not in hooks:
        problems.append(f"hook: this service serves {', '.join(sorted(hooks))}")
    instance = _uuid(_text(body, "hookInstance", "", problems), problems)
    context = body.get("context")
    if not isinstance(context, Mapping):
        problems.append("context: is missing; send an object with userId and patientId")
        context = None
    made = _context(context, hook, problems) if context is not None else ("", "", None, ())
    server, authorization = _access(body, problems)
    prefetch = body.get("prefetch")
    if prefetch is not None and not isinstance(prefetch, Mapping):
        problems.append("prefetch: is no object")
    if problems:
        raise RequestError(problems)
    user, patient_id, encounter_id, appointments = made
    return HookRequest(
        hook=hook,
        hook_instance=instance,
        user=user,
        patient_id=patient_id,
        encounter_id=encounter_id,
        appointments=appointments,
        fhir_server=server,
        authorization=authorization,
        prefetch=prefetch or {},
        wants_risk_assessment=_asks(body.get("extension")),
    )


def _context(
    context: Mapping[str, Any], hook: str, problems: list[str]
) -> tuple[str, str, str | None, tuple[Resource, ...]]:
    user = _user(_text(context, "userId", "context.", problems), problems)
    patient = _identity(_text(context, "patientId", "context.", problems), "patientId", "Patient", problems)
    encounter = None
    if hook in IN_ENCOUNTER or context.get("encounterId") is not None:
        found = _text(context, "encounterId", "context.", problems)
        encounter = _identity(found, "encounterId", "Encounter", problems) or None
    appointments: tuple[Resource, ...] = ()
    if hook == "appointment-book":
        bundle = context.get("appointments")
        if not isinstance(bundle, Mapping):
            problems.append("context.appointments: is missing; send a Bundle of Appointment")
        else:
            appointments = tuple(entries(bundle))
    return user, patient, encounter, appointments


def entries(bundle: Mapping[str, Any]) -> list[Resource]:
    """Return the resources in a Bundle; what is no resource is passed over."""
    listed = bundle.get("entry")
    found = [each.get("resource") for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    return [resource for resource in found if isinstance(resource, Mapping)]


def _access(body: Mapping[str, Any], problems: list[str]) -> tuple[str | None, Authorization | None]:
    server, given = body.get("fhirServer"), body.get("fhirAuthorization")
    if server is not None and not isinstance(server, str):
        problems.append("fhirServer: is no address")
        server = None
    if given is None:
        return server, None
    if not isinstance(given, Mapping):
        problems.append("fhirAuthorization: is no object")
        return server, None
    if not server:
        problems.append("fhirServer: is missing, though fhirAuthorization is there")
    token, scope, kind, _ = (
        _text(given, name, "fhirAuthorization.", problems)
        for name in ("access_token", "scope", "token_type", "subject")
    )
    if kind and kind.lower() != "bearer":
        problems.append("fhirAuthorization.token_type: is Bearer")
    seconds = given.get("expires_in")
    if type(seconds) is not int:
        problems.append("fhirAuthorization.expires_in: is missing; send a whole number of seconds")
    if not (token.isascii() and token.isprintable()):
        problems.append("fhirAuthorization.access_token: has characters that no header can carry")
    return server, Authorization(token, scope)


def _asks(extension: Any) -> bool:
    own = extension.get(EXTENSION) if isinstance(extension, Mapping) else None
    return isinstance(own, Mapping) and own.get("riskAssessment") is True


def _text(table: Mapping[str, Any], name: str, path: str, problems: list[str]) -> str:
    found = table.get(name)
    if isinstance(found, str) and found.strip():
        return found.strip()
    problems.append(f"{path}{name}: is missing; send it as text")
    return ""


def _uuid(text: str, problems: list[str]) -> uuid.UUID:
    try:
        return uuid.UUID(text) if text else uuid.UUID(int=0)
    except ValueError:
        problems.append("hookInstance: is no UUID")
        return uuid.UUID(int=0)


def _user(text: str, problems: list[str]) -> str:
    """Return who looks as ``Type/id``; an absolute address of the resource will do, too."""
    kind, _, identity = "/".join(text.rsplit("/", 2)[-2:]).partition("/")
    if text and (kind not in USERS or not FHIR_ID.fullmatch(identity)):
        problems.append(f"context.userId: is Type/id, the type one of {', '.join(USERS)}")
    return f"{kind}/{identity}"


def _identity(text: str, name: str, kind: str, problems: list[str]) -> str:
    identity = text.removeprefix(f"{kind}/")
    if text and not FHIR_ID.fullmatch(identity):
        problems.append(f"context.{name}: is no id of FHIR (letters, digits, - and ., at most 64)")
    return identity


__all__ = ["EXTENSION", "Authorization", "HookRequest", "RequestError", "Resource", "entries", "parse_request"]

"""The services there are, under ids that never change, and what each asks the record system for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from plugin.cds.body import without_nothing
from plugin.cds.prefetch import Template

_DESCRIPTION: Final = (
    "Says how likely a client is to leave care before the plan is done, why, which part of the alliance is weakest and "
    "what helps there. Without a model that was checked on the clinic's own episodes it shows no risk, only what the "
    "client's ratings say. {when}"
)


@dataclass(frozen=True, slots=True)
class Service:
    """One hook that is served, and the id it is called by; one id may serve several hooks."""

    id: str
    hook: str
    title: str
    when: str


SERVICES: Final = (
    Service(
        "rapport-patient-view",
        "patient-view",
        "Risk of leaving care, when a chart is opened",
        "Answers when a chart is opened.",
    ),
    Service(
        "rapport-appointment-book",
        "appointment-book",
        "Risk of leaving care, when a visit is booked",
        "Answers when a visit is booked: the moment to shorten a wait or to call.",
    ),
    Service(
        "rapport-encounter-start",
        "encounter-start",
        "Risk of leaving care, when a visit begins",
        "Answers when a visit begins, so that it can be talked about in it.",
    ),
)


def discovery(asked: Mapping[str, Template], services: Sequence[Service] = SERVICES) -> dict[str, Any]:
    """Return the answer of the discovery endpoint."""
    prefetch = {key: template.query for key, template in asked.items()}
    listed = [
        {
            "hook": service.hook,
            "id": service.id,
            "title": service.title,
            "description": _DESCRIPTION.format(when=service.when),
            "prefetch": prefetch,
            "usageRequirements": (
                "FHIR R4. An active EpisodeOfCare, or an active CarePlan with a start, says when care began; "
                "without either there is nothing to say."
            ),
        }
        for service in services
    ]
    return without_nothing({"services": listed})


def hooks_of(service_id: str, services: Sequence[Service] = SERVICES) -> frozenset[str]:
    """Return the hooks that an id serves; none where there is no such service.

    >>> sorted(hooks_of("rapport-patient-view")), sorted(hooks_of("nothing"))
    (['patient-view'], [])
    """
    return frozenset(service.hook for service in services if service.id == service_id)

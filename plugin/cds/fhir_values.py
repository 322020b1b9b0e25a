"""Single values out of FHIR resources that may be anything: what is not there or not sound is None, never an error."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from plugin.cds.request import FHIR_ID, Resource

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?=T|$)")


def at(resource: Any, *path: str) -> Any:
    """Return what stands at a path of keys, or None.

    >>> at({"period": {"start": "2026-01-05"}}, "period", "start"), at({"period": 3}, "period", "start")
    ('2026-01-05', None)
    """
    for key in path:
        # what JSON gives is a dict, which is several times faster to tell than any mapping
        resource = resource.get(key) if type(resource) is dict or isinstance(resource, Mapping) else None
    return resource


def listed(resource: Any, *path: str) -> list[Any]:
    """Return a list at a path; a single object counts as a list of one."""
    found = at(resource, *path)
    if isinstance(found, list):  # asked first: it is what most are, and it takes less time than the other
        return found
    return [found] if isinstance(found, Mapping) else []


def day(value: Any) -> dt.date | None:
    """Return the day of a date or dateTime as it is written; a month or a year alone is no day.

    >>> day("2026-03-05T23:30:00-05:00"), day("2026-03")
    (datetime.date(2026, 3, 5), None)
    """
    match = _DAY.match(value) if isinstance(value, str) else None
    try:
        return dt.date.fromisoformat(match[0]) if match else None
    except ValueError:
        return None


def number(value: Any) -> float | None:
    """Return a finite number, or None; a whole number too great for a float is none.

    >>> number(12), number(True), number(10**400)
    (12.0, None, None)
    """
    try:
        found = float(value) if type(value) in (int, float) else math.nan
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def codings(concept: Any) -> Iterator[tuple[str, str]]:
    """Yield (system, code) of a CodeableConcept; those that lack one of the two are passed over."""
    for coding in listed(concept, "coding"):
        system, code = at(coding, "system"), at(coding, "code")
        if isinstance(system, str) and isinstance(code, str):
            yield system, code


def extensions(resource: Resource, url: str) -> Iterator[Any]:
    """Yield the values of the extensions of an address, whatever their type is."""
    for extension in listed(resource, "extension"):
        if at(extension, "url") == url:
            yield from (value for key, value in extension.items() if key.startswith("value"))


def reference(value: Any) -> tuple[str, str] | None:
    """Return type and id of a Reference, relative or absolute, of a version or not.

    >>> reference({"reference": "https://ehr.example/fhir/Patient/p1/_history/3"})
    ('Patient', 'p1')
    """
    text = at(value, "reference")
    if not isinstance(text, str):
        return None
    parts = text.partition("/_history/")[0].rsplit("/", 2)[-2:]
    return (parts[0], parts[1]) if len(parts) == 2 and FHIR_ID.fullmatch(parts[1]) else None


def own_reference(resource: Resource) -> str | None:
    """Return ``Type/id`` of a resource, or None where it has no sound id."""
    kind, identity = resource.get("resourceType"), resource.get("id")
    return f"{kind}/{identity}" if isinstance(identity, str) and FHIR_ID.fullmatch(identity) else None


def of_type(resources: Sequence[Resource], kind: str) -> list[Resource]:
    """Return the resources of a type, each id once, in their order."""
    seen: set[str] = set()
    found = []
    for resource in resources:
        if resource.get("resourceType") != kind:
            continue
        name = own_reference(resource)
        if name is None or name not in seen:
            found.append(resource)
        seen |= {name} if name else set()
    return found

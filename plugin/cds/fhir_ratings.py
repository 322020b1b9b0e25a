"""Scores out of Observations and QuestionnaireResponses of FHIR R4, by what their codes mean here."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from plugin.cds.codes import CodeMap, ScaleCode
from plugin.cds.fhir_values import at, codings, day, listed, number, of_type
from plugin.cds.request import Resource
from plugin.records import Rating

SOUND: Final = ("final", "amended", "corrected", "completed")  # of Observation and QuestionnaireResponse


def ratings_of(
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
            if when is not None and not intake <= when <= as_of:
                continue
            if when is None or score is None or not scale.scale_min <= score <= scale.scale_max:
                unusable += 1
            else:
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
        named = resource.get("questionnaire")
        address = named if isinstance(named, str) else at(named, "reference")  # STU3 has a Reference there
        system = address.partition("|")[0] if isinstance(address, str) else ""
        return [
            (codes.scales[system, link], value)
            for item in _items(resource)
            if isinstance(link := item.get("linkId"), str)
            and (system, link) in codes.scales
            and (value := _answer(item)) is not None
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
        above = [each for item in waiting for each in (item, *listed(item, "answer"))]
        waiting = [below for each in above for below in listed(each, "item") if isinstance(below, Mapping)]
    return found


def _answer(item: Resource) -> Any:
    answers = listed(item, "answer")
    return _value(answers[0]) if answers else None

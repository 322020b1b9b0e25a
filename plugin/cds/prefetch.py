"""What is asked of the record system, derived from what the predictor needs, and what came back.

Only the queries that CDS Hooks recommends are used: a search by type with references, one code each by equality, a
date with ``ge``, ``_count`` and ``_sort``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from plugin.cds.codes import CodeMap
from plugin.cds.request import HookRequest, RequestError, Resource, entries
from plugin.contract import Need

MOST_VISITS: Final = 400  # as many units as a plan may have
MOST_RATINGS: Final = 100
_PATIENT: Final = "patient={{context.patientId}}"
_TOKEN: Final = re.compile(r"\{\{context\.(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A query with tokens, and whether nothing can be said without its answer."""

    query: str
    needed: bool = False


def templates(needs: Sequence[Need], codes: CodeMap, today: dt.date) -> dict[str, Template]:
    """Return the queries by prefetch key; the same needs, codes and day give the same queries in the same order.

    Episode, plan and encounters are always asked for: they say how far the client is. The rest follows the predictor:
    appointments where it needs visits, scores of the measures it needs. A look-back becomes an earliest day; a client
    that keeps the query for long gets more than is needed, never less.
    """
    found = {
        "episodes": Template(f"EpisodeOfCare?{_PATIENT}&status=active", needed=True),
        "plans": Template(f"CarePlan?{_PATIENT}&status=active"),
        "encounters": Template(f"Encounter?{_PATIENT}&_sort=-date&_count={MOST_VISITS}", needed=True),
    }
    for (kind, name), (days, required) in _reach(needs).items():
        since = None if days is None else today - dt.timedelta(days=min(days, today.toordinal() - 1))
        if kind == "visits":
            query = f"Appointment?{_PATIENT}{_from('date', since)}&_sort=-date&_count={MOST_VISITS}"
            found["appointments"] = Template(query, required)
            continue
        for key, query in _scores(name, codes, since):
            same = next((known for known in found if found[known].query == query), key)
            # several items of one questionnaire come in one answer
            found[same] = Template(query, required or (same in found and found[same].needed))
    return found


def _reach(needs: Sequence[Need]) -> dict[tuple[str, str], tuple[int | None, bool]]:
    """Return the look-back, and whether it is required, of visits and of each measure: the widest where there are two.

    Covariates stand in the episode itself.
    """
    found: dict[tuple[str, str], tuple[int | None, bool]] = {}
    for need in needs:
        names = {"ratings": need.names, "visits": ("",)}.get(need.kind, ())
        for key in ((need.kind, name) for name in names):
            days, required = need.look_back_days, need.required
            if key in found:
                other, also = found[key]
                days = None if days is None or other is None else max(days, other)
                required = required or also
            found[key] = days, required
    return found


def _scores(measure: str, codes: CodeMap, since: dt.date | None) -> Iterator[tuple[str, str]]:
    """Yield key and query of each instrument of a measure."""
    scales = [scale for scale in codes.scales.values() if scale.measure == measure]
    for number, scale in enumerate(scales, start=1):
        key = f"ratings-{measure.replace('_', '-')}" + (f"-{number}" if number > 1 else "")
        if scale.questionnaire:
            asked, when = f"QuestionnaireResponse?{_PATIENT}&questionnaire={scale.system}", "authored"
        else:
            asked, when = f"Observation?{_PATIENT}&code={scale.system}|{scale.code}", "date"
        yield key, f"{asked}{_from(when, since)}&_sort=-{when}&_count={MOST_RATINGS}"


def _from(name: str, since: dt.date | None) -> str:
    return "" if since is None else f"&{name}=ge{since}"


def filled(query: str, request: HookRequest) -> str:
    """Return a query as a relative address, its token replaced and everything in it fit for an address.

    >>> from plugin.cds.request import parse_request
    >>> call = {"hook": "patient-view", "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    ...         "context": {"userId": "Practitioner/1", "patientId": "p.1"}}
    >>> filled("Observation?patient={{context.patientId}}&code=a|b", parse_request(call, frozenset({"patient-view"})))
    'Observation?patient=p.1&code=a%7Cb'
    """
    values = {"patientId": request.patient_id}
    return quote(_TOKEN.sub(lambda token: values[token[1]], query), safe="/?=&:,.-_")


@dataclass(frozen=True, slots=True)
class Supplied:
    """What came back.

    Attributes:
        resources: by key, for each query that was answered; none where there are no data.
        failed: keys whose query was tried by the client and failed; they are not tried again.
        next_pages: address of the next page, by key, where an answer goes on.
    """

    resources: Mapping[str, tuple[Resource, ...]] = field(default_factory=dict)
    failed: frozenset[str] = frozenset()
    next_pages: Mapping[str, str] = field(default_factory=dict)

    def everything(self) -> list[Resource]:
        """Return all resources, whatever key they came under."""
        return [resource for some in self.resources.values() for resource in some]

    def lacking(self, asked: Mapping[str, Template]) -> list[str]:
        """Return the keys of needed queries that have no answer, or only a part of one."""
        return [
            key
            for key, template in asked.items()
            if template.needed and (key not in self.resources or key in self.next_pages)
        ]

    def to_fetch(self, asked: Mapping[str, Template]) -> list[str]:
        """Return the keys of queries that nobody has tried yet."""
        return [key for key in asked if key not in self.resources and key not in self.failed]


def read_prefetch(asked: Mapping[str, Template], prefetch: Mapping[str, Any]) -> Supplied:
    """Return what a client sent along; keys that were not asked for are ignored.

    Raises:
        RequestError: where a value is neither null nor an object of FHIR.
    """
    resources: dict[str, tuple[Resource, ...]] = {}
    failed: set[str] = set()
    pages: dict[str, str] = {}
    problems = []
    for key in asked:
        if key not in prefetch:
            continue
        value = prefetch[key]
        if value is not None and not (isinstance(value, Mapping) and isinstance(value.get("resourceType"), str)):
            problems.append(f"prefetch.{key}: is neither null nor a resource of FHIR")
        elif value is not None and value["resourceType"] == "OperationOutcome":
            failed.add(key)
        else:
            resources[key], page = answer_of(value)
            if page:
                pages[key] = page
    if problems:
        raise RequestError(problems)
    return Supplied(resources, frozenset(failed), pages)


def answer_of(value: Resource | None) -> tuple[tuple[Resource, ...], str | None]:
    """Return the resources in one answer, and the address of its next page if it goes on."""
    if value is None:
        return (), None
    if value.get("resourceType") != "Bundle":
        return (value,), None
    found = tuple(each for each in entries(value) if each.get("resourceType") != "OperationOutcome")
    return found, _next(value.get("link"))


def _next(links: Any) -> str | None:
    listed: Iterable[Any] = links if isinstance(links, list) else ()
    pages = [link.get("url") for link in listed if isinstance(link, Mapping) and link.get("relation") == "next"]
    return next((page for page in pages if isinstance(page, str) and page), None)


__all__ = ["Supplied", "Template", "answer_of", "filled", "read_prefetch", "templates"]

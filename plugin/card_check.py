"""Whether a CDS Hooks 2.0 card is one that may leave the house, after another author's hook has had it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

LONGEST_SUMMARY: Final = 139  # characters; the specification says fewer than 140
INDICATORS: Final = ("info", "warning", "critical")
_SELECTION: Final = ("at-most-one", "any")
_ACTIONS: Final = ("create", "update", "delete")
_ADDRESS: Final = re.compile(r"https?://\S+")
_REFERENCE: Final = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}")
_NO_OBJECTS: Final = "{} is no list of objects"
#: Names that may be repeated in a problem; any other key could itself say who the client is.
_ATTRIBUTES: Final = frozenset(
    {
        *("uuid", "summary", "detail", "indicator", "source", "suggestions", "selectionBehavior", "overrideReasons"),
        *("links", "label", "url", "icon", "topic", "isRecommended", "actions", "type", "description", "resource"),
        *("resourceId", "appContext", "code", "system", "display", "extension"),
    }
)


def card_problems(card: object, before: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what is wrong with a card that was made from ``before``; empty where nothing is.

    References:
        CDS Hooks 2.0, "Card Attributes", "Source", "Suggestion", "Action", "Override reason", "Link"; and "Use
        of JSON": nothing is null or empty.
    """
    if not isinstance(card, dict):
        return ("is no object",)
    return (*_empty(card, "card"), *_own(card), *_suggestions(card), *_links(card), *_kept(card, before))


def _own(card: dict[str, Any]) -> Iterator[str]:
    summary = card.get("summary")
    if not _is_text(summary) or str(summary).splitlines() != [summary]:
        yield "summary is not one line of text"
    elif len(str(summary)) > LONGEST_SUMMARY:
        yield f"summary has {len(str(summary))} characters; at most {LONGEST_SUMMARY} are allowed"
    if card.get("indicator") not in INDICATORS:
        yield f"indicator is none of {', '.join(INDICATORS)}"
    if not isinstance(card.get("source"), dict) or not _is_text(card["source"].get("label")):
        yield "source has no label"
    if "detail" in card and not isinstance(card["detail"], str):
        yield "detail is no text"
    for reason in _objects(card, "overrideReasons"):
        if reason is None:
            yield _NO_OBJECTS.format("overrideReasons")
        elif not all(_is_text(reason.get(key)) for key in ("code", "system", "display")):
            yield "an override reason lacks code, system or display"


def _suggestions(card: dict[str, Any]) -> Iterator[str]:
    if "suggestions" in card and card.get("selectionBehavior") not in _SELECTION:
        yield f"suggestions without selectionBehavior, which is one of {', '.join(_SELECTION)}"
    recommended = 0
    for each in _objects(card, "suggestions"):
        if each is None:
            yield _NO_OBJECTS.format("suggestions")
            continue
        if not _is_text(each.get("label")):
            yield "a suggestion has no label"
        if not isinstance(each.get("uuid", ""), str):
            yield "uuid of a suggestion is no text"
        if not isinstance(each.get("isRecommended", False), bool):
            yield "isRecommended of a suggestion is neither true nor false"
        recommended += each.get("isRecommended") is True
        for action in _objects(each, "actions"):
            yield from _action(action)
    if card.get("selectionBehavior") == "at-most-one" and recommended > 1:
        yield "more than one suggestion is recommended, of which one may be chosen"


def _action(action: dict[str, Any] | None) -> Iterator[str]:
    if action is None:
        yield _NO_OBJECTS.format("actions")
        return
    if action.get("type") not in _ACTIONS:
        yield f"type of an action is none of {', '.join(_ACTIONS)}"
    if not _is_text(action.get("description")):
        yield "an action has no description"
    if action.get("type") == "delete":
        if not _REFERENCE.fullmatch(str(action.get("resourceId"))) or "resource" in action:
            yield "an action that deletes has a resource, or no resourceId such as Task/17"
    elif not isinstance(action.get("resource"), dict) or not _is_text(action["resource"].get("resourceType")):
        yield "an action that creates or updates has no resource with a resourceType"


def _links(card: dict[str, Any]) -> Iterator[str]:
    for link in _objects(card, "links"):
        if link is None:
            yield _NO_OBJECTS.format("links")
            continue
        if not _is_text(link.get("label")) or not _ADDRESS.fullmatch(str(link.get("url"))):
            yield "a link has no label, or no address that begins with http"
        if link.get("type") not in ("absolute", "smart"):
            yield "type of a link is neither absolute nor smart"
        elif "appContext" in link and (link["type"] != "smart" or not isinstance(link["appContext"], str)):
            yield "appContext is no text, or stands in a link that is not smart"


def _kept(card: dict[str, Any], before: Mapping[str, Any]) -> Iterator[str]:
    for key in ("uuid", "source"):
        if card.get(key) != before.get(key):
            yield f"{key} was changed"


def _empty(value: object, where: str) -> Iterator[str]:
    if value is None or value in ("", [], {}):
        yield f"{where} is null or empty; leave it out"
    elif isinstance(value, dict):
        for key, part in value.items():
            if isinstance(key, str):
                yield from _empty(part, key if key in _ATTRIBUTES else "a part")
            else:
                yield f"{where} has a key that is no text"
    elif isinstance(value, list):
        for part in value:
            yield from _empty(part, f"an entry of {where}")
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{where} is no finite number, which JSON does not have"
    elif not isinstance(value, str | int | float):
        yield f"{where} is a {type(value).__name__}, which JSON does not have"


def _objects(owner: dict[str, Any], key: str) -> Iterator[dict[str, Any] | None]:
    """Yield the objects in a list, and None where there is something else."""
    value = owner.get(key, [])
    for each in value if isinstance(value, list) else [value]:
        yield each if isinstance(each, dict) else None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())

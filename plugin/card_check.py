"""Whether a CDS Hooks 2.0 card is one that may leave the house, after another author's hook has had it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

LONGEST_SUMMARY: Final = 139  # characters; the specification says fewer than 140
INDICATORS: Final = ("info", "warning", "critical")
_SELECTION: Final = ("at-most-one", "any")
_ADDRESS: Final = re.compile(r"https?://\S+")


def card_problems(card: object, before: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what is wrong with a card that was made from ``before``; empty where nothing is.

    References:
        CDS Hooks 2.0, "Card Attributes", "Source", "Suggestion", "Overridden reason", "Link"; and "Use of JSON":
        nothing is null or empty.
    """
    if not isinstance(card, dict):
        return ("is no object",)
    return (*_empty(card, "card"), *_own(card), *_suggestions(card), *_links(card), *_kept(card, before))


def _own(card: dict[str, Any]) -> Iterator[str]:
    summary = card.get("summary")
    if not _is_text(summary) or "\n" in str(summary):
        yield "summary is not one line of text"
    elif len(str(summary)) > LONGEST_SUMMARY:
        yield f"summary has {len(str(summary))} characters; at most {LONGEST_SUMMARY} are allowed"
    if card.get("indicator") not in INDICATORS:
        yield f"indicator is none of {', '.join(INDICATORS)}"
    if not isinstance(card.get("source"), dict) or not _is_text(card["source"].get("label")):
        yield "source has no label"
    if "detail" in card and not isinstance(card["detail"], str):
        yield "detail is no text"


def _suggestions(card: dict[str, Any]) -> Iterator[str]:
    suggestions = card.get("suggestions", [])
    if suggestions and card.get("selectionBehavior") not in _SELECTION:
        yield f"suggestions without selectionBehavior, which is one of {', '.join(_SELECTION)}"
    for each in _objects(suggestions):
        if not _is_text(each.get("label")):
            yield "a suggestion has no label"
    recommended = [each for each in _objects(suggestions) if each.get("isRecommended") is True]
    if card.get("selectionBehavior") == "at-most-one" and len(recommended) > 1:
        yield "more than one suggestion is recommended, of which one may be chosen"
    for reason in _objects(card.get("overrideReasons", [])):
        if not all(_is_text(reason.get(key)) for key in ("code", "system", "display")):
            yield "an override reason lacks code, system or display"


def _links(card: dict[str, Any]) -> Iterator[str]:
    for link in _objects(card.get("links", [])):
        if not _is_text(link.get("label")) or not _ADDRESS.fullmatch(str(link.get("url"))):
            yield "a link has no label, or no address that begins with http"
        if link.get("type") not in ("absolute", "smart"):
            yield "type of a link is neither absolute nor smart"
        elif "appContext" in link and link["type"] != "smart":
            yield "appContext stands in a link that is not smart"


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
                yield from _empty(part, key if key.isidentifier() else "a part")
            else:
                yield f"{where} has a key that is no text"
    elif isinstance(value, list):
        for part in value:
            yield from _empty(part, f"an entry of {where}")
    elif not isinstance(value, str | int | float):
        yield f"{where} is a {type(value).__name__}, which JSON does not have"


def _objects(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())

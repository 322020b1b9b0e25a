"""What became of a card: a suggestion was accepted, or the card was put aside."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from plugin.cds.request import RequestError

LONGEST_ID: Final = 64
LONGEST_WORD: Final = 255
LONGEST_COMMENT: Final = 4000
MOST_ITEMS: Final = 1000


@dataclass(frozen=True, slots=True)
class Feedback:
    """One thing that happened to one card.

    Attributes:
        card: its id.
        outcome: accepted or overridden.
        at: when, in UTC.
        suggestions: ids of those accepted, in order, each once.
        reason_system, reason_code: why it was overridden; empty where no reason was chosen.
        comment: in the clinician's words; empty where there are none.
    """

    card: str
    outcome: Literal["accepted", "overridden"]
    at: dt.datetime
    suggestions: tuple[str, ...] = ()
    reason_system: str = ""
    reason_code: str = ""
    comment: str = ""


def parse_feedback(body: Any) -> list[Feedback]:
    """Return the items of a call of the feedback endpoint; a reason may lack its display.

    Raises:
        RequestError: with everything that is wrong; none of it repeats what was sent.
    """
    items = body.get("feedback") if isinstance(body, Mapping) else None
    if not isinstance(items, list) or not items:
        raise RequestError(["feedback: is missing; send an object with a list of that name"])
    if len(items) > MOST_ITEMS:
        raise RequestError([f"feedback: has more than {MOST_ITEMS} entries; send it in several calls"])
    problems: list[str] = []
    found = [_item(item, f"feedback {number}", problems) for number, item in enumerate(items, start=1)]
    if problems:
        raise RequestError(problems)
    return [item for item in found if item is not None]


def _item(item: Any, place: str, problems: list[str]) -> Feedback | None:
    if not isinstance(item, Mapping):
        problems.append(f"{place}: is no object")
        return None
    before = len(problems)
    card = _short(item.get("card"), LONGEST_ID)
    if not card:
        problems.append(f"{place}: card is the uuid of a card")
    outcome = item.get("outcome")
    if outcome not in ("accepted", "overridden"):
        problems.append(f"{place}: outcome is accepted or overridden")
    at = _moment(item.get("outcomeTimestamp"))
    if at is None:
        problems.append(f"{place}: outcomeTimestamp is a moment such as 2026-03-05T14:30:00Z")
    suggestions = _suggestions(item.get("acceptedSuggestions")) if outcome == "accepted" else ()
    if suggestions is None:
        problems.append(f"{place}: acceptedSuggestions is a list of objects with an id, at least one")
    system, code, comment = _override(item, place, problems) if outcome == "overridden" else ("", "", "")
    if len(problems) > before or at is None or suggestions is None or outcome not in ("accepted", "overridden"):
        return None
    return Feedback(card, outcome, at, suggestions, system, code, comment)


def _override(item: Mapping[str, Any], place: str, problems: list[str]) -> tuple[str, str, str]:
    given = item.get("overrideReason")
    if given is None:
        return "", "", ""
    reason = given.get("reason") if isinstance(given, Mapping) else None
    comment = given.get("userComment") if isinstance(given, Mapping) else None
    if reason is None and not (isinstance(comment, str) and comment.strip()):
        problems.append(f"{place}: overrideReason has a reason, a userComment or both")
        return "", "", ""
    system = code = ""
    if reason is not None:
        coding = reason if isinstance(reason, Mapping) else {}
        code, system = _short(coding.get("code"), LONGEST_WORD), _short(coding.get("system"), LONGEST_WORD)
        if not code or not system:
            problems.append(f"{place}: overrideReason.reason is a coding with code and system")
    if comment is not None and not isinstance(comment, str):
        problems.append(f"{place}: overrideReason.userComment is text")
        comment = None
    return system, code, _storable(comment or "")


def _suggestions(value: Any) -> tuple[str, ...] | None:
    if not isinstance(value, list) or not value:
        return None
    found = [_short(each.get("id"), LONGEST_ID) if isinstance(each, Mapping) else "" for each in value]
    return tuple(dict.fromkeys(found)) if all(found) else None


def _storable(comment: str) -> str:
    """Return a comment without what no database takes: half characters and control characters."""
    kept = (each for each in comment if each in "\n\t" or unicodedata.category(each) not in ("Cc", "Cs"))
    return "".join(kept).strip()[:LONGEST_COMMENT]


def _short(value: Any, most: int) -> str:
    return value if isinstance(value, str) and 0 < len(value) <= most and value.isprintable() else ""


def _moment(value: Any) -> dt.datetime | None:
    """Return a moment of RFC 3339 in UTC; one without an offset is none."""
    if not isinstance(value, str) or "T" not in value.upper():
        return None
    try:
        moment = dt.datetime.fromisoformat(value.upper())
        return moment.astimezone(dt.UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None

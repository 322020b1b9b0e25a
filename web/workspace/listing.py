"""The list of saved scenarios: one query a page, two for a search, by indexes: the same cost however many there are."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Uuid, literal, select, tuple_
from sqlalchemy.orm import Session

from web.evidence_catalogue import fold
from web.storage.base import Json, Moment
from web.storage.tables import Account, SavedScenario
from web.workspace.words import narrowed, single_words

PAGE: Final = 25
LONGEST_SEARCH: Final = 100  # letters that are read
MOST_WORDS: Final = 8


@dataclass(frozen=True)
class Listed:
    """A scenario as the list shows it; ``figures`` are those of the latest version."""

    id: uuid.UUID
    name: str
    figures: Json
    latest: int
    drafted: bool
    changed_at: dt.datetime
    changed_name: str


@dataclass(frozen=True)
class Page:
    """A part of the list, the last changed first; ``after`` is where the next part begins, empty after the last."""

    rows: tuple[Listed, ...]
    after: str


def page(session: Session, search: str = "", after: str = "", *, archived: bool = False, size: int = PAGE) -> Page:
    """Return a part of the list.

    Args:
        session: of the organisation.
        search: what must all stand in name, notes or the clinic's name; of each word its beginning is enough.
        after: of the part before; what cannot be read begins at the beginning.
        archived: those that are put away instead.
        size: how many at most.
    """
    wanted = _found(session, search, _wanted(after, archived))
    if wanted is None:
        return Page((), "")
    wanted = wanted.outerjoin(Account, Account.id == SavedScenario.changed_by)  # after what narrows it, for SQLite
    rows = session.execute(wanted.limit(size + 1)).all()
    shown = tuple(
        Listed(row.id, row.name, row.figures, row.latest, row.drafted, row.changed_at, row.changed_name or "")
        for row in rows[:size]
    )
    return Page(shown, _place(shown[-1]) if len(rows) > size else "")


def _found(session: Session, search: str, wanted: Any) -> Any:
    """Return a query narrowed to what a search finds; None where that is nothing for certain."""
    terms = tuple(dict.fromkeys(fold(search[:LONGEST_SEARCH]).split()[:MOST_WORDS]))
    words = single_words(" ".join(terms))[:MOST_WORDS]
    narrower = None if terms and not words else narrowed(session, wanted, words)
    if narrower is None:
        return None
    # an index finds the words; that signs in between stand as they were typed is seen at each
    left = (term for term in terms if term not in words)
    return narrower.where(*(SavedScenario.words.contains(term, autoescape=True) for term in left))


def _wanted(after: str, archived: bool) -> Any:
    scenario = SavedScenario
    away = scenario.archived_at.is_not(None) if archived else scenario.archived_at.is_(None)
    wanted = (
        select(
            scenario.id, scenario.name, scenario.figures, scenario.latest, scenario.changed_at,
            (scenario.draft != "").label("drafted"), Account.name.label("changed_name"),
        )
        .where(away)
        .order_by(scenario.changed_at.desc(), scenario.id.desc())
    )  # fmt: skip
    place = _read_place(after)
    if place is not None:
        last = tuple_(literal(place[0], Moment), literal(place[1], Uuid))
        wanted = wanted.where(tuple_(scenario.changed_at, scenario.id) < last)
    return wanted


def _place(last: Listed) -> str:
    return f"{last.changed_at.isoformat()}_{last.id.hex}"


def _read_place(text: str) -> tuple[dt.datetime, uuid.UUID] | None:
    moment, _, key = text.partition("_")
    try:
        found = dt.datetime.fromisoformat(moment), uuid.UUID(key)
    except ValueError:
        return None
    return found if found[0].tzinfo is not None else None

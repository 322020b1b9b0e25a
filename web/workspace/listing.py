"""The list of saved scenarios: one query a page, two for a search, by indexes: the same cost however many there are."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Uuid, literal, select, tuple_
from sqlalchemy.orm import Session

from web.evidence_catalogue import fold
from web.storage.base import Json, Moment
from web.storage.tables import Account, SavedScenario
from web.workspace.words import narrowed, single_words

PAGE: Final = 25
LOOKED_THROUGH: Final = 1000  # scenarios, for one part of what a search for common words finds
LONGEST_SEARCH: Final = 100  # letters that are read
MOST_WORDS: Final = 8
_FIRST: Final = uuid.UUID(int=0)  # of those that were changed at one moment it comes last, as the latest come first


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

    @property
    def state(self) -> tuple[Hashable, ...]:
        """Return what is another one wherever anything else is: the figures are those of the latest version."""
        return self.id, self.name, self.latest, self.drafted, self.changed_at, self.changed_name


@dataclass(frozen=True)
class Page:
    """A part of the list, the last changed first.

    Attributes:
        rows: of the list.
        after: where the next part begins; empty after the last.
        back_to: the moment down to which a search has come, where it has found less than a part and may go on.
    """

    rows: tuple[Listed, ...]
    after: str
    back_to: dt.datetime | None = None


def page(session: Session, search: str = "", after: str = "", *, archived: bool = False, size: int = PAGE) -> Page:
    """Return a part of the list.

    A search for words that are all common looks through so many scenarios and no more, so that it costs the same
    however many there are; ``after`` goes on from there.

    Args:
        session: of the organisation.
        search: what must all stand in name, notes or the clinic's name; of each word its beginning is enough.
        after: of the part before; what cannot be read begins at the beginning.
        archived: those that are put away instead.
        size: how many at most.
    """
    found = _found(session, search, after, archived)
    if found is None:
        return Page((), "")
    wanted, end = found
    wanted = wanted.outerjoin(Account, Account.id == SavedScenario.changed_by)  # after what narrows it, for SQLite
    rows = session.execute(wanted.limit(size + 1)).all()
    shown = tuple(
        Listed(row.id, row.name, row.figures, row.latest, row.drafted, row.changed_at, row.changed_name or "")
        for row in rows[:size]
    )
    if len(rows) > size:
        return Page(shown, _place(shown[-1].changed_at, shown[-1].id))
    if end is None:
        return Page(shown, "")
    return Page(shown, _place(end, _FIRST), end if len(shown) < size else None)


def _found(session: Session, search: str, after: str, archived: bool) -> tuple[Any, dt.datetime | None] | None:
    """Return a query for what a search finds, and how far back it looks; None where it finds nothing for certain."""
    terms = tuple(dict.fromkeys(fold(search[:LONGEST_SEARCH]).split()[:MOST_WORDS]))
    words = single_words(" ".join(terms))[:MOST_WORDS]
    wanted = _wanted(after, archived)
    end = wanted.with_only_columns(SavedScenario.changed_at).offset(LOOKED_THROUGH).limit(1)
    narrower = None if terms and not words else narrowed(session, wanted, words, end)
    if narrower is None:
        return None
    # an index finds the words; that signs in between stand as they were typed is seen at each
    left = (term for term in terms if term not in words)
    return narrower[0].where(*(SavedScenario.words.contains(term, autoescape=True) for term in left)), narrower[1]


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


def _place(changed_at: dt.datetime, key: uuid.UUID) -> str:
    return f"{changed_at.isoformat()}_{key.hex}"


def _read_place(text: str) -> tuple[dt.datetime, uuid.UUID] | None:
    moment, _, key = text.partition("_")
    try:
        found = dt.datetime.fromisoformat(moment), uuid.UUID(key)
    except ValueError:
        return None
    return found if found[0].tzinfo is not None else None

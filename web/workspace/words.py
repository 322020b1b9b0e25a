"""The words that scenarios are found by: a row each, so that an index finds them however many scenarios there are.

A word is found by its beginning. Databases have indexes of their own for texts, each with other rules of what a word is
and some only as an extension; a table is the same on all of them.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.orm import Session

from web.storage.tables import SavedScenario, ScenarioWord
from web.storage.tables.scenarios import LONGEST_WORD

MOST: Final = 400  # different words of one scenario; a name, a clinic and a page of notes have fewer
FEW: Final = 500  # scenarios that are looked up one by one; others are come by in the order of the list
_WORD: Final = re.compile(r"[^\W_]+")
_LAST: Final = "\U0010ffff"  # no text that begins with a word comes after that word and this sign


def single_words(folded: str) -> tuple[str, ...]:
    """Return the different words of a folded text, without the signs between them and each cut to what is kept.

    >>> single_words("spring 100% may_2026 spring")
    ('spring', '100', 'may', '2026')
    """
    return tuple(dict.fromkeys(word[:LONGEST_WORD] for word in _WORD.findall(folded)))


def put_words(session: Session, scenario: uuid.UUID, folded: str) -> None:
    """Have a scenario found by the words of a text, and by no others."""
    wanted = single_words(folded)[:MOST]
    there = set(session.scalars(select(ScenarioWord.word).where(ScenarioWord.scenario_id == scenario)))
    if gone := there.difference(wanted):
        session.execute(
            delete(ScenarioWord)
            .where(ScenarioWord.scenario_id == scenario, ScenarioWord.word.in_(gone))
            .execution_options(synchronize_session=False)
        )
    session.add_all(ScenarioWord(scenario_id=scenario, word=word) for word in wanted if word not in there)


def narrowed(session: Session, wanted: Any, words: Sequence[str], end: Any) -> tuple[Any, dt.datetime | None] | None:
    """Return a query for scenarios, narrowed to those that have words that begin with each of these.

    Where one of them is in few scenarios, these are looked up; else the list is gone through in its order, so far as
    ``end`` says: two words can each be common and never stand together.

    Args:
        session: of the organisation; it is asked how many scenarios there are for each word.
        wanted: the query, with nothing joined to the scenarios yet.
        words: as ``single_words`` returns them.
        end: a query for the moment down to which the list may be gone through; without a row where that is all.

    Returns:
        The query, and the moment down to which it looks where that is not all; None where a word is in no scenario.
    """
    if not words:
        return wanted, None
    *counted, moment = session.execute(select(*map(_count, words), end.scalar_subquery())).one()
    rarest = min(words, key=dict(zip(words, counted, strict=True)).__getitem__)
    if not min(counted):
        return None
    if min(counted) <= FEW:
        # a join, for SQLite would rather go through the whole list than look up what is in a set
        found = select(ScenarioWord.scenario_id).where(_begins(rarest)).distinct().subquery()
        wanted, moment = wanted.join(found, found.c.scenario_id == SavedScenario.id), None
        words = [word for word in words if word != rarest]
    if moment is not None:
        wanted = wanted.where(SavedScenario.changed_at >= moment)
    return wanted.where(*map(_has, words)), moment


def _count(word: str) -> Any:
    """Return how many rows there are for a word, counted no further than it matters."""
    some = select(ScenarioWord.scenario_id).where(_begins(word)).limit(FEW + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _has(word: str) -> ColumnElement[bool]:
    # not "exists", of which PostgreSQL makes a join with all scenarios that have the word
    one = select(ScenarioWord.scenario_id).where(ScenarioWord.scenario_id == SavedScenario.id, _begins(word)).limit(1)
    return one.scalar_subquery().is_not(None)


def _begins(word: str) -> ColumnElement[bool]:
    return and_(ScenarioWord.word >= word, ScenarioWord.word < word + _LAST)

"""Saved scenarios: begun, renamed, copied, put away and brought back, and at last removed."""

from __future__ import annotations

import uuid

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from calculator.language import gettext as _
from web.accounts.visitor import Visitor
from web.storage import Database
from web.storage.base import now
from web.storage.tables import SavedScenario
from web.workspace import audit
from web.workspace.current import changed_rows, claim, find
from web.workspace.snapshot import Snapshot
from web.workspace.texts import LONGEST_NOTES, copy_name, several_lines, words
from web.workspace.versions import new_version, version
from web.workspace.words import put_words


def create(database: Database, visitor: Visitor, name: str, notes: str, taken: Snapshot) -> uuid.UUID:
    """Begin a scenario with its first version.

    Args:
        database: where.
        visitor: who saves it.
        name: fit to be shown; see ``unusable_name``.
        notes: on several lines.
        taken: the calculation.

    Returns:
        Its key.
    """
    with database.writing(visitor.scope) as session:
        return _begin(session, visitor, name, notes, taken, "created").id


def rename(database: Database, visitor: Visitor, key: uuid.UUID, seen: int, name: str, notes: str) -> None:
    """Give a scenario another name and other notes.

    Raises:
        Conflict: where it was changed since it was seen.
        MissingScenarioError: where there is none.
    """
    notes = several_lines(notes, LONGEST_NOTES)
    with database.writing(visitor.scope) as session:
        clinic = find(session, key).figures.get("clinic", "")
        found_by = words(name, clinic, notes)
        claim(session, visitor, key, seen, name=name, notes=notes, words=found_by)
        put_words(session, key, found_by)
        audit.record(session, visitor, "renamed", "scenario", key)


def duplicate(database: Database, visitor: Visitor, key: uuid.UUID) -> uuid.UUID:
    """Begin a scenario with the latest version of another, and what is drafted there; return its key.

    Raises:
        MissingScenarioError: where there is none.
    """
    with database.writing(visitor.scope) as session:
        found = find(session, key)
        last = version(session, key, found.latest)
        taken = Snapshot(last.form, last.inputs, last.figures, last.program, last.evidence)
        copy = _begin(session, visitor, copy_name(found.name, _("{name} (copy)")), found.notes, taken, "duplicated")
        if found.drafted:
            copy.draft, copy.draft_by = found.form, visitor.account
        return copy.id


def keep_as_copy(database: Database, visitor: Visitor, key: uuid.UUID, taken: Snapshot) -> uuid.UUID:
    """Begin a scenario with a calculation that could not be kept in another; return its key.

    Raises:
        MissingScenarioError: where there is none that it could be called after.
    """
    with database.writing(visitor.scope) as session:
        found = find(session, key)
        return _begin(
            session, visitor, copy_name(found.name, _("{name} (my copy)")), found.notes, taken, "duplicated"
        ).id


def archive(database: Database, visitor: Visitor, key: uuid.UUID) -> None:
    """Put a scenario away. Whoever has it open is told when they save; nothing of it is lost.

    Raises:
        MissingScenarioError: where there is none.
    """
    _put(database, visitor, key, away=True)


def restore(database: Database, visitor: Visitor, key: uuid.UUID) -> None:
    """Bring a scenario back that was put away.

    Raises:
        MissingScenarioError: where there is none.
    """
    _put(database, visitor, key, away=False)


def remove(database: Database, visitor: Visitor, key: uuid.UUID) -> bool:
    """Remove a scenario for good, with its versions and links to them; only one that is archived.

    Returns:
        Whether it was removed; not where it is in use.

    Raises:
        MissingScenarioError: where there is none.
    """
    wanted = delete(SavedScenario).where(SavedScenario.id == key, SavedScenario.archived_at.is_not(None))
    with database.writing(visitor.scope) as session:
        removed = changed_rows(session, wanted.execution_options(synchronize_session=False)) == 1
        if removed:
            audit.record(session, visitor, "deleted", "scenario", key)
        else:
            find(session, key)
    return removed


def _begin(session: Session, visitor: Visitor, name: str, notes: str, taken: Snapshot, deed: str) -> SavedScenario:
    notes = several_lines(notes, LONGEST_NOTES)
    scenario = SavedScenario(
        id=uuid.uuid4(),
        name=name,
        notes=notes,
        latest=1,
        figures=taken.figures,
        words=words(name, taken.clinic, notes),
        made_by=visitor.account,
        changed_at=now(),
        changed_by=visitor.account,
    )
    session.add(scenario)
    session.flush()
    session.add(new_version(visitor, scenario, taken))
    put_words(session, scenario.id, scenario.words)
    audit.record(session, visitor, deed, "scenario", scenario.id)
    return scenario


def _put(database: Database, visitor: Visitor, key: uuid.UUID, *, away: bool) -> None:
    """Put a scenario away or bring it back; one that is there already stays as it is."""
    moment = now()
    is_away = SavedScenario.archived_at.is_not(None)
    change = (
        update(SavedScenario)
        .where(SavedScenario.id == key, ~is_away if away else is_away)
        .values(
            revision=SavedScenario.revision + 1,
            archived_at=moment if away else None,
            changed_at=moment,
            changed_by=visitor.account,
        )
        .execution_options(synchronize_session=False)
    )
    with database.writing(visitor.scope) as session:
        if changed_rows(session, change):
            audit.record(session, visitor, "archived" if away else "restored", "scenario", key)
        else:
            find(session, key)

"""How a saved scenario stands now, and the one way to change it: by whoever has seen how it stands."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, Final, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from web.accounts.visitor import Visitor
from web.storage.base import Json, now
from web.storage.tables import Account, SavedScenario, ScenarioVersion

MOST_REVISIONS: Final = 2**31 - 1  # what the column holds; whoever has seen a later one has seen none of ours


@dataclass(frozen=True)
class Current:
    """A saved scenario at this moment.

    Attributes:
        id: its key, which stands in addresses.
        name: what it is called.
        notes: what is written about it.
        revision: rises with every change.
        latest: the number of the latest version.
        form: the query of the calculator's form: of the draft where there is one, else of the latest version.
        drafted: whether that is a draft, which no version holds yet.
        saved: the same query of the latest version.
        inputs: of the latest version, as CLINIC in JSON.
        figures: of the latest version.
        changed_at: when it was last changed.
        changed_by: who did; None where that is not known.
        changed_name: what they are called; empty where that is not known.
        archived: whether it is put away.
    """

    id: uuid.UUID
    name: str
    notes: str
    revision: int
    latest: int
    form: str
    drafted: bool
    saved: str
    inputs: Json
    figures: Json
    changed_at: dt.datetime
    changed_by: uuid.UUID | None
    changed_name: str
    archived: bool


class MissingScenarioError(NotFound):
    """There is no such scenario, or it is another organisation's; a page answers the same to both."""


class Conflict(Exception):  # noqa: N818 - no error of anybody's: two people worked on one thing
    """A scenario was changed since it was seen, or put away. Nothing was stored.

    Attributes:
        current: how it stands now.
    """

    def __init__(self, current: Current) -> None:
        super().__init__(f"revision {current.revision} is newer than the one that was seen")
        self.current = current


def find(session: Session, key: uuid.UUID) -> Current:
    """Return how a scenario stands, by one query.

    Raises:
        MissingScenarioError: where there is none.
    """
    row = session.execute(_wanted(key)).one_or_none()
    if row is None:
        raise MissingScenarioError
    return Current(
        id=row.id,
        name=row.name,
        notes=row.notes,
        revision=row.revision,
        latest=row.latest,
        form=row.draft or row.form,
        drafted=bool(row.draft),
        saved=row.form,
        inputs=row.inputs,
        figures=row.figures,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        changed_name=row.changed_name or "",
        archived=row.archived_at is not None,
    )


def claim(session: Session, visitor: Visitor, key: uuid.UUID, seen: int, **columns: Any) -> int:
    """Change a scenario if it still is as it was seen: compared and set in one statement, so that of two one waits.

    Args:
        session: of the transaction that is to hold the change.
        visitor: who changes it.
        key: of the scenario.
        seen: the revision that they have seen.
        columns: what changes beside the revision.

    Returns:
        The new revision.

    Raises:
        Conflict: where it was changed since, or is archived.
        MissingScenarioError: where there is none.
    """
    change = (
        update(SavedScenario)
        .where(SavedScenario.id == key, SavedScenario.revision == seen, SavedScenario.archived_at.is_(None))
        .values(revision=seen + 1, changed_at=now(), changed_by=visitor.account, **columns)
        .execution_options(synchronize_session=False)
    )
    if not 0 < seen < MOST_REVISIONS or not changed_rows(session, change):
        raise Conflict(find(session, key))
    return seen + 1


def changed_rows(session: Session, statement: Any) -> int:
    """Return how many rows a statement changed or removed."""
    return cast(CursorResult[Any], session.execute(statement)).rowcount


def _wanted(key: uuid.UUID) -> Any:
    scenario, version = SavedScenario, ScenarioVersion
    return (
        select(
            scenario.id, scenario.name, scenario.notes, scenario.revision, scenario.latest, scenario.draft,
            scenario.figures, scenario.changed_at, scenario.changed_by, scenario.archived_at,
            version.form, version.inputs, Account.name.label("changed_name"),
        )
        .join(version, (version.scenario_id == scenario.id) & (version.number == scenario.latest))
        .outerjoin(Account, Account.id == scenario.changed_by)
        .where(scenario.id == key)
    )  # fmt: skip

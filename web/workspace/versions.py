"""Versions of a saved scenario: each is made once and never changed."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.accounts.visitor import Visitor
from web.storage import Database
from web.storage.base import Json
from web.storage.tables import Account, SavedScenario, ScenarioVersion
from web.workspace import audit
from web.workspace.changes import differences
from web.workspace.current import MissingScenarioError, claim
from web.workspace.snapshot import Snapshot
from web.workspace.texts import LONGEST_NOTE, several_lines, words
from web.workspace.words import put_words

MOST_SHOWN: Final = 100  # versions on one page, the latest first


@dataclass(frozen=True)
class Version:
    """A version as it is listed.

    Attributes:
        id: its key, for links that pin it.
        number: counted from 1.
        form: the query of the calculator's form.
        inputs: as CLINIC in JSON.
        figures: the headline; see ``web.workspace.snapshot``.
        differs: what stands at each path that differs from the version before; see ``web.workspace.changes``.
        restored: the number of the older version that it brings back; None where it was edited.
        note: what whoever saved it wrote.
        program: the version of Rapport that computed it.
        evidence: the digest of the evidence it rests on.
        created_at: when it was saved.
        made_by: the name of who did; empty where that is not known.
    """

    id: uuid.UUID
    number: int
    form: str
    inputs: Json
    figures: Json
    differs: dict[str, list[Json | None]]
    restored: int | None
    note: str
    program: str
    evidence: str
    created_at: dt.datetime
    made_by: str


def save_version(
    database: Database,
    visitor: Visitor,
    key: uuid.UUID,
    seen: int,
    taken: Snapshot,
    note: str = "",
    *,
    restored: int | None = None,
) -> int:
    """Keep a calculation as the next version; what was drafted before is done with.

    Args:
        database: where.
        visitor: who saves it.
        key: of the scenario.
        seen: the revision they have seen.
        taken: the calculation.
        note: why, in their words.
        restored: the number of the older version that this brings back.

    Returns:
        The new revision.

    Raises:
        Conflict: where the scenario was changed since.
        MissingScenarioError: where there is none.
    """
    with database.writing(visitor.scope) as session:
        revision = claim(session, visitor, key, seen, draft="", draft_by=None)
        scenario = session.get_one(SavedScenario, key)
        before = session.scalars(
            select(ScenarioVersion.inputs).where(
                ScenarioVersion.scenario_id == key, ScenarioVersion.number == scenario.latest
            )
        ).one()
        scenario.latest += 1
        scenario.figures = taken.figures
        scenario.words = words(scenario.name, taken.clinic, scenario.notes)
        put_words(session, key, scenario.words)
        session.add(new_version(visitor, scenario, taken, before, note, restored))
        audit.record(session, visitor, "saved", "scenario", key)
    return revision


def new_version(
    visitor: Visitor,
    scenario: SavedScenario,
    taken: Snapshot,
    before: Json | None = None,
    note: str = "",
    restored: int | None = None,
) -> ScenarioVersion:
    """Return a version with the latest number of its scenario; ``before`` are the inputs it is compared with."""
    changes: Json = {"inputs": {} if before is None else differences(before, taken.inputs)}
    return ScenarioVersion(
        scenario_id=scenario.id,
        number=scenario.latest,
        form=taken.form,
        inputs=taken.inputs,
        figures=taken.figures,
        changes=changes | ({} if restored is None else {"restored": restored}),
        note=several_lines(note, LONGEST_NOTE),
        program=taken.program,
        evidence=taken.evidence,
        made_by=visitor.account,
    )


def versions(session: Session, key: uuid.UUID, before: int | None = None) -> tuple[Version, ...]:
    """Return the latest versions of a scenario, the last one first.

    Args:
        session: of the organisation.
        key: of the scenario.
        before: only those with smaller numbers.
    """
    wanted = (
        select(ScenarioVersion, Account.name)
        .outerjoin(Account, Account.id == ScenarioVersion.made_by)
        .where(ScenarioVersion.scenario_id == key)
        .order_by(ScenarioVersion.number.desc())
        .limit(MOST_SHOWN)
    )
    if before is not None:
        wanted = wanted.where(ScenarioVersion.number < before)
    return tuple(_listed(version, name) for version, name in session.execute(wanted))


def version(session: Session, key: uuid.UUID, number: int) -> Version:
    """Return one version.

    Raises:
        MissingScenarioError: where there is none.
    """
    found = next(iter(versions(session, key, number + 1)), None)
    if found is None or found.number != number:
        raise MissingScenarioError
    return found


def _listed(stored: ScenarioVersion, name: str | None) -> Version:
    return Version(
        id=stored.id,
        number=stored.number,
        form=stored.form,
        inputs=stored.inputs,
        figures=stored.figures,
        differs=stored.changes.get("inputs", {}),
        restored=stored.changes.get("restored"),
        note=stored.note,
        program=stored.program,
        evidence=stored.evidence,
        created_at=stored.created_at,
        made_by=name or "",
    )

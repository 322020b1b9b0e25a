"""The audit log as it is read: newest first, by kind or member, with the names that members have now."""

from __future__ import annotations

import csv
import datetime as dt
import io
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from reports.batch.manifest import as_text
from web.accounts.visitor import Visitor
from web.storage import Database
from web.storage.tables import Account, ApiToken, AuditEntry, SavedScenario
from web.workspace.newest_first import Cursor

MOST: Final = 50  # rows of a page
AT_ONCE: Final = 500  # rows that an export reads at a time
NAMED: Final[dict[str, Any]] = {"scenario": SavedScenario, "account": Account, "key": ApiToken}  # by kind
COLUMNS: Final = ("at", "member_id", "member", "action", "kind", "object_id")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which deeds: of a kind, of a member; neither for all of them."""

    kind: str = ""
    member: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """One deed.

    Attributes:
        id: of the entry.
        at: when.
        account: who; None where nobody had an account yet, or an operator did it.
        name: what they are called now; empty where the account is gone, or there was none.
        action: of ``web.workspace.audit.ACTIONS``.
        kind: of ``KINDS``.
        object: what it was done to.
    """

    id: uuid.UUID
    at: dt.datetime
    account: uuid.UUID | None
    name: str
    action: str
    kind: str
    object: uuid.UUID | None


def page_of(
    session: Session, asked: Asked, before: Cursor | None, most: int = MOST
) -> tuple[list[Deed], Cursor | None]:
    """Return a page of deeds, and where the older ones begin; None where there are none."""
    rows = session.execute(_wanted(asked, before).limit(most + 1)).all()
    deeds = [
        Deed(each.id, each.at, each.account_id, name or "", each.action, each.kind, each.object_id)
        for each, name in rows[:most]
    ]
    return deeds, Cursor(deeds[-1].at, deeds[-1].id) if len(rows) > most else None


def names_of(session: Session, deeds: Iterable[Deed]) -> dict[uuid.UUID, str]:
    """Return what the objects of deeds are called now; those that are gone, or never had a name, are not in it."""
    asked: dict[str, set[uuid.UUID]] = {}
    for deed in deeds:
        if deed.object is not None:
            asked.setdefault(deed.kind, set()).add(deed.object)
    found: dict[uuid.UUID, str] = {}
    for kind, table in NAMED.items():
        if kind in asked:
            rows = session.execute(select(table.id, table.name).where(table.id.in_(asked[kind])))
            found |= {row.id: row.name for row in rows}
    return found


def as_csv(database: Database, visitor: Visitor, asked: Asked) -> Iterator[bytes]:
    """Yield the log as CSV, in pieces: UTF-8 with a mark, no cell of which a spreadsheet runs as a formula."""
    yield "\ufeff".encode() + _line(COLUMNS)
    before: Cursor | None = None
    while True:
        with database.reading(visitor.scope) as session:
            deeds, before = page_of(session, asked, before, AT_ONCE)
        yield b"".join(_line(_cells(deed)) for deed in deeds)
        if before is None:
            return


def _wanted(asked: Asked, before: Cursor | None) -> Select[Any]:
    columns: Any = (AuditEntry, Account.name)
    wanted = select(*columns).outerjoin(Account, Account.id == AuditEntry.account_id)
    if asked.kind:
        wanted = wanted.where(AuditEntry.kind == asked.kind)
    if asked.member:
        wanted = wanted.where(AuditEntry.account_id == asked.member)
    if before is not None:
        older = or_(AuditEntry.at < before.at, AuditEntry.id < before.key)
        wanted = wanted.where(AuditEntry.at <= before.at, older)
    return wanted.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())


def _cells(deed: Deed) -> tuple[str, ...]:
    ids = (str(deed.account or ""), as_text(deed.name))
    return (deed.at.isoformat(timespec="seconds"), *ids, deed.action, deed.kind, str(deed.object or ""))


def _line(cells: tuple[str, ...]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue().encode()

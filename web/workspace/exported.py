"""Which columns leave the house in an export, table by table; digests, passwords and other secrets never do."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from web.storage.owned import Owned
from web.storage.tables import (
    Account,
    Admission,
    ApiToken,
    AuditEntry,
    Enquiry,
    HouseValue,
    SavedScenario,
    ScenarioVersion,
    ShareLink,
)

#: By the name of the file; versions have files of their own.
TABLES: Final[Mapping[str, type[Owned]]] = {
    "members": Account,
    "invitations": Admission,
    "house_values": HouseValue,
    "scenarios": SavedScenario,
    "versions": ScenarioVersion,
    "links": ShareLink,
    "enquiries": Enquiry,
    "keys": ApiToken,
    "audit": AuditEntry,
}
#: Columns that stay here, and why: secrets and what could be tried against one; what is the same for every row, or
#: kept twice; and ``document``, which is a file of its own.
LEFT_OUT: Final[Mapping[str, frozenset[str]]] = {
    "account": frozenset({"password", "totp", "totp_step", "subject"}),
    "admission": frozenset({"digest"}),
    "api_token": frozenset({"digest"}),
    "share_link": frozenset({"digest", "passcode", "document"}),
    "scenario": frozenset({"words"}),
}
EVERYWHERE: Final = frozenset({"organisation_id"})
AT_ONCE: Final = 200


def columns_of(table: type[Owned]) -> tuple[str, ...]:
    """Return the names of the columns that are exported."""
    out = LEFT_OUT.get(table.__tablename__, frozenset()) | EVERYWHERE
    return tuple(column.key for column in table.__mapper__.column_attrs if column.key not in out)


def rows_of(session: Session, table: Any, *where: Any) -> Iterator[Any]:
    """Yield the rows of the session's organisation in a fixed order, some at a time."""
    wanted = select(table).where(*where).order_by(table.id).execution_options(yield_per=AT_ONCE)
    yield from session.scalars(wanted)


def plain(row: Any) -> dict[str, Any]:
    """Return a row as plain data for JSON."""
    found = {name: _plain(getattr(row, name)) for name in columns_of(type(row))}
    if isinstance(row, Account):
        found |= {"second_step": row.totp is not None, "signs_in_with_password": row.password is not None}
    if isinstance(row, ShareLink):
        found["has_passcode"] = row.passcode is not None
    return found


def as_json(rows: Iterable[Any]) -> Iterator[bytes]:
    """Yield rows as a list in JSON, one a line, for as many as there are."""
    start = b"["
    for row in rows:
        yield start + b"\n" + json.dumps(plain(row), ensure_ascii=False, sort_keys=True).encode()
        start = b","
    yield b"[]\n" if start == b"[" else b"\n]\n"


def documents(session: Session) -> Iterator[tuple[uuid.UUID, bytes]]:
    """Yield the PDFs that links hold."""
    wanted = select(ShareLink).options(undefer(ShareLink.document)).where(ShareLink.document.is_not(None))
    for row in session.scalars(wanted.order_by(ShareLink.id).execution_options(yield_per=10)):
        if row.document is not None:
            yield row.id, row.document


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds")
    return str(value) if isinstance(value, uuid.UUID) else value

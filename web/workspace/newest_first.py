"""A long list a page at a time: after a row that was seen, and not by counting, so that it costs the same anywhere."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, Select, or_
from sqlalchemy.orm import Session

MOST: Final = 50  # rows of a page
_WRITTEN: Final = "%Y%m%dT%H%M%S.%f"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row that was seen: when it was made, and its id where several were made at once."""

    at: dt.datetime
    key: uuid.UUID

    def __str__(self) -> str:
        """Return it as it stands in an address."""
        return f"{self.at.strftime(_WRITTEN)}-{self.key.hex}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """Return what ``str`` wrote; None for anything else, which shows the first page.

        >>> made = Cursor(dt.datetime(2026, 11, 29, 7, 15, tzinfo=dt.UTC), uuid.UUID(int=5))
        >>> Cursor.read(str(made)) == made, Cursor.read("yesterday")
        (True, None)
        """
        at, _, key = text.partition("-")
        try:
            return cls(dt.datetime.strptime(at, _WRITTEN).replace(tzinfo=dt.UTC), uuid.UUID(hex=key))
        except ValueError:
            return None


def newest_first(
    session: Session, wanted: Select[*tuple[Any, ...]], table: Any, before: Cursor | None, most: int = MOST
) -> tuple[Sequence[Row[*tuple[Any, ...]]], Cursor | None]:
    """Return a page of a query, and where what is older begins; None where there is nothing older.

    Args:
        session: of one organisation.
        wanted: the query, whose first column is ``table``.
        table: has ``created_at`` and ``id``.
        before: the last row of the page before; None for the first page.
        most: rows of a page.
    """
    if before is not None:
        wanted = wanted.where(table.created_at <= before.at, or_(table.created_at < before.at, table.id < before.key))
    found = session.execute(wanted.order_by(table.created_at.desc(), table.id.desc()).limit(most + 1)).all()
    if len(found) <= most:
        return found, None
    last = found[most - 1][0]
    return found[:most], Cursor(last.created_at, last.id)

"""The one place that keeps organisations apart.

A session is opened for one organisation. Whatever it reads is of that organisation, because every query on a table of
``Owned`` gets that condition added; whatever it writes is stamped with it, or refused. Views cannot forget either.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

from sqlalchemy import ForeignKey, event
from sqlalchemy.orm import (
    Mapped,
    ORMExecuteState,
    Session,
    UOWTransaction,
    declared_attr,
    mapped_column,
    with_loader_criteria,
)

from web.storage.base import Base

SCOPE: Final = "organisation"


class _Everywhere:
    """Not one organisation but the whole server: sign-in, links of strangers, operators on the command line."""

    def __repr__(self) -> str:
        return "EVERY_ORGANISATION"


EVERY_ORGANISATION: Final = _Everywhere()
Scope = uuid.UUID | _Everywhere


class ForeignObjectError(Exception):
    """Something of one organisation was about to be written by another: a fault of ours, never of a visitor."""


class Owned(Base):
    """A table whose rows belong to one organisation each."""

    __abstract__ = True

    @declared_attr
    def organisation_id(cls) -> Mapped[uuid.UUID]:  # noqa: N805 - declared on the class
        """Return the column that says whose a row is."""
        return mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)


class ScopedSession(Session):
    """A session that sees and writes one organisation only, unless it was opened for every one."""


def narrow(session: Session, organisation: uuid.UUID) -> None:
    """Go on for one organisation in a session that was opened for every one, within the same transaction.

    Raises:
        ForeignObjectError: where it was opened for another one; there is no way from one to another.
    """
    if session.info.get(SCOPE) not in (EVERY_ORGANISATION, organisation):
        raise ForeignObjectError("a session of one organisation cannot go on for another")
    session.info[SCOPE] = organisation


@event.listens_for(ScopedSession, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    scope = state.session.info.get(SCOPE)
    if scope is EVERY_ORGANISATION or state.is_column_load:
        return
    if scope is None:
        raise ForeignObjectError("a session was opened for no organisation")
    state.statement = state.statement.options(
        with_loader_criteria(Owned, lambda cls: cls.organisation_id == scope, include_aliases=True)
    )


@event.listens_for(ScopedSession, "before_flush")
def _stamp(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    scope = session.info.get(SCOPE)
    for row in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(row, Owned) or scope is EVERY_ORGANISATION:
            continue
        if row in session.new and row.organisation_id is None:
            row.organisation_id = scope
        if scope is None or row.organisation_id != scope:
            raise ForeignObjectError(f"a row of {row.__tablename__} belongs to another organisation")

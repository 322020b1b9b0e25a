"""Deeds that must not happen twice at once, among all processes."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from web.storage.tables import Organisation

FIRST_ACCOUNT = 0x5261_7071  # any number, the same for all processes of this program


def take_turn(session: Session, number: int) -> None:
    """Wait until no other transaction holds the turn of this number, and hold it until this one ends.

    SQLite has one writer at a time, so there a session that writes has had its turn from the start.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(number)))


def take_turn_of(session: Session, organisation: uuid.UUID) -> None:
    """Wait until no other transaction holds the turn of an organisation, and hold it until this one ends."""
    session.execute(select(Organisation.id).where(Organisation.id == organisation).with_for_update())

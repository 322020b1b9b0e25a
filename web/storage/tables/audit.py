"""Who did what to which object; no name, no address and no content of anything."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from web.storage.base import Key, Moment, now
from web.storage.owned import Owned


class AuditEntry(Owned):
    """One deed. ``account_id`` is no foreign key: the entry outlives the account, and then names nobody."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_listed", "organisation_id", "at"),)

    id: Mapped[Key]
    at: Mapped[dt.datetime] = mapped_column(Moment, default=now)
    account_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    action: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    object_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)

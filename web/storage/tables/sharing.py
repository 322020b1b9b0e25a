"""What leaves the house: links to a pinned result, enquiries from the embedded calculator, keys for programs."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from web.storage.base import LONGEST_EMAIL, Digest, Json, Key, Moment, Name, When, Written
from web.storage.owned import Owned


class ShareLink(Owned):
    """A link under an unguessable token to one version of a scenario, as a page or as a PDF.

    ``document`` is the PDF as it was made when it was shared, so that a later release or other evidence cannot change
    it; it is dropped when the link has ended.
    """

    __tablename__ = "share_link"
    __table_args__ = (
        CheckConstraint("kind IN ('result', 'pdf')", name="kind"),
        Index("ix_share_link_listed", "organisation_id", "created_at"),
    )

    id: Mapped[Key]
    digest: Mapped[Digest]
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scenario_version.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    label: Mapped[Name]
    passcode: Mapped[str | None] = mapped_column(String(200))  # argon2id
    options: Mapped[Json] = mapped_column(JSON, default=dict)  # language, paper, length, the day it is dated
    document: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # a list does without
    views: Mapped[int] = mapped_column(default=0)
    seen_at: Mapped[When]
    made_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    created_at: Mapped[Written]
    expires_at: Mapped[dt.datetime] = mapped_column(Moment)
    revoked_at: Mapped[When]


class Enquiry(Owned):
    """Somebody asked for their result as a PDF, agreed to a text, and left a name and an address."""

    __tablename__ = "enquiry"
    __table_args__ = (
        Index("ix_enquiry_listed", "organisation_id", "created_at"),
        Index("ix_enquiry_email", "organisation_id", "email"),
    )

    id: Mapped[Key]
    name: Mapped[Name]
    email: Mapped[str] = mapped_column(String(LONGEST_EMAIL))
    consent: Mapped[str] = mapped_column(Text)  # the text that was agreed to, as it stood there
    form: Mapped[str] = mapped_column(Text)
    figures: Mapped[Json] = mapped_column(JSON, default=dict)
    parent: Mapped[str] = mapped_column(String(200), default="")  # the site that showed the calculator
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    handled_at: Mapped[When]


class ApiToken(Owned):
    """A key for a program: shown once, kept as its digest."""

    __tablename__ = "api_token"

    id: Mapped[Key]
    digest: Mapped[Digest]
    name: Mapped[Name]
    start: Mapped[str] = mapped_column(String(12))  # its first letters, to tell it from others
    scopes: Mapped[list[str]] = mapped_column(JSON)
    made_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    created_at: Mapped[Written]
    expires_at: Mapped[When]
    used_at: Mapped[When]
    revoked_at: Mapped[When]

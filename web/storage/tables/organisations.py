"""Organisations, their members and how members get in."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import JSON, Boolean, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from web.accounts.roles import ROLES
from web.storage.base import LONGEST_EMAIL, Base, Digest, Json, Key, Moment, Name, When, Written
from web.storage.owned import Owned

_ONE_OF_ROLES = f"role IN ({', '.join(repr(role) for role in ROLES)})"


class Organisation(Base):
    """A clinic group or a vendor; nothing of one is seen by another.

    ``local`` marks the one that a server without accounts works in, until its first administrator takes it over.
    ``brand`` holds the texts and colours of a BRAND.toml, ``logo`` its picture. ``house_revision`` is another one with
    every change of its own values (``HouseValue``), so that they need not be read again until then; None where it never
    had any.
    """

    __tablename__ = "organisation"

    id: Mapped[Key]
    name: Mapped[Name]
    created_at: Mapped[Written]
    local: Mapped[bool] = mapped_column(Boolean, default=False)
    brand: Mapped[Json] = mapped_column(JSON, default=dict)
    logo: Mapped[bytes | None] = mapped_column(LargeBinary)
    house_revision: Mapped[uuid.UUID | None]


class Account(Owned):
    """A person who may sign in. ``email`` is kept folded to lower case."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint(_ONE_OF_ROLES, name="role"),
        UniqueConstraint("issuer", "subject", name="uq_account_issuer"),
    )

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(String(LONGEST_EMAIL), unique=True)
    name: Mapped[Name]
    role: Mapped[str] = mapped_column(String(20))
    password: Mapped[str | None] = mapped_column(String(200))  # argon2id, with its parameters
    totp: Mapped[str | None] = mapped_column(String(200))  # the shared secret, encrypted with the server's key
    totp_step: Mapped[int | None]  # the last step that was used, so that a code works once
    issuer: Mapped[str | None] = mapped_column(String(200))  # of OpenID Connect
    subject: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[Written]
    signed_in_at: Mapped[When]


class RecoveryCode(Owned):
    """A code that stands in for the second step once, for whoever has lost their phone."""

    __tablename__ = "recovery_code"

    id: Mapped[Key]
    digest: Mapped[Digest]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)


class SignIn(Base):
    """A browser that is signed in; the cookie holds the secret, this its digest."""

    __tablename__ = "sign_in"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[Written]
    seen_at: Mapped[Written]
    expires_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
    browser: Mapped[str] = mapped_column(String(40), default="")  # such as "Firefox, Windows": enough to tell it apart


class Admission(Owned):
    """A link that lets somebody in once: an invitation to a new account, or a new password for an old one."""

    __tablename__ = "admission"

    id: Mapped[Key]
    digest: Mapped[Digest]
    email: Mapped[str] = mapped_column(String(LONGEST_EMAIL))
    role: Mapped[str | None] = mapped_column(String(20))  # of an invitation
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))  # of a reset
    made_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    created_at: Mapped[Written]
    expires_at: Mapped[dt.datetime] = mapped_column(Moment)
    used_at: Mapped[When]


class Attempts(Base):
    """How often something was tried in a stretch of time, counted for all processes together."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_until", "until"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)  # a digest: no address and no name is kept
    until: Mapped[dt.datetime] = mapped_column(Moment)
    tally: Mapped[int]

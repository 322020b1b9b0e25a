"""Keys of programs: shown once, kept as a digest, each with its scopes.

How often a key is used is not limited here: to count would cost each call a write, which is what a limit should spare.
A key that does harm is revoked, and the reverse proxy is the place for a limit by address.
"""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from calculator import InputError, Problem
from calculator.language import gettext as _
from calculator.language import mark
from web.accounts.last_seen import note
from web.accounts.names import unusable_name
from web.accounts.sign_ins import NOTED
from web.accounts.visitor import STRANGER, Visitor
from web.storage import EVERY_ORGANISATION, current_database
from web.storage.base import digest, now
from web.storage.tables import ApiToken
from web.workspace.audit import record

START: Final = "rapport_"
SHOWN: Final = len(START) + 4  # letters that stay known of a key, to tell it from others
#: What a key may be allowed, in the words of the page: one for each kind of request that programs make.
SCOPES: Final = {"estimate": mark("estimate: compute results, POST /api/v1/estimate")}
#: Days that a key may last; none for one that lasts until it is revoked.
LASTS: Final = ("30", "90", "365", "")


def new_key() -> str:
    """Return a new key; its beginning says what it is to whoever finds one, or scans for them."""
    return f"{START}{secrets.token_urlsafe(32)}"


def made(session: Session) -> Sequence[ApiToken]:
    """Return the keys of the session's organisation, the newest first."""
    return session.scalars(select(ApiToken).order_by(ApiToken.created_at.desc(), ApiToken.id)).all()


def find(session: Session, key: uuid.UUID) -> ApiToken | None:
    """Return one of them; None where there is none, or it is another organisation's."""
    return session.scalar(select(ApiToken).where(ApiToken.id == key))


def make(session: Session, visitor: Visitor, name: str, scopes: Collection[str], days: str) -> str:
    """Make a key and return it; it cannot be shown again.

    Args:
        session: one that writes, opened for the organisation.
        visitor: who makes it.
        name: what it is for.
        scopes: of ``SCOPES``.
        days: one of ``LASTS``.

    Raises:
        InputError: with everything that is wrong, by the name of the field.
    """
    name = name.strip()
    problems = [Problem("name", said)] if (said := unusable_name(name)) else []
    if not scopes or set(scopes) - set(SCOPES):
        problems.append(Problem("scopes", _("Choose what the key may do.")))
    if days not in LASTS:
        problems.append(Problem("days", _("Choose how long the key lasts.")))
    if visitor.kind == "local":
        problems.append(Problem("", _("Without accounts programs need no key. Create the first administrator first.")))
    if problems:
        raise InputError(problems)
    key = new_key()
    ends = now() + dt.timedelta(days=int(days)) if days else None
    row = ApiToken(id=uuid.uuid4(), digest=digest(key), name=name, start=key[:SHOWN], scopes=sorted(scopes))
    row.made_by, row.expires_at = visitor.account, ends
    session.add(row)
    record(session, visitor, "created", "key", row.id)
    return key


def revoke(session: Session, visitor: Visitor, row: ApiToken) -> None:
    """Let a key in no longer."""
    if row.revoked_at is None:
        row.revoked_at = now()
        record(session, visitor, "revoked", "key", row.id)


def visitor(authorization: str | None) -> Visitor:
    """Return the program whose key is in an ``Authorization`` header; a stranger where there is none that is valid."""
    kind, _, key = (authorization or "").partition(" ")
    if kind.lower() != "bearer" or not key.startswith(START):
        return STRANGER
    moment = now()
    wanted = select(ApiToken).where(
        ApiToken.digest == digest(key.strip()),
        ApiToken.revoked_at.is_(None),
        or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > moment),
    )
    database = current_database()
    with database.reading(EVERY_ORGANISATION) as session:
        found = session.scalar(wanted)
    if found is None:
        return STRANGER
    if found.used_at is None or moment - found.used_at > NOTED:
        note(database, update(ApiToken).where(ApiToken.id == found.id).values(used_at=moment))
    return Visitor("token", found.organisation_id, None, None, found.name, frozenset(found.scopes))

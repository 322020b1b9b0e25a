"""Keys of programs: shown once, kept as a digest, each with its scopes."""

from __future__ import annotations

import secrets
from typing import Final

from sqlalchemy import or_, select, update

from web.accounts.sign_ins import NOTED
from web.accounts.visitor import STRANGER, Visitor
from web.storage import EVERY_ORGANISATION, current_database
from web.storage.base import digest, now
from web.storage.tables import ApiToken

START: Final = "rapport_"
SCOPES: Final = ("estimate",)


def new_key() -> str:
    """Return a new key; its beginning says what it is to whoever finds one, or scans for them."""
    return f"{START}{secrets.token_urlsafe(32)}"


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
        with database.writing(EVERY_ORGANISATION) as session:
            session.execute(update(ApiToken).where(ApiToken.id == found.id).values(used_at=moment))
    return Visitor("token", found.organisation_id, None, None, found.name, frozenset(found.scopes))

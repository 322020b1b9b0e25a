"""Browsers that are signed in. The cookie holds a random secret; the database its digest, and whose it is."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from typing import Any, Final

from flask import request
from flask import session as cookie
from sqlalchemy import ColumnElement, and_, bindparam, delete, select, update

from web.accounts.browser_name import browser_name
from web.accounts.last_seen import note
from web.accounts.visitor import STRANGER, Visitor
from web.storage import EVERY_ORGANISATION, Database
from web.storage.base import digest, now
from web.storage.tables import Account, Organisation, SignIn

FIELD: Final = "sign_in"  # of the cookie
LASTS: Final = dt.timedelta(days=14)
IDLE: Final = dt.timedelta(hours=24)  # without a request
NOTED: Final = dt.timedelta(minutes=5)  # how exactly the last request is known; a write for each would be slow


def begin(database: Database, account: uuid.UUID) -> None:
    """Sign this browser in under a new secret; whatever stood in its cookie before is gone."""
    secret = secrets.token_urlsafe(32)
    moment = now()
    with database.writing(EVERY_ORGANISATION) as session:
        session.execute(delete(SignIn).where(SignIn.expires_at < moment))
        browser = browser_name(request.user_agent.string)
        session.add(SignIn(digest=digest(secret), account_id=account, expires_at=moment + LASTS, browser=browser))
        session.execute(update(Account).where(Account.id == account).values(signed_in_at=moment))
    cookie.clear()
    cookie[FIELD] = secret


def find(database: Database) -> Visitor:
    """Return who this browser is signed in as; a stranger where the cookie is none of ours, old or ended."""
    secret = cookie.get(FIELD)
    if not isinstance(secret, str):
        return STRANGER
    mine, moment = digest(secret), now()
    with database.reading(EVERY_ORGANISATION) as session:
        found = session.execute(_WANTED, {"mine": mine, "moment": moment, "idle": moment - IDLE}).one_or_none()
    if found is None:
        return STRANGER
    if moment - found.seen_at > NOTED:
        note(database, update(SignIn).where(SignIn.digest == mine).values(seen_at=moment))
    return Visitor(
        "account", found.organisation_id, found.id, found.role, found.name, house_revision=found.house_revision
    )


def is_current() -> ColumnElement[bool]:
    """Return the condition that a sign-in still holds."""
    moment = now()
    return _current(moment, moment - IDLE)


def _current(moment: Any, idle: Any) -> ColumnElement[bool]:
    return and_(SignIn.expires_at > moment, SignIn.seen_at > idle)


#: Every request of a member asks this, so it is put together once.
_WANTED: Final = (
    select(SignIn.seen_at, Account.id, Account.organisation_id, Account.role, Account.name, Organisation.house_revision)
    .join(Account, Account.id == SignIn.account_id)
    .join(Organisation, Organisation.id == Account.organisation_id)
    .where(SignIn.digest == bindparam("mine"), _current(bindparam("moment"), bindparam("idle")), Account.active)
)


def end(database: Database) -> None:
    """Sign this browser out."""
    secret = cookie.get(FIELD)
    cookie.clear()
    if isinstance(secret, str):
        with database.writing(EVERY_ORGANISATION) as session:
            session.execute(delete(SignIn).where(SignIn.digest == digest(secret)))


def end_all(database: Database, account: uuid.UUID, but: str | None = None) -> None:
    """Sign an account out everywhere, as after a new second step; ``but`` is a secret that may stay."""
    with database.writing(EVERY_ORGANISATION) as session:
        ended = delete(SignIn).where(SignIn.account_id == account)
        session.execute(ended if but is None else ended.where(SignIn.digest != digest(but)))

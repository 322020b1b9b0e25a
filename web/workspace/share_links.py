"""Share links: made once, shown once, found by the digest of their secret, and closed again."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from web.accounts import passwords
from web.accounts.limits import PASSCODE, Limit, count_or_refuse, forget
from web.accounts.visitor import Visitor
from web.storage import EVERY_ORGANISATION, Database
from web.storage.base import digest, now
from web.storage.tables import Account, Organisation, SavedScenario, ScenarioVersion, ShareLink
from web.workspace.audit import record
from web.workspace.newest_first import Cursor, newest_first

RESULT: Final = "result"
PDF: Final = "pdf"
USUAL_DAYS: Final = 30
MOST_DAYS: Final = 365
SHORTEST_PASSCODE: Final = 6  # characters; ten tries in a quarter of an hour make that enough
LONGEST_PASSCODE: Final = 100
#: Of tokens that open nothing. Nobody guesses one of 256 bits; this is against the noise of trying.
CLOSED = Limit("closed share links from an address", 60, dt.timedelta(minutes=15))


@dataclass(frozen=True, slots=True)
class Wish:
    """A link that somebody wants: to which version, how, for how long, behind which passcode.

    ``options`` says of a PDF in which language, paper and length it is, and the day it is dated.
    """

    version: uuid.UUID
    kind: str
    label: str
    days: int = USUAL_DAYS
    passcode: str = ""
    options: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that is open, with what a reader is told about it."""

    link: ShareLink
    version: ScenarioVersion
    organisation: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A link as its organisation sees it."""

    link: ShareLink
    scenario: uuid.UUID
    name: str
    number: int
    by: str
    state: str  # open, expired or revoked


def sharable(session: Session, version: uuid.UUID) -> tuple[ScenarioVersion, SavedScenario] | None:
    """Return a version of the session's organisation and its scenario."""
    wanted = (
        select(ScenarioVersion, SavedScenario)
        .join(SavedScenario, SavedScenario.id == ScenarioVersion.scenario_id)
        .where(ScenarioVersion.id == version)
    )
    found = session.execute(wanted).one_or_none()
    return None if found is None else (found[0], found[1])


def make(database: Database, visitor: Visitor, wish: Wish, document: bytes | None = None) -> tuple[uuid.UUID, str]:
    """Make a link; return its id and its secret, which is not to be had again.

    Args:
        database: the workspace.
        visitor: who makes it; the version must be one of their organisation.
        wish: what they want, checked.
        document: the PDF, for a link to one.

    Raises:
        LookupError: where the organisation has no such version.
    """
    secret, moment, key = secrets.token_urlsafe(32), now(), uuid.uuid4()
    passcode = passwords.hashed(wish.passcode) if wish.passcode else None  # before the turn to write: it takes a while
    with database.writing(visitor.scope) as session:
        if sharable(session, wish.version) is None:
            raise LookupError("no such version")
        ended = ShareLink.expires_at <= moment
        session.execute(update(ShareLink).where(ended, ShareLink.document.is_not(None)).values(document=None))
        session.add(
            ShareLink(
                id=key,
                digest=digest(secret),
                version_id=wish.version,
                kind=wish.kind,
                label=wish.label,
                passcode=passcode,
                options=dict(wish.options or {}),
                document=document,
                made_by=visitor.account,
                created_at=moment,
                expires_at=moment + dt.timedelta(days=wish.days),
            )
        )
        record(session, visitor, "shared", "link", key)
    return key, secret


def listed(
    database: Database, visitor: Visitor, before: Cursor | None = None
) -> tuple[tuple[Listed, ...], Cursor | None]:
    """Return a page of the organisation's links, the newest first, and where the older ones begin."""
    wanted = (
        select(ShareLink, SavedScenario.id, SavedScenario.name, ScenarioVersion.number, Account.name)
        .join(ScenarioVersion, ScenarioVersion.id == ShareLink.version_id)
        .join(SavedScenario, SavedScenario.id == ScenarioVersion.scenario_id)
        .outerjoin(Account, Account.id == ShareLink.made_by)
    )
    with database.reading(visitor.scope) as session:
        rows, older = newest_first(session, wanted, ShareLink, before)
    moment = now()
    links = (
        Listed(link, scenario, name, number, by or "", state_of(link, moment))
        for link, scenario, name, number, by in rows
    )
    return tuple(links), older


def state_of(link: ShareLink, moment: dt.datetime) -> str:
    """Return whether a link is open, expired or revoked."""
    return "revoked" if link.revoked_at else "expired" if link.expires_at <= moment else "open"


def revoke(database: Database, visitor: Visitor, link: uuid.UUID) -> bool:
    """Close a link for good; return whether the organisation has such a link."""
    with database.writing(visitor.scope) as session:
        found = session.get(ShareLink, link)
        if found is None:
            return False
        if found.revoked_at is None:
            found.revoked_at, found.document = now(), None
            record(session, visitor, "revoked", "link", link)
    return True


def opened(database: Database, secret: str, address: str) -> Opened | None:
    """Return the open link of a secret; None for one that never was, is expired or revoked.

    Raises:
        AdvisedError: 429 where an address has tried too many that open nothing.
    """
    mine, moment = digest(secret), now()
    wanted = (
        select(ShareLink, ScenarioVersion, Organisation.name)
        .join(ScenarioVersion, ScenarioVersion.id == ShareLink.version_id)
        .join(Organisation, Organisation.id == ShareLink.organisation_id)
        .where(ShareLink.digest == mine, ShareLink.revoked_at.is_(None), ShareLink.expires_at > moment)
    )
    with database.reading(EVERY_ORGANISATION) as session:
        found = session.execute(wanted).one_or_none()
    if found is None:
        count_or_refuse(database, {CLOSED: address})
        return None
    return Opened(*found)


def document_of(database: Database, found: Opened) -> bytes | None:
    """Return the PDF of a link."""
    with database.reading(found.link.organisation_id) as session:
        return session.scalar(select(ShareLink.document).where(ShareLink.id == found.link.id))


def passcode_fits(database: Database, found: Opened, passcode: str) -> bool:
    """Return whether a passcode is that of a link.

    Raises:
        AdvisedError: 429 where too many were tried, from whatever address.
    """
    who = found.link.id.hex
    count_or_refuse(database, {PASSCODE: who})
    if not passwords.matches(found.link.passcode, passcode):
        return False
    forget(database, PASSCODE, who)
    return True


def note_view(database: Database, found: Opened) -> None:
    """Count a visit, in one statement, so that none is lost among several at once."""
    with database.writing(found.link.organisation_id) as session:
        counted = update(ShareLink).where(ShareLink.id == found.link.id)
        session.execute(counted.values(views=ShareLink.views + 1, seen_at=now()))

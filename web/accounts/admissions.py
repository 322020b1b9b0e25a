"""Links that let somebody in once: an invitation to a new account, or a new password for one that is there.

A link is shown once to whoever makes it; only its digest is kept, a newer one takes the place of an older one, and an
invitation lasts a week, a new password a day.
"""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal

from flask import request
from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from calculator import InputError, Problem
from calculator.language import gettext as _
from web.accounts import passwords
from web.accounts.email_address import folded, unusable
from web.accounts.roles import ROLES
from web.accounts.visitor import Visitor
from web.settings import current_settings
from web.storage import EVERY_ORGANISATION, Database
from web.storage.base import digest, now
from web.storage.owned import narrow
from web.storage.tables import Account, Admission, Organisation, SignIn
from web.workspace.audit import record

INVITATION_LASTS: Final = dt.timedelta(days=7)
RESET_LASTS: Final = dt.timedelta(days=1)


class NoAdmissionError(Exception):
    """A link that lets nobody in: unknown, used, too old, or replaced by a newer one. Which of them is not told."""


@dataclass(frozen=True, slots=True)
class Open:
    """A link that lets somebody in.

    Attributes:
        kind: ``invitation`` or ``reset``.
        organisation: the name of the one it leads into.
        email: whose it is.
        name: theirs, empty for an invitation.
        organisation_id: of the organisation.
    """

    kind: Literal["invitation", "reset"]
    organisation: str
    email: str
    name: str
    organisation_id: uuid.UUID


def invite(session: Session, visitor: Visitor, email: str, role: str) -> str:
    """Invite somebody into the session's organisation and return the secret of the link; it cannot be shown again.

    Args:
        session: one that writes, opened for the organisation.
        visitor: who invites; made by nobody where it is an operator on the command line.
        email: of the new member.
        role: one of ``ROLES``.

    Raises:
        InputError: with everything that is wrong, ``email`` or ``role`` its path.
    """
    email = folded(email)
    problems = [Problem("email", said)] if (said := unusable(email)) else []
    if role not in ROLES:
        problems.append(Problem("role", _("Choose one of the roles.")))
    if visitor.kind == "local":
        problems.append(Problem("", _("Create the first administrator first; they can invite others.")))
    there = session.scalar(select(Account.active).where(Account.email == email))
    if there is not None:
        said = (
            _("They have an account here already.")
            if there
            else _("They have an account here that is not active. Activate that one.")
        )
        problems.append(Problem("email", said))
    if problems:
        raise InputError(problems)
    session.execute(
        delete(Admission).where(Admission.email == email, Admission.account_id.is_(None), Admission.used_at.is_(None))
    )
    made, secret = _new(email, visitor, INVITATION_LASTS)
    made.role = role
    session.add(made)
    session.flush()
    record(session, visitor, "invited", "invitation", made.id)
    return secret


def reset(session: Session, visitor: Visitor, account: Account) -> str:
    """Return the secret of a link by which a member sets a new password; the old one works until they do.

    Args:
        session: one that writes, opened for the organisation; the account is of this session.
        visitor: who makes it.
        account: whose password it is.

    Raises:
        InputError: for an account that is not active.
    """
    if not account.active:
        raise InputError([Problem("", _("That account is not active. Activate it first."))])
    drop_resets(session, account.id)
    made, secret = _new(account.email, visitor, RESET_LASTS)
    made.account_id = account.id
    session.add(made)
    record(session, visitor, "reset", "account", account.id)
    return secret


def revoke(session: Session, visitor: Visitor, admission: Admission) -> None:
    """Take back an invitation that nobody has used."""
    record(session, visitor, "revoked", "invitation", admission.id)
    session.delete(admission)


def drop_resets(session: Session, account: uuid.UUID) -> None:
    """End the links to a new password of an account, as after a new password."""
    session.execute(delete(Admission).where(Admission.account_id == account, Admission.used_at.is_(None)))


def link(secret: str, origin: str | None = None) -> str:
    """Return the address that lets somebody in, to be handed to them.

    Args:
        secret: of the link.
        origin: to reach the server under; inside a request it is the public one, else that of the request.
    """
    if origin is None:
        origin = current_settings().public_url or request.host_url.rstrip("/")
    return f"{origin}/join?key={secret}"


def look(database: Database, secret: str) -> Open:
    """Return what a link leads to, without using it.

    Raises:
        NoAdmissionError: where it leads nowhere.
    """
    with database.reading(EVERY_ORGANISATION) as session:
        found = _usable(session, digest(secret))
        account = session.get(Account, found.account_id) if found.account_id else None
        name = session.scalar(select(Organisation.name).where(Organisation.id == found.organisation_id)) or ""
    if account is None:
        return Open("invitation", name, found.email, "", found.organisation_id)
    return Open("reset", name, account.email, account.name, found.organisation_id)


def redeem(database: Database, secret: str, name: str, password: str) -> uuid.UUID:
    """Use a link: make the account with its password, or give the old account a new one and sign it out everywhere.

    Args:
        database: where it all is.
        secret: of the link.
        name: of a new member; an account that is there keeps its own.
        password: checked already, see ``passwords.weakness``.

    Returns:
        The account.

    Raises:
        NoAdmissionError: where it leads nowhere, also where somebody else is using it at this moment.
        InputError: where the address has got an account meanwhile.
    """
    stored = passwords.hashed(password)  # before the transaction, for it takes its time
    with _used(database, digest(secret)) as (session, found):
        if found.account_id is None:
            return _join(session, found, name=name, password=stored)
        account = session.get_one(Account, found.account_id)
        account.password = stored
        session.execute(delete(SignIn).where(SignIn.account_id == account.id))
        member = Visitor("account", account.organisation_id, account.id, account.role, account.name)
        record(session, member, "changed", "account", account.id)
        return account.id


def join_as(database: Database, email: str, name: str, issuer: str, subject: str) -> uuid.UUID | None:
    """Make the account of an invitation for somebody whose address another server has verified.

    Returns:
        The account; None where nobody invited that address, or several organisations did: which one is meant, only the
        link of the invitation tells.

    Raises:
        InputError: where the address has got an account meanwhile.
    """
    wanted = select(Admission.digest).where(Admission.email == email, Admission.account_id.is_(None), _is_open())
    with database.reading(EVERY_ORGANISATION) as session:
        found = session.scalars(wanted).all()
    if len(found) != 1:
        return None
    try:
        with _used(database, found[0]) as (session, admission):
            return _join(session, admission, name=name, issuer=issuer, subject=subject)
    except NoAdmissionError:  # used at this moment by somebody else
        return None


def _new(email: str, visitor: Visitor, lasts: dt.timedelta) -> tuple[Admission, str]:
    secret = secrets.token_urlsafe(32)
    made = Admission(
        id=uuid.uuid4(), digest=digest(secret), email=email, made_by=visitor.account, expires_at=now() + lasts
    )
    return made, secret


def _is_open() -> ColumnElement[bool]:
    return and_(Admission.used_at.is_(None), Admission.expires_at > now())


def _usable(session: Session, key: str) -> Admission:
    """Return what a digest belongs to.

    Raises:
        NoAdmissionError: where there is nothing, or it is for an account that is not active.
    """
    found = session.scalar(select(Admission).where(Admission.digest == key, _is_open()))
    if found is None:
        raise NoAdmissionError
    if found.account_id is not None:
        account = session.get(Account, found.account_id)
        if account is None or not account.active:
            raise NoAdmissionError
    return found


@contextmanager
def _used(database: Database, key: str) -> Iterator[tuple[Session, Admission]]:
    """Use the link of a digest up in one transaction with what is done inside."""
    with database.writing(EVERY_ORGANISATION) as session:
        found = _usable(session, key)
        taken = update(Admission).where(Admission.id == found.id, Admission.used_at.is_(None)).values(used_at=now())
        if session.execute(taken.returning(Admission.id)).scalar() is None:  # somebody else was first
            raise NoAdmissionError
        narrow(session, found.organisation_id)
        yield session, found


def _join(session: Session, found: Admission, **columns: str) -> uuid.UUID:
    made = Account(id=uuid.uuid4(), email=found.email, role=found.role, **columns)
    session.add(made)
    try:
        session.flush()
    except IntegrityError:
        raise InputError([Problem("", _("This address has an account already. Sign in with it."))]) from None
    member = Visitor("account", found.organisation_id, made.id, made.role, made.name)
    record(session, member, "joined", "account", made.id)
    return made.id

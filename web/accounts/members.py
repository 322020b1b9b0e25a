"""The members of an organisation: changed by its administrators, of whom there is always one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from calculator import InputError, Problem
from calculator.language import gettext as _
from web.accounts.roles import ROLES
from web.accounts.visitor import Visitor
from web.storage.tables import Account, Admission, SignIn
from web.storage.turns import take_turn_of
from web.workspace.audit import record


def members(session: Session) -> Sequence[Account]:
    """Return the accounts of the session's organisation, by name."""
    return session.scalars(select(Account).order_by(Account.name, Account.email)).all()


def find_member(session: Session, account: uuid.UUID) -> Account | None:
    """Return an account of the session's organisation; None where there is none, or it is another's."""
    return session.scalar(select(Account).where(Account.id == account))


def add(session: Session, visitor: Visitor, email: str, name: str, role: str, stored: str) -> Account:
    """Make an account with a password, as an operator does on the command line; a page invites instead.

    Args:
        session: one that writes, opened for the organisation.
        visitor: who does it.
        email: folded and checked.
        name: checked.
        role: one of ``ROLES``.
        stored: the hashed password.

    Raises:
        InputError: where the address has an account already, in whichever organisation.
    """
    made = Account(id=uuid.uuid4(), email=email, name=name, role=role, password=stored)
    session.add(made)
    try:
        session.flush()
    except IntegrityError:
        raise InputError([Problem("email", _("has an account already."))]) from None
    record(session, visitor, "created", "account", made.id)
    return made


def change_role(session: Session, visitor: Visitor, account: Account, role: str) -> None:
    """Give a member another role, from their next request on.

    Args:
        session: one that writes, opened for the organisation; the account is of this session.
        visitor: who does it.
        account: whose role it is.
        role: one of ``ROLES``.

    Raises:
        InputError: for a role that there is not, or where nobody would be left to administer.
    """
    if role not in ROLES:
        raise InputError([Problem("role", _("Choose one of the roles."))])
    if role == account.role:
        return
    keep_an_administrator(session, account, role == "administrator")
    account.role = role
    record(session, visitor, "changed", "account", account.id)


def deactivate(session: Session, visitor: Visitor, account: Account) -> None:
    """Let a member in no longer; what they made stays. Their browsers are signed out at once.

    Raises:
        InputError: where nobody would be left to administer.
    """
    if not account.active:
        return
    keep_an_administrator(session, account, False)
    account.active = False
    session.execute(delete(SignIn).where(SignIn.account_id == account.id))
    session.execute(delete(Admission).where(Admission.account_id == account.id, Admission.used_at.is_(None)))
    record(session, visitor, "deactivated", "account", account.id)


def activate(session: Session, visitor: Visitor, account: Account) -> None:
    """Let a member in again."""
    if not account.active:
        account.active = True
        record(session, visitor, "activated", "account", account.id)


def keep_an_administrator(session: Session, account: Account, stays: bool = False) -> None:
    """Refuse to take the last administrator away; also before an account is removed.

    Two administrators who remove each other at once wait for one another here, and the second is refused.

    Args:
        session: one that writes, opened for the organisation.
        account: whose role, access or account is about to end.
        stays: whether it is an administrator afterwards all the same.

    Raises:
        InputError: where no other administrator could sign in.
    """
    take_turn_of(session, account.organisation_id)
    session.refresh(account)
    if stays or account.role != "administrator" or not account.active:
        return
    other = select(Account.id).where(Account.role == "administrator", Account.active, Account.id != account.id).limit(1)
    if session.scalar(other) is None:
        said = _("This is the last administrator. Make somebody else an administrator first.")
        raise InputError([Problem("role", said)])

"""What members change of their own account. Whatever weakens it asks for the password again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from flask import session as cookie
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from calculator.language import gettext as _
from web.accounts import passwords, second_step, sign_ins
from web.accounts.admissions import drop_resets
from web.accounts.limits import SIGN_IN_ACCOUNT, count_or_refuse, forget
from web.accounts.visitor import Visitor
from web.storage import Database
from web.storage.base import digest
from web.storage.tables import Account, Organisation, RecoveryCode, SignIn
from web.workspace.audit import record

Problems = dict[str, str]  # by the name of the field


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page shows.

    Attributes:
        account: one's own.
        organisation: its name.
        codes: how many recovery codes are left.
        browsers: those that are signed in, the one in use first.
        this: which of them is in use, by its digest.
    """

    account: Account
    organisation: str
    codes: int
    browsers: Sequence[SignIn]
    this: str


def overview(database: Database, visitor: Visitor) -> Overview:
    """Return what a member sees of their own account."""
    this = digest(str(cookie.get(sign_ins.FIELD, "")))
    with database.reading(visitor.scope) as session:
        account = _mine(session, visitor)
        name = session.get_one(Organisation, account.organisation_id).name
        left = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.account_id == account.id)
        signed_in = select(SignIn).where(SignIn.account_id == account.id, sign_ins.is_current())
        browsers = session.scalars(signed_in.order_by(SignIn.digest != this, SignIn.seen_at.desc())).all()
        return Overview(account, name, session.scalar(left) or 0, browsers, this)


def rename(database: Database, visitor: Visitor, name: str) -> None:
    """Change one's name."""
    with database.writing(visitor.scope) as session:
        account = _mine(session, visitor)
        account.name = name
        record(session, visitor, "renamed", "account", account.id)


def change_password(database: Database, visitor: Visitor, password: str, new: str) -> Problems:
    """Set a new password; every browser is signed out but this one, which goes on under a new secret.

    Returns:
        What is wrong; nothing was changed where there is anything.

    Raises:
        AdvisedError: 429, after too many wrong passwords.
    """
    account, problems = _confirmed(database, visitor, password)
    if said := passwords.weakness(new, account.name, account.email):
        problems["new_password"] = said
    if problems:
        return problems
    stored = passwords.hashed(new)
    with database.writing(visitor.scope) as session:
        _mine(session, visitor).password = stored
        drop_resets(session, account.id)
        session.execute(delete(SignIn).where(SignIn.account_id == account.id))
        record(session, visitor, "changed", "account", account.id)
    sign_ins.begin(database, account.id)
    return {}


def new_offer(database: Database, visitor: Visitor, sealed: str) -> tuple[Account, str, str]:
    """Return the account, a secret for a second step, and the same sealed."""
    with database.reading(visitor.scope) as session:
        account = _mine(session, visitor)
    return account, *second_step.offer(account, sealed)


def turn_on(database: Database, visitor: Visitor, password: str, sealed: str, code: str) -> list[str] | Problems:
    """Turn the second step on; every browser but this one is signed out.

    Returns:
        The recovery codes, or what is wrong.

    Raises:
        AdvisedError: 429, after too many wrong passwords.
    """
    account, problems = _confirmed(database, visitor, password)
    if problems:
        return problems
    with database.writing(visitor.scope) as session:
        codes = second_step.turn_on(session, visitor, _mine(session, visitor), sealed, code)
    if codes is None:
        return {"code": _("That code does not fit. Check that the phone’s clock is right, and write the newest one.")}
    sign_ins.end_all(database, account.id, but=cookie[sign_ins.FIELD])
    return codes


def turn_off(database: Database, visitor: Visitor, password: str) -> Problems:
    """Turn the second step off; return what is wrong."""
    _account, problems = _confirmed(database, visitor, password)
    if not problems:
        with database.writing(visitor.scope) as session:
            second_step.turn_off(session, visitor, _mine(session, visitor))
    return problems


def renew_codes(database: Database, visitor: Visitor, password: str) -> list[str] | Problems:
    """Return new recovery codes in place of the old ones, or what is wrong."""
    _account, problems = _confirmed(database, visitor, password)
    if problems:
        return problems
    with database.writing(visitor.scope) as session:
        account = _mine(session, visitor)
        if account.totp is None:
            return {"password": _("There is no second step to go with them.")}
        record(session, visitor, "changed", "account", account.id)
        return second_step.renew_codes(session, account)


def end_others(database: Database, visitor: Visitor) -> None:
    """Sign every browser out but this one."""
    sign_ins.end_all(database, cast(uuid.UUID, visitor.account), but=cookie[sign_ins.FIELD])


def _mine(session: Session, visitor: Visitor) -> Account:
    return session.get_one(Account, visitor.account)


def _confirmed(database: Database, visitor: Visitor, password: str) -> tuple[Account, Problems]:
    """Return the account, and what is wrong with the password that was typed again.

    It counts like a sign-in: who finds an open browser shall not find out the password by it.
    """
    with database.reading(visitor.scope) as session:
        account = _mine(session, visitor)
    count_or_refuse(database, {SIGN_IN_ACCOUNT: account.email})
    if not passwords.matches(account.password, password):
        return account, {"password": _("That is not your password.")}
    forget(database, SIGN_IN_ACCOUNT, account.email)
    return account, {}

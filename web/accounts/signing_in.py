"""From a password to a browser that is signed in, over a second step where the account has one.

Unknown address, wrong password and an account that is not active get the same answer after the same time.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Final

from flask import session as cookie
from sqlalchemy import select, update

from web.accounts import passwords, second_step, sign_ins
from web.accounts.limits import SIGN_IN_ACCOUNT, SIGN_IN_ADDRESS, SIGN_IN_CODE, count_or_refuse, forget
from web.accounts.visitor import Visitor
from web.storage import EVERY_ORGANISATION, Database
from web.storage.base import now
from web.storage.owned import narrow
from web.storage.tables import Account
from web.workspace.audit import record

HALFWAY: Final = "halfway"  # of the cookie: whose password was right, and until when that counts
HALFWAY_LASTS: Final = timedelta(minutes=10)


def with_password(database: Database, email: str, password: str, address: str) -> uuid.UUID | None:
    """Return whose address and password these are; None where they are nobody's, for whatever reason.

    Args:
        database: where accounts are.
        email: folded.
        password: as typed.
        address: where the request comes from, for it counts, too.

    Raises:
        AdvisedError: 429, after too many tries for this account or from this address.
    """
    count_or_refuse(database, {SIGN_IN_ADDRESS: address, SIGN_IN_ACCOUNT: email})
    with database.reading(EVERY_ORGANISATION) as session:
        found = session.scalar(select(Account).where(Account.email == email))
    if not passwords.matches(found.password if found else None, password) or found is None or not found.active:
        return None
    forget(database, SIGN_IN_ACCOUNT, email)
    if found.password and passwords.outdated(found.password):
        renewed = passwords.hashed(password)
        with database.writing(found.organisation_id) as session:
            unchanged = update(Account).where(Account.id == found.id, Account.password == found.password)
            session.execute(unchanged.values(password=renewed))
    return found.id


def enter(database: Database, account: uuid.UUID) -> bool:
    """Sign this browser in as an account that has shown who it is; False where it is to show a code first."""
    with database.reading(EVERY_ORGANISATION) as session:
        asks = session.scalar(select(Account.totp).where(Account.id == account)) is not None
    if asks:
        cookie.clear()  # what stood there before knows nothing of this sign-in
        cookie[HALFWAY] = [account.hex, (now() + HALFWAY_LASTS).timestamp()]
    else:
        _begin(database, account)
    return not asks


def halfway() -> uuid.UUID | None:
    """Return the account for which this browser is to show a code; None where it is none, or too long ago."""
    kept = cookie.get(HALFWAY)
    if not isinstance(kept, list) or len(kept) != 2 or kept[1] < now().timestamp():
        return None
    return uuid.UUID(kept[0])


def with_code(database: Database, account: uuid.UUID, code: str) -> bool:
    """Sign this browser in if a code is right.

    Args:
        database: where accounts are.
        account: as ``halfway`` gives it.
        code: of the phone, or a recovery code.

    Raises:
        AdvisedError: 429, after too many tries for this account.
    """
    count_or_refuse(database, {SIGN_IN_CODE: account.hex})
    with database.reading(EVERY_ORGANISATION) as session:
        organisation = session.scalar(select(Account.organisation_id).where(Account.id == account, Account.active))
    if organisation is None:
        return False
    with database.writing(organisation) as session:
        right = second_step.passes(session, session.get_one(Account, account), code)
    if right:
        forget(database, SIGN_IN_CODE, account.hex)
        _begin(database, account)
    return right


def _begin(database: Database, account: uuid.UUID) -> None:
    sign_ins.begin(database, account)
    with database.writing(EVERY_ORGANISATION) as session:
        found = session.get_one(Account, account)
        narrow(session, found.organisation_id)
        member = Visitor("account", found.organisation_id, account, found.role, found.name)
        record(session, member, "signed in", "account", account)

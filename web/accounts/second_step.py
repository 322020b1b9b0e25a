"""A second step at sign-in: a code of the minute from a person's phone (RFC 6238), or one of ten to fall back on."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Final

import pyotp
import segno
from markupsafe import Markup
from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from web.accounts.sealed import seal, unseal
from web.accounts.visitor import Visitor
from web.storage.base import digest, now
from web.storage.tables import Account, RecoveryCode
from web.workspace.audit import record

STEP: Final = 30  # seconds that a code lasts
DRIFT: Final = 1  # steps that a phone's clock may be off, either way
CODES: Final = 10
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
_PURPOSE: Final = "second step"
_OFFER_LASTS: Final = 1800  # seconds from showing the picture to the first code


def offer(account: Account, sealed: str = "") -> tuple[str, str]:
    """Return a new secret and the same sealed, for the page to bring back; or one that was offered a moment ago.

    It is sealed for this account, so that nobody can have somebody else confirm a secret they know.
    """
    kept = unseal(sealed, _offered(account), _OFFER_LASTS) if sealed else None
    secret = kept or pyotp.random_base32()
    return secret, sealed if kept else seal(secret, _offered(account))


def picture(secret: str, email: str, issuer: str) -> Markup:
    """Return the picture that an app on the phone reads the secret from, as SVG with attributes only."""
    address = pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=email, issuer_name=issuer)
    drawn = segno.make(address, error="m", micro=False)
    return Markup(drawn.svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=True))  # noqa: S704 - ours


def turn_on(session: Session, visitor: Visitor, account: Account, sealed: str, code: str) -> list[str] | None:
    """Ask this account for a code from now on, once its phone has shown that it has the secret.

    Args:
        session: one that writes, opened for the organisation; the account is of this session.
        visitor: who does it.
        account: whose second step it is.
        sealed: the secret that was offered.
        code: that the phone shows.

    Returns:
        The recovery codes, which cannot be shown again; None where the code is wrong, the offer is too old, or there is
        a second step already.
    """
    secret = unseal(sealed, _offered(account), _OFFER_LASTS)
    step = None if secret is None else _step_of(secret, code)
    if secret is None or step is None or account.totp is not None:
        return None
    account.totp, account.totp_step = seal(secret, _PURPOSE), step
    record(session, visitor, "changed", "account", account.id)
    return renew_codes(session, account)


def turn_off(session: Session, visitor: Visitor, account: Account) -> None:
    """Ask this account for no code any more; its recovery codes are gone, too."""
    if account.totp is not None:
        account.totp = account.totp_step = None
        session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
        record(session, visitor, "changed", "account", account.id)


def renew_codes(session: Session, account: Account) -> list[str]:
    """Return new recovery codes, which cannot be shown again; older ones let nobody in any more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    letters = ["".join(secrets.choice(_LETTERS) for _each in range(16)) for _code in range(CODES)]  # 79 bits each
    session.add_all(RecoveryCode(account_id=account.id, digest=digest(code)) for code in letters)
    return ["-".join(code[place : place + 4] for place in range(0, 16, 4)) for code in letters]


def passes(session: Session, account: Account, typed: str) -> bool:
    """Return whether a code lets this account in, and use it up: each does so once, even at two doors at once.

    Args:
        session: one that writes, opened for the organisation; the account is of this session.
        account: whose second step it is.
        typed: six figures of the phone, or a recovery code; spaces and hyphens do not count.
    """
    plain = "".join(sign for sign in typed.casefold() if sign not in " -\u00a0")
    if not (plain.isdecimal() and len(plain) == 6):
        mine = delete(RecoveryCode).where(RecoveryCode.account_id == account.id, RecoveryCode.digest == digest(plain))
        return session.execute(mine.returning(RecoveryCode.id)).scalar() is not None
    secret = unseal(account.totp or "", _PURPOSE)
    step = None if secret is None else _step_of(secret, plain)
    if step is None:
        return False
    later = or_(Account.totp_step.is_(None), Account.totp_step < step)
    used = update(Account).where(Account.id == account.id, later).values(totp_step=step).returning(Account.id)
    return session.execute(used).scalar() is not None


def _offered(account: Account) -> str:
    return f"{_PURPOSE} of {account.id}"


def _step_of(secret: str, code: str) -> int | None:
    """Return the step whose code this is; None where it is none of those that are near."""
    plain = code.replace(" ", "")
    if not (plain.isascii() and plain.isdecimal() and len(plain) == 6):
        return None
    totp = pyotp.TOTP(secret, interval=STEP)
    here = int(now().timestamp()) // STEP
    found = None
    for step in range(here - DRIFT, here + DRIFT + 1):
        moment = dt.datetime.fromtimestamp(step * STEP, dt.UTC)
        found = step if totp.verify(plain, for_time=moment) else found  # it compares in constant time
    return found

"""Whose account goes with what a provider says: one that was invited, and no other."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from calculator import InputError
from web.accounts.admissions import join_as
from web.accounts.email_address import folded, unusable
from web.accounts.names import unusable_name
from web.accounts.visitor import Visitor
from web.storage import EVERY_ORGANISATION, Database
from web.storage.tables import Account
from web.workspace.audit import record


def account_of(database: Database, issuer: str, claims: Mapping[str, Any]) -> uuid.UUID | None:
    """Return the account of somebody who signed in at the provider; None where there is none that may be used.

    They are known by issuer and subject. The first time, by their address where the provider has verified it: that of
    an account that goes with no other identity yet, else that of an invitation, which makes the account.

    Args:
        database: where accounts are.
        issuer: of the provider.
        claims: verified.
    """
    subject = claims["sub"]
    with database.reading(EVERY_ORGANISATION) as session:
        known = session.scalar(select(Account).where(Account.issuer == issuer, Account.subject == subject))
        if known is not None:
            return known.id if known.active else None
        email = _verified_address(claims)
        named = session.scalar(select(Account).where(Account.email == email)) if email else None
    if not email:
        return None
    if named is not None:
        return named.id if named.active and _tied(database, named, issuer, subject) else None
    try:
        return join_as(database, email, _name(claims, email), issuer, subject)
    except InputError:  # the address has got an account at this moment
        return None


def _verified_address(claims: Mapping[str, Any]) -> str:
    """Return the address, folded; empty where there is none or nobody has verified it."""
    email = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(email, str):
        return ""
    email = folded(email)
    return "" if unusable(email) else email


def _tied(database: Database, account: Account, issuer: str, subject: str) -> bool:
    """Have an account go with an identity from now on; False where it goes with another one."""
    free = update(Account).where(Account.id == account.id, Account.issuer.is_(None))
    try:
        with database.writing(account.organisation_id) as session:
            tied = session.execute(free.values(issuer=issuer, subject=subject).returning(Account.id)).scalar()
            if tied is None:
                return False
            member = Visitor("account", account.organisation_id, account.id, account.role, account.name)
            record(session, member, "changed", "account", account.id)
    except IntegrityError:  # another account goes with it since a moment ago
        return False
    return True


def _name(claims: Mapping[str, Any], email: str) -> str:
    name = claims.get("name")
    return name.strip() if isinstance(name, str) and not unusable_name(name.strip()) else email.partition("@")[0]

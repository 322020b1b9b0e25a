"""Deleting what is held of a person, or an organisation with all it has."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from web.accounts.members import keep_an_administrator
from web.accounts.visitor import Visitor
from web.storage.tables import Account, Admission, Enquiry, Organisation
from web.workspace.audit import record


@dataclass(frozen=True, slots=True)
class Gone:
    """What was removed of a person: their account, invitations, and enquiries, each as a number."""

    accounts: int
    invitations: int
    enquiries: int

    def __bool__(self) -> bool:
        """Return whether there was anything."""
        return any((self.accounts, self.invitations, self.enquiries))


def delete_person(session: Session, visitor: Visitor, email: str) -> Gone:
    """Remove the account, invitations and enquiries of an address; what they made stays, and then names nobody.

    Args:
        session: one that writes, opened for the organisation.
        visitor: who does it.
        email: folded.

    Raises:
        InputError: where nobody would be left to administer.
    """
    account = session.scalar(select(Account).where(Account.email == email))
    if account is not None:
        keep_an_administrator(session, account)
        record(session, visitor, "deleted", "account", account.id)
    asked = session.scalars(select(Enquiry.id).where(Enquiry.email == email)).all()
    session.execute(delete(Enquiry).where(Enquiry.id.in_(asked)))
    invited = session.scalars(
        select(Admission.id).where(Admission.email == email, Admission.account_id.is_(None))
    ).all()
    session.execute(delete(Admission).where(Admission.id.in_(invited)))
    for kind, keys in (("enquiry", asked), ("invitation", invited)):
        for key in keys:
            record(session, visitor, "deleted", kind, key)
    if account is not None:
        session.execute(delete(Account).where(Account.id == account.id))  # sign-ins, links and codes go with it
    return Gone(int(account is not None), len(invited), len(asked))


def delete_organisation(session: Session, organisation: uuid.UUID) -> None:
    """Remove an organisation with everything that belongs to it, its audit log and its members included."""
    session.execute(delete(Organisation).where(Organisation.id == organisation))

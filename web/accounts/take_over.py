"""The first administrator, who takes over what was made at this computer before there were accounts."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from web.accounts import passwords
from web.accounts.visitor import Visitor
from web.storage import EVERY_ORGANISATION, Database
from web.storage.owned import narrow
from web.storage.tables import Account, Organisation
from web.storage.turns import FIRST_ACCOUNT, take_turn
from web.workspace.audit import record

LOCAL_NAME = "This computer"


class TakenError(Exception):
    """There is an account already, perhaps since a moment ago."""


def local_organisation(session: Session) -> Organisation:
    """Return the organisation that a server without accounts works in: the oldest one, made where there is none.

    ``session`` is one that writes and is opened for every organisation.
    """
    take_turn(session, FIRST_ACCOUNT)
    found = session.scalar(select(Organisation).order_by(Organisation.created_at, Organisation.id).limit(1))
    if found is None:
        found = Organisation(id=uuid.uuid4(), name=LOCAL_NAME, local=True)
        session.add(found)
        session.flush()
    return found


def take_over(database: Database, organisation: str, name: str, email: str, password: str) -> uuid.UUID:
    """Make the first administrator, and name the organisation that is theirs from now on.

    Args:
        database: where it all is.
        organisation: its name.
        name: of the administrator.
        email: theirs, folded and checked.
        password: checked.

    Returns:
        The account.

    Raises:
        TakenError: where there is an account already; of two at once, one gets this.
    """
    stored = passwords.hashed(password)  # before the transaction, for it takes its time
    with database.writing(EVERY_ORGANISATION) as session:
        mine = local_organisation(session)
        if session.scalar(select(Account.id).limit(1)) is not None:
            raise TakenError
        mine.name, mine.local = organisation, False
        session.flush()
        narrow(session, mine.id)
        made = Account(id=uuid.uuid4(), email=email, name=name, role="administrator", password=stored)
        session.add(made)
        session.flush()
        record(session, Visitor("account", mine.id, made.id, made.role, name), "created", "organisation", mine.id)
        return made.id

"""How often something may be tried, counted in the database so that all processes count together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from web.advised import too_many_tries
from web.storage import EVERY_ORGANISATION, Database
from web.storage.base import digest, now
from web.storage.tables import Attempts


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` attempts within ``within``."""

    name: str
    most: int
    within: dt.timedelta


SIGN_IN_ACCOUNT = Limit("sign-in of an account", 10, dt.timedelta(minutes=15))
SIGN_IN_ADDRESS = Limit("sign-in from an address", 50, dt.timedelta(minutes=15))
SIGN_IN_CODE = Limit("code of an account", 10, dt.timedelta(minutes=15))
PASSCODE = Limit("passcode of a link", 10, dt.timedelta(minutes=15))
ENQUIRY = Limit("enquiry from an address", 20, dt.timedelta(hours=1))


def count(database: Database, limit: Limit, who: str) -> dt.timedelta | None:
    """Count an attempt; return None where it is allowed, else how long to wait.

    ``who`` is never stored, only a digest of it. An attempt counts before its outcome is known, so that many at once
    do not slip through together.
    """
    key, moment = digest(f"{limit.name}|{who}"), now()
    with database.writing(EVERY_ORGANISATION) as session:
        session.execute(delete(Attempts).where(Attempts.until < moment))
        raised = (
            update(Attempts)
            .where(Attempts.key == key)
            .values(tally=Attempts.tally + 1)
            .returning(Attempts.tally, Attempts.until)
        )
        counted = session.execute(raised).one_or_none()
        if counted is None:
            try:
                with session.begin_nested():
                    session.add(Attempts(key=key, until=moment + limit.within, tally=1))
                return None
            except IntegrityError:  # another process was first
                counted = session.execute(raised).one()
    return None if counted.tally <= limit.most else counted.until - moment


def count_or_refuse(database: Database, tries: Mapping[Limit, str]) -> None:
    """Count an attempt towards several limits.

    Raises:
        AdvisedError: 429 with how long to wait, where one of them is passed.
    """
    waits = [wait for limit, who in tries.items() if (wait := count(database, limit, who)) is not None]
    if waits:
        raise too_many_tries(max(waits))


def forget(database: Database, limit: Limit, who: str) -> None:
    """Begin anew, as after a success."""
    with database.writing(EVERY_ORGANISATION) as session:
        session.execute(delete(Attempts).where(Attempts.key == digest(f"{limit.name}|{who}")))

"""While there are no accounts: this computer only, and one organisation that whoever sits here works in."""

from __future__ import annotations

import time
import uuid
from typing import Final

from flask import Flask, current_app, request
from sqlalchemy import select

from calculator import RapportError
from web.accounts.take_over import local_organisation
from web.accounts.visitor import Visitor
from web.cds.loopback import from_here, loopback_name
from web.storage import EVERY_ORGANISATION, Database
from web.storage.tables import Account, Organisation

KEY: Final = "rapport_first_start"
TRUSTED_FOR: Final = 5.0  # seconds for which it is not asked again whether there still are accounts


class FirstStart:
    """Whether there are accounts, and what there is until then."""

    def __init__(self, database: Database) -> None:
        """Know nothing yet."""
        self._database = database
        self._sure_until = 0.0
        self._local: uuid.UUID | None = None

    def has_accounts(self) -> bool:
        """Return whether there are accounts. A yes is believed for a few seconds, a no is asked again each time."""
        if time.monotonic() < self._sure_until:
            return True
        with self._database.reading(EVERY_ORGANISATION) as session:
            found = session.scalar(select(Account.id).limit(1)) is not None
        if found:
            self._sure_until = time.monotonic() + TRUSTED_FOR
        return found

    def local_visitor(self) -> Visitor:
        """Return who sits at this computer, in the organisation that is theirs until an administrator takes it over."""
        found = self._known() or self._made()
        self._local = found.id
        return Visitor("local", found.id, None, "administrator", "", house_revision=found.house_revision)

    def _known(self) -> Organisation | None:
        if self._local is None:
            return None
        with self._database.reading(EVERY_ORGANISATION) as session:
            return session.get(Organisation, self._local)

    def _made(self) -> Organisation:
        with self._database.writing(EVERY_ORGANISATION) as session:
            return local_organisation(session)


def init_first_start(app: Flask, database: Database) -> None:
    """Give the application its knowledge of accounts."""
    app.extensions[KEY] = FirstStart(database)


def first_start() -> FirstStart:
    """Return what the running application knows of accounts."""
    found: FirstStart = current_app.extensions[KEY]
    return found


def from_this_computer() -> bool:
    """Return whether a request was made at this computer and came through nobody's hands.

    A reverse proxy on the same machine makes every request look local, so one that says it was forwarded, or that was
    sent to a name other than this computer's, is not. One that says neither speaks HTTP/1.0, as nginx does unless it is
    told otherwise and browsers have not done for decades.
    """
    if request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        return False
    return from_here(request.remote_addr, request.headers)


def refuse_open_host(known: FirstStart, host: str) -> None:
    """Refuse to listen on an address that others can reach while there is no account.

    Args:
        known: what the server knows of accounts.
        host: the name or address to listen on.

    Raises:
        RapportError: saying what to do.
    """
    if not loopback_name(host.strip("[]")) and not known.has_accounts():
        raise RapportError(
            f"cannot listen on {host}: there is no account yet, and whoever came first would be the administrator. "
            "Run `rapport account add`, or start with --host 127.0.0.1 and open /setup; then try again."
        )

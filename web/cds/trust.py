"""Whether a call to the CDS Hooks endpoints is answered: by the token it bears, or because it comes from this machine.

Where ``RAPPORT_CDS_CLIENTS`` names clients, every call needs a token of one of them: signed with ES384 or RS384 by a
key of that client, for the address called, alive, and never used before. Where it names none, this machine's own calls
are answered without a token, and nobody else's.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from logging import getLogger
from pathlib import Path
from typing import Final, cast

from flask import Flask, current_app
from werkzeug.datastructures import Headers

from calculator.errors import InputError, Problem
from web.cds.clients import Client
from web.cds.fetched_keys import FetchedKeys
from web.cds.keys import Keys
from web.cds.loopback import from_here
from web.cds.replay import UsedTokens
from web.cds.token import LEEWAY, Token, TokenError, check_claims, read_token, signed_by
from web.settings import KEY as SETTINGS
from web.settings import Settings

KEY: Final = "rapport_cds_trust"
NOT_KNOWN: Final = (
    "The token does not fit what was agreed on here. Check that iss, kid and jku are those that this service was told, "
    "that the key is in the key set, and that the token is signed with it."
)
NOT_HERE: Final = (
    "This service answers calls from its own machine only, for no clients are configured. "
    "Its operator can name them with RAPPORT_CDS_CLIENTS."
)
USED: Final = "The token was used before; sign a new one, with a jti of its own, for each call."
_log = getLogger(__name__)


class Refused(Exception):  # noqa: N818 (the caller's mistake)
    """A call that is not answered.

    Attributes:
        status: 401 for a token that does not do, 403 where none would, 503 where it cannot be told now.
        words: what the caller may know, in one line.
        challenge: what belongs into ``WWW-Authenticate``; None where no token would help.
    """

    def __init__(self, status: int, words: str, challenge: str | None = None) -> None:
        super().__init__(words)
        self.status = status
        self.words = words
        self.challenge = challenge


@dataclass(frozen=True)
class Caller:
    """Who calls; both None for this machine itself."""

    issuer: str | None = None
    tenant: str | None = None


@dataclass(frozen=True)
class _Known:
    client: Client
    keys: Keys


class Trust:
    """Tells calls that are answered from others, for all threads of this process."""

    def __init__(
        self,
        clients: Iterable[Client],
        public_url: str,
        data_dir: Path,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make ready to check calls.

        Args:
            clients: who may call; none for this machine's own calls only.
            public_url: the origin of the addresses in ``aud``; not looked at without clients.
            data_dir: where used tokens are noted; nothing is written without clients.
            clock: seconds since 1970.

        Raises:
            InputError: if used tokens cannot be noted there.
        """
        self._known = {
            each.issuer: _Known(each, FetchedKeys(each.jwks_url) if each.jwks_url else each.keys) for each in clients
        }
        self._public_url = public_url
        self._clock = clock
        self._used: UsedTokens | None = None
        if not self._known:
            return
        try:
            self._used = UsedTokens(data_dir)
        except (OSError, sqlite3.Error) as error:
            said = (
                f"is {str(data_dir)[:200]!r}, where no file for used CDS tokens can be made ({type(error).__name__})."
            )
            raise InputError([Problem("RAPPORT_DATA_DIR", said)]) from None

    @property
    def open_here_only(self) -> bool:
        """Whether no clients are configured."""
        return not self._known

    def check(self, authorization: str | None, remote: str | None, path: str, headers: Headers) -> Caller:
        """Return who calls.

        Args:
            authorization: the header of that name.
            remote: the address at the other end of the connection, of which no header is believed.
            path: what is called, with what it is mounted under, such as ``/cds-services/x/feedback``.
            headers: all of the request, to tell calls that were passed on to us.

        Raises:
            Refused: if the call must not be answered.
        """
        if self._used is None:
            if from_here(remote, headers):
                return Caller()
            raise Refused(403, NOT_HERE)
        try:
            token = read_token(authorization)
            client = self._signer(token)
            now = self._clock()
            check_claims(token, self._public_url + path, client.tenant, now)
        except TokenError as error:
            raise _unauthorized(str(error), bool(authorization)) from None
        try:
            first = self._used.first_use(token.issuer, token.claims["jti"], token.claims["exp"] + LEEWAY, now)
        except (OSError, sqlite3.Error) as error:
            _log.error("Used CDS tokens cannot be noted (%s); the call is refused.", type(error).__name__)
            raise Refused(503, "It cannot be told now whether the token was used before; try again.") from None
        if not first:
            raise _unauthorized(USED)
        return Caller(token.issuer, token.claims.get("tenant"))

    def _signer(self, token: Token) -> Client:
        """Return the client that signed a token; why none did is for the log only."""
        known = self._known.get(token.issuer)
        if known is None:
            said = "its issuer is unknown"
        elif known.client.jwks_url and token.jku not in (None, known.client.jwks_url):
            said = f"it names another jku than the one configured for {known.client.issuer}"
        elif (key := known.keys.find(token.kid)) is None:
            said = f"its kid is not among the keys of {known.client.issuer}"
        elif not signed_by(token, key):
            said = f"it is not signed with the key of {known.client.issuer} that it names, by {key.algorithm}"
        else:
            return known.client
        _log.warning("A CDS call is refused: the signature of its token is not verified, for %s.", said)
        raise TokenError(NOT_KNOWN)


def init_trust(app: Flask) -> None:
    """Make ready to check calls, and say in the log where only this machine's own are answered.

    Raises:
        InputError: as :class:`Trust` does, so that a wrong setting stops the start.
    """
    settings = cast(Settings, app.extensions[SETTINGS])
    trust = app.extensions[KEY] = Trust(settings.cds_clients, settings.public_url or "", settings.data_dir)
    if trust.open_here_only:
        app.logger.warning(
            "CDS Hooks answers this machine's own calls only, and without a token: no RAPPORT_CDS_CLIENTS is set."
        )


def current_trust() -> Trust:
    """Return the trust of the running application."""
    return cast(Trust, current_app.extensions[KEY])


def _unauthorized(words: str, bad_token: bool = True) -> Refused:
    return Refused(401, words, 'Bearer error="invalid_token"' if bad_token else "Bearer")

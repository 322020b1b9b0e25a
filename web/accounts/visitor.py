"""Who is asking: a person who signed in, somebody at this computer while there are no accounts, or a stranger."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Literal, cast

from flask import g

from web.accounts.roles import Right, may
from web.storage.owned import Scope


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is asking.

    Attributes:
        kind: ``account``, ``local`` (at this computer, no accounts yet), ``token`` (a program) or ``stranger``.
        organisation: theirs; None for a stranger.
        account: theirs; None unless the kind is ``account``.
        role: theirs; someone local has all rights but those over accounts that do not exist.
        name: how the page calls them.
        scopes: of a program's token.
        house_revision: which state their organisation's own values are in; None where it has none.
    """

    kind: Literal["account", "local", "token", "stranger"]
    organisation: uuid.UUID | None = None
    account: uuid.UUID | None = None
    role: str | None = None
    name: str = ""
    scopes: frozenset[str] = frozenset()
    house_revision: uuid.UUID | None = None

    def may(self, right: Right) -> bool:
        """Return whether they have a right."""
        return self.kind in ("account", "local") and may(self.role, right)

    @property
    def scope(self) -> Scope:
        """Return the organisation that a session is opened for.

        Raises:
            LookupError: for a stranger, who has none; a door that lets strangers in must not ask.
        """
        if self.organisation is None:
            raise LookupError("a stranger has no organisation")
        return self.organisation


STRANGER = Visitor("stranger")


def current_visitor() -> Visitor:
    """Return who sent this request; a stranger until the doorkeeper has looked."""
    return cast(Visitor, g.get("visitor", STRANGER))

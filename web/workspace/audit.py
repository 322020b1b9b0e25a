"""Who did what to which object. An entry holds ids only: no name, no address and no content of anything."""

from __future__ import annotations

import uuid
from typing import Final

from sqlalchemy.orm import Session

from calculator.language import mark
from web.accounts.visitor import Visitor
from web.storage.tables import AuditEntry

#: What can be done, in the words of the page; an action that is not here cannot be recorded.
ACTIONS: Final[dict[str, str]] = {
    "created": mark("created"),
    "renamed": mark("renamed"),
    "saved": mark("saved a version of"),
    "duplicated": mark("duplicated"),
    "archived": mark("archived"),
    "restored": mark("restored"),
    "deleted": mark("deleted"),
    "shared": mark("shared"),
    "revoked": mark("revoked"),
    "invited": mark("invited"),
    "joined": mark("joined as"),
    "changed": mark("changed"),
    "deactivated": mark("deactivated"),
    "activated": mark("activated"),
    "reset": mark("made a new password link for"),
    "signed in": mark("signed in as"),
    "exported": mark("exported"),
    "handled": mark("handled"),
}
KINDS: Final[dict[str, str]] = {
    "scenario": mark("scenario"),
    "version": mark("version"),
    "link": mark("share link"),
    "enquiry": mark("enquiry"),
    "account": mark("account"),
    "invitation": mark("invitation"),
    "house value": mark("own value"),
    "brand": mark("brand"),
    "key": mark("key of a program"),
    "organisation": mark("organisation"),
}


def record(session: Session, visitor: Visitor, action: str, kind: str, object_id: uuid.UUID | None = None) -> None:
    """Note a deed in the same transaction as the deed itself, so that neither is there without the other.

    Raises:
        ValueError: for an action or a kind that is not listed here.
    """
    if action not in ACTIONS or kind not in KINDS:
        raise ValueError(f"{action!r} of {kind!r} is not listed in {__name__}")
    entry = AuditEntry(account_id=visitor.account, action=action, kind=kind, object_id=object_id)
    if visitor.organisation is not None:
        entry.organisation_id = visitor.organisation
    session.add(entry)

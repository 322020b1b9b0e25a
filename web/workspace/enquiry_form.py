"""The form "send me this as PDF" of the embedded calculator: what it offers, and what is wrong with what was sent.

It stands in a frame of another site, where a browser keeps no cookie of ours. So what proves that a form is one of ours
is a signed token in the form itself; it goes with the text that was agreed to, and makes a form count once.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flask import current_app
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from sqlalchemy import select

from calculator.language import gettext as _
from web.accounts.email_address import folded, unusable
from web.accounts.names import unusable_name
from web.settings import current_settings
from web.storage import EVERY_ORGANISATION, Database
from web.storage.base import digest
from web.storage.tables import Organisation

PURPOSE: Final = "rapport enquiry"
LASTS: Final = 12 * 3600  # seconds that a form may stand open
BAIT: Final = "website"  # a field that people do not see; whoever fills it in is a program
FIELDS: Final = ("name", "email", "consent")


@dataclass(frozen=True, slots=True)
class Offer:
    """Who receives an enquiry, how the page calls them, and what is agreed to."""

    organisation: uuid.UUID
    name: str
    consent: str


@dataclass(frozen=True)
class Asked:
    """The form as it is shown: empty, with what is wrong, or done.

    Attributes:
        offer: to whom it goes.
        token: for the next time it is sent.
        typed: what stands in its fields.
        problems: what is wrong, by field; under an empty name what is about none of them.
        done: whether it was taken.
    """

    offer: Offer
    token: str
    typed: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(FIELDS, ""))
    problems: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(("", *FIELDS), ""))
    done: bool = False


def current_offer(database: Database) -> Offer | None:
    """Return who receives enquiries; None where the server takes none, or does not know for whom."""
    settings = current_settings()
    if not settings.enquiries:
        return None
    wanted = select(Organisation.id, Organisation.name).limit(2)
    if settings.enquiry_organisation:
        wanted = wanted.where(Organisation.name == settings.enquiry_organisation)
    with database.reading(EVERY_ORGANISATION) as session:
        found = session.execute(wanted).all()
    if len(found) != 1:
        _warn_once(bool(settings.enquiry_organisation), len(found))
        return None
    name = settings.embed_name or found[0].name
    return Offer(found[0].id, name, settings.enquiry_consent or usual_consent(name))


def _warn_once(named: bool, found: int) -> None:
    if current_app.extensions.setdefault("rapport_enquiries_warned", False):
        return
    current_app.extensions["rapport_enquiries_warned"] = True
    which = (
        "no organisation, or several, have the name in"
        if named
        else f"{'several' if found else 'no'} organisations; set"
    )
    current_app.logger.warning("enquiries are not offered: %s RAPPORT_ENQUIRY_ORGANISATION", which)


def usual_consent(name: str) -> str:
    """Return what is agreed to where the settings say nothing else."""
    return _(
        "%(name)s may keep my name, my address and the numbers above, and write to me about this result. "
        "I can have them deleted at any time by asking for it.",
        name=name,
    )


def blank(offer: Offer) -> Asked:
    """Return the form as nobody has filled it in yet."""
    return Asked(offer, new_token(offer))


def new_token(offer: Offer) -> str:
    """Return a token for one form."""
    return str(_signer().dumps([uuid.uuid4().hex, _print(offer)]))


def check(offer: Offer, sent: Mapping[str, str]) -> tuple[uuid.UUID | None, Asked]:
    """Return the key of a form that may be taken, else None; and the form with all that is wrong with it."""
    typed = {name: sent.get(name, "").strip() for name in FIELDS}
    key, stale = _read(offer, sent.get("token", ""))
    problems = {
        "": stale,
        "name": unusable_name(typed["name"]),
        "email": unusable(folded(typed["email"])),
        "consent": ""
        if typed["consent"]
        else _("Without your agreement nothing can be sent. Tick the box if you agree."),
    }
    if sent.get(BAIT, ""):
        problems[""] = _("A field that is not for people was filled in. Send it once more as it is now.")
    wrong = any(problems.values())
    return None if wrong else key, Asked(offer, new_token(offer), typed, problems, done=not wrong)


def _read(offer: Offer, token: str) -> tuple[uuid.UUID | None, str]:
    """Return the key in a token, and what is wrong with it."""
    try:
        found: Any = _signer().loads(token, max_age=LASTS)
        key, agreed = found
        if agreed == _print(offer):
            return uuid.UUID(hex=key), ""
        return None, _("The text that you agree to has changed. Read it again, then send it once more.")
    except SignatureExpired:
        return None, _("This page stood open for long. Send it once more; nothing you typed is lost.")
    except (BadSignature, ValueError, TypeError):
        return None, _("This form could not be read. Send it once more; nothing you typed is lost.")


def _print(offer: Offer) -> str:
    return digest(f"{offer.organisation}|{offer.consent}")[:16]


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=PURPOSE)

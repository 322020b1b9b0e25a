"""What tests of enquiries do again and again."""

from __future__ import annotations

import uuid

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.web.conftest import soup
from tests.web.workspace import saved
from web.accounts.visitor import Visitor
from web.storage import EVERY_ORGANISATION, Database
from web.storage.tables import AuditEntry, Enquiry
from web.workspace import enquiries
from web.workspace.enquiry_form import Offer

PARENT = "https://vendor.example"
ON = {"RAPPORT_ENQUIRIES": "1", "RAPPORT_EMBED_PARENTS": PARENT, "RAPPORT_EMBED_NAME": "Harbor Notes"}
PERSON = {"name": "Grace Hopper", "email": "Grace@Example.org", "consent": "1"}


def stored(database: Database) -> list[Enquiry]:
    with database.reading(EVERY_ORGANISATION) as session:
        return list(session.scalars(select(Enquiry).order_by(Enquiry.created_at, Enquiry.id)))


def hidden(page: BeautifulSoup) -> dict[str, str]:
    return {str(each["name"]): str(each["value"]) for each in page.select("#enquiry input[type=hidden]")}


def opened(frame: FlaskClient, **typed: str) -> dict[str, str]:
    """Open the frame and return what its form carries unseen."""
    return hidden(soup(frame.get("/embed", query_string=saved.fields(**typed))))


def send(
    frame: FlaskClient, carried: dict[str, str], headers: dict[str, str] | None = None, **typed: str
) -> TestResponse:
    return frame.post("/embed/enquiry", data={**carried, **PERSON, **typed}, headers=headers)


def faults(answer: TestResponse) -> set[str]:
    found = soup(answer).select("#enquiry .problem")
    return {str(each.get("id", "stray")) for each in found if each.get_text(strip=True)}


def ask(database: Database, ada: Visitor, name: str = "Grace", email: str = "grace@example.org") -> uuid.UUID:
    """Keep an enquiry without the way through the page."""
    key = uuid.uuid4()
    assert isinstance(ada.organisation, uuid.UUID)
    offer = Offer(ada.organisation, "Harbor", "I agree.")
    enquiries.take(database, offer, key, name, email, saved.taken(), PARENT)
    return key


def deeds(database: Database, ada: Visitor) -> list[tuple[str, str]]:
    with database.reading(ada.scope) as session:
        found = session.scalars(select(AuditEntry).order_by(AuditEntry.at))
        return [(each.action, each.kind) for each in found if each.kind == "enquiry"]

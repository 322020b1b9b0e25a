"""Saved versions to share, and the way from the form to a link."""

from __future__ import annotations

import re
import uuid
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from tests.web.conftest import soup
from tests.web.workspace import saved
from web.accounts.visitor import Visitor
from web.storage import Database
from web.storage.tables import ScenarioVersion
from web.workspace import scenarios

FORM = {"label": "Dr. Okafor", "kind": "result", "days": "30"}
PDF = {"kind": "pdf", "language": "es", "page_size": "A4", "length": "short"}


def version(database: Database, visitor: Visitor, **typed: str) -> uuid.UUID:
    """Save a scenario and return the id of its first version."""
    key = scenarios.create(database, visitor, "Second offer", "", saved.taken(**typed))
    with database.reading(visitor.scope) as session:
        return session.scalars(select(ScenarioVersion.id).where(ScenarioVersion.scenario_id == key)).one()


def secret_of(browser: FlaskClient, shared: uuid.UUID, **form: Any) -> str:
    """Make a link by the form and return its secret, as the page shows it."""
    answer = browser.post("/share/new", data={"version": str(shared), **FORM, **form})
    assert answer.status_code == 201, answer.text
    address = soup(answer).select_one("#link")["value"]
    found = re.fullmatch(r"http://localhost/s\?k=([A-Za-z0-9_-]{43})", str(address))
    assert found, address
    return found[1]

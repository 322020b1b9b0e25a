"""Organisations, members and their browsers, made without the cost of hashing a password."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.accounts import sign_ins
from web.app import create_app
from web.storage import EVERY_ORGANISATION, Database
from web.storage.tables import Account, Organisation

#: For tests of what no database can change: one of the two is enough, and they stay quick.
ON_ONE_DATABASE = pytest.mark.parametrize("kind", ["sqlite"])


def app(database: Database, folder: Path, **config: Any) -> Flask:
    """Return the application on a database; forms need no token unless ``WTF_CSRF_ENABLED=True`` is given."""
    where = {} if database.is_sqlite else {"RAPPORT_DATABASE_URL": database.url.render_as_string(hide_password=False)}
    usual = {"TESTING": True, "WTF_CSRF_ENABLED": False, "RAPPORT_DATA_DIR": str(folder)}
    return create_app(usual | where | config)


def organisation(database: Database, name: str = "Riverbend") -> uuid.UUID:
    """Make an organisation."""
    made = Organisation(id=uuid.uuid4(), name=name)
    with database.writing(EVERY_ORGANISATION) as session:
        session.add(made)
    return made.id


def member(database: Database, organisation: uuid.UUID, role: str = "administrator", **columns: Any) -> uuid.UUID:
    """Make an account of an organisation; it has no password."""
    key = uuid.uuid4()
    made = Account(id=key, **({"email": f"{key.hex}@example.org", "name": role.title(), "role": role} | columns))
    with database.writing(organisation) as session:
        session.add(made)
    return key


def client(app: Flask, account: uuid.UUID) -> FlaskClient:
    """Return a browser that is signed in."""
    browser = app.test_client()
    with app.test_request_context():
        from flask import session as cookie

        sign_ins.begin(app.extensions["rapport_database"], account)
        held = dict(cookie)
    with browser.session_transaction() as kept:
        kept.update(held)
    return browser

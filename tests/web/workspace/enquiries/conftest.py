"""The calculator with its form in the frame, and who receives what is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.workspace import people, saved
from tests.web.workspace.enquiries.asking import ON
from web.accounts.visitor import Visitor
from web.storage import Database


@pytest.fixture
def ada(database: Database) -> Visitor:
    return saved.member(database, role="sales")


@pytest.fixture
def app(database: Database, tmp_path: Path, ada: Visitor) -> Flask:
    return people.app(database, tmp_path, WTF_CSRF_ENABLED=True, **ON)


@pytest.fixture
def frame(app: Flask) -> FlaskClient:
    """Return a browser that keeps no cookie, as in a frame of another site."""
    return app.test_client(use_cookies=False)


@pytest.fixture
def sales(database: Database, tmp_path: Path, ada: Visitor) -> FlaskClient:
    assert ada.account is not None
    return people.client(people.app(database, tmp_path, **ON), ada.account)

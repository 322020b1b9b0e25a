"""Who shares, what they share, and who reads it."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.workspace import sharing
from web.accounts.visitor import Visitor
from web.storage import Database


@pytest.fixture
def kind() -> str:
    """What the pages do is the same on both databases; what is stored, test_share_links looks at on both."""
    return "sqlite"


@pytest.fixture
def maker(client: FlaskClient) -> FlaskClient:
    """Return the browser of who shares."""
    return client


@pytest.fixture
def shared(database: Database, ada: Visitor) -> uuid.UUID:
    return sharing.version(database, ada)


@pytest.fixture
def reader(app: Flask) -> FlaskClient:
    return app.test_client()

"""The same tests on both databases, each on a fresh one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from tests.web.workspace import people, saved
from tests.web.workspace.databases import Postgres, postgres_server, sqlite_url
from tests.web.workspace.serving import Serving, serve
from web.accounts import passwords
from web.accounts.visitor import Visitor
from web.operations.logs import QUIET
from web.storage.database import Database, close_all

KINDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """Return an empty database of either kind."""
    url = sqlite_url(tmp_path) if kind == "sqlite" else request.getfixturevalue("postgres").new_database()
    opened = Database(url)
    yield opened
    close_all()  # those that applications opened, too


@pytest.fixture
def ada(database: Database) -> Visitor:
    """Return a manager of an organisation."""
    return saved.member(database)


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Flask:
    return people.app(database, tmp_path)


@pytest.fixture
def client(app: Flask, ada: Visitor) -> FlaskClient:
    """Return the manager's browser."""
    assert ada.account is not None
    return people.client(app, ada.account)


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords by the cheapest parameters there are; what they really cost, one test measures."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", cheap)
    monkeypatch.setattr(passwords, "_NOBODY", cheap.hash("nobody's"))


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Serve browsers from a data folder of the module's own."""
    with serve(tmp_path_factory.mktemp("data")) as found:
        yield found


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """Put back how logging is set up when a test is over that sets it up."""
    root = logging.getLogger()
    handlers, level, levels = root.handlers[:], root.level, {name: logging.getLogger(name).level for name in QUIET}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, each in levels.items():
        logging.getLogger(name).setLevel(each)
    logging.captureWarnings(False)

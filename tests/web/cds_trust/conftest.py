"""A trust whose clock stands still, with keys in a file or at an address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.cds_keys import (
    ISSUER,
    PUBLIC_URL,
    client_file,
)
from tests.web.cds_trust.calls import NOW, KeyServer
from web.cds.clients import Client, read_clients
from web.cds.trust import Trust


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    folder = tmp_path_factory.mktemp("trust")
    return Trust(read_clients(client_file(folder)), PUBLIC_URL, folder / "data", clock=lambda: NOW)


@pytest.fixture
def key_server() -> Iterator[KeyServer]:
    server = KeyServer()
    yield server
    server.close()


@pytest.fixture
def remote_trust(key_server: KeyServer, tmp_path: Path) -> Trust:
    """A client whose keys are at an address."""
    return Trust([Client(ISSUER, jwks_url=key_server.url)], PUBLIC_URL, tmp_path, clock=lambda: NOW)

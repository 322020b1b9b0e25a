"""Ready means that the database answers, and is said soon even when it hangs."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.web.workspace import people
from tests.web.workspace.databases import Postgres, wait_until
from web.storage import Database

SOON = 2.0  # seconds


def test_ready_where_the_database_answers(database: Database, tmp_path: Path) -> None:
    client = people.app(database, tmp_path).test_client()
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "ready")
    assert client.get("/health/live").get_json() == {"status": "live"}


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_server_that_hangs_is_told_within_two_seconds_and_forgiven(
    database: Database, postgres: Postgres, tmp_path: Path
) -> None:
    """All its processes are stopped: connections stay open and are accepted, and nothing ever answers."""
    client = people.app(database, tmp_path).test_client()
    assert client.get("/health/ready").status_code == 200
    with hanging(postgres):
        for _ in range(3):
            began = time.monotonic()
            answer = client.get("/health/ready")
            assert answer.status_code == 503
            assert "database" in answer.get_json()["status"]
            assert time.monotonic() - began < SOON
        assert client.get("/health/live").status_code == 200
        assert client.get("/metrics").status_code == 200
    wait_until(lambda: client.get("/health/ready").status_code == 200)


def test_it_is_told_to_everybody_and_on_any_host(database: Database, tmp_path: Path) -> None:
    """A balancer asks from elsewhere, also while there is no account."""
    client = people.app(database, tmp_path).test_client()
    elsewhere = {"REMOTE_ADDR": "10.0.0.9"}
    assert client.get("/health/ready", headers={"Host": "rapport.example"}, environ_base=elsewhere).status_code == 200


@contextmanager
def hanging(postgres: Postgres) -> Iterator[None]:
    processes = family(int((postgres.data / "postmaster.pid").read_text().split()[0]))
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def family(parent: int) -> list[int]:
    """Return a process and its children."""
    return [parent, *map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split())]

"""Real databases for tests: SQLite files, and a PostgreSQL server of our own that goes with the test run."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import URL

from web.storage.database import Database
from web.storage.upgrade import upgrade

TEMPLATE = "rapport_template"


class Postgres:
    """A server in a temporary folder, on a free port of this computer, for its owner only."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder = programs, folder
        self.data = folder / "data"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._owner: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}

    def create(self) -> None:
        if self._owner:
            shutil.chown(self.folder, "postgres", "postgres")
        self._run("initdb", "-D", str(self.data), "-U", "rapport", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()
        with self.maintenance() as connection:
            connection.execute(f"CREATE DATABASE {TEMPLATE}")
        database = Database(self.url(TEMPLATE))
        upgrade(database)
        database.close()

    def start(self) -> None:
        # without fsync: what a process wrote outlives it, whoever kills it, and no test takes the power away
        settings = "-c listen_addresses=127.0.0.1 -c max_connections=60 -c fsync=off"
        options = f"-p {self.port} -k {self.folder} {settings}"
        self._run("pg_ctl", "-D", str(self.data), "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", str(self.data), "-w", "-m", mode, "stop")

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://rapport@127.0.0.1:{self.port}/{name}"

    def new_database(self) -> str:
        """Return the address of a new database with all tables and nothing in them."""
        name = f"test_{uuid.uuid4().hex}"
        with self.maintenance() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
        return self.url(name)

    @contextmanager
    def maintenance(self) -> Iterator[psycopg.Connection[Any]]:
        address = f"postgresql://rapport@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            yield connection

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, **self._owner)
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr or done.stdout}")


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs: the newest of Debian's, or the one of what is on the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = str(debian[-1]) if debian else shutil.which("initdb")
    return Path(found).parent if found else None


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """Run a PostgreSQL server; without one, the tests that need it are skipped, which CI does not allow."""
    where = programs()
    if where is None:
        pytest.skip("no PostgreSQL server found; install Debian's package postgresql")
    folder = Path(tempfile.mkdtemp(prefix="rapport-pg-"))
    server = Postgres(where, folder)
    try:
        server.create()
        yield server
        server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sqlite_url(folder: Path) -> URL:
    """Return the address of a new SQLite file with all tables and nothing in them."""
    database = Database.in_folder(folder)
    upgrade(database)
    database.close()
    return database.url


def wait_until(said: Any, seconds: float = 10.0) -> None:
    """Wait until a function says yes."""
    end = time.monotonic() + seconds
    while not said():
        if time.monotonic() > end:
            raise AssertionError("waited in vain")
        time.sleep(0.02)

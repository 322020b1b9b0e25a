"""Kill −9 in the middle of 200 concurrent saves: each acknowledged one is there, and the database is whole."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import select, text

from tests.web.workspace import people
from tests.web.workspace.databases import Postgres
from tests.web.workspace.gunicorn_server import Server, serving
from tests.web.workspace.test_health import family
from web.storage import EVERY_ORGANISATION, Database
from web.storage.base import Base
from web.storage.tables import AuditEntry, SavedScenario, ScenarioVersion

SAVES, AT_ONCE = 200, 16
KILLED_AFTER = 60  # acknowledged saves
FORM = {"clinic.setting": "outpatient", "clinic.intakes_per_month": "40", "analysis.draws": "64"}


class Browser:
    """Somebody who saves scenarios through the real forms, on a connection of their own."""

    def __init__(self, server: Server) -> None:
        self.connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
        self.connection.request("GET", f"/scenarios/new?{urlencode(FORM)}")
        answer = self.connection.getresponse()
        page = answer.read().decode()
        assert answer.status == 200, page
        self.cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found
        self.token = found[1]

    def save(self, name: str) -> uuid.UUID | None:
        """Save a scenario; return its key if the server said that it is saved."""
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(FORM | {"name": name, "csrf_token": self.token})
        try:
            self.connection.request("POST", "/scenarios", body, headers)
            answer = self.connection.getresponse()
            answer.read()
        except (OSError, HTTPException):
            self.connection.close()
            return None
        where = re.fullmatch(r".*/scenarios/([0-9a-f-]{36})/open", answer.getheader("Location") or "")
        return uuid.UUID(where[1]) if answer.status == 303 and where else None


def save_until_killed(server: Server, kill: KillSwitch) -> dict[uuid.UUID, str]:
    """Send 200 saves on 16 connections and pull the switch in between; return those that were acknowledged."""
    done: dict[uuid.UUID, str] = {}
    enough = threading.Event()
    browsers = [Browser(server) for _ in range(AT_ONCE)]

    def work(place: int) -> None:
        for number in range(place, SAVES, AT_ONCE):
            name = f"Scenario {number}"
            if key := browsers[place].save(name):
                done[key] = name
            if len(done) >= KILLED_AFTER:
                enough.set()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = [pool.submit(work, place) for place in range(AT_ONCE)]
        assert enough.wait(60), server.log.read_text()[-2000:]
        kill()
        for each in running:
            each.result()
    for browser in browsers:
        browser.connection.close()
    return done


class KillSwitch:
    """Ends all processes of the server, and of PostgreSQL, at once."""

    def __init__(self, server: Server, postgres: Postgres | None) -> None:
        self.server, self.postgres = server, postgres

    def __call__(self) -> None:
        doomed = [self.server.process.pid, *self.server.workers()]
        if self.postgres:
            doomed += family(int((self.postgres.data / "postmaster.pid").read_text().split()[0]))
        for process in doomed:
            os.kill(process, signal.SIGKILL)
        self.server.process.wait(20)


@pytest.fixture
def postgres_of_kind(kind: str, request: pytest.FixtureRequest) -> Iterator[Postgres | None]:
    """Return the PostgreSQL server where the test is about it; it runs again afterwards."""
    if kind == "sqlite":
        yield None
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    yield postgres
    if not postgres_runs(postgres):
        postgres.start()


def postgres_runs(postgres: Postgres) -> bool:
    try:
        with postgres.maintenance():
            return True
    except Exception:
        return False


def start_again(postgres: Postgres) -> None:
    """Start PostgreSQL after its end, which it takes its time to notice."""
    end = time.monotonic() + 30
    while True:
        try:
            postgres.start()
        except RuntimeError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


def test_no_acknowledged_save_is_lost(database: Database, postgres_of_kind: Postgres | None, tmp_path: Path) -> None:
    with serving(database, tmp_path) as server:
        acknowledged = save_until_killed(server, KillSwitch(server, postgres_of_kind))
    assert KILLED_AFTER <= len(acknowledged) < SAVES, "it was killed in the middle"
    database.close()
    if postgres_of_kind:
        start_again(postgres_of_kind)
    app = people.app(database, tmp_path)
    assert_whole(database)
    assert_there(database, acknowledged)
    answer = app.test_client().post("/scenarios", data=FORM | {"name": "Later"})
    assert answer.status_code == 303, "it goes on"


def assert_there(database: Database, acknowledged: dict[uuid.UUID, str]) -> None:
    with database.reading(EVERY_ORGANISATION) as session:
        found = {each.id: each for each in session.scalars(select(SavedScenario))}
        versions = {each.scenario_id: each for each in session.scalars(select(ScenarioVersion))}
        audited = set(session.scalars(select(AuditEntry.object_id).where(AuditEntry.kind == "scenario")))
    assert {key: found[key].name for key in acknowledged} == acknowledged
    assert set(found) == set(versions) == audited, "of each save everything, of those that were cut off nothing"
    assert all(each.latest == 1 for each in found.values())


def assert_whole(database: Database) -> None:
    """Let the database look for damage itself; and read all of it, by tables and by indices."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            assert connection.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        else:
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS amcheck"))
            damage = text("SELECT * FROM verify_heapam(:name, check_toast => true)")
            for name in Base.metadata.tables:
                assert connection.execute(damage, {"name": name}).all() == []
            indices = (
                "SELECT bt_index_parent_check(index.indexrelid, true) FROM pg_index AS index"
                " JOIN pg_class AS kept ON kept.oid = index.indrelid"
                " WHERE kept.relnamespace = 'public'::regnamespace"
            )
            assert len(connection.execute(text(indices)).all()) > len(Base.metadata.tables)
        for table in Base.metadata.sorted_tables:
            connection.execute(select(table)).all()
        connection.rollback()

"""A database that goes away: a calm page in the meantime, and all is well when it is back, with no restart of ours."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, TimeoutError

from calculator import RapportError
from tests.web.conftest import soup
from tests.web.workspace import people
from tests.web.workspace.databases import Postgres
from web.storage import EVERY_ORGANISATION, Database
from web.storage.failing import failing_status, plainly
from web.storage.tables import Organisation


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_stopped_server_gives_503_and_everything_recovers(
    database: Database, postgres: Postgres, tmp_path: Path
) -> None:
    app = people.app(database, tmp_path)
    member = people.member(database, people.organisation(database))
    browser = people.client(app, member)
    assert browser.get("/batch").status_code == 200
    postgres.stop()
    try:
        for _ in range(2):  # the connection that is cut, and the one that cannot be made
            answer = browser.get("/batch")
            assert answer.status_code == 503
            assert answer.headers["Retry-After"] == "5"
            assert soup(answer).find("h1").get_text(strip=True) == "The workspace cannot be reached just now"
            assert "psycopg" not in answer.text
            told = browser.post("/api/v1/estimate", json={})
            assert (told.status_code, told.get_json()["problems"][0]["path"]) == (503, "")
        assert browser.get("/health/ready").status_code == 503
        assert browser.get("/health/live").status_code == 200
        with browser.get("/static/app.css") as style:
            assert style.status_code == 200
        counted = browser.get("/metrics").text
        assert 'rapport_database_errors_total{status="503"}' in counted
    finally:
        postgres.start()
    assert browser.get("/batch").status_code == 200
    assert browser.get("/health/ready").status_code == 200


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_transaction_that_is_cut_off_is_503_and_the_next_one_works(database: Database, postgres: Postgres) -> None:
    def write_while_an_operator_ends_it() -> None:
        with database.writing(EVERY_ORGANISATION) as session:
            session.add(Organisation(name="never"))
            session.flush()
            with postgres.maintenance() as operator:
                ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
                operator.execute(ended, [database.url.database])

    with pytest.raises(DBAPIError) as cut:
        write_while_an_operator_ends_it()
    assert failing_status(cut.value) == 503
    with database.reading(EVERY_ORGANISATION) as session:
        assert "never" not in session.scalars(select(Organisation.name)).all()


@pytest.mark.parametrize(
    ("kind_of_error", "status"),
    [
        (psycopg.errors.DiskFull, 507),
        (psycopg.errors.AdminShutdown, 503),
        (psycopg.errors.CannotConnectNow, 503),
        (psycopg.errors.TooManyConnections, 503),
        (psycopg.errors.ConnectionFailure, 503),
        (psycopg.errors.QueryCanceled, 503),
        (psycopg.errors.LockNotAvailable, 503),
        (psycopg.errors.DeadlockDetected, 503),
        (psycopg.errors.UniqueViolation, None),
        (psycopg.errors.UndefinedTable, None),
    ],
)
def test_what_an_error_of_postgresql_means(kind_of_error: type[psycopg.Error], status: int | None) -> None:
    assert failing_status(OperationalError("SELECT", {}, kind_of_error("x"))) == status


def test_waiting_for_a_connection_in_vain_is_503_and_other_errors_are_none_of_the_database() -> None:
    assert failing_status(TimeoutError()) == 503
    assert failing_status(ValueError()) is None


def test_an_operator_is_told_no_row_and_no_password() -> None:
    database = Database("postgresql+psycopg://rapport:hushhush@db.example/rapport")
    broken = IntegrityError("INSERT", {}, psycopg.errors.UniqueViolation("Key (email)=(anna@example.org) exists"))
    with pytest.raises(RapportError) as told, plainly(database):
        raise broken
    assert (
        str(told.value) == "the database postgresql+psycopg://rapport:***@db.example/rapport refuses: IntegrityError."
    )


def test_sqlite_that_cannot_be_opened_is_503_and_recovers(tmp_path: Path) -> None:
    """Its folder is away, as where a network drive is not mounted."""
    folder = tmp_path / "data"
    database = Database.in_folder(folder)
    app = people.app(database, folder)
    browser = people.client(app, people.member(database, people.organisation(database)))
    assert browser.get("/batch").status_code == 200
    served: Database = app.extensions["rapport_database"]
    served.close()
    folder.rename(tmp_path / "away")
    assert browser.get("/batch").status_code == 503
    assert browser.get("/health/ready").status_code == 503
    assert not folder.exists(), "nothing is made in its place"
    (tmp_path / "away").rename(folder)
    assert browser.get("/batch").status_code == 200
    served.close()
    database.close()

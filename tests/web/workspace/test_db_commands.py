"""``rapport db``, ``backup`` and ``restore`` as an operator uses them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select, text

from tests.web.workspace import people
from web.cli import main
from web.storage import EVERY_ORGANISATION, Database
from web.storage.tables import Account
from web.storage.upgrade import head, revision_of


@pytest.fixture
def run(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return what runs a command with the settings of the database."""
    monkeypatch.setenv("RAPPORT_DATA_DIR", str(tmp_path))
    if not database.is_sqlite:
        monkeypatch.setenv("RAPPORT_DATABASE_URL", database.url.render_as_string(hide_password=False))

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments, catch_exceptions=False)

    return invoke


def test_status_and_upgrade(database: Database, run) -> None:
    said = run("db", "status")
    assert (said.exit_code, f"up to date (revision {head()})" in said.output) == (0, True)
    assert run("db", "upgrade").output == f"nothing to do: revision {head()}\n"
    with database.for_writing.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for command in ("status", "upgrade"):
        said = run("db", command)
        assert (said.exit_code, said.stdout.count("9999")) == (2, 0)
        assert "newer release (9999" in said.stderr


def test_a_new_database_is_made_by_upgrade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_DATA_DIR", str(tmp_path / "new"))
    said = CliRunner().invoke(main, ["db", "status"])
    assert (said.exit_code, "has no tables yet" in said.output) == (1, True)
    assert "there is nothing to copy" in CliRunner().invoke(main, ["backup", str(tmp_path / "b.zip")]).stderr
    assert CliRunner().invoke(main, ["db", "upgrade"]).output == f"from no tables to revision {head()}\n"
    made = Database.in_folder(tmp_path / "new")
    assert revision_of(made) == head()
    made.close()


def test_backup_and_restore(database: Database, run, tmp_path: Path) -> None:
    home = people.organisation(database)
    people.member(database, home)
    file = tmp_path / "copy.zip"
    said = run("backup", str(file))
    assert said.exit_code == 0
    assert "2 rows of " in said.output
    people.member(database, home)
    refused = run("restore", str(file))
    assert refused.exit_code == 2
    assert "add --yes" in refused.stderr
    assert members(database) == 2
    done = run("restore", str(file), "--yes")
    assert (done.exit_code, members(database)) == (0, 1)
    assert "Everybody has to sign in again." in done.output
    assert "secret" not in done.output


def test_another_secret_is_told(database: Database, run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people.organisation(database)
    file = tmp_path / "copy.zip"
    assert run("backup", str(file)).exit_code == 0
    (tmp_path / "secret_key").unlink()
    (tmp_path / "secret_key").touch(mode=0o600)
    (tmp_path / "secret_key").write_text("n" * 40)
    assert "restart a server that is running" in run("restore", str(file)).output
    monkeypatch.setenv("RAPPORT_SECRET_KEY", "e" * 40)
    said = run("restore", str(file)).output
    assert "set RAPPORT_SECRET_KEY as it was then" in said
    assert "eeee" not in said


def test_a_folder_that_is_not_there_and_a_damaged_file_are_one_line_each(run, tmp_path: Path) -> None:
    said = run("backup", str(tmp_path / "none" / "copy.zip"))
    assert (said.exit_code, said.stderr) == (2, f"{tmp_path}/none/copy.zip: No such file or directory\n")
    (tmp_path / "no.zip").write_text("x")
    said = run("restore", str(tmp_path / "no.zip"))
    assert (said.exit_code, said.stderr.count("\n")) == (2, 1)


@pytest.mark.usefixtures("logging_as_before")  # which `serve` sets up
def test_a_server_that_is_not_there_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_DATABASE_URL", "postgresql://rapport:hushhush@127.0.0.1:1/rapport")
    for command in (["db", "status"], ["db", "upgrade"], ["backup", "x.zip"], ["serve", "--port", "0"]):
        said = CliRunner().invoke(main, command)
        assert said.exit_code == 2
        assert "does not answer" in said.stderr
        assert "hushhush" not in said.output


def members(database: Database) -> int:
    with database.reading(EVERY_ORGANISATION) as session:
        return session.scalar(select(func.count()).select_from(Account)) or 0

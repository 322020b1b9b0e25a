"""A backup holds everything, goes from either database to either, and a restore changes all or nothing."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sqlite3
import threading
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from sqlalchemy import JSON, Boolean, Integer, LargeBinary, Table, Uuid, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from calculator import RapportError
from tests.web.workspace import people
from tests.web.workspace.databases import sqlite_url
from web.backup import BackupError, holds_anything, make_backup, open_backup, restore_backup
from web.backup.archive import MANIFEST
from web.backup.kept_files import DATABASES, KEPT, PLAIN
from web.backup.making import PASSING
from web.backup.rows import AT_ONCE, BYTES_AT_ONCE, line_of, rows_of
from web.cds.feedback_store import FeedbackStore, ShownCard
from web.storage import EVERY_ORGANISATION, Database
from web.storage.base import Base, Moment, now
from web.storage.schema import tables_at
from web.storage.tables import Account, Organisation, SavedScenario, SignIn
from web.storage.upgrade import OldDatabaseError, head, revision_of

KEY = "k" * 48
MOMENT = dt.datetime(2026, 11, 29, 8, 30, 15, 123456, tzinfo=dt.UTC)


@pytest.fixture
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Database]]:
    """Return what makes another empty database of either kind."""
    made: list[Database] = []

    def make(kind: str) -> Database:
        folder = tmp_path / f"other{len(made)}"
        folder.mkdir()
        url = sqlite_url(folder) if kind == "sqlite" else request.getfixturevalue("postgres").new_database()
        made.append(Database(url))
        return made[-1]

    yield make
    for database in made:
        database.close()


def fill(database: Database) -> None:
    """Put rows into every table: one with every column, one with only what must be there."""
    keys: dict[str, list[Any]] = {}
    with database.for_writing.begin() as connection:
        for table in Base.metadata.sorted_tables:
            for number, every in enumerate((True, False)):
                row = {c.name: value(c, keys, number) for c in table.columns if every or not c.nullable}
                connection.execute(insert(table), row)
                for column in table.primary_key.columns:
                    keys.setdefault(table.name, []).append(row[column.name])


def value(column: Any, keys: dict[str, list[Any]], number: int) -> Any:
    for foreign in column.foreign_keys:
        return keys[foreign.column.table.name][number]
    kind, unique = column.type, f"{number} Zoë's “naïve” \U0001f600 line\nbreak\t\\"
    if isinstance(kind, Uuid):
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{column.table.name}.{column.name}.{number}")
    if isinstance(kind, Moment):
        return MOMENT + dt.timedelta(days=number)
    if isinstance(kind, JSON):
        return {"npv": 0.1 + 0.2, "list": [1, None, True, "é"], "deep": {"a": 1e300}}
    if isinstance(kind, Boolean):
        return number == 0
    if isinstance(kind, Integer):
        return 2**31 - 1 - number
    if isinstance(kind, LargeBinary):
        return bytes(range(256))
    if column.name == "role":
        return "manager"
    if column.name == "kind" and column.table.name == "share_link":
        return "pdf"
    length = getattr(kind, "length", None)
    return unique[: length or 1000] if column.name != "digest" else f"{number:064d}"


def contents(database: Database) -> dict[str, list[Any]]:
    """Return all rows of all tables, as the program reads them."""
    with database.engine.connect() as connection:
        return {
            table.name: connection.execute(select(table).order_by(*table.primary_key.columns)).all()
            for table in Base.metadata.sorted_tables
        }


def back_up(database: Database, file: Path, folder: Path) -> Path:
    make_backup(file, database, folder, KEY)
    return file


def restore(file: Path, database: Database, folder: Path) -> None:
    with open_backup(file) as (archive, manifest):
        restore_backup(archive, manifest, database, folder)


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_everything_goes_from_either_database_to_either(
    database: Database, other: Callable[[str], Database], target: str, tmp_path: Path
) -> None:
    fill(database)
    before = contents(database)
    assert all(len(rows) == 2 for rows in before.values())
    file = back_up(database, tmp_path / "copy.zip", tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    place = other(target)
    restore(file, place, tmp_path / "new")
    assert contents(place) == before | {name: [] for name in PASSING}
    again = back_up(place, tmp_path / "again.zip", tmp_path / "new")
    with zipfile.ZipFile(file) as first, zipfile.ZipFile(again) as second:
        same = [name for name in first.namelist() if name.startswith("tables/")]
        assert {name: first.read(name) for name in same} == {name: second.read(name) for name in same}


def test_what_was_there_is_replaced_and_a_server_goes_on_with_what_was_restored(
    database: Database, tmp_path: Path
) -> None:
    app = people.app(database, tmp_path)
    served: Database = app.extensions["rapport_database"]
    home = people.organisation(database)
    member = people.member(database, home, email="kept@example.org")
    browser = people.client(app, member)
    file = back_up(database, tmp_path / "copy.zip", tmp_path)
    later = people.member(database, home, email="later@example.org")
    for _ in range(6):  # so that the driver has prepared the statement, which outlives the tables
        with served.reading(EVERY_ORGANISATION) as session:
            assert len(session.scalars(select(Account)).all()) == 2
    restore(file, database, tmp_path)
    with served.reading(EVERY_ORGANISATION) as session:
        assert [each.id for each in session.scalars(select(Account))] == [member] != [later]
        assert session.scalars(select(SignIn)).all() == []
    assert browser.get("/batch").status_code == 303, "who was signed in has to sign in again"
    assert browser.get("/health/ready").status_code == 200


def test_readers_never_see_half_of_a_restore(database: Database, tmp_path: Path) -> None:
    home = people.organisation(database)
    with database.writing(home) as session:
        session.add_all(SavedScenario(name=f"{number}", changed_at=now()) for number in range(300))
    file = back_up(database, tmp_path / "copy.zip", tmp_path)
    with database.writing(home) as session:
        for each in session.scalars(select(SavedScenario)).all()[:200]:
            session.delete(each)
    seen: set[int] = set()
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            with database.reading(home) as session:
                seen.add(len(session.scalars(select(SavedScenario.id)).all()))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    restore(file, database, tmp_path)
    over.set()
    for reader in readers:
        reader.join()
    with database.reading(home) as session:
        assert len(session.scalars(select(SavedScenario.id)).all()) == 300
    assert seen <= {100, 300}


def test_a_backup_is_of_one_moment_while_others_write(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every transaction adds an organisation and its only account; a copy in between has as many of each."""
    people.member(database, people.organisation(database))
    started, go_on = threading.Event(), threading.Event()

    def write() -> None:
        started.wait(10)
        with database.writing(EVERY_ORGANISATION) as session:
            made = Organisation(id=uuid.uuid4(), name="x")
            session.add(made)
            session.flush()
            session.add(Account(organisation_id=made.id, email="x@example.org", name="x", role="viewer"))
        go_on.set()

    from web.backup import making

    original = making._table

    def slow(archive: Any, connection: Any, table: Table, progress: Any) -> Any:
        found = original(archive, connection, table, progress)
        if table.name == "organisation":  # which is read before the accounts
            started.set()
            assert go_on.wait(10), "a writer waits for a backup"
        return found

    monkeypatch.setattr(making, "_table", slow)
    writer = threading.Thread(target=write)
    writer.start()
    made = make_backup(tmp_path / "copy.zip", database, tmp_path, KEY)
    writer.join()
    rows = {table.name: table.rows for table in made.tables}
    assert (rows["organisation"], rows["account"]) == (1, 1)


def test_files_of_the_data_folder_go_along(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "batch").mkdir(parents=True)
    (folder / "batch" / "upload.csv").write_text("x")
    for name in PLAIN:
        (folder / name).write_bytes(name.encode() * 4)
    for name in DATABASES:  # in use, with what is not yet in the file itself
        live = sqlite3.connect(folder / name)
        live.execute("PRAGMA journal_mode = WAL")
        live.execute("CREATE TABLE card (id)")
        live.execute("INSERT INTO card VALUES (1)")
        live.commit()
    file = back_up(database, tmp_path / "copy.zip", folder)
    live.execute("DELETE FROM card")
    live.commit()
    new = tmp_path / "new"
    restore(file, database, new)
    assert {path.name for path in new.iterdir()} == set(KEPT)
    assert all(path.stat().st_mode & 0o077 == 0 for path in new.iterdir())
    assert all((new / name).read_bytes() == (folder / name).read_bytes() for name in PLAIN)
    restore(file, database, folder)  # where a process has the database open
    assert live.execute("SELECT id FROM card").fetchall() == [(1,)]
    live.close()
    with closing(sqlite3.connect(new / DATABASES[0])) as copy:
        assert copy.execute("SELECT id FROM card").fetchall() == [(1,)]
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_an_error_leaves_the_old_backup_and_nothing_half_written(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from web.backup import making

    fill(database)
    folder = tmp_path / "copies"
    folder.mkdir()
    file = folder / "copy.zip"
    file.write_text("yesterday's")

    def full(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making, "_file", full)
    with pytest.raises(OSError, match="No space left") as failed:
        back_up(database, file, tmp_path)
    assert failed.value.filename == str(file)
    assert [path.name for path in folder.iterdir()] == ["copy.zip"]
    assert file.read_text() == "yesterday's"


def damage(file: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    """Change a part of an archive, as somebody could who does not mend its digest."""
    with zipfile.ZipFile(file) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    parts[name] = change(parts[name])
    with zipfile.ZipFile(file, "w") as archive:
        for each, data in parts.items():
            archive.writestr(each, data)


def changed_manifest(**changes: Any) -> Callable[[bytes], bytes]:
    return lambda data: json.dumps(json.loads(data) | changes).encode()


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("tables/account.jsonl", lambda data: data.replace(b"0 Zo", b"1 Zo"), "tables/account.jsonl is not what"),
        ("tables/account.jsonl", lambda _: b"", "tables/account.jsonl is not what"),
        ("tables/extra.jsonl", None, "tables/extra.jsonl is missing, or should not be there"),
        (MANIFEST, lambda _: b"{", "is no backup of Rapport"),
        (MANIFEST, lambda _: b"[]", "is no backup of Rapport"),
        (MANIFEST, changed_manifest(schema="rapport.backup/2"), "'rapport.backup/2'"),
        (MANIFEST, changed_manifest(revision="9999", program="9.0"), "newer release (Rapport 9.0, revision 9999)"),
        (MANIFEST, changed_manifest(tables=[]), "is missing, or should not be there"),
    ],
)
def test_a_damaged_or_foreign_backup_changes_nothing(
    database: Database, tmp_path: Path, name: str, change: Callable[[bytes], bytes] | None, told: str
) -> None:
    fill(database)
    before = contents(database)
    file = back_up(database, tmp_path / "copy.zip", tmp_path)
    if change is None:
        with zipfile.ZipFile(file, "a") as archive:
            archive.writestr(name, b"")
    else:
        damage(file, name, change)
    with pytest.raises(RapportError) as refused:
        restore(file, database, tmp_path)
    assert told in str(refused.value)
    assert "Nothing was changed." in str(refused.value)
    assert contents(database) == before


def test_half_a_file_and_no_archive_are_refused(database: Database, tmp_path: Path) -> None:
    whole = back_up(database, tmp_path / "copy.zip", tmp_path).read_bytes()
    for part in (whole[: len(whole) // 2], b"", b"PK\x03\x04", whole[:200] + b"\0" * 50 + whole[250:]):
        (tmp_path / "part.zip").write_bytes(part)
        with pytest.raises(BackupError, match="Nothing was changed"):
            restore(tmp_path / "part.zip", database, tmp_path)


def test_a_row_that_is_refused_changes_nothing(database: Database, tmp_path: Path) -> None:
    """A member of an organisation that is not in the copy: written by nobody but somebody who mends digests, too."""
    fill(database)
    file = back_up(database, tmp_path / "copy.zip", tmp_path)
    before = contents(database)
    import hashlib

    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read(MANIFEST))
    for each in manifest["tables"]:
        if each["name"] == "organisation":
            each |= {"sha256": hashlib.sha256(b"").hexdigest(), "rows": 0, "bytes": 0}
    damage(file, "tables/organisation.jsonl", lambda _: b"")
    damage(file, MANIFEST, lambda _: json.dumps(manifest).encode())
    with pytest.raises(DBAPIError):
        restore(file, database, tmp_path)
    assert contents(database) == before
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_backup_of_an_older_release_is_brought_up_to_date(
    database: Database, other: Callable[[str], Database], kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one migration more, the copy of the release before it is restored, and so is one of its own."""
    fill(database)
    before = contents(database)
    file = back_up(database, tmp_path / "copy.zip", tmp_path)
    place = other(kind)
    import web.storage.upgrade as module

    newer = tmp_path / "migrations"
    shutil.copytree(Path(module.__file__).parent / "migrations", newer)
    (newer / "versions" / "9000_later.py").write_text(
        f"import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = '9000', {head()!r}\n"
        "def upgrade():\n    op.add_column('account', sa.Column('later', sa.String(5), server_default='new'))\n"
        "def downgrade():\n    op.drop_column('account', 'later')\n"
    )

    def config() -> Config:
        made = Config()
        made.set_main_option("script_location", str(newer))
        return made

    for using in ("web.storage.upgrade", "web.storage.schema", "web.backup.restoring"):
        monkeypatch.setattr(f"{using}.alembic_config", config)
    assert head() == "9000"
    assert revision_of(place) != "9000"
    restore(file, place, tmp_path)  # which was at the older revision itself
    assert revision_of(place) == "9000"
    assert contents(place) == before | {name: [] for name in PASSING}
    with place.engine.connect() as connection:
        assert connection.execute(text("SELECT DISTINCT later FROM account")).scalars().all() == ["new"]
    again = back_up(place, tmp_path / "again.zip", tmp_path)
    monkeypatch.undo()
    with pytest.raises(OldDatabaseError, match="newer release"):
        restore(again, database, tmp_path)
    assert contents(database) == before


def test_tables_of_a_revision_are_those_of_the_program(database: Database) -> None:
    """Both databases have the columns, in this order; so a copy needs none of the program's classes."""
    found = {table.name: [column.name for column in table.columns] for table in tables_at(head())}
    assert set(found) == set(Base.metadata.tables)
    for name, columns in found.items():
        assert columns == [column["name"] for column in inspect(database.engine).get_columns(name)]
        kinds = {column.name: type(column.type) for column in Base.metadata.tables[name].columns}
        for column in next(table for table in tables_at(head()) if table.name == name).columns:
            assert issubclass(kinds[column.name], type(column.type)), f"{name}.{column.name}"


def test_a_long_table_needs_little_memory() -> None:
    table = next(each for each in tables_at(head()) if each.name == "attempts")
    lines = iter([line_of(["k" * 64, MOMENT, number]) for number in range(3 * AT_ONCE + 1)])
    assert [len(batch) for batch in rows_of(lines, table)] == [AT_ONCE] * 3 + [1]
    wide = iter([line_of(["k" * (BYTES_AT_ONCE // 2), MOMENT, number]) for number in range(5)])
    assert [len(batch) for batch in rows_of(wide, table)] == [2, 2, 1]


def test_what_everybody_has_counts_as_empty(database: Database, tmp_path: Path) -> None:
    home = people.organisation(database)
    assert not holds_anything(database)
    people.member(database, home)
    assert holds_anything(database)


def test_feedback_on_cards_comes_back_to_a_server_that_has_it_open(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    store = FeedbackStore(folder)
    card = ShownCard(str(uuid.uuid4()), "rapport-patient-view", "risk", "fitted", "1", MOMENT.date())
    store.note_cards([card])
    file = back_up(database, tmp_path / "copy.zip", folder)
    store.note_cards([ShownCard(str(uuid.uuid4()), "rapport-patient-view", "risk", "fitted", "1", MOMENT.date())])
    restore(file, database, folder)
    counted = store.counts("fitted")
    assert counted is not None
    assert counted.shown == {"risk": 1, "ratings": 0}
    store.note_cards([ShownCard(str(uuid.uuid4()), "rapport-patient-view", "risk", "fitted", "1", MOMENT.date())])
    again = store.counts("fitted")
    assert again is not None
    assert again.shown["risk"] == 2

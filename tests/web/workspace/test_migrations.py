"""The tables that migrations make are those the program works with, on both databases and from any start."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text

from tests.web.workspace import people
from web.storage import EVERY_ORGANISATION
from web.storage.base import Base
from web.storage.database import Database
from web.storage.tables import HouseValue, Organisation
from web.storage.upgrade import OldDatabaseError, alembic_config, head, make_ready, revision_of, upgrade


def test_migrations_and_tables_agree(database: Database) -> None:
    with database.engine.connect() as connection:
        assert (
            compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata) == []
        )


def test_all_migrations_go_back_and_up_again(database: Database) -> None:
    with database.for_writing.connect() as connection, connection.begin():
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert revision_of(database) is None
    assert upgrade(database) == (None, head())
    assert upgrade(database) == (head(), head())


def test_values_that_were_set_before_are_read_afterwards(database: Database) -> None:
    """Whoever had values of their own keeps seeing them; whoever had none is not asked for any."""
    having, without = people.organisation(database), people.organisation(database)
    with database.writing(having) as session:
        session.add(HouseValue(setting="iop", path="clinic.no_show_rate", value={"likely": 0.2}, reason="Ours"))
    with database.for_writing.connect() as connection, connection.begin():
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    upgrade(database)
    with database.reading(EVERY_ORGANISATION) as session:
        found = {row.id: row.house_revision for row in session.scalars(select(Organisation))}
    assert found[having] is not None
    assert found[without] is None


def test_a_database_of_a_newer_or_older_release_is_refused(tmp_path: Path) -> None:
    database = Database.in_folder(tmp_path)
    make_ready(database)
    for revision, said in (("9999", "newer release"), (None, "")):
        with database.for_writing.connect() as connection, connection.begin():
            connection.execute(text("UPDATE alembic_version SET version_num = :now"), {"now": revision or head()})
        if revision:
            with pytest.raises(OldDatabaseError, match=said):
                make_ready(database)
    make_ready(database)
    assert (tmp_path / "rapport.sqlite").stat().st_mode & 0o077 == 0
    database.close()

"""Nothing of one organisation is read, changed or removed through a session of another, whatever the query."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, func, inspect, select, text, update
from sqlalchemy.orm import Session, aliased

from web.storage import EVERY_ORGANISATION, Database, ForeignObjectError
from web.storage.base import Base, now
from web.storage.owned import Owned
from web.storage.tables import Organisation, SavedScenario, ScenarioVersion

OTHER = aliased(SavedScenario)
READS: dict[str, Callable[[Session, uuid.UUID], Any]] = {
    "all": lambda session, _: session.scalars(select(SavedScenario)).all(),
    "a column": lambda session, _: session.scalars(select(SavedScenario.name)).all(),
    "a count": lambda session, _: session.scalar(select(func.count()).select_from(SavedScenario)),
    "by key": lambda session, key: session.get(SavedScenario, key),
    "an alias": lambda session, _: session.scalars(select(OTHER)).all(),
    "a subquery": lambda session, _: session.scalars(
        select(ScenarioVersion).where(ScenarioVersion.scenario_id.in_(select(SavedScenario.id)))
    ).all(),
    "a join from a table that is free": lambda session, _: session.execute(
        select(Organisation.name, SavedScenario.name).join(
            SavedScenario, SavedScenario.organisation_id == Organisation.id
        )
    ).all(),
    "exists": lambda session, _: session.scalar(select(select(SavedScenario.id).exists())),
    "a change": lambda session, _: session.execute(update(SavedScenario).values(name="x")).rowcount,
    "a removal": lambda session, _: session.execute(delete(SavedScenario)).rowcount,
}


@pytest.fixture
def two(database: Database) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    """Return two organisations and a scenario of the first."""
    first, second = Organisation(name="First"), Organisation(name="Second")
    with database.writing(EVERY_ORGANISATION) as session:
        session.add_all([first, second])
    saved = SavedScenario(name="Spring", changed_at=now())
    with database.writing(first.id) as session:
        session.add(saved)
        session.flush()
        session.add(
            ScenarioVersion(scenario_id=saved.id, number=1, form="", inputs={}, figures={}, program="1", evidence="e")
        )
    return first.id, second.id, saved.id


@pytest.mark.parametrize("read", READS)
def test_another_organisation_finds_nothing(
    database: Database, two: tuple[uuid.UUID, uuid.UUID, uuid.UUID], read: str
) -> None:
    first, second, key = two
    with database.reading(first) as session:
        assert READS[read](session, key), "its own organisation finds it, else this test says nothing"
    with database.writing(second) as session:
        assert not READS[read](session, key)
    with database.reading(EVERY_ORGANISATION) as session:
        assert session.get_one(SavedScenario, key).name == "Spring"


def test_what_is_written_is_stamped_and_nothing_foreign_is_written(
    database: Database, two: tuple[uuid.UUID, uuid.UUID, uuid.UUID]
) -> None:
    first, second, key = two
    with database.reading(EVERY_ORGANISATION) as session:
        theirs = session.get_one(SavedScenario, key)
        assert theirs.organisation_id == first
    with pytest.raises(ForeignObjectError), database.writing(second) as session:
        session.add(SavedScenario(name="x", changed_at=now(), organisation_id=first))
    with pytest.raises(ForeignObjectError), database.writing(second) as session:
        session.merge(theirs, load=False).name = "taken"
    with pytest.raises(ForeignObjectError), database.writing(second) as session:
        session.delete(session.merge(theirs, load=False))


def test_a_session_for_no_organisation_reads_nothing_at_all(database: Database) -> None:
    with pytest.raises(ForeignObjectError), database.reading(None) as session:
        session.scalars(select(SavedScenario)).all()


def test_every_table_belongs_to_an_organisation_or_is_one_of_the_few_that_cannot() -> None:
    free = {mapper.class_.__tablename__ for mapper in Base.registry.mappers if not issubclass(mapper.class_, Owned)}
    assert free == {"organisation", "sign_in", "attempts"}


def test_deleting_an_organisation_takes_all_it_has(
    database: Database, two: tuple[uuid.UUID, uuid.UUID, uuid.UUID]
) -> None:
    with database.writing(EVERY_ORGANISATION) as session:
        session.delete(session.get_one(Organisation, two[0]))
    with database.engine.connect() as connection:
        for table in inspect(database.engine).get_table_names():
            if table not in ("alembic_version", "organisation"):
                assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0, table  # noqa: S608

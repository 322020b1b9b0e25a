"""The tables of a revision as its migrations make them: what a backup of any release holds, whoever reads it."""

from __future__ import annotations

from typing import Any

from alembic import command
from sqlalchemy import (
    CHAR,
    JSON,
    Boolean,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    Uuid,
    create_engine,
)
from sqlalchemy.types import Float, TypeEngine

from web.storage.base import Moment
from web.storage.upgrade import REVISION_TABLE, alembic_config


def tables_at(revision: str) -> list[Table]:
    """Return the tables of a revision, each after those it refers to.

    They are made for a moment in memory, so that neither the classes of this release nor a database in use need to be
    those of that revision.
    """
    engine = create_engine("sqlite://")
    found, plain = MetaData(), MetaData()
    try:
        with engine.connect() as connection:
            config = alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            found.reflect(connection)
    finally:
        engine.dispose()
    return [
        Table(table.name, plain, *(_plain(column) for column in table.columns))
        for table in found.sorted_tables
        if table.name != REVISION_TABLE
    ]


def _plain(column: Column[Any]) -> Column[Any]:
    kind: TypeEngine[Any] = _kind(column)
    return Column(column.name, kind, primary_key=column.primary_key, nullable=column.nullable)


def _kind(column: Column[Any]) -> TypeEngine[Any]:
    """Return the kind of a column for any database, from what it is called in SQLite."""
    kind = column.type
    if isinstance(kind, CHAR):
        return Uuid()
    if isinstance(kind, DateTime):
        return Moment()
    if isinstance(kind, JSON):
        return JSON(none_as_null=bool(column.nullable))
    for plain in (Boolean, LargeBinary, Integer, Float, String):
        if isinstance(kind, plain):
            return plain()
    if isinstance(kind, Numeric):
        return Numeric(asdecimal=False)
    raise TypeError(f"a backup does not know columns of {kind!r}, such as {column.table.name}.{column.name}")

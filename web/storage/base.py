"""What all tables share: names of constraints, kinds of columns, a key, and moments in UTC."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from typing import Annotated, Any

from sqlalchemy import DateTime, MetaData, String, TypeDecorator, Uuid
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, mapped_column

#: So that every constraint has the same name on every database, and a migration can find it again.
NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
LONGEST_NAME = 100  # characters of what people call things
LONGEST_EMAIL = 254  # RFC 5321, with the brackets taken off


class Base(DeclarativeBase):
    """The tables of the workspace."""

    metadata = MetaData(naming_convention=NAMES)


class Moment(TypeDecorator[dt.datetime]):
    """A moment in UTC. SQLite keeps no zone, so it is taken off on the way in and put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Return what is stored."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone cannot be stored")
        return value.astimezone(dt.UTC) if dialect.name != "sqlite" else value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """Return what was stored."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def now() -> dt.datetime:
    """Return this moment; the one clock of what is stored."""
    return dt.datetime.now(dt.UTC)


def digest(secret: str) -> str:
    """Return the SHA-256 of a random secret; what is stored instead of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


Key = Annotated[uuid.UUID, mapped_column(Uuid, primary_key=True, default=uuid.uuid4)]
Name = Annotated[str, mapped_column(String(LONGEST_NAME))]
Digest = Annotated[str, mapped_column(String(64), unique=True)]
Written = Annotated[dt.datetime, mapped_column(Moment, default=now)]
When = Annotated[dt.datetime | None, mapped_column(Moment)]
Json = dict[str, Any]

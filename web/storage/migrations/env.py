"""How Alembic reaches the tables; ``web.storage.upgrade`` hands it an open connection."""

from typing import Any, Literal

from alembic import context

import web.storage.tables  # noqa: F401 - so that the metadata knows them
from web.storage.base import Base, Moment


def _plain(kind: str, column: Any, _context: Any) -> str | Literal[False]:
    """Write a column of ours as one of SQLAlchemy's, so that an old migration does not change with our code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(column, Moment) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",  # SQLite alters little; a table is copied instead
    render_item=_plain,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()

"""The address of the database in ``RAPPORT_DATABASE_URL``, checked before anything is opened."""

from __future__ import annotations

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

_EXAMPLE = "postgresql://rapport:password@db.example.org/rapport"
_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")


def database_url(text: str) -> URL:
    """Return the address of a PostgreSQL database.

    Raises:
        ValueError: with what to write instead; the text is not repeated, for it may hold a password.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        raise ValueError(f"is no address of a database; write it like {_EXAMPLE}.") from None
    if url.drivername.startswith("sqlite"):
        raise ValueError("names SQLite, which needs no address: leave it out, and name the folder in RAPPORT_DATA_DIR.")
    if url.drivername not in _POSTGRESQL:
        raise ValueError(f"names {url.drivername[:40]!r}; PostgreSQL is what there is, like {_EXAMPLE}.")
    if not url.database:
        raise ValueError(f"names no database; write it like {_EXAMPLE}.")
    return url.set(drivername="postgresql+psycopg")

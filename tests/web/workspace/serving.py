"""A server for browsers, with a data folder of its own, whose one visitor sits at this computer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.web.served import served
from tests.web.workspace import people
from web.accounts.first_start import first_start
from web.accounts.visitor import Visitor
from web.storage import Database


@dataclass(frozen=True)
class Serving:
    """Where it is, who its visitor is, and what it stores in."""

    address: str
    visitor: Visitor
    database: Database


@contextmanager
def serve(folder: Path) -> Iterator[Serving]:
    """Serve on a free port."""
    app = people.app(Database.in_folder(folder), folder, TESTING=False, WTF_CSRF_ENABLED=True)
    with app.app_context():
        visitor = first_start().local_visitor()
    database: Database = app.extensions["rapport_database"]
    with served(app) as address:
        yield Serving(address, visitor, database)
    database.close()

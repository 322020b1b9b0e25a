"""A server for browsers, with a data folder of its own, whose one visitor sits at this computer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from werkzeug.serving import make_server

from tests.web.workspace import people
from web.access_log import PathOnlyHandler
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
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=PathOnlyHandler)
    with app.app_context():
        visitor = first_start().local_visitor()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    database: Database = app.extensions["rapport_database"]
    yield Serving(f"http://127.0.0.1:{server.server_port}", visitor, database)
    server.shutdown()
    thread.join()
    server.server_close()
    database.close()

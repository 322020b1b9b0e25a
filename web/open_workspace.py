"""Open the workspace for the application: its database, its secret, and how its cookie is kept."""

from __future__ import annotations

from flask import Flask

from web.accounts.first_start import init_first_start
from web.accounts.sign_ins import LASTS
from web.secret_key import kept_key
from web.settings import Settings, current_settings
from web.storage import Database, init_storage
from web.storage.failing import plainly
from web.storage.upgrade import make_ready


def open_database(settings: Settings) -> Database:
    """Return the database that the settings name; nothing is made in it yet."""
    url = settings.database_url
    return Database.in_folder(settings.data_dir) if url is None else Database(url)


def server_key(settings: Settings) -> str:
    """Return the secret of the server.

    Raises:
        RapportError: where it cannot be read, saying what to do.
    """
    return settings.secret_key.get_secret_value() if settings.secret_key else kept_key(settings.data_dir)


def init_workspace(app: Flask) -> None:
    """Open the database, make its tables at the first start, and keep the cookie to ourselves.

    Raises:
        RapportError: where the database or the secret cannot be used, saying what to do.
    """
    with app.app_context():
        settings = current_settings()
    database = open_database(settings)
    with plainly(database):
        make_ready(database)
    init_storage(app, database)
    init_first_start(app, database)
    safe = (settings.public_url or "").startswith("https://")
    app.config.update(
        SECRET_KEY=server_key(settings),
        SESSION_COOKIE_NAME="__Host-rapport" if safe else "rapport",
        SESSION_COOKIE_SECURE=safe,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=LASTS,
    )

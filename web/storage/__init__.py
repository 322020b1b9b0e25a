"""Where the workspace is kept: SQLite in the data folder, or PostgreSQL, behind one small door."""

from web.storage.database import Database, current_database, init_storage
from web.storage.owned import EVERY_ORGANISATION, ForeignObjectError, Scope

__all__ = ["EVERY_ORGANISATION", "Database", "ForeignObjectError", "Scope", "current_database", "init_storage"]

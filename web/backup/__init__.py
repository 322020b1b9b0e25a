"""A copy of the whole workspace in one file, made and put back while the server runs, on either database.

The file is a ZIP archive: a table is a file of JSON lines, the files of the data folder stand beside them, and a
manifest says what must be there, with digests. It is a copy of what is kept and not of how a database keeps it, so that
it goes from SQLite to PostgreSQL and back, and from one release of either to the next.
"""

from web.backup.archive import BackupError, Manifest, open_backup
from web.backup.making import make_backup
from web.backup.restoring import holds_anything, restore_backup

__all__ = ["BackupError", "Manifest", "holds_anything", "make_backup", "open_backup", "restore_backup"]

"""Many prospects at once, for the web page: uploads, their checking and making in the background, and the archive.

It knows no request and no template. ``Store`` keeps what lies on disk, ``Runner`` works on it, one upload at a time.
"""

from web.batch.archive import archive
from web.batch.checked import CheckedRow
from web.batch.choices import Choices, Reading, read_upload
from web.batch.job import Job, Status
from web.batch.runner import Runner
from web.batch.store import Store
from web.kept_folders import StoreFullError

__all__ = [
    "CheckedRow",
    "Choices",
    "Job",
    "Reading",
    "Runner",
    "Status",
    "Store",
    "StoreFullError",
    "archive",
    "read_upload",
]

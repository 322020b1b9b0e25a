"""A log of requests that leaves out what was typed: an address holds a whole form, so only its path is written.

It is for werkzeug's server. With the log configured (``web.operations.logs``) it writes faults alone, for the
application tells each request itself, by its route.
"""

from __future__ import annotations

import logging
from typing import Any

from werkzeug.serving import WSGIRequestHandler

_log = logging.getLogger("werkzeug")


class PathOnlyHandler(WSGIRequestHandler):
    """Writes method, path and status of a request, without its query and without the visitor's address."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log one request."""
        path = getattr(self, "path", "").partition("?")[0]
        plain = path.encode("ascii", "replace").decode()
        self.log("info", '"%s %s" %s %s', getattr(self, "command", "-"), plain, code, size)

    def log_error(self, format: str, *args: Any) -> None:
        """Log that something that came could not be read, and not what it was."""
        self.log("error", "a request could not be read")

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log a line."""
        _log.log(logging.getLevelName(type.upper()), message, *args)

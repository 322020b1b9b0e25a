"""A log of requests that leaves out what was typed: an address holds a whole form, so only its path is written."""

from __future__ import annotations

from werkzeug.serving import WSGIRequestHandler


class PathOnlyHandler(WSGIRequestHandler):
    """Writes method, path and status of a request, without its query."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log one request."""
        path = getattr(self, "path", "").partition("?")[0]
        plain = path.encode("ascii", "replace").decode()
        self.log("info", '"%s %s" %s %s', getattr(self, "command", "-"), plain, code, size)

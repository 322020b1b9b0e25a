"""Gunicorn's own words in our log; requests are told by the application, by their routes."""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.glogging import Logger

from web.operations import logs
from web.settings import environment, read_settings


class GunicornLog(Logger):  # type: ignore[misc]
    """Hands what gunicorn says to the one log of the server."""

    def setup(self, cfg: Any) -> None:
        """Write as the settings say."""
        settings = read_settings(environment())
        logs.configure(settings.log, settings.log_level)
        self.error_log = logging.getLogger("gunicorn")
        self.error_log.propagate = True

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Say nothing: gunicorn knows addresses and paths, and no routes."""

    def reopen_files(self) -> None:
        """Do nothing: standard error is no file of ours."""

    def close_on_exec(self) -> None:
        """Do nothing, likewise."""

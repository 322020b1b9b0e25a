"""What is known of each request when it is answered: one line in the log, one count in the metrics.

It is told by the route's rule and never by the path, in which ids and the secrets of links stand; without its query,
without the visitor's address, and without who they are, which the audit log knows where it matters.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import Final

from flask import Flask, Response, g, request

from web.operations import metrics
from web.operations.logs import FACTS
from web.settings import current_settings

HEADER: Final = "X-Request-Id"
NO_ROUTE: Final = "none"
_SANE = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)
_log = logging.getLogger("rapport.request")


def init_requests(app: Flask) -> None:
    """Note each request. Call it before other parts register what they do before a request."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began = time.perf_counter()
    given = request.headers.get(HEADER, "") if current_settings().trusted_proxies else ""
    g.request_id = given if _SANE.fullmatch(given) else secrets.token_hex(8)


def _end(response: Response) -> Response:
    seconds = time.perf_counter() - g.began
    rule = request.url_rule.rule if request.url_rule else NO_ROUTE
    method = request.method if request.method in metrics.METHODS else "OTHER"
    response.headers[HEADER] = g.request_id
    metrics.count_request(method, rule, response.status_code, seconds)
    facts = {
        "method": method,
        "route": rule,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "request_id": g.request_id,
    }
    _log.info("request", extra={FACTS: facts})
    return response

"""CDS Hooks 2.0 over HTTP: discovery, the services and their feedback.

Who may call is settled first, before a byte of the body is read. Any origin may read the answers, as the specification
advises for clients that run in a browser: there are no cookies, so a page gets only what its own token opens.
"""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, g, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from plugin.cds import SERVICES, RequestError, hooks_of
from plugin.errors import PluginError
from web.cds.json_body import JsonError, read_json
from web.cds.loopback import loopback_name
from web.cds.outcome import json_answer, outcome
from web.cds.service import DataMissing, current_service
from web.cds.trust import Refused, current_trust
from web.errors import note_unexpected
from web.settings import current_settings

bp = Blueprint("cds", __name__, url_prefix="/cds-services")
MOST_BYTES: Final = 4_000_000  # of a body; a chart of 400 visits and 700 ratings has half of it
CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "authorization, content-type",
    "Access-Control-Max-Age": "600",
}
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
WORDS: Final[dict[int, str]] = {
    400: "The request cannot be read.",
    404: "There is nothing here. GET /cds-services lists the services.",
    413: f"The body is larger than {MOST_BYTES:,} bytes.",
    500: "Something went wrong here; it is not the request's fault.",
    503: "It cannot be kept now; send it again later.",
}
_JSON: Final = re.compile(r"application/(?:json|[\w.!#$&^-]+\+json)", re.ASCII)


def today() -> dt.date:
    """Return the day in UTC: the one look at a clock behind an answer."""
    return dt.datetime.now(dt.UTC).date()


@bp.before_request
def check_caller() -> ResponseReturnValue | None:
    """Answer a preflight, which bears no token; end every other call that must not be answered."""
    if request.method == "OPTIONS":
        return Response(status=204)
    request.max_content_length = MOST_BYTES
    path = request.script_root + request.path
    g.cds_caller = current_trust().check(
        request.headers.get("Authorization"), request.remote_addr, path, request.headers
    )
    service = (request.view_args or {}).get("service")
    if service is not None and not hooks_of(service):
        known = ", ".join(dict.fromkeys(each.id for each in SERVICES))
        return outcome(404, [f"There is no such service; there are {known}."])
    return None


@bp.after_request
def let_browsers_read(response: Response) -> Response:
    """Let pages of any origin read the answer, errors included: without it, a browser hides even their status."""
    response.headers.update(CORS)
    return response


@bp.get("")
def services() -> Response:
    """List the services."""
    return json_answer(current_service().discovery(today()))


@bp.post("/<service>")
def call(service: str) -> Response:
    """Answer a call of a service."""
    return json_answer(current_service().answer(service, _body(), g.cds_caller, _site(), today()))


@bp.post("/<service>/feedback")
def feedback(service: str) -> Response:
    """Keep what became of cards, of whatever service."""
    if current_trust().open_here_only and not _from_this_machine():
        abort(403, "While no clients are configured, pages of other sites cannot send feedback.")
    try:
        current_service().keep_feedback(_body(), g.cds_caller)
    except (OSError, sqlite3.Error) as error:
        current_app.logger.error("CDS: feedback cannot be kept: %s", type(error).__name__)
        return outcome(503, [WORDS[503]])
    return json_answer({})


@bp.route("", methods=METHODS[2:], endpoint="elsewhere")
@bp.route("/", methods=METHODS)
@bp.route("/<path:path>", methods=METHODS)
def elsewhere(path: str = "") -> Response:
    """Say what is allowed at an address that is called in another way, or that there is nothing."""
    parts = path.split("/")
    known = request.path == bp.url_prefix or len(parts) == 1 or (len(parts) == 2 and parts[1] == "feedback")
    if not known or request.path.endswith("/"):
        return outcome(404, [WORDS[404]])
    allowed = "POST" if path else "GET"
    response = outcome(405, [f"This address takes {allowed} only."])
    response.headers["Allow"] = f"{allowed}, OPTIONS"
    return response


@bp.errorhandler(Refused)
def _refused(error: Refused) -> Response:
    response = outcome(error.status, [error.words])
    if error.challenge is not None:
        response.headers["WWW-Authenticate"] = error.challenge
    return response


@bp.errorhandler(RequestError)
def _wrong(error: RequestError) -> Response:
    return outcome(400, error.problems)


@bp.errorhandler(PluginError)
def _no_model(error: PluginError) -> Response:
    current_app.logger.error("CDS: no model can answer: %s", "; ".join(error.problems))
    return outcome(500, [WORDS[500]])


@bp.errorhandler(JsonError)
def _no_json(error: JsonError) -> Response:
    return outcome(400, [f"The body {error}."])


@bp.errorhandler(DataMissing)
def _no_data(error: DataMissing) -> Response:
    return outcome(412, error.problems)


@bp.errorhandler(HTTPException)
def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    return outcome(status, [WORDS.get(status) or error.description or WORDS[400]])


@bp.errorhandler(Exception)
def _unexpected(error: Exception) -> Response:
    note_unexpected(error)
    return outcome(500, [WORDS[500]])


def _body() -> Any:
    if request.mimetype and not _JSON.fullmatch(request.mimetype):
        abort(415, "Send JSON, with Content-Type: application/json.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        abort(415, "Send the body as it is, without Content-Encoding.")
    content = request.get_data()
    if request.content_length is None and len(content) >= MOST_BYTES:  # one sent in pieces is cut off there
        abort(413)
    return read_json(content)


def _site() -> str:
    """Return where this server is reached, for the links in cards."""
    return f"{current_settings().public_url or request.host_url.rstrip('/')}{request.script_root}"


def _from_this_machine() -> bool:
    origin = request.headers.get("Origin")
    try:
        return origin is None or loopback_name(urlsplit(origin).hostname or "")
    except ValueError:
        return False

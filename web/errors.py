"""Error answers: a calm page for people, JSON for programs, and never a traceback."""

from __future__ import annotations

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from calculator import RapportError
from calculator.language import mark
from web.advised import AdvisedError
from web.operations.metrics import count_database_error
from web.storage.failing import failing_status

WORDS = {
    400: (mark("That request could not be read"), mark("Something in the address or the form is not as it should be.")),
    401: (mark("Please sign in first"), mark("Sign in, then try again. What you typed is still on the page before.")),
    403: (mark("That is not open to you"), mark("Ask an administrator of your organisation if you need it.")),
    404: (mark("There is no such page"), mark("The address may be mistyped, or the page has moved.")),
    405: (mark("That cannot be done here"), mark("This address does not take that kind of request.")),
    409: (
        mark("Somebody else was faster"),
        mark("This was changed since you opened it. Go back, look at the newer one, and decide which to keep."),
    ),
    413: (
        mark("That is too much at once"),
        mark("The form is larger than any clinic needs. Leave something out and try again."),
    ),
    415: (
        mark("That is not a form we can read"),
        mark("Send it as the page does, or as JSON where JSON is asked for."),
    ),
    422: (mark("Something in the form needs another look"), mark("Go back and correct the marked fields.")),
    429: (mark("Too many tries"), mark("Wait a while and try again. Nothing was lost.")),
    500: (
        mark("Something went wrong on our side"),
        mark("It is not your input's fault. Nothing was stored. Please try again."),
    ),
    503: (
        mark("The workspace cannot be reached just now"),
        mark("Its database does not answer. What was saved before is safe; try again in a moment."),
    ),
    507: (
        mark("There is no room left to save this"),
        mark("What was saved before is safe. Tell whoever runs this server that its disk is full, then try again."),
    ),
}


def init_errors(app: Flask) -> None:
    """Answer every error of HTTP, and any other exception as 500."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:  # a redirect is no error
        return Response("", status, dict(error.get_headers()))
    response = _answer(status, error.advice if isinstance(error, AdvisedError) else "")
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "WWW-Authenticate"):
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    """Say so without telling what was typed."""
    if isinstance(error, RapportError):
        return _answer(422)
    if status := failing_status(error):
        count_database_error(status)
        current_app.logger.error("the database: %s", type(getattr(error, "orig", None) or error).__name__)
        response = _answer(status)
        response.headers["Retry-After"] = "5"
        return response
    note_unexpected(error)
    return _answer(500)


def note_unexpected(error: Exception) -> None:
    """Write kind and place of an exception into the log, not its text, which may repeat what was typed."""
    if current_app.config["PROPAGATE_EXCEPTIONS"]:
        raise error
    trace, last = error.__traceback__, None
    while trace is not None:
        last, trace = trace, trace.tb_next
    where = f"{last.tb_frame.f_code.co_filename}:{last.tb_lineno}" if last else "unknown place"
    current_app.logger.error("%s at %s while answering %s", type(error).__name__, where, request.endpoint)


def _answer(status: int, said: str = "") -> Response:
    g.failed = True  # a link to the page in another language would repeat what was typed
    title, advice = WORDS.get(status, WORDS[400 if status < 500 else 500])
    advice = said or advice
    if request.path.startswith("/api/"):
        response = jsonify(problems=[{"path": "", "message": f"{title}. {advice}"}])
    else:
        page = render_template("errors/page.html", status=status, title=title, advice=advice)
        response = Response(page, mimetype="text/html")
    response.status_code = status
    response.headers["HX-Reswap"] = "none"  # the last good answer stays where it is
    return response

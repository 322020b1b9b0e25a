"""Error answers: a calm page for people, JSON for programs, and never a traceback."""

from __future__ import annotations

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from calculator import RapportError
from calculator.language import mark

WORDS = {
    400: (mark("That request could not be read"), mark("Something in the address or the form is not as it should be.")),
    404: (mark("There is no such page"), mark("The address may be mistyped, or the page has moved.")),
    405: (mark("That cannot be done here"), mark("This address does not take that kind of request.")),
    413: (
        mark("That is too much at once"),
        mark("The form is larger than any clinic needs. Leave something out and try again."),
    ),
    415: (
        mark("That is not a form we can read"),
        mark("Send it as the page does, or as JSON where JSON is asked for."),
    ),
    422: (mark("Something in the form needs another look"), mark("Go back and correct the marked fields.")),
    500: (
        mark("Something went wrong on our side"),
        mark("It is not your input's fault. Nothing was stored. Please try again."),
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
    response = _answer(status)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    """Say so without telling what was typed."""
    if isinstance(error, RapportError):
        return _answer(422)
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


def _answer(status: int) -> Response:
    g.failed = True  # a link to the page in another language would repeat what was typed
    title, advice = WORDS.get(status, WORDS[400 if status < 500 else 500])
    if request.path.startswith("/api/"):
        response = jsonify(problems=[{"path": "", "message": f"{title}. {advice}"}])
    else:
        page = render_template("errors/page.html", status=status, title=title, advice=advice)
        response = Response(page, mimetype="text/html")
    response.status_code = status
    response.headers["HX-Reswap"] = "none"  # the last good answer stays where it is
    return response

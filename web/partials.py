"""A part of a page for htmx, the whole page for everybody else: the one place that reads ``HX-Request``."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Response, redirect, render_template
from htmx_flask import make_response, request
from werkzeug.wrappers import Response as AnyResponse


def page_or_partial(partial: str, status: int = 200, *, address: str | None = None, **context: Any) -> Response:
    """Return a partial aimed at its own root, or the page of its folder, which includes the same file.

    Args:
        partial: such as ``calculator/_results.html``, whose root is ``<section id="results">``.
        status: of the answer; the page lets htmx swap 422 like 200.
        address: what the browser's address line shows from now on.
        context: for the template.
    """
    folder, _, file = partial.rpartition("/")
    root = file.removeprefix("_").removesuffix(".html")
    part = bool(request.htmx) and not request.htmx.history_restore_request
    context["whole_page"] = not part
    if part:
        body = render_template(partial, **context)
        response: Response = make_response(body, status, retarget=f"#{root}", reswap="outerHTML", replace_url=address)
    else:
        response = make_response(render_template(f"{folder}/page.html", **context), status)
    response.vary.add("HX-Request")
    return response


def part_or_way(partial: str, address: str, **context: Any) -> AnyResponse:
    """Return a partial where a part of the page was asked for; whoever sent a form by itself is taken to an address."""
    if request.htmx:
        return page_or_partial(partial, **context)
    return redirect(address, 303)


def page_of_request() -> str | None:
    """Return path and query of the page that htmx asks from for a part of it; None where a whole page was asked for."""
    if not request.htmx:
        return None
    try:
        parts = urlsplit(str(request.htmx.current_url or ""))
    except ValueError:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def leave_for(address: str) -> AnyResponse:
    """Return an answer that takes the whole page elsewhere, also where only a part of it was asked for."""
    if request.htmx:
        return Response(status=401, headers={"HX-Redirect": address})
    return redirect(address, 303)

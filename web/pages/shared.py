"""What a reader of a share link sees: a pinned result or a PDF, and a sandbox that changes neither.

The secret stands in the query and not in the path, for access logs write paths; and no address is sent along from here.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from flask import Blueprint, Response, current_app, redirect, render_template, request, send_file, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response as AnyResponse

from calculator import verdict
from calculator.grid import Grid, default_pair, npv_grid
from calculator.language import gettext as _
from calculator.result import Result
from reports.filename import slug
from web.accounts.visitor import current_visitor
from web.fields import Inputs
from web.languages import CHOICE
from web.library import current_library
from web.partials import page_or_partial
from web.storage import current_database
from web.workspace import share_links
from web.workspace.pinned import Pinned, pinned
from web.workspace.sandbox import sandbox
from web.workspace.share_links import PDF, Opened

bp = Blueprint("shared", __name__, url_prefix="/s")
OPEN_FOR: Final = 12 * 3600  # seconds of a visit: the passcode is not asked again, and it counts once
COOKIE: Final = "rapport-link-"
PURPOSE: Final = "rapport share link"


@bp.after_request
def _keep_it_private(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    return response


@bp.get("")
def index() -> AnyResponse:
    """Show what is shared; or ask for the passcode."""
    found = _opened()
    if found is None:
        return _closed()
    if not _may_read(found):
        return _ask(found, 200)
    response = _document(found) if found.link.kind == PDF else _result(found)
    if _is_visit(found):
        share_links.note_view(current_database(), found)
        _remember(response, found)
    return response


@bp.get("/proposal.pdf")
def proposal() -> AnyResponse:
    """Answer with the PDF as it was made when it was shared."""
    found = _opened()
    document = None
    if found is not None and found.link.kind == PDF:
        if not _may_read(found):
            return _ask(found, 200)
        document = share_links.document_of(current_database(), found)
    if found is None or document is None:
        return _closed()
    name = f"rapport-proposal-{slug(str(found.link.options.get('clinic', '')))}.pdf"
    return send_file(BytesIO(document), "application/pdf", as_attachment=False, download_name=name)


@bp.post("")
def unlock() -> AnyResponse:
    """Take the passcode."""
    found = _opened()
    if found is None:
        return _closed()
    if _may_read(found):
        return redirect(url_for("shared.index", k=_secret()), 303)
    if not share_links.passcode_fits(current_database(), found, request.form.get("passcode", "")):
        return _ask(found, 422, _("That is not the passcode. Ask whoever sent the link, and mind capital letters."))
    share_links.note_view(current_database(), found)
    response = redirect(url_for("shared.index", k=_secret()), 303)
    _remember(response, found)
    return response


def _secret() -> str:
    return request.values.get("k", "")


def _opened() -> Opened | None:
    return share_links.opened(current_database(), _secret(), request.remote_addr or "")


def _closed() -> Response:
    """Answer the same to a link that never was, is too old or was revoked."""
    return Response(render_template("shared/closed.html"), 404)


def _ask(found: Opened, status: int, problem: str = "") -> Response:
    page = render_template("shared/passcode.html", organisation=found.organisation, secret=_secret(), problem=problem)
    response = Response(page, status)
    response.headers["Referrer-Policy"] = "strict-origin"  # the origin of our own form, and never the secret
    return response


def _of_the_house(found: Opened) -> bool:
    return current_visitor().organisation == found.link.organisation_id


def _may_read(found: Opened) -> bool:
    return found.link.passcode is None or _of_the_house(found) or _was_here(found)


def _is_visit(found: Opened) -> bool:
    """Return whether a request begins a visit.

    A look by the house itself does not, nor one that a browser takes ahead, nor a change in the sandbox.
    """
    ahead = "prefetch" in (request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", ""))
    bare = request.method == "GET" and set(request.args) <= {"k", CHOICE}
    return bare and not ahead and not _of_the_house(found) and not _was_here(found)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=PURPOSE)


def _was_here(found: Opened) -> bool:
    """Return whether this browser has opened the link in the last hours."""
    key = found.link.id.hex
    try:
        return bool(_signer().loads(request.cookies.get(COOKIE + key, ""), max_age=OPEN_FOR) == key)
    except BadSignature:
        return False


def _remember(response: AnyResponse, found: Opened) -> None:
    key = found.link.id.hex
    response.set_cookie(
        COOKIE + key,
        str(_signer().dumps(key)),
        max_age=OPEN_FOR,
        path=url_for("shared.index"),
        secure=request.is_secure or current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def _pinned(found: Opened) -> Pinned:
    return pinned(found.version, current_library())


def _document(found: Opened) -> Response:
    return Response(render_template("shared/document.html", opened=found, secret=_secret()))


def _result(found: Opened) -> Response:
    pin, library = _pinned(found), current_library()
    if pin.result is None:
        return Response(render_template("shared/unread.html", opened=found, said=pin.said))
    played = sandbox(pin.form, pin.result, request.args, library)
    wrong = bool(played.problems or played.stray)
    return page_or_partial(
        "shared/_outcome.html",
        422 if wrong else 200,
        opened=found,
        secret=_secret(),
        pin=pin,
        played=played,
        **_as_the_calculator(pin.form, pin.result),
    )


def _as_the_calculator(form: Any, result: Result) -> dict[str, Any]:
    """Return what the templates of the calculator's result need; without a query they link nowhere."""
    library = current_library()
    across, down = default_pair(result.resolved.road)

    def grid_of(of: Result) -> Grid:
        return npv_grid(of.resolved.scenario, library, across, down)

    return {
        "form": form,
        "inputs": Inputs(form, library),
        "result": result,
        "verdict": verdict,
        "query": "",
        "grid_of": grid_of,
        "grid_inputs": (),
        "kept_scenarios": (),
        "compare_address": "",
    }

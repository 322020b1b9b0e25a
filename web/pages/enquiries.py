"""Enquiries of visitors of the embedded calculator: look through them, export them, remove them."""

from __future__ import annotations

import uuid
from datetime import date

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web.accounts.visitor import current_visitor
from web.settings import current_settings
from web.storage import current_database
from web.workspace import enquiries
from web.workspace.headline import Headline
from web.workspace.newest_first import Cursor

bp = Blueprint("enquiries", __name__, url_prefix="/enquiries")


@bp.get("")
def index() -> str:
    """List them, the newest first; ``same`` shows those of the address that one of them has."""
    same = request.args.get("same", "")
    email = enquiries.address_of(current_database(), current_visitor(), _read(same)) if same else ""
    if email is None:
        abort(404)
    found, older = enquiries.listed(
        current_database(), current_visitor(), Cursor.read(request.args.get("before", "")), email
    )
    return render_template(
        "enquiries/page.html",
        enquiries=[(each, Headline.read(each.figures)) for each in found],
        older=older,
        later=request.args.get("before", ""),
        email=email,
        same=same,
        offered=current_settings().enquiries,
        done=request.args.get("done", ""),
    )


@bp.post("/handled")
def handle() -> AnyResponse:
    """Mark one as handled, or as open again."""
    handled = request.form.get("handled") == "1"
    if not enquiries.set_handled(current_database(), current_visitor(), _key(), handled=handled):
        abort(404)
    return _back("handled" if handled else "opened")


@bp.post("/delete")
def delete() -> AnyResponse:
    """Remove one for good."""
    if not enquiries.remove(current_database(), current_visitor(), _key()):
        abort(404)
    return redirect(url_for("enquiries.index", done="deleted"), 303)


@bp.post("/delete-all")
def delete_all() -> AnyResponse:
    """Remove all of one address for good."""
    email = enquiries.address_of(current_database(), current_visitor(), _key())
    if email is None:
        abort(404)
    enquiries.remove_all_of(current_database(), current_visitor(), email)
    return redirect(url_for("enquiries.index", done="deleted"), 303)


@bp.post("/export")
def export() -> Response:
    """Answer with all of them as CSV, as they are read."""
    origin = current_settings().public_url or request.host_url.rstrip("/")
    lines = enquiries.exported(current_database(), current_visitor(), f"{origin}{url_for('calculator.index')}")
    response = Response(lines, mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"enquiries-{date.today().isoformat()}.csv")
    return response


def _key() -> uuid.UUID:
    return _read(request.form.get("id", ""))


def _read(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        abort(404)


def _back(done: str) -> AnyResponse:
    """Return to the page of the list that was shown; an address of a person never stands in one of ours."""
    before, same = (request.form.get(name) or None for name in ("before", "same"))
    return redirect(url_for("enquiries.index", done=done, before=before, same=same), 303)

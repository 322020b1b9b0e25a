"""The first administrator: asked for while there is no account, and never again."""

from __future__ import annotations

from collections import defaultdict

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web.accounts import passwords, sign_ins
from web.accounts.email_address import folded, unusable
from web.accounts.first_start import first_start
from web.accounts.names import unusable_name
from web.accounts.take_over import LOCAL_NAME, TakenError, take_over
from web.accounts.visitor import current_visitor
from web.storage import current_database
from web.storage.tables import Organisation

bp = Blueprint("setup", __name__, url_prefix="/setup")


@bp.before_request
def _only_once() -> None:
    if first_start().has_accounts():
        abort(404)


@bp.get("")
def index() -> Response:
    """Ask who the first administrator is."""
    visitor = current_visitor()
    with current_database().reading(visitor.scope) as session:
        name = session.get_one(Organisation, visitor.scope).name
    return _page(200, {"organisation": "" if name == LOCAL_NAME else name, "name": "", "email": ""}, {})


@bp.post("")
def create() -> AnyResponse:
    """Make the account, hand the organisation over, and sign this browser in."""
    typed = {name: request.form.get(name, "").strip() for name in ("organisation", "name", "email")}
    email, password = folded(typed["email"]), request.form.get("password", "")
    problems = {
        "organisation": unusable_name(typed["organisation"]),
        "name": unusable_name(typed["name"]),
        "email": unusable(email),
        "password": passwords.weakness(password, typed["name"], email, typed["organisation"]),
    }
    if any(problems.values()):
        return _page(422, typed, problems)
    try:
        account = take_over(current_database(), typed["organisation"], typed["name"], email, password)
    except TakenError:
        abort(404)
    sign_ins.begin(current_database(), account)
    return redirect(url_for("account.index", done="setup"), 303)


def _page(status: int, typed: dict[str, str], problems: dict[str, str]) -> Response:
    return Response(
        render_template("setup/page.html", typed=defaultdict(str, typed), problems=defaultdict(str, problems)), status
    )

"""Behind a link that lets somebody in once: their name and password, or a new password.

Its secret stands in the query and not in the path, for access logs write paths; and no address is sent along from here.
"""

from __future__ import annotations

from collections import defaultdict

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from calculator import InputError
from web.accounts import passwords, sign_ins
from web.accounts.admissions import NoAdmissionError, Open, look, redeem
from web.accounts.limits import SIGN_IN_ADDRESS, count_or_refuse
from web.accounts.names import unusable_name
from web.storage import current_database

bp = Blueprint("join", __name__, url_prefix="/join")


@bp.after_request
def _tell_no_address(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "strict-origin"  # the origin of our own form, and never the key
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.get("")
def index() -> Response:
    """Ask for what the link needs."""
    try:
        return _page(200, look(current_database(), _key()), {}, {})
    except NoAdmissionError:
        return _nowhere()


@bp.post("")
def enter() -> AnyResponse:
    """Make the account and sign this browser in; or set the new password, and have it shown at the usual door."""
    count_or_refuse(current_database(), {SIGN_IN_ADDRESS: request.remote_addr or ""})
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    try:
        found = look(current_database(), _key())
        problems = {
            "name": unusable_name(name) if found.kind == "invitation" else "",
            "password": passwords.weakness(password, name or found.name, found.email, found.organisation),
        }
        if any(problems.values()):
            return _page(422, found, {"name": name}, problems)
        account = redeem(current_database(), _key(), name, password)
    except NoAdmissionError:
        return _nowhere()
    except InputError as error:
        return _page(422, found, {"name": name}, {"": error.problems[0].message})
    if found.kind == "reset":
        return redirect(url_for("sign_in.index", done="password"), 303)
    sign_ins.begin(current_database(), account)
    return redirect(url_for("account.index", done="joined"), 303)


def _key() -> str:
    return request.values.get("key", "")


def _page(status: int, found: Open, typed: dict[str, str], problems: dict[str, str]) -> Response:
    page = render_template(
        "join/page.html",
        found=found,
        key=_key(),
        typed=defaultdict(str, typed),
        problems=defaultdict(str, problems),
    )
    return Response(page, status)


def _nowhere() -> Response:
    return Response(render_template("join/nowhere.html"), 404)

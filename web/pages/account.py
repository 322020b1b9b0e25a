"""One's own account: name, password, second step, and the browsers that are signed in."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web.accounts import own_account, second_step
from web.accounts.names import unusable_name
from web.accounts.visitor import current_visitor
from web.storage import current_database

bp = Blueprint("account", __name__, url_prefix="/account")
ISSUER: Final = "Rapport"  # how the app on the phone calls us


@bp.before_request
def _to_setup_without_account() -> AnyResponse | None:
    return redirect(url_for("setup.index"), 303) if current_visitor().kind == "local" else None


@bp.get("")
def index() -> Response:
    """Show the account."""
    return _page(200)


@bp.post("/name")
def rename() -> AnyResponse:
    """Change the name."""
    name = request.form.get("name", "").strip()
    if said := unusable_name(name):
        return _page(422, {"name": said}, name)
    own_account.rename(current_database(), current_visitor(), name)
    return _done("name")


@bp.post("/password")
def change_password() -> AnyResponse:
    """Set a new password, which signs all other browsers out."""
    form = request.form
    problems = own_account.change_password(
        current_database(), current_visitor(), form.get("password", ""), form.get("new_password", "")
    )
    return _page(422, problems) if problems else _done("password")


@bp.get("/second-step")
def second_step_page() -> AnyResponse:
    """Offer a second step: a picture for the phone, and a field for its first code."""
    return _offer(200)


@bp.post("/second-step")
def turn_on() -> AnyResponse:
    """Turn the second step on, and show the recovery codes this once."""
    form = request.form
    codes = own_account.turn_on(
        current_database(), current_visitor(), form.get("password", ""), form.get("offer", ""), form.get("code", "")
    )
    if isinstance(codes, dict):
        return _offer(422, codes)
    return _codes(codes)


@bp.post("/second-step/off")
def turn_off() -> AnyResponse:
    """Turn the second step off."""
    problems = own_account.turn_off(current_database(), current_visitor(), request.form.get("password", ""))
    return _page(422, {f"off_{name}": said for name, said in problems.items()}) if problems else _done("off")


@bp.post("/second-step/codes")
def renew_codes() -> AnyResponse:
    """Make new recovery codes and show them this once."""
    codes = own_account.renew_codes(current_database(), current_visitor(), request.form.get("password", ""))
    if isinstance(codes, dict):
        return _page(422, {f"off_{name}": said for name, said in codes.items()})
    return _codes(codes)


@bp.post("/browsers/end")
def end_others() -> AnyResponse:
    """Sign all other browsers out."""
    own_account.end_others(current_database(), current_visitor())
    return _done("browsers")


def _done(what: str) -> AnyResponse:
    return redirect(url_for("account.index", done=what), 303)


def _page(status: int, problems: own_account.Problems | None = None, name: str | None = None) -> Response:
    shown = own_account.overview(current_database(), current_visitor())
    page = render_template(
        "account/page.html",
        mine=shown,
        name=shown.account.name if name is None else name,
        problems=defaultdict(str, problems or {}),
        done=request.args.get("done", ""),
    )
    return Response(page, status)


def _offer(status: int, problems: own_account.Problems | None = None) -> AnyResponse:
    account, secret, sealed = own_account.new_offer(
        current_database(), current_visitor(), request.form.get("offer", "")
    )
    if account.totp is not None or account.password is None:
        return redirect(url_for("account.index"), 303)
    page = render_template(
        "account/second_step.html",
        picture=second_step.picture(secret, account.email, ISSUER),
        secret=" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        offer=sealed,
        problems=defaultdict(str, problems or {}),
    )
    return Response(page, status)


def _codes(codes: list[str]) -> Response:
    return Response(render_template("account/codes.html", codes=codes))

"""Signing in and out."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from calculator.language import gettext as _
from web.accounts import sign_ins, signing_in
from web.accounts.email_address import folded
from web.accounts.return_path import safe_path
from web.accounts.visitor import current_visitor
from web.storage import current_database

bp = Blueprint("sign_in", __name__)


@bp.get("/sign-in")
def index() -> AnyResponse:
    """Ask for address and password, unless this browser is signed in."""
    visitor = current_visitor()
    if visitor.kind == "local":
        return redirect(url_for("setup.index"), 303)
    if visitor.kind == "account":
        return redirect(_next(), 303)
    return _page(200)


@bp.post("/sign-in")
def enter() -> AnyResponse:
    """Sign in, or ask for the code of an account that has a second step."""
    email, password = folded(request.form.get("email", "")), request.form.get("password", "")
    account = signing_in.with_password(current_database(), email, password, request.remote_addr or "")
    if account is None:
        return _page(422, _("Address and password do not go together. Look at both and try again."), email)
    return proceed(account)


@bp.get("/sign-in/code")
def code() -> AnyResponse:
    """Ask for a code."""
    if signing_in.halfway() is None:
        return redirect(url_for("sign_in.index", next=_next()), 303)
    return _code_page(200)


@bp.post("/sign-in/code")
def check_code() -> AnyResponse:
    """Sign in with a code."""
    account = signing_in.halfway()
    if account is None:
        return redirect(url_for("sign_in.index", next=_next()), 303)
    if not signing_in.with_code(current_database(), account, request.form.get("code", "")):
        said = _("That code does not fit, or was used already. Wait for the next one, or use a recovery code.")
        return _code_page(422, said)
    return redirect(_next(), 303)


@bp.post("/sign-out")
def leave() -> AnyResponse:
    """Sign this browser out."""
    sign_ins.end(current_database())
    return redirect(url_for("calculator.index"), 303)


def proceed(account: uuid.UUID) -> AnyResponse:
    """Sign this browser in as somebody who has shown who they are, over their second step where they have one."""
    if signing_in.enter(current_database(), account):
        return redirect(_next(), 303)
    return redirect(url_for("sign_in.code", next=_next()), 303)


def _next() -> str:
    return safe_path(request.values.get("next", ""))


def _page(status: int, problem: str = "", email: str = "") -> Response:
    page = render_template(
        "sign_in/page.html", problem=problem, email=email, next=_next(), done=request.args.get("done")
    )
    return Response(page, status)


def _code_page(status: int, problem: str = "") -> Response:
    return Response(render_template("sign_in/code.html", problem=problem, next=_next()), status)

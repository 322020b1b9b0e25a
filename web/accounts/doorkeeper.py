"""The one place where a request is let in or not: who asks, which door, and whether the form is one of ours."""

from __future__ import annotations

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask_wtf.csrf import CSRFProtect, ValidationError, validate_csrf
from werkzeug.wrappers import Response as AnyResponse

from web.accounts import keys, sign_ins
from web.accounts.doors import Door, door_of
from web.accounts.first_start import first_start, from_this_computer
from web.accounts.return_path import asked_path
from web.accounts.visitor import STRANGER, Visitor, current_visitor
from web.same_site import refuse_other_sites
from web.storage import current_database

SAFE = ("GET", "HEAD", "OPTIONS")
FORM_FIELD = "csrf_token"
HEADER = "X-CSRFToken"


class MissingDoorError(Exception):
    """A route has no door: a fault of ours, found at the start."""


def init_doorkeeper(app: Flask) -> None:
    """Ask everybody at the door. Call it before other parts register what they do before a request."""
    app.config.setdefault("WTF_CSRF_SSL_STRICT", False)  # by Referer, which our pages do not send; see same_site
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # asked below, where the door says so
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # as long as the sign-in
    CSRFProtect(app)
    app.before_request(_ask)
    app.jinja_env.globals["visitor"] = current_visitor


def check_doors(app: Flask) -> None:
    """Refuse to start with a route that has no door.

    Raises:
        MissingDoorError: naming them.
    """
    missing = sorted({rule.endpoint for rule in app.url_map.iter_rules() if door_of(rule.endpoint) is None})
    if missing:
        raise MissingDoorError(f"no door in web.accounts.doors for {', '.join(missing)}")


def _ask() -> AnyResponse | Response | None:
    door = door_of(request.endpoint or "")
    if door is None:  # no such page
        door = Door("everybody", changes=False)
    if request.blueprint == "health" or request.endpoint == "static":
        return None
    known = first_start().has_accounts()
    if not known and not from_this_computer() and request.blueprint != "cds":
        abort(403)
    g.visitor = sign_ins.find(current_database()) if known else first_start().local_visitor()
    if door.to == "programs" and known:
        g.visitor = keys.visitor(request.headers.get("Authorization"))
    if not _admitted(g.visitor, door):
        return _turned_away(g.visitor, door)
    if door.changes and request.method not in SAFE:
        refuse_other_sites()
        _check_token()
    return None


def _admitted(visitor: Visitor, door: Door) -> bool:
    if door.to == "everybody":
        return True
    if door.to == "members":
        return visitor.kind in ("account", "local")
    if door.to == "programs":
        return visitor.kind in ("token", "local")
    return visitor.may(door.to)


def _turned_away(visitor: Visitor, door: Door) -> AnyResponse:
    if door.to == "programs":
        abort(401)
    if visitor is not STRANGER:
        abort(403)
    if request.method not in SAFE:
        abort(401)
    return redirect(url_for("sign_in.index", next=asked_path()), 303)


def _check_token() -> None:
    if not current_app.config["WTF_CSRF_ENABLED"]:  # in tests that are about something else
        return
    try:
        validate_csrf(request.headers.get(HEADER) or request.form.get(FORM_FIELD))
    except ValidationError:
        abort(400)

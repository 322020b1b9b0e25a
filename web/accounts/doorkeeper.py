"""The one place where a request is let in or not: who asks, which door, and whether the form is one of ours."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, abort, current_app, g, request, url_for
from flask_wtf.csrf import CSRFProtect, ValidationError, validate_csrf
from werkzeug.wrappers import Response as AnyResponse

from calculator.language import gettext as _
from web.accounts import keys, sign_ins
from web.accounts.doors import Door, door_of
from web.accounts.first_start import first_start, from_this_computer
from web.accounts.return_path import asked_path, here, safe_path
from web.accounts.roles import ROLE_WORDS
from web.accounts.visitor import STRANGER, Visitor, current_visitor
from web.advised import AdvisedError
from web.partials import leave_for, page_of_request
from web.same_site import refuse_other_sites
from web.storage import current_database

SAFE = ("GET", "HEAD", "OPTIONS")
FORM_FIELD = "csrf_token"
HEADER = "X-CSRFToken"


class NoKeyError(AdvisedError):
    """A program shows no key that lets it in; why it does not is not told."""

    def __init__(self) -> None:
        super().__init__(401, "Show a key that is valid: Authorization: Bearer rapport_…; an administrator makes one.")

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        """Return the headers, with how to show one."""
        return [*super().get_headers(*args, **kwargs), ("WWW-Authenticate", 'Bearer realm="Rapport"')]


class MissingDoorError(Exception):
    """A route has no door: a fault of ours, found at the start."""


def init_doorkeeper(app: Flask) -> None:
    """Ask everybody at the door. Call it before other parts register what they do before a request."""
    app.config.setdefault("WTF_CSRF_SSL_STRICT", False)  # by Referer, which our pages do not send; see same_site
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # asked below, where the door says so
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # as long as the sign-in
    CSRFProtect(app)
    app.before_request(_ask)
    app.after_request(_say_where_forms_come_from)
    app.jinja_env.globals |= {
        "visitor": current_visitor,
        "has_page": app.view_functions.__contains__,
        "return_path": here,
        "role_words": ROLE_WORDS,
    }


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
    if request.blueprint in ("health", "metrics") or request.endpoint == "static":
        return None
    known = first_start().has_accounts()
    if not known and not from_this_computer() and request.blueprint != "cds":
        raise AdvisedError(
            403,
            _(
                "This server has no account yet, and until it has one it answers on its own computer only. Open it "
                "there and create the first administrator."
            ),
        )
    g.visitor = sign_ins.find(current_database()) if known else first_start().local_visitor()
    if door.to == "programs" and known:
        g.visitor = keys.visitor(request.headers.get("Authorization"))
    if not _admitted(g.visitor, door):
        return _turned_away(g.visitor, door)
    if door.changes and request.method not in SAFE:
        refuse_other_sites()
        _check_token()
    return None


def _say_where_forms_come_from(response: Response) -> Response:
    """Have browsers tell our own pages as the origin of a form; see ``refuse_other_sites``.

    Without a referrer some of them say ``null``, and whoever is signed in has a form on every page: that to sign out.
    """
    door = door_of(request.endpoint or "")
    if (current_visitor().kind == "account" or (door and door.changes)) and response.headers.get(
        "Referrer-Policy"
    ) == "no-referrer":
        response.headers["Referrer-Policy"] = "same-origin"
    return response


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
        raise NoKeyError
    if visitor is not STRANGER:
        abort(403)
    if request.method not in SAFE:
        abort(401)
    page = page_of_request()
    return leave_for(url_for("sign_in.index", next=asked_path() if page is None else safe_path(page)))


def _check_token() -> None:
    if not current_app.config["WTF_CSRF_ENABLED"]:  # in tests that are about something else
        return
    try:
        validate_csrf(request.headers.get(HEADER) or request.form.get(FORM_FIELD))
    except ValidationError:
        abort(400)

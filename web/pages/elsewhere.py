"""Signing in at the provider of OpenID Connect, and coming back from there."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, Flask, Response, abort, current_app, redirect, render_template, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response as AnyResponse

from web.accounts.limits import SIGN_IN_ADDRESS, count_or_refuse
from web.accounts.oidc.identity import account_of
from web.accounts.oidc.provider import Attempt, Provider, ProviderError
from web.accounts.return_path import safe_path
from web.accounts.signing_in import enter
from web.accounts.visitor import current_visitor
from web.settings import current_settings
from web.storage import current_database
from web.storage.base import now

bp = Blueprint("elsewhere", __name__, url_prefix="/sign-in/elsewhere")
KEY: Final = "rapport_oidc"
FIELD: Final = "elsewhere"  # of the cookie: what the provider's answer must fit
LASTS: Final = timedelta(minutes=15)
BACK: Final = "/sign-in/elsewhere/back"


def init_oidc(app: Flask) -> None:
    """Give the application its provider, where one is configured; it is asked nothing yet."""
    with app.app_context():
        settings = current_settings()
    found = None
    if settings.oidc_issuer and settings.oidc_client_id and settings.oidc_client_secret:
        secret = settings.oidc_client_secret.get_secret_value()
        found = Provider(settings.oidc_issuer, settings.oidc_client_id, secret, f"{settings.public_url}{BACK}")
    app.extensions[KEY] = found
    app.jinja_env.globals["elsewhere"] = (settings.oidc_name or "OpenID Connect") if found else ""


@bp.get("")
def leave() -> AnyResponse:
    """Send the browser to the provider."""
    provider = _provider()
    if current_visitor().kind == "local":
        return redirect(url_for("setup.index"), 303)
    count_or_refuse(current_database(), {SIGN_IN_ADDRESS: request.remote_addr or ""})
    attempt = Attempt(*(secrets.token_urlsafe(32) for _each in range(3)))
    try:
        address = provider.address(attempt)
    except ProviderError as error:
        return _failed(503, "provider", str(error))
    held = {"state": attempt.state, "nonce": attempt.nonce, "verifier": attempt.verifier}
    path = safe_path(request.args.get("next", ""))
    cookie[FIELD] = held | {"next": path, "until": (now() + LASTS).timestamp()}
    return redirect(address, 303)


@bp.get("/back")
def back() -> AnyResponse:
    """Take the provider's answer and sign the browser in."""
    provider = _provider()
    held: dict[str, Any] | None = cookie.pop(FIELD, None)  # each is good for one answer
    state = request.args.get("state", "")
    if held is None or held["until"] < now().timestamp() or not _same(state, held["state"]):
        return _failed(400, "stale")
    if "error" in request.args or not request.args.get("code"):
        return _failed(422, "refused")
    if request.args.get("iss", provider.issuer) != provider.issuer:  # RFC 9207: an answer of another provider
        return _failed(400, "stale")
    try:
        claims = provider.claims(request.args["code"], Attempt(state, held["nonce"], held["verifier"]))
    except ProviderError as error:
        return _failed(502, "provider", str(error))
    account = account_of(current_database(), provider.issuer, claims)
    if account is None:
        return _failed(403, "unknown")
    path = safe_path(held["next"])
    if enter(current_database(), account):
        return redirect(path, 303)
    return redirect(url_for("sign_in.code", next=path), 303)


def _provider() -> Provider:
    found: Provider | None = current_app.extensions[KEY]
    if found is None:
        abort(404)
    return found


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())


def _failed(status: int, why: str, said: str = "") -> Response:
    if said:
        current_app.logger.error("the provider of OpenID Connect: %s", said)
    return Response(render_template("sign_in/elsewhere.html", why=why), status)

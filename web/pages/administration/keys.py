"""Keys of programs: made, shown once, revoked."""

from __future__ import annotations

import uuid

from flask import Response, abort, request
from werkzeug.wrappers import Response as AnyResponse

from calculator import InputError
from web.accounts import keys as service
from web.accounts.members import members
from web.accounts.visitor import current_visitor
from web.pages.administration.blueprint import Problems, bp, done, page, problems_of, reading, writing
from web.storage.base import now


@bp.get("/keys")
def keys() -> Response:
    """List the keys."""
    return _page(200)


@bp.post("/keys")
def make_key() -> Response:
    """Make a key and show it, this once."""
    form = request.form
    try:
        with writing() as session:
            made = service.make(
                session, current_visitor(), form.get("name", ""), form.getlist("scopes"), form.get("days", "")
            )
    except InputError as error:
        return _page(422, problems_of(error), form.get("name", ""), form.get("days", service.LASTS[0]))
    return page("key_made", key=made, name=form.get("name", "").strip())


@bp.post("/keys/<uuid:key>/revoke")
def revoke_key(key: uuid.UUID) -> AnyResponse:
    """Let a key in no longer."""
    with writing() as session:
        found = service.find(session, key)
        if found is None:
            abort(404)
        service.revoke(session, current_visitor(), found)
    return done("keys", "revoked")


def _page(status: int, problems: Problems | None = None, name: str = "", days: str = "90") -> Response:
    with reading() as session:
        found, people = service.made(session), {each.id: each.name for each in members(session)}
    return page(
        "keys",
        status,
        problems,
        keys=found,
        people=people,
        scopes=service.SCOPES,
        lasts=service.LASTS,
        name=name,
        days=days,
        moment=now(),
    )

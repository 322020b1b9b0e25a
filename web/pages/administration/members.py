"""Members: who they are, what they may do, and how they get in."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Response, abort, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from calculator import InputError
from web.accounts import admissions
from web.accounts import members as service
from web.accounts.roles import ROLES
from web.accounts.visitor import Visitor, current_visitor
from web.pages.administration.blueprint import Problems, bp, done, page, problems_of, reading, writing
from web.storage.base import now
from web.storage.tables import Account, Admission


@bp.get("/members")
def members() -> Response:
    """List members and open invitations."""
    return _page(200)


@bp.post("/members/invite")
def invite() -> Response:
    """Make an invitation and show its link, this once."""
    email, role = request.form.get("email", ""), request.form.get("role", "")
    try:
        with writing() as session:
            secret = admissions.invite(session, current_visitor(), email, role)
    except InputError as error:
        return _page(422, problems_of(error), email, role)
    return _made("invitation", admissions.link(secret), email)


@bp.post("/members/invitations/<uuid:key>/revoke")
def revoke_invitation(key: uuid.UUID) -> AnyResponse:
    """Take an invitation back."""
    with writing() as session:
        found = session.scalar(_open_invitations().where(Admission.id == key))
        if found is None:
            abort(404)
        admissions.revoke(session, current_visitor(), found)
    return done("members", "revoked")


@bp.post("/members/<uuid:key>/role")
def change_role(key: uuid.UUID) -> AnyResponse:
    """Give a member another role."""
    role = request.form.get("role", "")
    return _change(key, "role", lambda session, visitor, account: service.change_role(session, visitor, account, role))


@bp.post("/members/<uuid:key>/deactivate")
def deactivate(key: uuid.UUID) -> AnyResponse:
    """Let a member in no longer."""
    return _change(key, "deactivated", service.deactivate)


@bp.post("/members/<uuid:key>/activate")
def activate(key: uuid.UUID) -> AnyResponse:
    """Let a member in again."""
    return _change(key, "activated", service.activate)


@bp.post("/members/<uuid:key>/reset")
def reset(key: uuid.UUID) -> AnyResponse:
    """Make a link to a new password and show it, this once."""
    try:
        with writing() as session:
            account = _found(session, key)
            secret, email = admissions.reset(session, current_visitor(), account), account.email
    except InputError as error:
        return _page(422, problems_of(error))
    return _made("reset", admissions.link(secret), email)


def _change(key: uuid.UUID, what: str, deed: Callable[[Session, Visitor, Account], None]) -> AnyResponse:
    try:
        with writing() as session:
            deed(session, current_visitor(), _found(session, key))
    except InputError as error:
        return _page(422, {"": " ".join(problems_of(error).values())})
    return done("members", what)


def _found(session: Session, key: uuid.UUID) -> Account:
    account = service.find_member(session, key)
    if account is None:
        abort(404)
    return account


def _open_invitations() -> Any:
    still = Admission.used_at.is_(None), Admission.expires_at > now(), Admission.account_id.is_(None)
    return select(Admission).where(*still).order_by(Admission.created_at.desc())


def _page(status: int, problems: Problems | None = None, email: str = "", role: str = "") -> Response:
    with reading() as session:
        found, invitations = service.members(session), session.scalars(_open_invitations()).all()
    return page(
        "members",
        status,
        problems,
        members=found,
        invitations=invitations,
        roles=ROLES,
        email=email,
        role=role or ROLES[-1],
    )


def _made(kind: str, address: str, email: str) -> Response:
    days = {"invitation": admissions.INVITATION_LASTS.days, "reset": admissions.RESET_LASTS.days}[kind]
    return page("made", kind=kind, address=address, email=email, days=days)

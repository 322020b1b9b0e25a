"""The audit log: who did what to which object."""

from __future__ import annotations

import uuid
from datetime import date

from flask import Response, request

from web.accounts.members import members
from web.accounts.visitor import current_visitor
from web.pages.administration.blueprint import bp, page, reading
from web.storage import current_database
from web.workspace.audit import ACTIONS, KINDS
from web.workspace.audit_log import Asked, as_csv, names_of, page_of
from web.workspace.newest_first import Cursor


@bp.get("/audit")
def audit() -> Response:
    """List deeds, the newest first."""
    asked, before = _asked(), request.args.get("before", "")
    with reading() as session:
        deeds, older = page_of(session, asked, Cursor.read(before))
        people, names = members(session), names_of(session, deeds)
    return page(
        "audit",
        deeds=deeds,
        older=older,
        later=bool(before),
        asked=asked,
        people=people,
        names=names,
        kinds=KINDS,
        actions=ACTIONS,
    )


@bp.get("/audit.csv")
def audit_csv() -> Response:
    """Answer with the log as CSV, as it is read."""
    response = Response(as_csv(current_database(), current_visitor(), _asked()), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"audit-{date.today().isoformat()}.csv")
    return response


def _asked() -> Asked:
    kind, member = request.args.get("kind", ""), request.args.get("member", "")
    try:
        who = uuid.UUID(member) if member else None
    except ValueError:
        who = None
    return Asked(kind if kind in KINDS else "", who)

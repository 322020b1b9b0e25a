"""The audit log: who did what to which object."""

from __future__ import annotations

import uuid
from datetime import date

from flask import Response, request

from calculator.language import gettext as _
from web.accounts.members import members
from web.accounts.visitor import current_visitor
from web.library import current_library
from web.pages.administration.blueprint import bp, page, reading
from web.pages.administration.house import label
from web.storage import current_database
from web.storage.tables import HouseValue
from web.workspace import house_values
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
        if any(deed.kind == "house value" for deed in deeds):
            names |= {row.id: _called(row) for row in house_values.listed(session)}
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


def _called(value: HouseValue) -> str:
    setting = current_library().settings[value.setting]
    return f"{label(value.setting, value.path)}, {_(setting.label)}"


def _asked() -> Asked:
    kind, member = request.args.get("kind", ""), request.args.get("member", "")
    try:
        who = uuid.UUID(member) if member else None
    except ValueError:
        who = None
    return Asked(kind if kind in KINDS else "", who)

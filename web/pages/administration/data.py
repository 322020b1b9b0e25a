"""The organisation's data: taken along, and deleted, as a whole or for one person."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from typing import IO, cast

from flask import Response, current_app, redirect, request, send_file, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response as AnyResponse

from calculator import InputError
from calculator.language import gettext as _
from web.accounts.email_address import folded, unusable
from web.accounts.visitor import current_visitor
from web.pages import batch, worklist
from web.pages.administration.blueprint import Problems, bp, done, page, problems_of, reading, writing
from web.storage import current_database
from web.storage.tables import Account, Enquiry, Organisation, SavedScenario
from web.workspace import deletion, export

IN_MEMORY = 10_000_000  # bytes of an archive; a larger one is written to disk, and gone when it is sent


@bp.get("/data")
def data() -> Response:
    """Show what can be taken along and what can be deleted."""
    return _page(200)


@bp.post("/data/export")
def export_all() -> Response:
    """Answer with everything the organisation has."""
    target = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed when it has been sent
    export.write_organisation(current_database(), current_visitor(), cast(IO[bytes], target))
    target.seek(0)
    name = f"rapport-export-{date.today().isoformat()}.zip"
    return send_file(cast(IO[bytes], target), "application/zip", as_attachment=True, download_name=name)


@bp.post("/data/person/export")
def export_person() -> Response:
    """Answer with everything that is held of an e-mail address."""
    email = folded(request.form.get("email", ""))
    if said := unusable(email):
        return _page(422, {"email": said}, email=email)
    found = export.person(current_database(), current_visitor(), email)
    response = Response(json.dumps(found, ensure_ascii=False, indent=1) + "\n", mimetype="application/json")
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"rapport-person-{date.today().isoformat()}.json"
    )
    return response


@bp.post("/data/person/delete")
def delete_person() -> AnyResponse:
    """Remove account, invitations and enquiries of an e-mail address."""
    email = folded(request.form.get("email", ""))
    if said := unusable(email):
        return _page(422, {"email": said}, email=email)
    if folded(request.form.get("again", "")) != email:
        return _page(422, {"again": _("Write the same address once more to delete what is held of it.")}, email=email)
    try:
        with writing() as session:
            gone = deletion.delete_person(session, current_visitor(), email)
    except InputError as error:
        return _page(422, {"email": " ".join(problems_of(error).values())}, email=email)
    if not gone:
        return _page(422, {"email": _("Nothing is held of this address.")}, email=email)
    return done("data", "person")


@bp.post("/data/organisation/delete")
def delete_organisation() -> AnyResponse:
    """Remove the organisation, when its name was typed."""
    visitor = current_visitor()
    with writing() as session:
        mine = session.get_one(Organisation, visitor.organisation)
        if request.form.get("name", "").strip() != mine.name:
            return _page(422, {"name": _("Write the name exactly as it stands above.")})
        deletion.delete_organisation(session, mine.id)
    batch.remove_all_of(mine.id)
    worklist.remove_all_of(mine.id)
    current_app.logger.warning("an organisation was deleted by its administrator: %s", mine.id)
    return redirect(url_for("calculator.index"), 303)


def _page(status: int, problems: Problems | None = None, email: str = "") -> Response:
    with reading() as session:
        mine = session.get_one(Organisation, current_visitor().organisation)
        counts = {
            table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Account, SavedScenario, Enquiry)
        }
    return page("data", status, problems, organisation=mine, counts=counts, email=email)

"""The organisation's brand: typed, its logo uploaded, seen in a proposal by its administrator first, and taken back."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Response, abort, request, send_file
from werkzeug.wrappers import Response as AnyResponse

from calculator import InputError, evaluate, parse_scenario
from reports.brand.logo import MOST_BYTES_ON_PAPER, known
from web.accounts.visitor import current_visitor
from web.library import current_library
from web.pages.administration.blueprint import Problems, bp, done, page, problems_of, reading, writing
from web.pages.embed import LOGO_POLICY
from web.settings import current_settings
from web.storage.tables import Organisation
from web.workspace import brand as service

LONGEST_NAME = 100  # characters of a file's name that are shown
PREVIEW = {"clinic": {"name": "Riverbend Counseling", "setting": "outpatient", "intakes_per_month": 40}, "payers": [{}]}


@bp.get("/brand")
def brand() -> Response:
    """Show the brand."""
    return _page(200)


@bp.post("/brand")
def save_brand() -> AnyResponse:
    """Keep a brand, or say what is wrong with it."""
    typed = {path: request.form.get(path, "") for path in service.FIELDS}
    file = request.files.get("logo")
    logo = file.read(MOST_BYTES_ON_PAPER + 1) if file is not None and file.filename else None
    if file is not None:
        file.close()
    name = "".join(sign for sign in (file.filename or "" if file else "") if sign.isprintable())[:LONGEST_NAME]
    try:
        tables = service.checked(typed, logo, name)
    except InputError as error:
        return _page(422, problems_of(error), typed)
    with writing() as session:
        service.save(session, current_visitor(), tables, logo, drop_logo="drop_logo" in request.form)
    return done("brand", "saved")


@bp.post("/brand/reset")
def reset_brand() -> AnyResponse:
    """Go back to the server's brand."""
    with writing() as session:
        service.reset(session, current_visitor())
    return done("brand", "reset")


@bp.get("/brand/logo")
def logo() -> Response:
    """Answer with the logo, which may do nothing but be seen."""
    data = _mine().logo
    if data is None:
        abort(404)
    found = known(data)
    response = Response(found.data, mimetype=found.mimetype)
    response.headers["Content-Security-Policy"] = LOGO_POLICY
    return response


@bp.get("/brand/preview.pdf")
def preview() -> Response:
    """Answer with a short proposal to an invented clinic."""
    from reports import build_proposal  # it takes a while to load, and no other page needs it

    result = evaluate(parse_scenario(PREVIEW), current_library())
    pdf = build_proposal(result, current_library(), brand=service.current_brand(), form="short")
    return send_file(BytesIO(pdf), "application/pdf", download_name="rapport-preview.pdf")


def _mine() -> Organisation:
    with reading() as session:
        return session.get_one(Organisation, current_visitor().organisation)


def _page(status: int, problems: Problems | None = None, typed: dict[str, Any] | None = None) -> Response:
    mine = _mine()
    own = bool(mine.brand or mine.logo)
    return page(
        "brand",
        status,
        problems,
        fields=service.FIELDS,
        lists=service.LISTS,
        typed=typed or service.texts_of(mine.brand),
        has_logo=mine.logo is not None,
        own=own,
        servers=current_settings().brand,
    )

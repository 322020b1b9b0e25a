"""The proposal as PDF, for the form in the address."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from flask import Blueprint, Response, abort, request, send_file

from calculator import evaluate
from calculator.language import ENGLISH, speaking
from web.filename import slug
from web.library import current_library
from web.pages.calculator import current_form

bp = Blueprint("proposal", __name__)
PAGE_SIZES = ("A4", "Letter")


@bp.route("/proposal.pdf", methods=["GET", "POST"])
def download() -> Response:
    """Answer with the proposal; undated unless a date is asked for, so that the same form gives the same file."""
    from reports import build_proposal  # it takes a while to load, and no other page needs it

    form, library = current_form(), current_library()
    page_size = request.values.get("page_size", "A4")
    if form.scenario is None or page_size not in PAGE_SIZES:
        abort(422)
    prepared_on = _day(request.values.get("prepared_on"))
    with speaking(ENGLISH):  # its own sections are not translated yet, and half a language is none
        result = evaluate(form.scenario, library)
        pdf = build_proposal(result, library, prepared_on=prepared_on, page_size=page_size)
    name = f"rapport-proposal-{slug(result.clinic_name)}.pdf"
    response = send_file(BytesIO(pdf), "application/pdf", as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def _day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(422)

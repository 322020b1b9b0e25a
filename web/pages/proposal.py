"""The proposal as PDF, for the form in the address."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from flask import Blueprint, Response, abort, request, send_file

from reports.filename import slug
from web.library import current_library
from web.model_run import evaluate
from web.pages.calculator import current_form
from web.workspace.brand import current_brand

bp = Blueprint("proposal", __name__)
PAGE_SIZES = ("A4", "Letter")
FORMS = ("full", "short")


@bp.route("/proposal.pdf", methods=["GET", "POST"])
def download() -> Response:
    """Answer with the proposal in the visitor's language.

    It is undated unless a date is asked for, so that the same form gives the same file.
    """
    from reports import build_proposal  # it takes a while to load, and no other page needs it

    form, library = current_form(), current_library()
    page_size, length = request.values.get("page_size", "A4"), request.values.get("length", "full")
    if form.scenario is None or page_size not in PAGE_SIZES or length not in FORMS:
        abort(422)
    result = evaluate(form.scenario, library)
    pdf = build_proposal(
        result,
        library,
        brand=current_brand(),
        prepared_on=_day(request.values.get("prepared_on")),
        page_size=page_size,
        form="short" if length == "short" else "full",
    )
    name = f"rapport-proposal-{slug(result.clinic_name)}.pdf"
    return send_file(BytesIO(pdf), "application/pdf", as_attachment=True, download_name=name)


def _day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(422)

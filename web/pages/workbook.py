"""The model as XLSX, for the form in the address."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, abort, request, send_file

from reports.filename import slug
from web.library import current_library
from web.model_run import evaluate
from web.pages.calculator import current_form

bp = Blueprint("workbook", __name__)
PAGE_SIZES = ("A4", "Letter")
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.route("/workbook.xlsx", methods=["GET", "POST"])
def download() -> Response:
    """Answer with the workbook in the visitor's language; the same form gives the same file."""
    from reports import build_workbook  # it takes a while to load, and no other page needs it

    form, library = current_form(), current_library()
    page_size = request.values.get("page_size", "A4")
    if form.scenario is None or page_size not in PAGE_SIZES:
        abort(422)
    result = evaluate(form.scenario, library)
    data = build_workbook(result, library, page_size=page_size)
    name = f"rapport-workbook-{slug(result.clinic_name)}.xlsx"
    return send_file(BytesIO(data), TYPE, as_attachment=True, download_name=name)

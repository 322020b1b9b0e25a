"""The data request as XLSX, for the form in the address."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, abort, send_file

from reports.filename import slug
from web.forms import STARTING
from web.library import current_library
from web.pages.calculator import current_form
from web.workspace.brand import current_brand

bp = Blueprint("data_request", __name__)


@bp.route("/data-request.xlsx", methods=["GET", "POST"])
def download() -> Response:
    """Answer with the data request in the visitor's language, the numbers in the form filled in."""
    from reports import build_data_request  # it takes a while to load, and few pages need it
    from reports.data_request import TYPE

    form = current_form()
    scenario = form.scenario
    if scenario is None:
        abort(422)
    typed = {path: text for path, text in form.texts.items() if text and path != "clinic.setting"}
    begun = typed.items() <= STARTING.items()  # what everybody starts from is nobody's number
    about = scenario.clinic.setting if begun else scenario
    data = build_data_request(about, current_library(), brand=current_brand())
    name = f"data-request-{slug(scenario.clinic.name)}.xlsx"
    return send_file(BytesIO(data), TYPE, as_attachment=True, download_name=name)

"""A scenario as a file: download the one in the address, upload one, or a filled data request. Nothing is kept."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from calculator import InputError, Problem, Scenario, parse_scenario, resolve
from calculator.language import gettext as _
from reports import data_request
from reports.data_request import looks_like_workbook
from reports.filename import slug
from web.clinic_toml import SUFFIX, TYPE, read_toml, write_toml
from web.forms import form_of
from web.library import current_library
from web.pages.calculator import current_form
from web.scenarios import Kept, edit_address

bp = Blueprint("clinic_file", __name__)
FIELD = "file"


@bp.get("/clinic.toml")
def download() -> Response:
    """Answer with the form in the address as CLINIC.toml."""
    scenario = current_form().scenario
    if scenario is None:
        abort(422)
    name = slug(f"{scenario.clinic.name} {Kept.of(request.args).title}")
    words = current_library().settings[scenario.clinic.setting].words
    response = Response(write_toml(scenario, words), mimetype=TYPE)
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}{SUFFIX}")
    return response


@bp.get("/clinic-file")
def index() -> Response:
    """Show how to save a scenario and load it again."""
    return _page()


@bp.post("/clinic-file")
def upload() -> Response:
    """Open the calculator with the scenario in a file, or say everything that is wrong with it."""
    try:
        file = request.files.get(FIELD)
        data = file.read() if file is not None else b""
    except RequestEntityTooLarge:
        return _page(413, Problem("", _("is far larger than any CLINIC.toml or data request.")))
    if not data:
        return _page(422, Problem("", _("is empty, or none was chosen.")))
    try:
        scenario = _read(data)
    except InputError as error:
        return _page(422, *error.problems)
    return Response(status=303, headers={"Location": edit_address(form_of(scenario), Kept.of(request.args))})


def _read(data: bytes) -> Scenario:
    """Return the scenario in a CLINIC.toml or a filled data request, which fits together with the defaults."""
    if looks_like_workbook(data):
        return data_request.read(data, current_library())
    scenario = parse_scenario(read_toml(data))
    resolve(scenario, current_library())
    return scenario


def _page(status: int = 200, *problems: Problem) -> Response:
    kept = Kept.of(request.args)  # in the address and not the body, which may be too large to read
    settings = [(name, _(found.label)) for name, found in current_library().settings.items()]
    return Response(render_template("clinic_file/page.html", problems=problems, kept=kept, settings=settings), status)

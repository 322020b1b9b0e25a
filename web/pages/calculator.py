"""The calculator: the form and its live result."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, request, url_for

from calculator import InputError, Result, verdict
from calculator.grid import Grid, default_pair, grid_inputs, npv_grid
from web.example_clinics import examples
from web.fields import Inputs
from web.forms import Form, parse_form
from web.library import current_library
from web.model_run import evaluate
from web.partials import page_or_partial
from web.scenarios import Kept, edit_address
from web.workspace.house_values import current_houses
from web.workspace.opened import Opened, bar_of

bp = Blueprint("calculator", __name__)


def current_form() -> Form:
    """Return the form the request carries in its address or its body."""
    return parse_form(request.values, current_library(), current_app.config["MAX_DRAWS"], current_houses())


def current_result(form: Form) -> Result | None:
    """Return the result of a form, or None while it has problems."""
    return None if form.scenario is None else evaluate(form.scenario, current_library())


def current_kept() -> Kept:
    """Return the other scenarios that the request carries along."""
    return Kept.of(request.values)


def current_opened() -> Opened:
    """Return the saved scenario that the request says is open."""
    return Opened.of(request.values)


def query_of(form: Form) -> str:
    """Return the query under which the calculator shows this form, with what is compared with it and what is open."""
    return urlencode([*form.query, *current_kept().pairs, *current_opened().pairs])


def address_of(form: Form) -> str:
    """Return the address under which the calculator shows this form."""
    return f"{url_for('calculator.index')}?{query_of(form)}"


@bp.get("/")
def index() -> Response:
    """Show the calculator."""
    return answer("calculator/_workspace.html", current_form())


@bp.post("/estimate")
def estimate() -> Response:
    """Answer with the result, or with the inputs and what is wrong with them."""
    return answer("calculator/_results.html", current_form())


@bp.post("/setting")
def setting() -> Response:
    """Answer with inputs and result: words, defaults or rows of the form have changed."""
    return answer("calculator/_workspace.html", current_form())


@bp.get("/more")
def more() -> Response:
    """Answer with the pictures below the first two, which a new result does not wait for."""
    return _part("calculator/_more.html")


@bp.get("/two-way")
def two_way() -> Response:
    """Answer with the grid of net present value over two inputs."""
    return _part("calculator/_grid.html")


def answer(partial: str, form: Form) -> Response:
    """Answer with a part of the calculator, or all of it; where the form has problems, with the inputs and these."""
    if form.problems:
        return page_or_partial("calculator/_inputs.html", 422, **_context(form))
    return page_or_partial(partial, address=address_of(form), **_context(form))


def _part(partial: str) -> Response:
    """Answer with a part of the result; the form beside it and the address stay as they are."""
    form = current_form()
    if form.problems:
        return answer("calculator/_inputs.html", form)
    return page_or_partial(partial, **_context(form))


def _context(form: Form) -> dict[str, Any]:
    result = current_result(form)
    return {
        "form": form,
        "inputs": Inputs(form, current_library()),
        "result": result,
        "verdict": verdict,
        "grid_of": _grid,
        "grid_inputs": grid_inputs,
        "query": query_of(form),
        "shared_address": edit_address(form, current_kept()),
        "kept_scenarios": current_kept(),
        "opened": current_opened(),
        "bar_of": bar_of,
        "compare_address": current_kept().compare_address(form),
        "examples": examples(),
        "houses": current_houses(),
    }


def _grid(result: Result) -> Grid:
    """Return the grid over the two inputs that were asked for, or the usual two."""
    scenario, library = result.resolved.scenario, current_library()
    across, down = default_pair(result.resolved.road)
    try:
        return npv_grid(scenario, library, request.values.get("across", across), request.values.get("down", down))
    except InputError:  # of another road, or an address typed by hand
        return npv_grid(scenario, library, across, down)

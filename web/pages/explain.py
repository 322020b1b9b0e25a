"""How a figure comes about: its formula, the values that went in, and where each is from."""

from __future__ import annotations

from flask import Blueprint, Response, abort

from calculator.explain import names
from web.library import current_library
from web.pages.calculator import current_form, current_result, query_of
from web.partials import page_or_partial

bp = Blueprint("explain", __name__)


@bp.get("/explain/<name>")
def figure(name: str) -> Response:
    """Explain one figure of the form in the address."""
    if name not in names():
        abort(404)
    form = current_form()
    result = current_result(form)
    if result is None:
        abort(422)
    return page_or_partial(
        "explain/_panel.html",
        explanation=result.explain(name),
        explained=names(),
        figures=current_library().figures,
        query=query_of(form),
        clinic_name=result.clinic_name,
    )

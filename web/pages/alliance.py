"""What the alliance is, how it is tended and measured, and what research has shown of it."""

from __future__ import annotations

from flask import Blueprint, render_template

from calculator.language import mark
from reports.evidence_words import amount, cited, span
from web.library import current_library
from web.pages.method import worked_example

bp = Blueprint("alliance", __name__)
UNIT_WORDS = {
    "SD": mark("standard deviations"),
    "correlation": mark("correlation"),
    "odds ratio of dropout": mark("odds ratio of leaving early"),
    "hazard ratio of dropout": mark("hazard ratio of leaving early"),
    "points": mark("points"),
}  # of the findings


@bp.get("/alliance")
def index() -> str:
    """Show the page on the alliance."""
    library = current_library()
    return render_template(
        "alliance/page.html",
        figures=library.figures,
        amount=amount,
        cited=cited,
        span=span,
        unit_words=UNIT_WORDS,
        result=worked_example(library).result,
    )

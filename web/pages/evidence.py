"""The evidence library: every figure with its source and its cautions."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, Response, abort, render_template

from web.library import current_library
from web.partials import page_or_partial

bp = Blueprint("evidence", __name__)
TOPICS = {
    "dropout": "How many leave early",
    "timing": "When they leave",
    "alliance": "The alliance and leaving",
    "programs": "What programmes changed",
    "prediction": "Predicting who leaves",
    "therapists": "Differences between clinicians",
    "prices": "What care brings in",
    "instruments": "Questionnaires",
    "finance": "Money and time",
    "practice": "How clinics run",
    "uncertainty": "How much clinics differ",
}


@bp.get("/evidence")
def index() -> str:
    """List every figure by topic."""
    grouped = groupby(current_library().figures.values(), key=lambda figure: figure.topic)
    topics = [(TOPICS.get(topic, topic), topic, list(figures)) for topic, figures in grouped]
    return render_template("evidence/list.html", topics=topics)


@bp.get("/evidence/<path:figure_id>")
def figure(figure_id: str) -> Response:
    """Show one figure."""
    library = current_library()
    if figure_id not in library.figures:
        abort(404)
    return page_or_partial("evidence/_panel.html", figure=library.figures[figure_id], uses=library.used_for(figure_id))

"""How the model works, step by step, with one of the example clinics worked through."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import cast
from urllib.parse import parse_qsl

import numpy as np
from flask import Blueprint, render_template
from werkzeug.datastructures import MultiDict

from assumptions import Library
from calculator import Result, Scenario
from calculator.detection import POWER, TWO_SIDED
from calculator.retention import weibull_shape
from calculator.widening import rule
from reports.evidence_words import amount, cited, span
from web.example_clinics import examples
from web.forms import parse_form
from web.library import current_library
from web.model_run import evaluate

bp = Blueprint("method", __name__)


@dataclass(frozen=True)
class Worked:
    """An example clinic with its result, and the query that shows the same in the calculator."""

    query: str
    result: Result


@bp.get("/method")
def index() -> str:
    """Show the page on the method."""
    library = current_library()
    worked = worked_example(library)
    return render_template(
        "method/page.html",
        figures=library.figures,
        amount=amount,
        cited=cited,
        span=span,
        unit_words={},
        result=worked.result,
        example_query=worked.query,
        widening=rule(library),
        roles=library.roles,
        shape=shape_of(worked.result),
        power=POWER,
        two_sided=TWO_SIDED,
    )


@cache
def worked_example(library: Library) -> Worked:
    """Return the first example clinic, evaluated once: the same input gives the same figures."""
    query = examples()[0].query
    form = parse_form(MultiDict(parse_qsl(query)), library)
    return Worked(query, evaluate(cast(Scenario, form.scenario), library))  # a test says it has no problem


def shape_of(result: Result) -> float:
    """Return the shape of the retention curve at the likely value of every input."""
    wanted = ("dropout_rate", "median_dropout_unit", "planned_units")
    values = (np.array([result.resolved.inputs[f"clinic.{key}"].value]) for key in wanted)
    return float(weibull_shape(*values)[0])

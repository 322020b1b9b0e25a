"""What the pages of the administration share: their addresses, their door's scope, and how a page is drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from calculator import InputError
from calculator.language import mark
from reports.brand.logo import MOST_BYTES_ON_PAPER
from web.accounts.visitor import current_visitor
from web.storage import current_database

bp = Blueprint("administration", __name__, url_prefix="/administration")
#: The sub-navigation: endpoints of its pages and what they are called.
TOPICS: Final = {
    "members": mark("Members"),
    "keys": mark("Keys"),
    "brand": mark("Brand"),
    "house": mark("Own values"),
    "audit": mark("Audit log"),
    "data": mark("Data"),
}
UPLOADS: Final = ("administration.save_brand",)
Problems = Mapping[str, str]  # by the name of the field


@bp.url_value_preprocessor
def _take_a_logo(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Allow for a picture; before the doorkeeper reads the form for its token."""
    if endpoint in UPLOADS:
        request.max_content_length = MOST_BYTES_ON_PAPER + 100_000  # and what is around the file


@bp.get("")
def index() -> AnyResponse:
    """Go to the first topic."""
    return redirect(url_for("administration.members"), 303)


@contextmanager
def reading() -> Iterator[Session]:
    """Open a session that reads the visitor's organisation."""
    with current_database().reading(current_visitor().scope) as session:
        yield session


@contextmanager
def writing() -> Iterator[Session]:
    """Open a session that changes the visitor's organisation, all or nothing."""
    with current_database().writing(current_visitor().scope) as session:
        yield session


def page(topic: str, status: int = 200, problems: Problems | None = None, **context: Any) -> Response:
    """Return the page of a topic, with what is wrong with its form."""
    body = render_template(
        f"administration/{topic}.html",
        topics=TOPICS,
        topic=topic,
        problems=defaultdict(str, problems or {}),
        done=request.args.get("done", ""),
        **context,
    )
    return Response(body, status)


def done(topic: str, what: str) -> AnyResponse:
    """Go back to the page of a topic, which says what was done."""
    return redirect(url_for(f"administration.{topic}", done=what), 303)


def problems_of(error: InputError) -> dict[str, str]:
    """Return what is wrong by the name of the field."""
    found: dict[str, str] = {}
    for problem in error.problems:
        found[problem.path] = f"{found[problem.path]} {problem.message}" if problem.path in found else problem.message
    return found

"""The evidence library: searching its figures, and each with its source, its cautions and its uses."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request, url_for

from assumptions import Figure, Library, Reference
from calculator.language import ENGLISH, ngettext, speaking
from calculator.language import gettext as _
from calculator.version import VERSION
from reports import evidence_words as worded
from reports.charts.interval import comparison, interval, pictured
from web.evidence_catalogue import topic_title
from web.evidence_search import FLAGS, TITLES, TRY, Search, options, read_search
from web.evidence_uses import uses_shown
from web.library import current_library
from web.partials import page_or_partial

bp = Blueprint("evidence", __name__)
# Topic and unit of figures that may be set beside each other; elsewhere one unit counts many things.
ALIKE = frozenset({
    ("dropout", "share"), ("timing", "calendar days"), ("timing", "days"), ("alliance", "correlation"),
    ("programs", "SD"), ("prices", "USD per session"), ("prices", "USD per day"), ("prices", "USD per episode"),
})  # fmt: skip


@bp.get("/evidence")
def index() -> Response:
    """Search the figures; without a search, list them all by topic."""
    search = read_search(request.args, current_library())
    return page_or_partial(
        "evidence/_found.html",
        address=address_of(search.query),
        search=search,
        counted=counted,
        address_of=address_of,
        options=options,
        titles={name: _(title) for name, title in TITLES.items()},
        flags={name: _(title) for name, title in FLAGS.items()},
        tries=TRY,
    )


@bp.get("/evidence/<path:figure_id>")
def figure(figure_id: str) -> Response:
    """Show one figure."""
    library = current_library()
    if figure_id not in library.figures:
        abort(404)
    found = library.figures[figure_id]
    return page_or_partial("evidence/_panel.html", **_context(found, library))


def address_of(query: list[tuple[str, str]]) -> str:
    """Return the address of a search."""
    address = url_for("evidence.index")
    return f"{address}?{urlencode(query)}" if query else address


def counted(search: Search) -> str:
    """Return how many figures there are, of how many."""
    found, total = len(search.hits), search.total
    if not found:
        return _("Nothing found")
    if not search.query:
        return ngettext("%(number)s figure", "%(number)s figures", found)
    return ngettext("%(number)s figure of %(total)s", "%(number)s figures of %(total)s", found, total=total)


def alike(figure: Figure, library: Library) -> list[Figure]:
    """Return the other figures that a figure can be set beside: in its unit, on its topic or behind the same input."""
    behind = {(use.part, use.name) for use in library.uses(figure.id) if use.part == "default"}
    filling = figure in library.capacity.values()
    return [
        other
        for other in library.figures.values()
        if other is not figure
        and other.unit == figure.unit
        and pictured(other)
        and (
            (other.topic == figure.topic and (figure.topic, figure.unit) in ALIKE)
            or behind & {(use.part, use.name) for use in library.uses(other.id)}
            or (filling and other in library.capacity.values())
        )
    ]


def citation(figure: Figure, library: Library) -> str:
    """Return the text with which to cite a figure, in English as its sources are."""
    with speaking(ENGLISH):
        value, name, span = worded.worth(figure), worded.interval_name(figure), worded.span(figure)
    bounds = f" ({name} {span})" if figure.value is not None and span else ""
    ours = f"Rapport {VERSION}, evidence library {library.sha256[:12]}, {figure.id}"
    sources = "; ".join(f"{reference.citation} {_link(reference)}" for reference in figure.references)
    kind = ", a judgement of the maintainers" if figure.kind == "judgement" else ""
    leans = ", which leans on: " if kind else ", from: "
    return f"{figure.label}: {value}{bounds}. {ours}{kind}{leans + sources if sources else '.'}"


def _link(reference: Reference) -> str:
    return f"https://doi.org/{reference.doi}" if reference.doi else reference.url or ""


def _context(found: Figure, library: Library) -> dict[str, Any]:
    lines = [hit.figure for hit in Search(library, "", {"topic": found.topic}).hits]
    place = lines.index(found)
    others = alike(found, library)
    return {
        "figure": found,
        "uses": uses_shown(found, library),
        "worded": worded,
        "told": _,
        "topic": topic_title(found.topic),
        "topic_address": address_of([("topic", found.topic)]),
        "before": lines[place - 1] if place else None,
        "after": lines[place + 1] if place + 1 < len(lines) else None,
        "interval": interval if pictured(found) else None,
        "comparison": comparison,
        "others": others if pictured(found) else [],
        "citation": citation(found, library),
    }

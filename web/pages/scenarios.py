"""Saved scenarios: the list, one of them with its versions, and the ways from there into the calculator."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from urllib.parse import parse_qsl

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from calculator.language import gettext as _
from web.accounts.names import unusable_name
from web.accounts.visitor import current_visitor
from web.library import current_library
from web.scenarios import MOST, TITLE, Lineup, titled
from web.state import pack
from web.storage import current_database
from web.storage.base import LONGEST_NAME
from web.storage.tables import SavedScenario, ScenarioVersion
from web.workspace import listing
from web.workspace.changes import told
from web.workspace.current import Current, find
from web.workspace.headline import Headline
from web.workspace.opened import open_address
from web.workspace.texts import LONGEST_NOTE, LONGEST_NOTES
from web.workspace.versions import Version, versions

bp = Blueprint("scenarios", __name__, url_prefix="/scenarios")


@bp.get("")
def index() -> str:
    """Show the list, or what a search finds in it."""
    search, archived = request.args.get("q", "").strip(), "archived" in request.args
    shown = min(max(request.args.get("shown", 0, int), 0), listing.PAGE - 1)  # above, where a search goes on by itself
    with current_database().reading(current_visitor().scope) as session:
        after = request.args.get("after", "")
        page = listing.page(session, search, after, archived=archived, size=listing.PAGE - shown)
    return render_template(
        "scenarios/list.html",
        page=page,
        search=search,
        archived=archived,
        shown=shown + len(page.rows),
        headline=Headline.read,
        first="after" not in request.args,
        most=MOST,
        longest_search=listing.LONGEST_SEARCH,
        done=request.args.get("done", ""),
    )


@bp.get("/side-by-side")
def side_by_side() -> AnyResponse:
    """Go to the comparison with the latest versions of the scenarios that were ticked, in the order of the list."""
    keys = [key for key in map(_key, request.args.getlist("id")) if key is not None][: MOST + 1]  # it says what is left
    if len(keys) < 2:
        return redirect(url_for("scenarios.index", done="few"), 303)
    scenario, version = SavedScenario, ScenarioVersion
    wanted = (
        select(scenario.id, scenario.name, version.form)
        .join(version, (version.scenario_id == scenario.id) & (version.number == scenario.latest))
        .where(scenario.id.in_(keys))
    )
    with current_database().reading(current_visitor().scope) as session:
        found = {row.id: state_of(row.form, row.name) for row in session.execute(wanted)}
    return redirect(Lineup(tuple(found[key] for key in keys if key in found)).address, 303)


@bp.get("/<uuid:key>")
def show(key: uuid.UUID) -> Response:
    """Show a scenario with its versions."""
    return scenario_page(key)


@bp.get("/<uuid:key>/open")
def open_it(key: uuid.UUID) -> AnyResponse:
    """Open the calculator with a scenario as it stands now; for who may change it, with the bar that saves it."""
    with current_database().reading(current_visitor().scope) as session:
        found = find(session, key)
    may_edit = current_visitor().may("edit")
    return redirect(open_address(found) if may_edit else f"{url_for('calculator.index')}?{found.form}", 303)


def scenario_page(key: uuid.UUID, status: int = 200, name: str | None = None, notes: str = "") -> Response:
    """Return the page of a scenario.

    Args:
        key: of the scenario.
        status: 409 where it was changed while somebody gave it another name, 422 where that name is none.
        name: what was typed; None where nothing was.
        notes: likewise.
    """
    before = request.args.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 8 else None
    with current_database().reading(current_visitor().scope) as session:
        found = find(session, key)
        listed = versions(session, key, number)
    page = render_template(
        "scenarios/scenario.html",
        current=found,
        draft=parse_qsl(found.form, keep_blank_values=True),
        versions=listed,
        changes={version.number: told(version.differs, version.inputs, current_library()) for version in listed},
        compare=_beside(found, listed),
        headline=Headline.read,
        typed_name=found.name if name is None else name,
        typed_notes=found.notes if name is None else notes,
        problem="" if name is None else unusable_name(name),
        status=status,
        longest_name=LONGEST_NAME,
        longest_notes=LONGEST_NOTES,
        longest_note=LONGEST_NOTE,
        done=request.args.get("done", ""),
    )
    return Response(page, status)


def state_of(form: str, title: str) -> str:
    """Return a stored form as a state that ``/compare`` shows under a title."""
    return pack([*parse_qsl(form, keep_blank_values=True), (TITLE, titled(title))])


def _beside(current: Current, listed: Iterable[Version]) -> dict[int, str]:
    """Return the address that shows each version beside the latest one, or beside what is drafted."""
    form = current.form if current.drafted else current.saved
    name = _("Edited") if current.drafted else _version_title(current.latest)
    return {
        version.number: Lineup((state_of(version.form, _version_title(version.number)), state_of(form, name))).address
        for version in listed
        if current.drafted or version.number != current.latest
    }


def _version_title(number: int) -> str:
    return _("Version %(number)s", number=number)


def _key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None

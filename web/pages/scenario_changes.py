"""What changes saved scenarios: begin, rename, keep what is edited, make versions, copy, put away, remove.

Forms come from the calculator, whose fields they carry, or from the page of a scenario.
"""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from calculator.language import gettext as _
from calculator.serialize import given_dict
from web.accounts.names import unusable_name
from web.accounts.visitor import current_visitor
from web.advised import AdvisedError
from web.forms import Form
from web.library import current_library
from web.model_run import evaluate
from web.pages.calculator import answer, current_form, current_kept
from web.pages.scenarios import scenario_page, state_of
from web.partials import page_or_partial, part_or_way
from web.scenarios import Lineup
from web.storage import current_database
from web.storage.base import LONGEST_NAME
from web.workspace import scenarios
from web.workspace.changes import differences, told
from web.workspace.current import Conflict, Current, find
from web.workspace.drafts import keep_draft
from web.workspace.headline import Headline
from web.workspace.opened import bar, open_address, read_revision
from web.workspace.pinned import form_of_query
from web.workspace.snapshot import Snapshot, snapshot
from web.workspace.texts import LONGEST_NOTES
from web.workspace.versions import save_version, version

bp = Blueprint("scenario_changes", __name__, url_prefix="/scenarios")
MOST_VERSIONS = "int(max=1000000)"


@bp.get("/new")
def new() -> Response:
    """Ask for the name of what stands in the address."""
    form = current_form()
    if form.scenario is None:
        return answer("calculator/_workspace.html", form)
    name = current_kept().title or form.scenario.clinic.name
    return _new_page(form, " ".join(name.split())[:LONGEST_NAME], "")


@bp.post("")
def create() -> AnyResponse:
    """Save it, and go on in the calculator."""
    form = current_form()
    taken = _taken(form)
    if taken is None:
        return answer("calculator/_workspace.html", form)
    name, notes = request.form.get("name", "").strip(), request.form.get("notes", "")
    if problem := unusable_name(name):
        return _new_page(form, name, notes, problem)
    return _opened(scenarios.create(current_database(), current_visitor(), name, notes, taken))


@bp.post("/<uuid:key>/draft")
def keep(key: uuid.UUID) -> AnyResponse:
    """Keep what stands in the calculator, if the scenario still is as it was seen."""
    form = current_form()
    if form.problems:
        return answer("calculator/_inputs.html", form)
    try:
        current = keep_draft(current_database(), current_visitor(), key, read_revision(request.form), form)
    except Conflict as conflict:
        return _conflict(conflict.current, form)
    return part_or_way("calculator/_saved.html", open_address(current), bar=bar(current, form, current.revision))


@bp.get("/<uuid:key>/bar")
def look(key: uuid.UUID) -> AnyResponse:
    """Answer with the bar over what stands in the calculator, as somebody needs who has signed in again."""
    with current_database().reading(current_visitor().scope) as session:
        current = find(session, key)
    shown = bar(current, current_form(), read_revision(request.args))
    return part_or_way("calculator/_saved.html", open_address(current), bar=shown)


@bp.post("/<uuid:key>/versions")
def save(key: uuid.UUID) -> AnyResponse:
    """Make a version of what stands in the calculator, or of what is drafted."""
    form = current_form()
    taken = _taken(form)
    if taken is None:
        return answer("calculator/_workspace.html", form)
    seen, note = read_revision(request.form), request.form.get("note", "")
    try:
        save_version(current_database(), current_visitor(), key, seen, taken, note)
    except Conflict as conflict:
        return _conflict(conflict.current, form)
    return _shown(key, "version") if "stay" in request.form else _opened(key)


@bp.post(f"/<uuid:key>/versions/<{MOST_VERSIONS}:number>/restore")
def restore_version(key: uuid.UUID, number: int) -> AnyResponse:
    """Make a new version of an old one."""
    with current_database().reading(current_visitor().scope) as session:
        old = version(session, key, number)
    form = form_of_query(old.form, current_library(), current_app.config["MAX_DRAWS"])
    taken = _taken(form)
    if taken is None:
        raise AdvisedError(
            422, _("This version cannot be computed any more. Open it in the calculator, which marks what to correct.")
        )
    try:
        save_version(current_database(), current_visitor(), key, read_revision(request.form), taken, restored=number)
    except Conflict as conflict:
        return _conflict(conflict.current, form)
    return _shown(key, "version")


@bp.post("/<uuid:key>/copy")
def keep_as_copy(key: uuid.UUID) -> AnyResponse:
    """Keep what stands in the calculator as a scenario of its own, since the other was changed meanwhile."""
    form = current_form()
    taken = _taken(form)
    if taken is None:
        return answer("calculator/_workspace.html", form)
    return _opened(scenarios.keep_as_copy(current_database(), current_visitor(), key, taken))


@bp.post("/<uuid:key>/rename")
def rename(key: uuid.UUID) -> AnyResponse:
    """Give it another name and other notes."""
    name, notes = request.form.get("name", "").strip(), request.form.get("notes", "")
    if unusable_name(name):
        return scenario_page(key, 422, name, notes)
    try:
        scenarios.rename(current_database(), current_visitor(), key, read_revision(request.form), name, notes)
    except Conflict:
        return scenario_page(key, 409, name, notes)
    return _shown(key, "renamed")


@bp.post("/<uuid:key>/duplicate")
def duplicate(key: uuid.UUID) -> AnyResponse:
    """Copy it."""
    return _shown(scenarios.duplicate(current_database(), current_visitor(), key), "duplicated")


@bp.post("/<uuid:key>/archive")
def archive(key: uuid.UUID) -> AnyResponse:
    """Put it away."""
    scenarios.archive(current_database(), current_visitor(), key)
    return _shown(key, "archived")


@bp.post("/<uuid:key>/restore")
def restore(key: uuid.UUID) -> AnyResponse:
    """Bring it back."""
    scenarios.restore(current_database(), current_visitor(), key)
    return _shown(key, "restored")


@bp.post("/<uuid:key>/remove")
def remove(key: uuid.UUID) -> AnyResponse:
    """Remove it for good; the page offers that only of what is archived."""
    if not scenarios.remove(current_database(), current_visitor(), key):
        raise AdvisedError(409, _("Only what is archived can be deleted. Archive it first."))
    return redirect(url_for("scenarios.index", archived=1, done="removed"), 303)


def _taken(form: Form) -> Snapshot | None:
    """Return what is kept of a form; None where it has problems."""
    return None if form.scenario is None else snapshot(form, evaluate(form.scenario, current_library()))


def _opened(key: uuid.UUID) -> AnyResponse:
    return redirect(url_for("scenarios.open_it", key=key), 303)


def _shown(key: uuid.UUID, done: str) -> AnyResponse:
    return redirect(url_for("scenarios.show", key=key, done=done), 303)


def _new_page(form: Form, name: str, notes: str, problem: str = "") -> Response:
    taken = _taken(form)
    page = render_template(
        "scenarios/new.html",
        form=form,
        figures=None if taken is None else Headline.read(taken.figures),
        back=f"{url_for('calculator.index')}?{urlencode(form.query)}",
        name=name,
        notes=notes,
        problem=problem,
        longest_name=LONGEST_NAME,
        longest_notes=LONGEST_NOTES,
    )
    return Response(page, 422 if problem else 200)


def _conflict(current: Current, form: Form) -> Response:
    """Say who changed what, and offer both ways on; the page holds what was typed."""
    return page_or_partial("scenarios/conflict/_conflict.html", 409, **_compared(current, form))


def _compared(current: Current, mine: Form) -> dict[str, Any]:
    """Return both sides of a conflict and what differs between them; theirs may be of a release that read it."""
    theirs = form_of_query(current.form, current_library(), current_app.config["MAX_DRAWS"])
    changes = None
    if theirs.scenario is not None and mine.scenario is not None:
        inputs = given_dict(mine.scenario)
        changes = told(differences(given_dict(theirs.scenario), inputs), inputs, current_library())
    states = state_of(current.form, _("Theirs")), state_of(urlencode(mine.query), _("Yours"))
    return {
        "current": current,
        "form": mine,
        "changes": changes,
        "compare": Lineup(states).address,
        "by_me": current.changed_by is not None and current.changed_by == current_visitor().account,
    }

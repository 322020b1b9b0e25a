"""Share links as their organisation sees them: make one, see how often it was opened, close it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, timedelta

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from calculator.language import gettext as _
from calculator.language import speaking, spoken
from web.accounts.names import unusable_name
from web.accounts.visitor import current_visitor
from web.languages import NAMES, language
from web.library import current_library
from web.pages.proposal import FORMS, PAGE_SIZES
from web.settings import current_settings
from web.storage import current_database
from web.storage.tables import SavedScenario, ScenarioVersion
from web.workspace import share_links
from web.workspace.brand import current_brand
from web.workspace.newest_first import Cursor
from web.workspace.pinned import Pinned, pinned
from web.workspace.share_links import (
    LONGEST_PASSCODE,
    MOST_DAYS,
    PDF,
    RESULT,
    SHORTEST_PASSCODE,
    USUAL_DAYS,
    Wish,
)

bp = Blueprint("share", __name__, url_prefix="/share")
KINDS = (RESULT, PDF)
FIELDS = ("label", "kind", "language", "page_size", "length", "days", "passcode")


@bp.get("")
def index() -> str:
    """List the organisation's links."""
    links, older = share_links.listed(
        current_database(), current_visitor(), Cursor.read(request.args.get("before", ""))
    )
    return render_template("share/page.html", links=links, older=older, done=request.args.get("done", ""))


@bp.get("/new")
def new() -> Response:
    """Ask what the link to a version should be like."""
    version, scenario = _found()
    usual = {
        "kind": RESULT,
        "days": str(USUAL_DAYS),
        "language": spoken().code,
        "page_size": "Letter" if spoken().territory in ("US", "CA") else "A4",
        "length": FORMS[0],
    }
    return _form(version, scenario, usual, {}, 200)


@bp.post("/new")
def create() -> Response:
    """Make the link and show its address, this once."""
    version, scenario = _found()
    typed = request.form.to_dict()
    problems = _problems(typed)
    if any(problems.values()):
        return _form(version, scenario, typed, problems, 422)
    options, document = _proposal(version, typed) if typed["kind"] == PDF else ({}, None)
    wish = Wish(
        version=version.id,
        kind=typed["kind"],
        label=typed["label"].strip(),
        days=int(typed["days"]),
        passcode=typed.get("passcode", ""),
        options=options,
    )
    _key, secret = share_links.make(current_database(), current_visitor(), wish, document)
    origin = current_settings().public_url or request.host_url.rstrip("/")
    page = render_template(
        "share/made.html",
        address=f"{origin}{url_for('shared.index', k=secret)}",
        wish=wish,
        scenario=scenario,
        chosen=version,
        until=date.today() + timedelta(days=wish.days),
    )
    return Response(page, 201)


@bp.post("/revoke")
def revoke() -> AnyResponse:
    """Close a link."""
    if not share_links.revoke(current_database(), current_visitor(), _key(request.form.get("id", ""))):
        abort(404)
    return redirect(url_for("share.index", done="revoked"), 303)


def _found() -> tuple[ScenarioVersion, SavedScenario]:
    with current_database().reading(current_visitor().scope) as session:
        found = share_links.sharable(session, _key(request.values.get("version", "")))
    if found is None:
        abort(404)
    return found


def _key(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        abort(404)


def _problems(typed: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with a form, by field; empty texts where nothing is."""
    days, passcode = typed.get("days", "").strip(), typed.get("passcode", "")
    chosen = {"kind": KINDS, "language": tuple(NAMES), "page_size": PAGE_SIZES, "length": FORMS}
    asked = chosen if typed.get("kind") == PDF else {"kind": KINDS}
    problems = {
        name: "" if typed.get(name) in offered else _("Choose one of the answers offered.")
        for name, offered in asked.items()
    }
    problems["label"] = unusable_name(typed.get("label", ""))
    if not (days.isascii() and days.isdecimal() and len(days) <= 4 and 1 <= int(days) <= MOST_DAYS):
        problems["days"] = _("Write a whole number of days from 1 to %(most)s.", most=MOST_DAYS)
    if passcode and not SHORTEST_PASSCODE <= len(passcode) <= LONGEST_PASSCODE:
        problems["passcode"] = _(
            "Use from %(least)s to %(most)s characters, or leave it out.",
            least=SHORTEST_PASSCODE,
            most=LONGEST_PASSCODE,
        )
    return problems


def _proposal(version: ScenarioVersion, typed: Mapping[str, str]) -> tuple[dict[str, str], bytes]:
    """Return what is noted of a PDF, and the PDF as it will be shared, whatever release or evidence comes after."""
    from reports import build_proposal  # it takes a while to load, and no other page needs it

    library, day = current_library(), date.today()
    with speaking(language(typed["language"], spoken().territory)):
        result = _pinned(version).result
        if result is None:
            abort(422)
        document = build_proposal(
            result,
            library,
            brand=current_brand(),
            prepared_on=day,
            page_size=typed["page_size"],
            form="short" if typed["length"] == "short" else "full",
        )
        said = {name: typed[name] for name in ("language", "page_size", "length")}
        return said | {"day": day.isoformat(), "clinic": result.clinic_name}, document


def _pinned(version: ScenarioVersion) -> Pinned:
    return pinned(version, current_library())


def _form(
    version: ScenarioVersion,
    scenario: SavedScenario,
    typed: Mapping[str, str],
    problems: Mapping[str, str],
    status: int,
) -> Response:
    page = render_template(
        "share/new.html",
        chosen=version,
        scenario=scenario,
        pin=_pinned(version),
        typed=dict.fromkeys(FIELDS, "") | dict(typed),
        problems=dict.fromkeys(FIELDS, "") | dict(problems),
        most_days=MOST_DAYS,
        shortest_passcode=SHORTEST_PASSCODE,
        papers=[(size, size) for size in PAGE_SIZES],
    )
    return Response(page, status)

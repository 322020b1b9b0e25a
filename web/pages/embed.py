"""The quick calculator for the frame of another site, and a page that shows how to put it there.

It needs no cookie, and asks the site around it for nothing but its own height. Where the server is set so, it offers
its result as a PDF for a name and an address; see ``web.workspace.enquiry_form``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from calculator.language import gettext as _
from reports.brand.colours import brand_css
from web.accounts.limits import ENQUIRY, count_or_refuse
from web.advised import AdvisedError
from web.assets import YEAR
from web.fields import Inputs
from web.forms import Form, parse_form
from web.languages import CHOICE, NAMES
from web.library import current_library
from web.origins import is_among, origin_of
from web.pages.calculator import current_result
from web.partials import page_or_partial
from web.same_site import refuse_other_sites
from web.security import policy
from web.settings import current_settings
from web.state import StateError, pack, unpack
from web.storage import current_database
from web.typed import ENDS
from web.workspace import enquiries, enquiry_form
from web.workspace.enquiry_form import Asked, current_offer
from web.workspace.snapshot import snapshot

bp = Blueprint("embed", __name__, url_prefix="/embed")
FRAMED = frozenset({"embed.index", "embed.estimate", "embed.setting", "embed.enquire"})
THEMES = ("light", "dark")  # anything else follows the visitor's system
WIDTHS = ("wide", "narrow")  # of the frame on the demo page
FEW_MINUTES = 300  # seconds that a file without a hash in its address is kept
WAS = "was."  # starts the name of the number that a range came with
STATE, PARENT = "state", "parent"  # of the form that is sent for a PDF
LOGO_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


@bp.get("")
def index() -> Response:
    """Show the quick calculator."""
    return _answer("embed/_workspace.html", _form())


@bp.post("/estimate")
def estimate() -> Response:
    """Answer with the result, or with the inputs and what is wrong with them."""
    return _answer("embed/_results.html", _form())


@bp.post("/setting")
def setting() -> Response:
    """Answer with inputs and result: words and defaults of the form have changed."""
    return _answer("embed/_workspace.html", _form())


@bp.post("/enquiry")
def enquire() -> Response:
    """Take a name and an address for the result, or say what is wrong; afterwards the PDF is there to download."""
    offer = current_offer(current_database())
    if offer is None:
        abort(404)
    refuse_other_sites()  # of the frame, not around it: what is in the frame is a page of ours
    form = _form_of_state(request.form.get(STATE, ""))
    result = current_result(form)
    key, asked = enquiry_form.check(offer, request.form)
    try:
        count_or_refuse(current_database(), {ENQUIRY: request.remote_addr or ""})
    except AdvisedError as error:  # as any other fault of the form, so that nothing typed is lost
        key, asked = None, replace(asked, problems={**asked.problems, "": error.advice}, done=False)
    if key is None or result is None:
        return page_or_partial("embed/_enquiry.html", 422, **_context(form, asked))
    taken = snapshot(form, result)
    enquiries.take(current_database(), offer, key, asked.typed["name"], asked.typed["email"], taken, _parent())
    return page_or_partial("embed/_enquiry.html", **_context(form, asked))


@bp.get("/demo")
def demo() -> str:
    """Show the frame as on another site, with what to copy and which settings there are."""
    settings, choices = current_settings(), _choices()
    width = request.args.get("width")
    return render_template(
        "embed/demo.html",
        settings=settings,
        choices=choices,
        width=width if width in WIDTHS else WIDTHS[0],
        snippet=snippet(settings.public_url or request.host_url.rstrip("/"), settings.embed_name, choices),
    )


@bp.get("/brand.css")
def brand() -> Response:
    """Answer with the brand colour as rules; without one there are none."""
    colour = current_settings().embed_color
    return _kept(Response(brand_css(colour) if colour else "", mimetype="text/css"), _version(colour or ""))


@bp.get("/logo")
def logo() -> Response:
    """Answer with the logo, which may do nothing but be seen."""
    found = current_settings().embed_logo
    if found is None:
        abort(404)
    response = Response(found.data, mimetype=found.mimetype)
    response.headers["Content-Security-Policy"] = LOGO_POLICY
    return _kept(response, found.fingerprint)


@bp.get("/parent.js")
def parent_script() -> Response:
    """Answer with the script that gives the frame its height on the site around it."""
    response = current_app.send_static_file("embed-parent.js")
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # other sites load it
    return _kept(response, "")


@bp.after_request
def _name_who_may_frame(response: Response) -> Response:
    if request.endpoint in FRAMED:
        parents = " ".join(("'self'", *current_settings().embed_parents))
        response.headers["Content-Security-Policy"] = policy(frame_ancestors=parents)
        if current_settings().enquiries:
            response.headers["Referrer-Policy"] = "same-origin"  # see refuse_other_sites
    elif request.endpoint == "embed.demo":
        response.headers["Content-Security-Policy"] = policy(frame_src="'self'")
    return response


def snippet(origin: str, name: str, choices: Mapping[str, Any]) -> str:
    """Return what another site puts into its page."""
    title = (
        _("What keeping clients is worth: a calculator by %(name)s", name=name)
        if name
        else _("What keeping clients is worth: a calculator")
    )
    frame = Markup('<iframe src="{}" title="{}" data-rapport width="100%" height="900" loading="lazy"></iframe>')
    script = Markup('<script src="{}" async></script>')
    address = f"{origin}{url_for('embed.index', **choices)}"
    return f"{frame.format(address, title)}\n{script.format(origin + url_for('embed.parent_script'))}"


def _form() -> Form:
    """Return the form of the request, without the range of a number that another was typed over.

    The frame shows one field for a number, and nowhere to mend its range.
    """
    data: MultiDict[str, str] = MultiDict()
    for name in request.values:
        data.setlist(name, request.values.getlist(name))
    for path in [name.removeprefix(WAS) for name in request.values if name.startswith(WAS)]:
        if data.get(path, "").strip() != data[WAS + path].strip():
            for end in ENDS:
                data.poplist(f"{path}.{end}")
    return parse_form(data, current_library(), current_app.config["MAX_DRAWS"])


def _carried(form: Form, asked: set[str]) -> list[tuple[str, str]]:
    """Return what is sent along unseen, with the number each range came with; not a range that is at fault."""
    ends = {f"{path}.{end}": path for path in asked for end in ENDS}
    ranged = {path for end, path in ends.items() if form.text(end) and not form.problem(path)}
    kept = [pair for pair in form.query if pair[0] not in asked and ends.get(pair[0]) in {None, *ranged}]
    return [*kept, *((WAS + path, form.text(path)) for path in sorted(ranged))]


def _answer(partial: str, form: Form) -> Response:
    if form.problems:
        return page_or_partial("embed/_inputs.html", 422, **_context(form))
    return page_or_partial(partial, **_context(form))


def _form_of_state(state: str) -> Form:
    """Return the form whose result was asked for."""
    try:
        return parse_form(unpack(state), current_library(), current_app.config["MAX_DRAWS"])
    except StateError:
        abort(400)


def _parent() -> str:
    """Return the site around the frame: told by the browser at first and carried along from then on.

    Empty where it does not say, or names a site that may not show the frame.
    """
    told = request.values.get(PARENT) or origin_of(request.referrer or "")
    return told if is_among(told, current_settings().embed_parents) else ""


def _blank() -> Asked | None:
    """Return the form for a PDF as nobody has filled it in yet; None where there is none to show."""
    offer = current_offer(current_database())
    return None if offer is None else enquiry_form.blank(offer)


def _context(form: Form, sent: Asked | None = None) -> dict[str, Any]:
    inputs, settings = Inputs(form, current_library()), current_settings()
    result = current_result(form)
    asked = {"clinic.setting", "clinic.practice_capacity", *(field.path for field in inputs.main)}
    language = {name: value for name, value in _choices().items() if name == CHOICE}
    return {
        "form": form,
        "inputs": inputs,
        "result": result,
        "settings": settings,
        "enquiry": (lambda: sent) if sent else _blank,  # only the whole page asks for it
        "state": pack(form.query) if settings.enquiries and result else "",
        "parent": _parent(),
        "proposal": _proposal(form, language),
        "brand_version": _version(settings.embed_color or ""),
        "choices": _choices(),
        "carried": _carried(form, asked),
        "full": f"{url_for('calculator.index')}?{urlencode([*form.query, *language.items()])}",
    }


def _proposal(form: Form, language: Mapping[str, str]) -> str:
    """Return the address of the result as a PDF."""
    query = [*form.query, *language.items(), ("prepared_on", date.today().isoformat())]
    return f"{url_for('proposal.download')}?{urlencode(query)}"


def _choices() -> dict[str, Any]:
    """Return what the address of the frame says of its theme and its language."""
    offered = {"theme": THEMES, CHOICE: tuple(NAMES)}
    found = {name: request.args.get(name, "") for name in offered}
    return {name: value for name, value in found.items() if value in offered[name]}


def _version(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _kept(response: Response, version: str) -> Response:
    """Let browsers keep an answer: for a year where it was asked for by its version, else for some minutes."""
    current = bool(version) and request.args.get("v") == version
    response.cache_control.no_cache = None
    response.cache_control.public = True
    response.cache_control.max_age = YEAR if current else FEW_MINUTES
    response.cache_control.immutable = current
    return response

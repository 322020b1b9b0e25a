"""Who to call this week: upload a caseload or look at a simulated one, see the list, what is at stake, the clinicians.

A caseload is kept for a day under an id that only the uploader's addresses hold, in the query. The clinic's own
episode ids stand in it, for without them nobody could be called; clients and clinicians stand in it as pseudonyms.
"""

from __future__ import annotations

import uuid
from typing import Any, cast
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, abort, current_app, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from calculator.language import gettext as _
from calculator.language import mark
from plugin.clinician_expectation import estimates
from plugin.clinicians import MINIMUM
from plugin.errors import PluginError
from plugin.fitted import latest_day
from plugin.loading import read_salt
from plugin.worklist import ORDERS
from reports.charts import RiskGroup, calibration
from reports.charts.chart import Chart
from web.accounts.visitor import current_visitor
from web.kept_folders import StoreFullError, sweep_hourly
from web.library import current_library
from web.partials import page_or_partial
from web.settings import current_settings
from web.worklist import words
from web.worklist.demo import DEMO, FILES, demo_caseload, demo_file
from web.worklist.kept import Kept
from web.worklist.money import Clinic, clinic_of, money_at_stake
from web.worklist.names import typed_names
from web.worklist.rows import list_csv, listed
from web.worklist.store import Caseloads
from web.worklist.targeting import suggested, targeted_form, thresholds
from web.worklist.upload import is_server_file, read_upload, server_model
from web.worklist.wanted import MOST_CALLS, Wanted, wanted
from web.workspace.house_values import current_houses

bp = Blueprint("worklist", __name__, url_prefix="/worklist")
KEY = "rapport_worklist"
MOST_BYTES = 64_000_000  # of all files together; 20,000 episodes with their ratings and visits have about 40 million
WIDE, NARROW = 520.0, 342.0  # pixels
PROBLEMS_SHOWN = 20
ORDER_LABELS = {"next_unit": mark("who may leave soonest"), "units_at_stake": mark("where most is at stake")}
UPLOADS = ("episodes", "ratings", "visits", "model")


@bp.url_value_preprocessor
def _take_long_forms(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Allow for whole files; before the doorkeeper reads the form for its token."""
    request.max_content_length = MOST_BYTES + 100_000  # and what is around the files
    request.max_form_memory_size = 1_000_000  # also the size of the piece of a file that is read at once


@bp.get("")
def index() -> Response:
    """Show what it is and take a caseload."""
    return _front()


@bp.post("")
def upload() -> Response:
    """Read the files, keep the caseload, and go to its list; or say what is wrong."""
    try:
        files = {name: _content(name) for name in UPLOADS}
    except RequestEntityTooLarge:
        return _front(413, [_("The files are larger than 64 MB together. Leave out episodes that ended long ago.")])
    episodes = files["episodes"]
    if episodes is None:
        return _front(422, [_("Choose the file of episodes; it is the one that is needed.")])
    salt = _salt()
    if salt is None:
        return _front(503, [_("This server cannot make pseudonyms now, so it takes no caseload. Tell who runs it.")])
    try:
        model = files["model"] or server_model(current_settings().model)
        kept = read_upload(episodes, files["ratings"], files["visits"], model, salt)
    except PluginError as error:
        return _front(422, list(error.problems))
    try:
        number = _caseloads().add(kept, _owner())
    except StoreFullError:
        return _front(503, [_("Too many caseloads are kept here just now. Try again later.")])
    except OSError as error:
        current_app.logger.error("%s while keeping a caseload: %s", type(error).__name__, error.strerror)
        return _front(503, [_("This server’s disk takes nothing more. Tell who runs it.")])
    clinic = _clinic(request.form, kept.setting)
    query = [("id", number), *clinic.pairs, *_asked_in_form()]
    return Response(status=303, headers={"Location": f"{url_for('worklist.show')}?{urlencode(query)}"})


@bp.get("/list")
def show() -> Response:
    """Show who to call."""
    number, kept = _found()
    if kept is None:
        return _gone()
    asked = wanted(request.args, latest_day(kept.caseload))
    clinic = _clinic(request.args, kept.setting)
    found = listed(kept, asked)
    known = thresholds(kept.predictor.local_record)
    stake = found.found.units_at_stake_listed if hasattr(found.found, "units_at_stake_listed") else 0.0
    return page_or_partial(
        "worklist/list/_list.html",
        422 if asked.problems or clinic.trouble else 200,
        address=_address("worklist.show", number, asked, clinic),
        **_common(number, kept, asked, clinic),
        listed=found,
        stake=stake,
        money=money_at_stake(clinic, current_library(), stake, len(found.rows)),
        currency=clinic.form.currency,
        unscored=[(words.UNSCORED[why], n) for why, n in getattr(found.found, "unscored", {}).items()],
        order_labels=ORDER_LABELS,
        orders=ORDERS,
        most_calls=MOST_CALLS,
        problems_shown=PROBLEMS_SHOWN,
        pictures=_pictures(kept),
        judged_on=words.judged_on,
        thresholds=known,
        suggested=suggested(known),
        record_day=words.record_day(kept.predictor.local_record),
        csv_address=_address("worklist.download", number, asked, clinic),
    )


@bp.get("/list.csv")
def download() -> Response:
    """Answer with the list as a file."""
    _number, kept = _found()
    if kept is None:
        return _gone()
    asked = wanted(request.args, latest_day(kept.caseload))
    response = Response(list_csv(listed(kept, asked).found, kept.predictor), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename="rapport-worklist.csv")
    return response


@bp.route("/clinicians", methods=["GET", "POST"])
def clinicians() -> Response:
    """Show how clinicians' clients stay; ids that are typed stand beside their pseudonyms on this answer only."""
    number, kept = _found()
    if kept is None:
        return _gone()
    asked = wanted(request.args, latest_day(kept.caseload))
    found = estimates(kept.predictor.model, kept.caseload)
    typed = request.form.get("names", "") if request.method == "POST" else ""
    salt = (_salt() if typed.strip() else None) or b""
    page = render_template(
        "worklist/clinicians/page.html",
        **_common(number, kept, asked, _clinic(request.args, kept.setting)),
        estimates=found,
        short=words.shortened(each.clinician for each in found),
        names=typed_names(typed, [each.clinician for each in found], salt),
        asked_names=bool(typed.strip()),
        minimum=MINIMUM,
    )
    return Response(page)


@bp.get("/calculator")
def use_in_calculator() -> Response:
    """Go to the calculator with what the model's record says of flagging clients from a risk on."""
    _number, kept = _found()
    if kept is None:
        return _gone()
    clinic = _clinic(request.args, kept.setting)
    form = targeted_form(kept.predictor.local_record, request.args.get("threshold", ""), clinic)
    if form is None:
        abort(404)
    return Response(status=303, headers={"Location": f"{url_for('calculator.index')}?{urlencode(form.query)}"})


@bp.post("/delete")
def delete() -> Response:
    """Remove a caseload at once."""
    _caseloads().remove(request.form.get("id", ""), _owner())
    return Response(status=303, headers={"Location": url_for("worklist.index", deleted=1)})


@bp.get("/example/<name>")
def example(name: str) -> Response:
    """Answer with a file of the simulated clinic, as one would upload it."""
    if name not in FILES:
        abort(404)
    response = Response(demo_file(name), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"simulated-{name}")
    return response


def init_worklist(app: Flask) -> None:
    """Give the application its store of caseloads; nothing is made before the first one comes."""
    with app.app_context():
        store = Caseloads(current_settings().data_dir)
    app.extensions[KEY] = store
    sweep_hourly(app, store.sweep)


def _clinic(values: MultiDict[str, str], setting: str) -> Clinic:
    return clinic_of(values, setting, current_library(), current_houses())


def _caseloads() -> Caseloads:
    return cast(Caseloads, current_app.extensions[KEY])


def remove_all_of(organisation: uuid.UUID) -> int:
    """Remove all caseloads of an organisation; return how many there were."""
    return _caseloads().remove_all_of(str(organisation))


def _owner() -> str:
    return str(current_visitor().scope)


def _found() -> tuple[str, Kept | None]:
    """Return the id in the request and its caseload; the simulated one where that is asked for."""
    number = request.values.get("id", "")
    return number, demo_caseload() if number == DEMO else _caseloads().find(number, _owner())


def _salt() -> bytes | None:
    """Return what identifiers are hashed with; None where it cannot be read."""
    try:
        return read_salt(current_settings().data_dir)
    except (PluginError, OSError) as error:
        current_app.logger.error("%s while reading the salt of pseudonyms", type(error).__name__)
        return None


def _content(name: str) -> bytes | None:
    file = request.files.get(name)
    return None if file is None or not file.filename else file.read()


def _asked_in_form() -> list[tuple[str, str]]:
    return [(name, text) for name in ("as_of", "calls") if (text := request.form.get(name, "").strip())]


def _address(endpoint: str, number: str, asked: Wanted, clinic: Clinic) -> str:
    """Return an address that holds the same caseload, wishes and numbers; what is as usual is left out."""
    own = [("as_of", asked.as_of.isoformat())] if asked.as_of != asked.latest else []
    own += [("calls", str(asked.calls)), ("order", asked.order)]
    return f"{url_for(endpoint)}?{urlencode([('id', number), *own, *clinic.pairs])}"


def _common(number: str, kept: Kept, asked: Wanted, clinic: Clinic) -> dict[str, Any]:
    """Return what both pages of a caseload show."""
    setting = current_library().settings[clinic.form.setting if clinic.given else kept.setting]
    return {
        "id": number,
        "demo": number == DEMO,
        "kept": kept,
        "asked": asked,
        "clinic": clinic,
        "setting": setting,
        "units": mark("visits") if kept.mixed else current_library().settings[kept.setting].words["units"],
        "withheld": words.withheld(kept.predictor.local_record, learnt_here=kept.facts.learnt_here),
        "query": urlencode(clinic.form.query) if clinic.given else "",
        "list_address": _address("worklist.show", number, asked, clinic),
        "clinicians_address": _address("worklist.clinicians", number, asked, clinic),
    }


def _pictures(kept: Kept) -> tuple[Chart, Chart] | None:
    found = kept.facts.picture
    if found is None:
        return None
    groups = [RiskGroup(each.predicted, each.observed, each.low, each.high, each.clients) for each in found.points]
    subtitle = _("Risk of leaving before the next visit; bars hold 95 of 100 such shares")
    wide, narrow = (calibration(groups, words.finding(found), subtitle, width) for width in (WIDE, NARROW))
    return wide, narrow


def _front(status: int = 200, problems: list[str] | None = None) -> Response:
    sent = request.args if status == 413 else request.values  # what is too large cannot be read a second time either
    clinic = _clinic(sent, "outpatient")
    page = render_template(
        "worklist/page.html",
        problems=problems or [],
        clinic=clinic,
        query=urlencode(clinic.form.query) if clinic.given else "",
        own_model=is_server_file(current_settings().model),
        demo=DEMO,
        files=FILES,
        deleted="deleted" in request.args,
        most_calls=MOST_CALLS,
    )
    return Response(page, status)


def _gone() -> Response:
    return _front(
        404, [_("There is no caseload under this address any more: each is deleted a day after its last use.")]
    )

"""Many prospects at once: upload a file, see what each row would become, and take the proposals as one archive.

What is uploaded is kept for a day under an id that only the uploader's addresses hold. It stands in the query and not
in the path, for the access log writes paths.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar, cast

from flask import Blueprint, Flask, Response, abort, current_app, render_template, request, send_file, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from calculator import Problem
from calculator.language import gettext as _
from calculator.language import spoken
from reports.batch import Entry
from reports.batch.names import MANIFEST
from web.accounts.visitor import current_visitor
from web.batch import CheckedRow, Choices, Job, Runner, Status, Store, StoreFullError, archive, read_upload
from web.batch.choices import FORMS, MAPPINGS, MOST_ROWS, changed_columns, known_inputs
from web.batch.job import CHECK, DONE, MAKE, QUEUED, RUNNING
from web.kept_folders import sweep_hourly
from web.languages import NAMES
from web.library import current_library
from web.pages.proposal import PAGE_SIZES
from web.partials import page_or_partial
from web.settings import current_settings
from web.workspace.brand import current_brand
from web.workspace.house_values import current_houses

bp = Blueprint("batch", __name__, url_prefix="/batch")
KEY = "rapport_batch"
MOST_BYTES = 10_000_000  # of an upload
MOST_PARTS = 2_000  # fields of a form; two for each column
LONGEST_NAME = 100  # characters of a file's name that are shown
PAGE = 100  # rows shown at once
STEPS_TOLD = 10  # times that a screen reader is told how far it is
Shown = TypeVar("Shown", CheckedRow, Entry)


@dataclass(frozen=True)
class Page:
    """A part of a long list: its rows, its number from 1, and how many there are; ``show`` is the state asked for."""

    rows: Sequence[Any]
    number: int
    count: int
    show: str
    counts: Counter[str]


@bp.url_value_preprocessor
def _take_long_forms(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Allow for a whole file; before the doorkeeper reads the form for its token."""
    request.max_content_length = MOST_BYTES + 100_000  # and what is around the file
    request.max_form_parts = MOST_PARTS
    request.max_form_memory_size = 1_000_000


@bp.get("")
def index() -> Response:
    """Show what it is and take a file."""
    return _front()


@bp.post("")
def upload() -> Response:
    """Keep a file and have it checked, or say what is wrong with it."""
    try:
        file = request.files.get("file")
        mapping = request.form.get("mapping", "")
    except RequestEntityTooLarge:
        return _front(413, Problem("", _("is larger than 10 MB. Divide it, or leave out columns that are not used.")))
    if file is None or not file.filename:
        return _front(422, Problem("", _("is empty, or none was chosen.")))
    if mapping not in ("", *MAPPINGS):
        abort(422)
    choices = Choices(_plain(file.filename), mapping, code=spoken().code, territory=spoken().territory)
    choices = replace(choices, language=spoken().code, page_size=_usual_paper(), house=_own_values())
    try:
        number, job = _store().add(file.stream, choices, _owner())
    except StoreFullError:
        return _front(503, Problem("", _("cannot be taken now: too many files are being worked on. Try again later.")))
    except OSError as error:
        current_app.logger.error("%s while keeping an upload: %s", type(error).__name__, error.strerror)
        return _front(503, Problem("", _("cannot be kept: this server’s disk takes nothing more. Tell who runs it.")))
    reading = read_upload(job.upload, choices, current_library())
    if reading.hopeless:
        _store().remove(job)
        return _front(422, *reading.problems)
    if reading.prospects is not None:
        _begin(job, CHECK)
    return _to_job(number)


@bp.get("/job")
def job() -> Response:
    """Show how far an upload is, or what came out."""
    number, found = _found()
    status = found.status()
    return _show(number, found, status, found.phase(status))


@bp.get("/progress")
def progress() -> Response:
    """Answer a look from a page that shows ``was``: with the count while that is so, else with all of the job."""
    number, found = _found()
    status = found.status()
    phase = found.phase(status)
    if phase == QUEUED:
        _runner().wake()
    if phase in (QUEUED, RUNNING) and request.args.get("was") == f"{status.step}-{phase}":
        return page_or_partial("batch/progress/_progress.html", **_how_far(number, found, status, phase))
    return _show(number, found, status, phase)


def _show(number: str, found: Job, status: Status, phase: str) -> Response:
    if phase == QUEUED:
        _runner().wake()
    choices = found.choices()
    reading = None if phase in (QUEUED, RUNNING) else read_upload(found.upload, choices, current_library())
    finished = phase == DONE and reading is not None and reading.prospects is not None
    return page_or_partial(
        "batch/job/_job.html",
        **_how_far(number, found, status, phase),
        choices=choices,
        reading=reading,
        inputs=known_inputs(current_library()),
        checked=_page([*found.checked()], "state") if finished and status.step == CHECK else None,
        made=_page(found.made(), "status") if finished and status.step == MAKE else None,
        settings=current_library().settings,
        own_values=bool(_own_values()),
        mappings=MAPPINGS,
        page_sizes=PAGE_SIZES,
    )


@bp.post("/check")
def check() -> Response:
    """Check the rows again, with other columns."""
    number, found = _found()
    choices = found.choices()
    reading = read_upload(found.upload, choices, current_library())
    mapping, setting = request.form.get("mapping", ""), request.form.get("setting", "")
    if mapping not in ("", *MAPPINGS) or setting not in ("", *current_library().settings):
        abort(422)
    typed = dict(zip(request.form.getlist("column"), request.form.getlist("gives"), strict=False))
    said = {**choices.columns, **changed_columns(reading.header, reading.gives, typed)}
    said = {column: key for column, key in said.items() if column in reading.header}
    house = _own_values() if "house" in request.form else {}
    chosen = replace(choices, mapping=mapping, setting=setting, columns=said, house=house)
    found.put_choices(replace(chosen, code=spoken().code, territory=spoken().territory))
    if read_upload(found.upload, chosen, current_library()).prospects is not None:
        _begin(found, CHECK)
    else:
        _store().change(found, lambda status: None if status.active else Status(total=status.total, at=time.time()))
    return _to_job(number)


@bp.post("/start")
def start() -> Response:
    """Make the proposals."""
    number, found = _found()
    form = request.form
    page_size, language = form.get("page_size", ""), form.get("language", "")
    length = next((each for each in FORMS if each == form.get("form", FORMS[0])), None)
    if page_size not in PAGE_SIZES or language not in NAMES or length is None:
        abort(422)
    if found.phase(found.status()) not in (QUEUED, RUNNING):
        found.put_choices(
            replace(
                found.choices(),
                page_size=page_size,
                form=length,
                language=language,
                workbook="workbook" in form,
                include_held="include_held" in form,
                prepared_on=_day(form.get("prepared_on", "")),
            )
        )
        found.put_brand(current_brand())
        _begin(found, MAKE)
    return _to_job(number)


@bp.post("/go-on")
def go_on() -> Response:
    """Take up the step that was cancelled or interrupted."""
    number, found = _found()
    _begin(found, found.status().step)
    return _to_job(number)


@bp.post("/cancel")
def cancel() -> Response:
    """Stop; what is finished stays."""
    number, found = _found()
    _store().cancel(found)
    return _to_job(number)


@bp.post("/delete")
def delete() -> Response:
    """Remove the file and all that was made of it."""
    _number, found = _found()
    _store().remove(found)
    return Response(status=303, headers={"Location": url_for("batch.index", deleted=1)})


@bp.get("/proposals.zip")
def download_all() -> Response:
    """Answer with all that was made, as it is read."""
    _number, found = _found()
    entries = _made(found)
    response = Response(archive(found.out, entries), mimetype="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename="rapport-proposals.zip")
    return response


@bp.get("/file")
def download() -> Response:
    """Answer with one of the files that were made, by its name in the manifest; or with the manifest."""
    _number, found = _found()
    name = request.args.get("name", "")
    known = {MANIFEST} | {file for entry in _made(found) for file in (entry.file, entry.workbook) if file}
    if name not in known:
        abort(404)
    return send_file(found.out / name, as_attachment=True, download_name=name)


def init_batch(app: Flask) -> None:
    """Give the application its store of uploads and the worker in the background; neither starts or makes anything."""
    with app.app_context():
        settings, library = current_settings(), current_library()
    store = Store(settings.data_dir)
    app.extensions[KEY] = Runner(store, library, settings.brand, app.logger)
    sweep_hourly(app, store.sweep)


def _runner() -> Runner:
    return cast(Runner, current_app.extensions[KEY])


def _store() -> Store:
    return _runner().store


def _found() -> tuple[str, Job]:
    """Return the id in the request and its job; 404 where there is none."""
    number = request.values.get("id", "")
    found = _store().find(number)
    if found is None or found.owner != _owner():
        abort(404)
    return number, found


def remove_all_of(organisation: uuid.UUID) -> int:
    """Remove all uploads of an organisation with what was made of them; return how many there were."""
    return _store().remove_all_of(str(organisation))


def _owner() -> str:
    return str(current_visitor().scope)


def _begin(job: Job, step: str) -> None:
    _store().queue(job, step)
    _runner().wake()


def _own_values() -> dict[str, list[tuple[str, str]]]:
    """Return the values of today of whoever asks, by level of care; none where their organisation has none."""
    houses = current_houses()
    if houses is None:
        return {}
    found = {setting: houses(setting) for setting in current_library().settings}
    return {setting: house.pairs for setting, house in found.items() if house}


def _to_job(number: str) -> Response:
    return Response(status=303, headers={"Location": url_for("batch.job", id=number)})


def _front(status: int = 200, *problems: Problem) -> Response:
    page = render_template(
        "batch/page.html",
        problems=problems,
        mappings=MAPPINGS,
        most_rows=MOST_ROWS,
        deleted="deleted" in request.args,
    )
    return Response(page, status)


def _how_far(number: str, found: Job, status: Status, phase: str) -> dict[str, Any]:
    """Return what the progress shows; ``told`` grows ten times at most, for those who listen."""
    told = status.finished * STEPS_TOLD // status.total if status.total else 0
    return {
        "id": number,
        "far": status,
        "phase": phase,
        "ahead": _store().ahead(found) if phase == QUEUED else 0,
        "told": told,
        "active": phase in (QUEUED, RUNNING),
        "tell": request.args.get("told") != str(told),
    }


def _page(rows: list[Shown], attribute: str) -> Page:
    """Return the part of a list that the address asks for."""
    counts = Counter(str(getattr(row, attribute)) for row in rows)
    show = request.args.get("show", "")
    shown = [row for row in rows if getattr(row, attribute) == show] if show in counts else rows
    count = max(-(-len(shown) // PAGE), 1)
    asked = request.args.get("page", "1")
    number = min(max(int(asked), 1), count) if asked.isdecimal() and len(asked) < 6 else 1
    return Page(shown[(number - 1) * PAGE : number * PAGE], number, count, show if show in counts else "", counts)


def _made(found: Job) -> list[Entry]:
    status = found.status()
    if (status.step, status.phase) != (MAKE, DONE):
        abort(404)
    return found.made()


def _plain(name: str) -> str:
    """Return a file's name on one line, without the folders some browsers send along."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in bare if sign.isprintable())[:LONGEST_NAME] or "prospects"


def _usual_paper() -> str:
    return "Letter" if spoken().territory in ("US", "CA", "MX") else "A4"


def _day(text: str) -> str:
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        abort(422)

"""Forms and calculations to be saved, with few futures so that they cost little, and members who save them."""

from __future__ import annotations

import uuid
from functools import cache
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import MultiDict

from assumptions import Library, load_library
from calculator import evaluate
from tests.web.workspace import people
from web.accounts.visitor import Visitor
from web.forms import Form, parse_form
from web.storage import Database
from web.workspace.snapshot import Snapshot, snapshot

USUAL = {
    "clinic.setting": "outpatient",
    "clinic.intakes_per_month": "40",
    "clinic.name": "Riverbend",
    "analysis.draws": "64",
}


@cache
def library() -> Library:
    """Return the evidence, loaded once."""
    return load_library()


def fields(**typed: str) -> dict[str, str]:
    """Return what a form sends, with two underscores for each dot of a path."""
    return {"v": "1"} | USUAL | {name.replace("__", "."): text for name, text in typed.items()}


def form(**typed: str) -> Form:
    """Return a form."""
    made = parse_form(MultiDict(fields(**typed)), library())
    assert made.problems == ()
    return made


@cache
def _taken(query: str) -> Snapshot:
    made = form(**dict(parse_qsl(query)))
    assert made.scenario is not None
    return snapshot(made, evaluate(made.scenario, library()))


def taken(**typed: str) -> Snapshot:
    """Return a calculation; the same one again costs nothing."""
    return _taken(urlencode(typed))


def member(
    database: Database, organisation: uuid.UUID | None = None, role: str = "manager", name: str = "Ada"
) -> Visitor:
    """Make a member of an organisation, or of a new one."""
    home = organisation or people.organisation(database)
    account = people.member(database, home, role, name=name)
    return Visitor("account", home, account, role, name)

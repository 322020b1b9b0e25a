"""A saved scenario that is open in the calculator: what the address says of it, and what the bar above it shows.

The calculator stores nothing and knows no scenario. Its address carries ``saved``, the scenario's key, and
``revision``, the one that was seen; only the bar looks them up.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from flask import url_for
from werkzeug.datastructures import MultiDict

from calculator.serialize import given_dict
from web.accounts.visitor import current_visitor
from web.forms import Form
from web.library import current_library
from web.storage import current_database
from web.workspace.current import Current, MissingScenarioError, find
from web.workspace.pinned import form_of_query
from web.workspace.snapshot import form_text

SAVED: Final = "saved"
REVISION: Final = "revision"


@dataclass(frozen=True)
class Opened:
    """Which scenario a request says is open, and the revision that was seen; no key where none is."""

    key: uuid.UUID | None = None
    seen: int = 0

    @classmethod
    def of(cls, values: MultiDict[str, str]) -> Opened:
        """Return what a request carries; what cannot be a key is left out."""
        seen = read_revision(values)
        try:
            return cls(uuid.UUID(values[SAVED]), seen) if len(values.get(SAVED, "")) == 36 else cls()
        except ValueError:
            return cls()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return the names and values to add to the calculator's address, or to hide in its form."""
        return [] if self.key is None else [(SAVED, str(self.key)), (REVISION, str(self.seen))]


@dataclass(frozen=True)
class Bar:
    """What the bar shows.

    Attributes:
        current: how the scenario stands.
        seen: the revision that what stands in the form rests on.
        kept: whether the scenario holds what stands in the form.
    """

    current: Current
    seen: int
    kept: bool

    @property
    def stale(self) -> bool:
        """Return whether somebody changed the scenario since, so that it cannot just be saved."""
        return not self.kept and self.seen != self.current.revision


def bar_of(form: Form, opened: Opened) -> Bar | None:
    """Return the bar; None where no scenario is open, or not to this visitor."""
    visitor = current_visitor()
    if opened.key is None or not visitor.may("edit"):
        return None
    try:
        with current_database().reading(visitor.scope) as session:
            found = find(session, opened.key)
    except MissingScenarioError:
        return None
    return bar(found, form, opened.seen)


def bar(current: Current, form: Form, seen: int) -> Bar:
    """Return the bar over a form."""
    kept = not current.archived and _holds(current, form)
    return Bar(current, current.revision if kept else seen, kept)


def _holds(current: Current, form: Form) -> bool:
    """Return whether a scenario holds a form, however its numbers are written and however much of it is shown."""
    if form_text(form) == current.form:
        return True
    stored = form_of_query(current.form, current_library())
    if stored.scenario is None or form.scenario is None:
        return False
    return given_dict(stored.scenario) == given_dict(form.scenario)


def open_address(current: Current) -> str:
    """Return the address of the calculator with a scenario open; without the bar where it is archived."""
    pairs = [] if current.archived else Opened(current.id, current.revision).pairs
    end = f"&{urlencode(pairs)}" if pairs else ""
    return f"{url_for('calculator.index')}?{current.form}{end}"


def read_revision(values: MultiDict[str, str]) -> int:
    """Return the revision a request says was seen; 0, which there never is, where it says none."""
    text = values.get(REVISION, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

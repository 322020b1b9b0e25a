"""A version of a scenario, computed anew from its inputs, with whether that is still what it said when it was saved."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from assumptions import Library
from calculator import InputError, Result, evaluate, parse_scenario
from web.forms import Form, parse_form
from web.storage.tables import ScenarioVersion
from web.workspace.headline import Headline, figures_of


@dataclass(frozen=True)
class Pinned:
    """What a version holds and what it comes to today.

    Attributes:
        form: its inputs, as the calculator's form shows them.
        result: computed from them by this release; None where this release cannot read them any more.
        said: the headline as it was when the version was saved; None where none was stored.
        says: the headline today.
        anew: whether program or evidence are not those that the version was saved with.
    """

    form: Form
    result: Result | None
    said: Headline | None
    says: Headline | None
    anew: bool

    @property
    def moved(self) -> bool:
        """Return whether the headline, in the digits that are shown, is not what it was."""
        return self.said is not None and self.said != self.says


def pinned(version: ScenarioVersion, library: Library) -> Pinned:
    """Return a version with its result.

    Args:
        version: the version.
        library: the evidence to compute with.
    """
    form = form_of_query(version.form, library)
    try:
        result = evaluate(parse_scenario(version.inputs), library)
    except InputError:
        result = None
    said = Headline.read(version.figures)
    if result is None:
        return Pinned(form, None, said, None, anew=True)
    made_by = result.reproducibility
    return Pinned(
        form=form,
        result=result,
        said=said,
        says=Headline.read(figures_of(result)),
        anew=(version.program, version.evidence) != (made_by.version, made_by.evidence_sha256),
    )


def form_of_query(query: str, library: Library, most_draws: int | None = None) -> Form:
    """Return the calculator's form that was stored as the query of its address."""
    return parse_form(MultiDict(parse_qsl(query, keep_blank_values=True)), library, most_draws)

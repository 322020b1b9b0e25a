"""What is kept of a calculation: the form, the inputs, the headline, and what it was computed by."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from calculator import Result
from calculator.serialize import given_dict
from web.forms import Form
from web.storage.base import Json
from web.workspace.headline import figures_of


@dataclass(frozen=True)
class Snapshot:
    """A calculation, as it is kept.

    Attributes:
        form: the query of the calculator's form.
        inputs: what was entered and nothing else, as CLINIC in JSON.
        figures: the headline (``web.workspace.headline``), with ``setting`` and ``clinic``.
        program: the version of Rapport that computed them.
        evidence: the digest of the evidence they rest on.
    """

    form: str
    inputs: Json
    figures: Json
    program: str
    evidence: str

    @property
    def clinic(self) -> str:
        """Return the clinic's name, empty where none was given."""
        return str(self.inputs["clinic"].get("name", ""))


def snapshot(form: Form, result: Result) -> Snapshot:
    """Return what is kept of a form and its result."""
    scenario = result.resolved.scenario
    figures = {**figures_of(result), "setting": scenario.clinic.setting, "clinic": scenario.clinic.name}
    made_by = result.reproducibility
    return Snapshot(form_text(form), given_dict(scenario), figures, made_by.version, made_by.evidence_sha256)


def form_text(form: Form) -> str:
    """Return a form as the text that is kept of it: its query."""
    return urlencode(form.query)

"""The example clinics that load by one click."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from urllib.parse import urlencode

from calculator import parse_scenario
from calculator.language import ENGLISH, mark, speaking
from web.forms import form_of

EXAMPLES = ("outpatient_group_practice", "community_clinic_medicaid", "intensive_outpatient", "residential_treatment")
LABELS = (
    mark("Group practice"),
    mark("Community clinic on Medicaid"),
    mark("Intensive outpatient"),
    mark("Residential"),
)


@dataclass(frozen=True)
class Example:
    """One example: what its button says, whose it is, and the query that fills the form with it."""

    file: str
    label: str
    name: str
    query: str


@cache
def examples() -> tuple[Example, ...]:
    """Return the examples in the order of their buttons."""
    found = []
    for file, label in zip(EXAMPLES, LABELS, strict=True):
        scenario = parse_scenario(tomllib.loads((files("web") / "examples" / f"{file}.toml").read_text("utf-8")))
        with speaking(ENGLISH):  # kept for every visitor, whatever the habit of the first
            query = urlencode(form_of(scenario).query)
        found.append(Example(file, label, scenario.clinic.name, query))
    return tuple(found)

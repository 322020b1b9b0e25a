"""What helps where a part of the alliance is weak: a few steps, what they rest on, and how much that may claim."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from plugin.records import COMPONENTS


@dataclass(frozen=True, slots=True)
class Advice:
    """Advice on one part of the alliance.

    Attributes:
        component: bond, goals or tasks.
        label: the advice in one line.
        steps: what can be done in the next session.
        standing: what research has shown of it, and what it has not.
        citation, doi: the source.
    """

    component: str
    label: str
    steps: tuple[str, ...]
    standing: str
    citation: str
    doi: str

    @property
    def url(self) -> str:
        """Return the address of the source."""
        return f"https://doi.org/{self.doi}"


@cache
def advices() -> Mapping[str, Advice]:
    """Return the advice on each part of the alliance, by its name."""
    tables = tomllib.loads((files("plugin") / "cds" / "advice.toml").read_text("utf-8"))
    return MappingProxyType(
        {
            name: Advice(component=name, **(tables[name] | {"steps": tuple(tables[name]["steps"])}))
            for name in COMPONENTS
        }
    )


def advice_on(component: str | None) -> Advice | None:
    """Return the advice on a part of the alliance; None where no part stands out.

    >>> advice_on("goals").label
    "Goals: review the plan together, in the client's own words"
    """
    return None if component is None else advices()[component]

"""A caseload with the model that looks at it, and what was found when both came."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from plugin import trust
from plugin.came_true import Picture, Point
from plugin.caseload import Caseload
from plugin.linear_predictor import LinearPredictor
from plugin.records import SETTINGS, STATUSES
from plugin.training import Training


@dataclass(frozen=True)
class Facts:
    """What was found when a caseload came.

    Attributes:
        rows, kept: episodes in the file, and those that could be used.
        problems, notes: what the loader said, one line each, without what any cell holds.
        learnt_here: whether the model was learnt from this caseload; else it came as a file, or rests on the
            literature because there was nothing to learn from.
        picture: how risks came true; None where too few clients can tell.
        simulated: whether nobody in it is real.
    """

    rows: int
    kept: int
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    learnt_here: bool
    picture: Picture | None
    simulated: bool


@dataclass(frozen=True, eq=False)
class Kept:
    """A caseload, the model, what the model learnt from if anything, and the facts."""

    caseload: Caseload
    predictor: LinearPredictor
    training: Training | None
    facts: Facts

    @cached_property
    def shown(self) -> bool:
        """Return whether the model's risks may be shown: it has proved calibrated on the clinic's own episodes."""
        return trust.calibrated(self.predictor)

    @cached_property
    def setting(self) -> str:
        """Return the setting of most open clients; of all where none is open."""
        still = self.caseload.status == STATUSES.index("open")
        settings = self.caseload.setting[still] if still.any() else self.caseload.setting
        return SETTINGS[int(np.bincount(settings).argmax())]

    @cached_property
    def mixed(self) -> bool:
        """Return whether open clients are in more than one setting."""
        return len(np.unique(self.caseload.setting[self.caseload.status == STATUSES.index("open")])) > 1


def facts_bytes(facts: Facts) -> bytes:
    """Return facts as JSON."""
    return json.dumps(asdict(facts)).encode()


def read_facts(data: bytes) -> Facts:
    """Return the facts in what ``facts_bytes`` made.

    Raises:
        ValueError, TypeError, KeyError: where it is none.
    """
    found: dict[str, Any] = json.loads(data)
    picture: Mapping[str, Any] | None = found["picture"]
    if picture is not None:
        points = tuple(Point(**point) for point in picture["points"])
        found["picture"] = Picture(**{**picture, "points": points})
    return Facts(**{**found, "problems": tuple(found["problems"]), "notes": tuple(found["notes"])})

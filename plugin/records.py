"""One client's data as a predictor sees them: an episode, its ratings and its visits, all frozen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from assumptions.vocabulary import SETTINGS

STATUSES: Final = ("open", "completed", "dropped_out", "discharged_other")
MEASURES: Final = ("bond", "goals", "tasks", "alliance_total", "symptoms", "satisfaction")
COMPONENTS: Final = ("bond", "goals", "tasks")  # of the alliance (Bordin 1979), in the order they are shown
VISIT_STATUSES: Final = ("attended", "no_show", "late_cancel", "cancelled")
MISSED: Final = ("no_show", "late_cancel")  # a visit cancelled in time is not one that was missed

Covariate = float | str | None


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode of care, from intake to its end.

    Attributes:
        episode_id: what the clinic calls it, or its pseudonym.
        client_id: pseudonym of the client; one client may have several episodes.
        clinician_id: pseudonym of the clinician; empty where unknown.
        setting: outpatient, iop, php or residential.
        intake_date: day of intake.
        planned_units: sessions or programme days in a full episode, at least 1.
        units_attended: units attended so far.
        last_unit_date: day of the last attended unit; None before the first.
        status: open, completed, dropped_out or discharged_other.
        covariates: what was known at intake, by the name of its column without ``x_``.
    """

    episode_id: str
    client_id: str
    clinician_id: str
    setting: str
    intake_date: dt.date
    planned_units: int
    units_attended: int
    last_unit_date: dt.date | None = None
    status: str = "open"
    covariates: Mapping[str, Covariate] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Rating:
    """A score on a measure; higher is better for all but ``symptoms``. ``unit`` is None where only the day is known."""

    date: dt.date
    measure: str
    score: float
    scale_min: float
    scale_max: float
    unit: int | None = None

    @property
    def share(self) -> float:
        """Return how far up its scale the score lies, from 0 to 1."""
        return (self.score - self.scale_min) / (self.scale_max - self.scale_min)


@dataclass(frozen=True, slots=True)
class Visit:
    """A booked visit and what became of it; ``minutes`` is None where unknown."""

    date: dt.date
    status: str
    minutes: float | None = None


__all__ = [
    "COMPONENTS",
    "MEASURES",
    "MISSED",
    "SETTINGS",
    "STATUSES",
    "VISIT_STATUSES",
    "Covariate",
    "Episode",
    "Rating",
    "Visit",
]

"""What a predictor is: what goes in, what comes out, and what it says about itself. This is the API others build on.

A predictor is any object with the attributes and methods of ``Predictor``, named in the entry-point group
``rapport.predictors``. It keeps nothing, sends nothing, has no clock of its own, and gives the same answer for the
same question. ``plugin.conformance`` checks all of that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, runtime_checkable

from plugin.caseload import Caseload
from plugin.records import Episode, Rating, Visit
from plugin.scores import Scores

#: Of this contract. A predictor for another major version, or a newer minor one, is refused when it is chosen.
API_VERSION: Final = (1, 0)
GROUP: Final = "rapport.predictors"


def can_run(api_version: object) -> bool:
    """Return whether this release can run a predictor that was written for a version of the contract.

    >>> can_run((1, 0)), can_run((2, 0)), can_run("1.0")
    (True, False, False)
    """
    if not isinstance(api_version, tuple) or [type(part) for part in api_version] != [int, int]:
        return False
    major, minor = api_version
    return bool(major == API_VERSION[0] and 0 <= minor <= API_VERSION[1])


@dataclass(frozen=True, slots=True)
class Need:
    """Something a predictor wants to know; the CDS service asks the record system for it and nothing else.

    Attributes:
        kind: ratings, visits or covariate; the episode itself is always there.
        names: measures for ratings (``MEASURES``), columns without ``x_`` for covariates, empty for visits.
        required: without it the predictor abstains; otherwise it makes do.
        look_back_days: how far back it looks; None for the whole episode.
    """

    kind: Literal["ratings", "visits", "covariate"]
    names: tuple[str, ...] = ()
    required: bool = False
    look_back_days: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One question: how likely is it that this client leaves, as seen on ``as_of``? Nothing in it is dated later."""

    episode: Episode
    as_of: dt.date
    ratings: tuple[Rating, ...] = ()
    visits: tuple[Visit, ...] = ()


@dataclass(frozen=True, slots=True)
class Probability:
    """A probability with its 90 percent interval: 0 ≤ low ≤ value ≤ high ≤ 1."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one fact adds to the log hazard of leaving, against the middle client; above 0 raises the risk.

    ``words`` say it as a clinician would ("bond rated low"), without a number and without a name.
    """

    name: str
    log_hazard: float
    words: str


@dataclass(frozen=True, slots=True)
class Score:
    """An answer.

    Attributes:
        risk_next_unit: that the client leaves before the next unit.
        risk_before_completion: that the client leaves before the last planned unit; never below the next unit's.
        expected_units_remaining: units still to come on average, from 0 to those left of the plan.
        weakest_component: bond, goals or tasks; None where the ratings do not single one out.
        contributions: the reasons, the weightiest first.
    """

    risk_next_unit: Probability
    risk_before_completion: Probability
    expected_units_remaining: float
    weakest_component: str | None = None
    contributions: tuple[Contribution, ...] = ()


@dataclass(frozen=True, slots=True)
class Abstention:
    """No answer, and why, in words a clinician can act on."""

    reason: str


Answer = Score | Abstention


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a reader must know before trusting a predictor; shipped with it as package data.

    Attributes:
        intended_use, not_for: what it is for and what it must not be used for.
        trained_on: the data behind it, in words.
        outcome: what is predicted, over what horizon.
        performance: how good it is where it was tried, in words with figures; says so where nothing is known.
        limits: caveats, one a line.
        version, date: of the model.
        sources: references; a DOI, an address or the id of a figure in the evidence library.
    """

    intended_use: str
    not_for: str
    trained_on: str
    outcome: str
    performance: str
    limits: tuple[str, ...]
    version: str
    date: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LocalRecord:
    """How a predictor did on this clinic's own episodes, out of sample; what decides whether clinicians see it.

    Attributes:
        episodes, events: how many were judged, and how many of them ended in dropout.
        as_of: the day the records end, ISO 8601.
        calibration_slope, expected_observed, c_index: estimate, low and high end of the 95 percent interval.
        thresholds: sensitivity and specificity by threshold of the risk before completion, two decimals.
        threshold_intervals: low and high end of each of the two, for the thresholds that have intervals.
        landmark_days: days after intake on which it was asked; None for at intake.
        reached: shares of all dropouts and of all completers who were in care, and judged, on that day.
        simulated: whether those episodes are of simulated clients.
    """

    episodes: int
    events: int
    as_of: str
    calibration_slope: tuple[float, float, float]
    expected_observed: tuple[float, float, float]
    c_index: tuple[float, float, float]
    thresholds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    threshold_intervals: Mapping[str, tuple[tuple[float, float], tuple[float, float]]] = field(default_factory=dict)
    landmark_days: int | None = None
    reached: tuple[float, float] = (1.0, 1.0)
    simulated: bool = False


@runtime_checkable
class Predictor(Protocol):
    """A named way to predict dropout."""

    @property
    def name(self) -> str:
        """Its name in the entry-point group."""
        ...

    @property
    def version(self) -> str:
        """Of the model, printed beside every score."""
        ...

    @property
    def api_version(self) -> tuple[int, int]:
        """The version of this contract it was written for."""
        ...

    @property
    def needs(self) -> tuple[Need, ...]:
        """What it wants to know beside the episode."""
        ...

    @property
    def horizon(self) -> str:
        """What the two risks mean, in words."""
        ...

    @property
    def local_record(self) -> LocalRecord | None:
        """How it did on this clinic's own episodes; None where nobody has looked."""
        ...

    def card(self) -> ModelCard:
        """Return its model card."""
        ...

    def predict(self, requests: Sequence[Request]) -> Sequence[Answer]:
        """Return one answer for each request, in their order."""
        ...


@runtime_checkable
class TablePredictor(Predictor, Protocol):
    """A predictor that can also score a whole caseload of columns at once, with the same answers."""

    def score(self, caseload: Caseload, as_of: dt.date) -> Scores:
        """Return the scores of all episodes as seen on a day."""
        ...

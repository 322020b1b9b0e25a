"""What stands in a model file, key by key, and what must be true of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from plugin.hazard import SLOPES, ChoiceCovariate, CovariateSpec, NumberCovariate, columns

SCHEMA: Final = "rapport.model/1"
NAME: Final = "fitted"

Count = Annotated[int, Field(ge=0)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
Variance = Annotated[FiniteFloat, Field(ge=0.0)]
Share = Annotated[FiniteFloat, Field(ge=0.0, le=1.0)]
Interval = tuple[FiniteFloat, FiniteFloat, FiniteFloat]
Ends = tuple[FiniteFloat, FiniteFloat]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Number(_Table):
    """A number known at intake."""

    kind: Literal["number"]
    name: str
    mean: FiniteFloat
    sd: Annotated[FiniteFloat, Field(gt=0.0)]


class Choice(_Table):
    """A category known at intake."""

    kind: Literal["choice"]
    name: str
    levels: Annotated[tuple[str, ...], Field(min_length=1)]


class Effect(_Table):
    """A clinician's effect on the log hazard."""

    mean: FiniteFloat
    variance: Variance


class Hazard(_Table):
    """The hazard model; see ``hazard.HazardModel``."""

    columns: tuple[str, ...]
    mean: tuple[FiniteFloat, ...]
    covariance: tuple[tuple[FiniteFloat, ...], ...]
    covariates: tuple[Annotated[Number | Choice, Field(discriminator="kind")], ...]
    clinicians: dict[str, Effect]
    clinician_variance: Variance
    persistence: tuple[tuple[Share, ...], ...] | None

    @property
    def specs(self) -> tuple[CovariateSpec, ...]:
        """Return the covariates as the model uses them."""
        return tuple(
            NumberCovariate(own.name, own.mean, own.sd)
            if isinstance(own, Number)
            else ChoiceCovariate(own.name, own.levels)
            for own in self.covariates
        )


class Counts(_Table):
    """What the model was learnt from; see ``training.Training``."""

    episodes: Annotated[int, Field(ge=1)]
    dropouts: Count
    person_units: Annotated[int, Field(ge=1)]
    clinicians: Count
    first_intake: Day
    last_intake: Day
    as_of: Day
    evidence_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    left_out: dict[str, str]


class Record(_Table):
    """How it did on later clients; see ``contract.LocalRecord``."""

    episodes: Count
    events: Count
    as_of: Day
    calibration_slope: Interval
    expected_observed: Interval
    c_index: Interval
    thresholds: dict[str, tuple[FiniteFloat, FiniteFloat]]
    threshold_intervals: dict[str, tuple[Ends, Ends]] = {}  # files of earlier releases lack this and what follows
    landmark_days: Annotated[int, Field(ge=1)] | None = None
    reached: tuple[Share, Share] = (1.0, 1.0)
    simulated: bool = False


class Card(_Table):
    """The model card; see ``contract.ModelCard``."""

    intended_use: str
    not_for: str
    trained_on: str
    outcome: str
    performance: str
    limits: tuple[str, ...]
    version: str
    date: str
    sources: tuple[str, ...]


class ModelFile(_Table):
    """The whole file."""

    file_schema: Annotated[Literal["rapport.model/1"], Field(alias="schema")]
    name: Literal["fitted"]
    version: str
    training: Counts
    model: Hazard
    local_record: Record | None
    card: Card


def contradictions(file: ModelFile) -> Iterator[str]:
    """Return what is wrong with a file each of whose keys is right by itself, one line each."""
    own = file.model
    names = columns(own.specs)
    p = len(names)
    if own.columns != names:
        yield f"model.columns: are not those of this release and of model.covariates: {', '.join(names)}"
    if len(set(names)) < p:
        yield "model.covariates: names or levels occur twice"
    if len(own.mean) != p:
        yield f"model.mean: has {len(own.mean)} numbers; there are {p} columns"
    if len(own.covariance) != p or any(len(row) != p for row in own.covariance):
        yield f"model.covariance: is not {p} rows of {p} numbers"
        return
    if own.persistence is not None:
        known = own.persistence
        if not known or any(len(row) != len(SLOPES) for row in known) or set(known[0]) != {1.0}:
            yield f"model.persistence: is not rows of {len(SLOPES)} shares, the first of them all 1"
    matrix = np.array(own.covariance)
    if not (np.array_equal(matrix, matrix.T) and np.linalg.eigvalsh(matrix).min() > 0.0):
        yield "model.covariance: is not symmetric with positive variances in every direction"
    if file.training.clinicians != len(own.clinicians):
        yield f"training.clinicians: is {file.training.clinicians}; model.clinicians has {len(own.clinicians)}"
    if file.local_record is not None:
        record = file.local_record
        for key in ("calibration_slope", "expected_observed", "c_index"):
            _, low, high = getattr(record, key)
            if low > high:
                yield f"local_record.{key}: is an estimate with its bounds, the lower one first"

"""What is true in a simulated clinic: the slopes by which clients leave, and how care runs there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from assumptions import load_library
from plugin.caseload import FloatArray
from plugin.evidence import evidence_model
from plugin.hazard import BASELINE, SLOPES, ChoiceCovariate, NumberCovariate, columns
from plugin.records import SETTINGS

LABEL: Final = "Simulated clients: no real person"

#: What simulated clients are asked at intake. Made up, as everything here that names no figure.
AGE: Final = NumberCovariate("age", mean=38.0, sd=12.0)
REFERRAL: Final = ChoiceCovariate("referral", ("court", "physician", "self"))
REFERRAL_SHARES: Final = (0.1, 0.4, 0.5)
COVARIATES: Final = (AGE, REFERRAL)
COLUMNS: Final = columns(COVARIATES)


def _published_slopes() -> dict[str, float]:
    model = evidence_model()
    return {name: float(model.mean[model.columns.index(name)]) for name in SLOPES}


@dataclass(frozen=True)
class Truth:
    """A made-up clinic. What is left out is as published, where anything is.

    Attributes:
        slopes: on the log hazard, by the names in ``hazard.SLOPES``; those left out are 0.
        bends: by the names in ``hazard.BASELINE`` (``intercept`` shifts the whole course); those left out are 0.
        covariates: on the log hazard, by ``age`` (for 12 years more), ``referral=court``, ``referral=physician`` and
            ``referral=self``; those left out are 0.
        clinician_sd: spread of the clinicians' own effects on the log hazard.
        clinicians: how many there are.
        setting: outpatient, iop, php or residential.
        planned_units: plans that occur, equally often; empty for the setting's usual plan.
        no_show_rate: share of booked visits that are missed (no-show or late cancellation), on average over clients;
            None for the setting's published rate.
        no_show_sameness: how alike clients are in missing visits (a + b of the beta distribution of their rates).
        cancel_rate: share of booked visits that are cancelled in time.
        rating_rate: share of attended units after which ratings are collected.
        rating_noise: variance of one rating's error against that of true differences between clients; None for the
            published reliability.
        unknown_rate: share of clients whose age and referral were not written down.
        other_rate: chance, after each unit, that care ends for another reason (a move, a referral elsewhere).
        intake_days: intakes are spread over this many days before the day the data are as of.
        observed: the hazard follows what is observed of a client, exactly as ``hazard.design`` gives it on the day of
            the last unit, so that a model fitted to the data can recover the slopes. False: it follows the client's
            true alliance, symptoms and satisfaction, which the ratings show with noise, as in life; fitted slopes
            then differ from these.
    """

    slopes: Mapping[str, float] = field(default_factory=_published_slopes)
    bends: Mapping[str, float] = field(default_factory=dict)
    covariates: Mapping[str, float] = field(default_factory=dict)
    clinician_sd: float = field(default_factory=lambda: evidence_model().clinician_variance ** 0.5)
    clinicians: int = 12
    setting: str = "outpatient"
    planned_units: tuple[int, ...] = ()
    no_show_rate: float | None = None
    no_show_sameness: float = 6.0
    cancel_rate: float = 0.05
    rating_rate: float = 0.8
    rating_noise: float | None = None
    unknown_rate: float = 0.02
    other_rate: float = 0.005
    intake_days: int = 730
    observed: bool = True

    def __post_init__(self) -> None:
        """Refuse what is not a clinic.

        Raises:
            ValueError: for a name that has no slope here, an unknown setting, or a number out of range.
        """
        if self.setting not in SETTINGS:
            raise ValueError(f"setting is one of {', '.join(SETTINGS)}")
        for part, allowed in (
            (self.slopes, SLOPES),
            (self.bends, BASELINE),
            (self.covariates, COLUMNS[len(BASELINE) + len(SLOPES) :]),
        ):
            if unknown := sorted(set(part) - set(allowed)):
                raise ValueError(f"no slope is called {', '.join(unknown)}; there are {', '.join(allowed)}")
        if any(not 1 <= units <= 400 for units in self.planned_units):
            raise ValueError("planned_units are from 1 to 400")
        if self.clinicians < 1 or self.clinician_sd < 0.0 or self.intake_days < 1:
            raise ValueError("a clinic has at least one clinician, a spread of 0 or more and a day of intakes")
        shares = (self.rating_rate, self.unknown_rate, self.other_rate, self.cancel_rate, self.missed_rate)
        if any(not 0.0 <= share <= 1.0 for share in shares) or self.missed_rate + self.cancel_rate > 0.9:
            raise ValueError("rates are shares from 0 to 1, and at least a tenth of visits takes place")

    @property
    def beta(self) -> FloatArray:
        """Return all slopes in the order of ``COLUMNS``."""
        all_slopes = {**self.bends, **self.slopes, **self.covariates}
        return np.array([all_slopes.get(name, 0.0) for name in COLUMNS])

    @property
    def plans(self) -> tuple[int, ...]:
        """Return the plans that occur."""
        return self.planned_units or (round(self._usual("planned_units")),)

    @property
    def missed_rate(self) -> float:
        """Return the share of booked visits that are missed."""
        return self._usual("no_show_rate") if self.no_show_rate is None else self.no_show_rate

    @property
    def units_per_month(self) -> float:
        """Return how many visits are booked a month."""
        return self._usual("units_per_month")

    def _usual(self, name: str) -> float:
        return float(load_library().settings[self.setting].defaults[f"clinic.{name}"].value)

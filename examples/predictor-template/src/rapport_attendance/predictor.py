"""The published course of dropout, moved by how many of a client's last visits were missed."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from assumptions import load_library
from plugin.caseload import FloatArray
from plugin.contract import (
    Abstention,
    Answer,
    Contribution,
    LocalRecord,
    ModelCard,
    Need,
    Probability,
    Request,
    Score,
)
from plugin.model_cards import read_card
from plugin.records import MISSED, SETTINGS, Visit
from plugin.retention import cumulative_hazard, usual_missed_share

LAST_VISITS = 4  # over which missed visits are counted, as the hazard ratio below says
HALF = 0.5  # the hazard ratio is for half of them
LOOK_BACK_DAYS = 120
CLINIC_SD = 0.5  # of the log hazard: how far clinics lie from the published course. A judgement, as the card says.
Z90 = 1.6449  # 90 percent of a normal variable lie within this many standard deviations


@dataclass(frozen=True)
class Attendance:
    """The predictor. It holds no state that changes, so any number of threads may ask it, and it can be pickled.

    Attributes:
        slope: what half of the last visits missed add to the log hazard of leaving.
        slope_sd: its standard error.
        model_card: read from ``card.toml``.
    """

    slope: float
    slope_sd: float
    model_card: ModelCard
    name: str = "attendance"
    api_version: tuple[int, int] = (1, 0)  # what it was written for, not what happens to be installed
    needs: tuple[Need, ...] = (Need("visits", look_back_days=LOOK_BACK_DAYS),)
    horizon: str = "leaving before the next planned unit, and leaving before the last planned unit"
    local_record: LocalRecord | None = None

    @property
    def version(self) -> str:
        """The card's."""
        return self.model_card.version

    def card(self) -> ModelCard:
        """Return the model card."""
        return self.model_card

    def predict(self, requests: Sequence[Request]) -> Sequence[Answer]:
        """Return one answer for each request, in their order."""
        return [self._answer(request) for request in requests]

    def _answer(self, request: Request) -> Answer:
        episode = request.episode
        done, planned = episode.units_attended, episode.planned_units
        if done >= planned:
            return Abstention("the planned units are done: there is nothing left to predict")
        setting = SETTINGS.index(episode.setting)
        moved, error = self._moved(last_visits(request), float(usual_missed_share()[setting]))
        ahead = hazard_ahead(setting, planned, done)
        middle, low, high = (math.exp(moved + side * Z90 * error) * ahead for side in (0.0, -1.0, 1.0))
        leaves = [-np.expm1(-hazard) for hazard in (middle, low, high)]  # by each coming unit, shape (units left,) each
        words = "missed visits" if moved > 0.0 else "visits kept"
        return Score(
            risk_next_unit=Probability(*(float(risk[0]) for risk in leaves)),
            risk_before_completion=Probability(*(float(risk[-1]) for risk in leaves)),
            expected_units_remaining=float(np.exp(-middle).sum()),
            contributions=(Contribution("missed_visits", moved, words),) if moved else (),
        )

    def _moved(self, visits: Sequence[Visit], usual: float) -> tuple[float, float]:
        """Return what attendance adds to the log hazard against the middle client, and the error of the whole."""
        if not visits:
            return 0.0, CLINIC_SD
        share = sum(visit.status in MISSED for visit in visits) / len(visits)
        halves = (share - usual) / HALF
        return self.slope * halves, math.hypot(CLINIC_SD, self.slope_sd * halves)


def last_visits(request: Request) -> list[Visit]:
    """Return the last visits that it may know of: each once, whatever their order, and none dated later."""
    since = request.as_of - dt.timedelta(days=LOOK_BACK_DAYS)
    known = {(visit.date, visit.status): visit for visit in request.visits if since <= visit.date <= request.as_of}
    return [known[key] for key in sorted(known)][-LAST_VISITS:]


def hazard_ahead(setting: int, planned: int, done: int) -> FloatArray:
    """Return the published hazard of leaving from now until each coming unit, shape (units left,)."""
    units = np.arange(done, planned + 1)
    alike = np.ones_like(units)
    hazard = cumulative_hazard(setting * alike, planned * alike, units)
    ahead: FloatArray = hazard[1:] - hazard[0]
    return ahead


def predictor() -> Attendance:
    """Return the predictor; the entry point names this function."""
    ratio = load_library().roles["risk_missed_visits_hr"]
    if ratio.value is None or ratio.interval is None:
        raise ValueError("the evidence library has no hazard ratio for missed visits")
    width = math.log(ratio.interval.high / ratio.interval.low)
    return Attendance(
        slope=math.log(ratio.value),
        slope_sd=width / (2.0 * 1.96),  # the interval of the figure is one of 95 percent
        model_card=read_card(files("rapport_attendance") / "card.toml"),
    )

"""A probability in words and numbers: percent, how many of ten, and how it compares with what is usual."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from plugin.contract import Probability
from plugin.records import SETTINGS, Episode
from plugin.retention import cumulative_hazard

Level = Literal["higher", "lower", "unclear"]

#: A risk is called higher or lower than usual only where its whole interval lies on one side of what is usual.
LEVEL_WORDS: Final[dict[Level, str]] = {
    "higher": "higher than usual",
    "lower": "lower than usual",
    "unclear": "no clear difference from usual",
}


def percent(share: float) -> str:
    """Return a share in whole percent.

    >>> percent(0.423), percent(0.004), percent(0.997), percent(0.0), percent(1.0)
    ('42%', 'under 1%', 'over 99%', 'under 1%', 'over 99%')
    """
    if share < 0.005:
        return "under 1%"
    return "over 99%" if share >= 0.995 else f"{share:.0%}"


def of_many(share: float) -> str:
    """Return a share as so many of ten, or of a hundred where it is small.

    >>> of_many(0.42), of_many(0.08), of_many(0.002), of_many(0.97)
    ('about 4 in 10', 'about 8 in 100', 'fewer than 1 in 100', 'more than 9 in 10')
    """
    if share >= 0.95:
        return "more than 9 in 10"
    if share >= 0.095:
        return f"about {share * 10:.0f} in 10"
    return f"about {share * 100:.0f} in 100" if share >= 0.005 else "fewer than 1 in 100"


def spanned(risk: Probability) -> str:
    """Return a risk with its range.

    >>> spanned(Probability(0.42, 0.25, 0.6))
    '42% (25% to 60%)'
    """
    return f"{percent(risk.value)} ({percent(risk.low)} to {percent(risk.high)})"


def usual_risk(episode: Episode) -> float:
    """Return the published risk of leaving before the last planned unit, for the middle client at the same point.

    1 − exp(−(H(N) − H(k))) with the cumulative hazard H of ``retention``, k units attended and N planned.
    """
    setting = np.full(2, SETTINGS.index(episode.setting))
    units = np.array([episode.units_attended, episode.planned_units])
    hazard = cumulative_hazard(setting, np.full(2, episode.planned_units), units)
    return float(-np.expm1(-(hazard[1] - hazard[0])))


def level(risk: Probability, usual: float) -> Level:
    """Return how a risk compares with what is usual.

    >>> level(Probability(0.5, 0.3, 0.7), 0.2), level(Probability(0.5, 0.1, 0.7), 0.2)
    ('higher', 'unclear')
    """
    if risk.low > usual:
        return "higher"
    return "lower" if risk.high < usual else "unclear"

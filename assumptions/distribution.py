"""How uncertain a number is: a named family and its parameters. Drawing from it is the calculator's business."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

_PARAMETERS: Final = {"fixed": 1, "normal": 2, "lognormal": 2, "beta": 2, "logitnormal": 2, "pert": 3}


@dataclass(frozen=True)
class Distribution:
    """A probability distribution by name.

    ==============  ====================  ===================================================
    kind            parameters            meaning
    ==============  ====================  ===================================================
    ``fixed``       value                 no uncertainty
    ``normal``      mean, sd
    ``lognormal``   mu, sigma             mean and SD of the natural logarithm
    ``beta``        alpha, beta           on 0 to 1
    ``logitnormal`` mu, sigma             mean and SD of the log-odds
    ``pert``        low, likely, high     a beta on low to high whose mode is likely
    ==============  ====================  ===================================================
    """

    kind: str
    parameters: tuple[float, ...]

    def __post_init__(self) -> None:
        if self.kind not in _PARAMETERS:
            raise ValueError(f"{self.kind!r} is not a distribution; write one of: {', '.join(_PARAMETERS)}")
        if len(self.parameters) != _PARAMETERS[self.kind]:
            raise ValueError(f"{self.kind} takes {_PARAMETERS[self.kind]} parameters, not {len(self.parameters)}")
        if not all(math.isfinite(parameter) for parameter in self.parameters):
            raise ValueError(f"{self.kind} takes finite parameters, not {self.parameters}")

    def scaled(self, factor: float) -> Distribution:
        """Return the distribution of factor * X, for a factor above zero.

        Raises:
            ValueError: for a share (beta, logitnormal), which would leave 0 to 1, unless the factor is 1.

        >>> Distribution("pert", (1.0, 2.0, 4.0)).scaled(3.0)
        Distribution(kind='pert', parameters=(3.0, 6.0, 12.0))
        """
        if not (math.isfinite(factor) and factor > 0.0):
            raise ValueError(f"a distribution can be multiplied by a number above 0, not by {factor}")
        if factor == 1.0:
            return self
        if self.kind in ("beta", "logitnormal"):
            raise ValueError(f"a share ({self.kind}) cannot be multiplied by {factor}: it would not stay within 0 to 1")
        if self.kind == "lognormal":
            mu, sigma = self.parameters
            return Distribution("lognormal", (mu + math.log(factor), sigma))
        return Distribution(self.kind, tuple(parameter * factor for parameter in self.parameters))


def fixed(value: float) -> Distribution:
    """Return the distribution of a number that is known."""
    return Distribution("fixed", (value,))


def pert(low: float, likely: float, high: float) -> Distribution:
    """Return a PERT distribution, which reads a range as "hardly below, probably, hardly above"."""
    return Distribution("pert", (low, likely, high))


def interval_z(level: float) -> float:
    """Return how many standard errors a confidence interval reaches to either side.

    >>> round(interval_z(0.95), 6)
    1.959964
    """
    return NormalDist().inv_cdf(0.5 + level / 2.0)


def normal_from_interval(value: float, low: float, high: float, level: float) -> Distribution:
    """Return a normal distribution whose interval has the width of the published one."""
    return Distribution("normal", (value, (high - low) / (2.0 * interval_z(level))))


def lognormal_from_interval(value: float, low: float, high: float, level: float) -> Distribution:
    """Return a log-normal distribution whose interval has the ratio of the published one; all three above zero."""
    return Distribution("lognormal", (math.log(value), math.log(high / low) / (2.0 * interval_z(level))))


def beta_from_interval(value: float, low: float, high: float, level: float) -> Distribution:
    """Return the beta distribution with mean ``value`` and the standard error that the interval implies.

    With mean m and variance v: alpha + beta = m (1 - m)/v - 1, and alpha is the share m of that sum.
    """
    variance = ((high - low) / (2.0 * interval_z(level))) ** 2
    if not 0.0 < value < 1.0:
        raise ValueError(f"a share of {value} has no beta distribution; it must lie between 0 and 1")
    total = value * (1.0 - value) / variance - 1.0
    if total <= 0.0:
        raise ValueError(f"the interval {low} to {high} is too wide for a beta distribution around {value}")
    return Distribution("beta", (value * total, (1.0 - value) * total))


def logitnormal_around(value: float, logit_sd: float) -> Distribution:
    """Return a share whose log-odds are normal around those of ``value``, which becomes the median."""
    if not 0.0 < value < 1.0:
        raise ValueError(f"a share of {value} has no log-odds; it must lie between 0 and 1")
    return Distribution("logitnormal", (math.log(value / (1.0 - value)), logit_sd))


def lognormal_around(value: float, log_sd: float) -> Distribution:
    """Return an amount whose logarithm is normal around that of ``value``, which becomes the median."""
    if value <= 0.0:
        raise ValueError(f"{value} has no logarithm; it must be above 0")
    return Distribution("lognormal", (math.log(value), log_sd))

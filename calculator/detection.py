"""When you will know: how many months of data it takes to see the change in dropout."""

from __future__ import annotations

from statistics import NormalDist

from calculator.result import Detection

POWER = 0.80
TWO_SIDED = 0.05
LONGEST = 1e6  # months; beyond it the answer is never


def months_to_detect(before: float, after: float, intakes_per_month: float, history_months: float) -> Detection:
    """Return the months each of two equal periods needs, and the months after go-live given ``history_months``.

    Unpooled two-proportion normal approximation: n = (z₁ + z₂)²·[D(1 − D) + D'(1 − D')]/(D − D')² episodes a period;
    with a history of n₀ episodes, D'(1 − D')/n = (D − D')²/(z₁ + z₂)² − D(1 − D)/n₀.

    Args:
        before: D, dropout rate today.
        after: D', dropout rate predicted.
        intakes_per_month: new episodes a month, in both periods.
        history_months: months of records from before go-live.

    References:
        Fleiss JL, Levin B, Paik MC (2003). Statistical Methods for Rates and Proportions, 3rd ed., section 4.2.
    """
    quantiles = NormalDist().inv_cdf(1.0 - TWO_SIDED / 2.0) + NormalDist().inv_cdf(POWER)
    noise_before, noise_after = before * (1.0 - before), after * (1.0 - after)
    needed = ((before - after) / quantiles) ** 2
    if needed <= 0.0:
        return Detection(None, None)
    left = needed - (noise_before / (intakes_per_month * history_months) if history_months > 0 else needed)
    equal = _reachable((noise_before + noise_after) / needed / intakes_per_month)
    after_history = _reachable(noise_after / left / intakes_per_month) if left > 0.0 else None
    episodes = (None if months is None else months * intakes_per_month for months in (equal, after_history))
    return Detection(equal, after_history, *episodes)


def _reachable(months: float) -> float | None:
    return months if months <= LONGEST else None

"""What a fit found, in words: what it rests on, what the clinic's own episodes moved, and how far to trust it."""

from __future__ import annotations

import math
from statistics import NormalDist
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from plugin.fitted import performance
from plugin.hazard import NumberCovariate
from plugin.training import fewest_episodes

if TYPE_CHECKING:
    from plugin.fitted import Fitted

_Z: Final = NormalDist().inv_cdf(0.95)
_TERMS: Final = {
    "intercept": "this clinic, whole course",
    "before_first": "before the first unit",
    "early": "after units 1 to 3",
    "late": "at the end against the start",
    "bond": "bond, 1 SD higher",
    "goals": "goals, 1 SD higher",
    "tasks": "tasks, 1 SD higher",
    "symptoms": "symptoms, 1 SD higher",
    "symptoms_change": "symptoms, 1 SD worse than at first",
    "satisfaction": "satisfaction, 1 SD higher",
    "missed_share": "half of the last visits missed",
}


def fit_summary(fitted: Fitted) -> str:
    """Return the summary as lines of at most 100 characters, for a terminal or a file."""
    training = fitted.training
    lines = [
        f"{training.episodes:,} episodes with intakes from {training.first_intake} to {training.last_intake}, as known "
        f"on {training.as_of}:",
        f"{training.dropouts:,} dropouts in {training.person_units:,} person-units, "
        f"{training.clinicians:,} clinicians.",
    ]
    if training.small:
        lines.append(
            f"This is a small model: with fewer than {fewest_episodes()} episodes it rests mostly on published figures."
        )
    lines += ["", *_moved(fitted), "", *_wrapped(performance(fitted.predictor.local_record, fitted.unjudged))]
    lines += [f"Column x_{name}: {why}." for name, why in training.left_out.items()]
    return "\n".join(lines)


def _moved(fitted: Fitted) -> list[str]:
    """Return a table of hazard ratios before and after, with their 90 percent intervals.

    The weight of the clinic's own episodes is their share of the precision: 1 − variance after/variance before.
    """
    model, prior = fitted.learnt.model, fitted.learnt.prior
    numbers = {spec.name for spec in model.covariates if isinstance(spec, NumberCovariate)}
    rows = [("Hazard of leaving, times", "published", "with your episodes", "weight of yours")]
    for place, name in enumerate(model.columns):
        before = _ratio(prior.mean[place], prior.covariance[place, place])
        after = _ratio(model.mean[place], model.covariance[place, place])
        shown = _TERMS.get(name, f"{name}, 1 SD higher" if name in numbers else name.replace("=", ": "))
        weight = 1.0 - model.covariance[place, place] / prior.covariance[place, place]
        rows.append((shown, before, after, f"{weight:.0%}"))
    published, own = (f"{math.exp(math.sqrt(each.clinician_variance)):.2f}" for each in (prior, model))
    rows.append(("a clinician 1 SD from the middle", published, own, ""))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [
        "  ".join((row[0].ljust(widths[0]), row[1].ljust(widths[1]), row[2].ljust(widths[2]), row[3])).rstrip()
        for row in rows
    ]


def _ratio(mean: float, variance: float) -> str:
    half = _Z * math.sqrt(variance)
    return f"{math.exp(mean):.2f} ({math.exp(mean - half):.2f} to {math.exp(mean + half):.2f})"


def _wrapped(text: str) -> list[str]:
    return wrap(text, 100)

"""What an evaluation says of one model, as the record that travels with it and decides whether clinicians see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugin.contract import LocalRecord
from plugin.errors import PluginError
from plugin.trust import judge

Figure = Mapping[str, Any]


def local_record(evaluation: Mapping[str, Any], name: str = "") -> LocalRecord:
    """Return the record of a model in an evaluation; its intervals hold 95 percent.

    ``thresholds`` has the thresholds at which sensitivity and specificity both exist.

    Args:
        evaluation: what ``evaluate`` returned.
        name: of the model; the one that the evaluation is about without it.

    Raises:
        PluginError: where calibration or discrimination could not be told.
    """
    name = name or evaluation["primary"]
    figures = evaluation["models"][name]
    wanted = ("calibration_slope", "expected_observed", "c_index")
    missing = [key for key in wanted if figures[key]["low"] is None]
    if missing:
        raise PluginError(f"{name}: has no {key.replace('_', ' ')}: {figures[key]['reason']}" for key in missing)
    slope, ratio, concordance = (_triple(figures[key]) for key in wanted)
    at_thresholds, landmark = _thresholds(evaluation["net_benefit"], name), evaluation["landmark"]
    return LocalRecord(
        episodes=evaluation["n"],
        events=evaluation["events"],
        as_of=evaluation["population"]["records_end"],
        calibration_slope=slope,
        expected_observed=ratio,
        c_index=concordance,
        thresholds={at: (one["estimate"], other["estimate"]) for at, (one, other) in at_thresholds.items()},
        threshold_intervals={
            at: ((one["low"], one["high"]), (other["low"], other["high"]))
            for at, (one, other) in at_thresholds.items()
            if one["low"] is not None and other["low"] is not None
        },
        landmark_days=landmark["days"],
        reached=(landmark["dropouts_reached"], landmark["completers_reached"]),
        simulated=evaluation["simulated"],
    )


def trust(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """Return whether the model that an evaluation is about may be shown to clinicians, and why not."""
    try:
        why = judge(local_record(evaluation))
    except PluginError as error:
        why = error.problems[0]
    return {"shown": not why, "reason": why}


def performance(evaluation: Mapping[str, Any]) -> str:
    """Say for a model card how the model that an evaluation is about did."""
    record = local_record(evaluation)
    people = "simulated clients" if evaluation["simulated"] else "clients it was not fitted to"
    slope, ratio, concordance = (
        f"{value:.2f} ({low:.2f} to {high:.2f})"
        for value, low, high in (record.calibration_slope, record.expected_observed, record.c_index)
    )
    return (
        f"Judged by `rapport evaluate` on {record.episodes:,} episodes of {people}, {record.events:,} of which ended "
        f"in dropout, as of {record.as_of}. {evaluation['horizon']} Calibration slope {slope}, expected over observed "
        f"{ratio}, C-index {concordance}; 95 percent intervals."
    )


def _triple(figure: Figure) -> tuple[float, float, float]:
    return figure["estimate"], figure["low"], figure["high"]


def _thresholds(net_benefit: Mapping[str, Any], name: str) -> dict[str, tuple[Figure, Figure]]:
    """Return sensitivity and specificity with their intervals, by threshold, where both exist."""
    curve = net_benefit["models"][name]
    rows = zip(net_benefit["thresholds"], curve["sensitivity"], curve["specificity"], strict=True)
    return {
        f"{threshold:.2f}": (sensitivity, specificity)
        for threshold, sensitivity, specificity in rows
        if sensitivity["estimate"] is not None and specificity["estimate"] is not None
    }

"""Examine a predictor at hand, in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from plugin.conformance.catalogue import checked_reasons, checks_for, one_line, outcomes
from plugin.conformance.report import NotConforming, Report, Result
from plugin.conformance.trial import Trial
from plugin.contract import Predictor
from plugin.host import TIME_LIMIT


def check_predictor(
    predictor: Predictor,
    expected_failures: Mapping[str, str] | None = None,
    *,
    opener: Callable[[], Predictor] | None = None,
    seconds: float = TIME_LIMIT,
    on_fail: Literal["raise", "collect"] = "raise",
) -> Report:
    """Make every check that applies to a predictor.

    Args:
        predictor: who is examined.
        expected_failures: by the names of checks, why they fail; one that passes all the same is wrong as well.
        opener: opens the predictor anew, as the entry point does; without it, a pickled copy is examined.
        seconds: what a batch may take.
        on_fail: raise what is wrong, or leave it to the report.

    Raises:
        NotConforming: where a check came out wrong; a line for each.
        PluginError: where an expected failure is no check of this predictor, or has no reason.
    """
    checks = checks_for(predictor)
    expected = checked_reasons(expected_failures, checks)
    trial = Trial(predictor, opener, seconds)
    results = tuple(Result.of(check, wrong, expected) for check, wrong in outcomes(trial, checks))
    report = Report(_said(predictor, "name"), _said(predictor, "version"), results)
    if on_fail == "raise" and not report.passed:
        raise NotConforming(report.problems)
    return report


def _said(predictor: Predictor, name: str) -> str:
    try:
        return one_line(str(getattr(predictor, name)))
    except Exception:  # another author's code may raise anything; a check has told it
        return "unknown"

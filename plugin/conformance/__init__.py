"""The conformance kit: whether a predictor keeps the contract, by named checks, in pytest or on the command line."""

from plugin.conformance.by_name import check_named, describe
from plugin.conformance.catalogue import CHECKS, KIT_VERSION, checks_for
from plugin.conformance.check import Check
from plugin.conformance.examine import check_predictor
from plugin.conformance.pytest_checks import parametrize_with_checks
from plugin.conformance.report import NotConforming, Report, Result
from plugin.conformance.trial import CheckFailed

__all__ = [
    "CHECKS",
    "KIT_VERSION",
    "Check",
    "CheckFailed",
    "NotConforming",
    "Report",
    "Result",
    "check_named",
    "check_predictor",
    "checks_for",
    "describe",
    "parametrize_with_checks",
]

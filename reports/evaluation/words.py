"""How the report says names and figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Evaluation = Mapping[str, Any]

NOT_REPORTED: Final = "Not reported"
NONE: Final = "—"
MODELS: Final = {
    "fitted": "Fitted to this clinic",
    "evidence": "Published figures",
    "base_rate": "Same risk for all",
    "last_attendance": "Last visit missed",
    "logistic": "Logistic regression",
    "cox": "Cox regression",
    "survival_forest": "Survival forest",
    "gradient_boosting": "Boosted trees",
}
IN_FULL: Final = {
    "fitted": "the model that is fitted to this clinic’s episodes and starts from published figures",
    "evidence": "the model that rests on published figures alone",
}
FIGURES: Final = {
    "c_index": "C-index",
    "auc": "AUC",
    "brier": "Brier",
    "scaled_brier": "Scaled Brier",
    "calibration_slope": "Slope",
    "calibration_intercept": "Intercept",
    "expected_observed": "Expected over observed",
}
MEASURES: Final = {"alliance_total": "alliance as a whole", "iop": "intensive outpatient", "php": "partial hospital"}


def model(name: str) -> str:
    """Return how the report calls a model."""
    return MODELS.get(name, name)


def in_full(name: str) -> str:
    """Return what a model is, within a sentence."""
    return IN_FULL.get(name, f"the predictor {name}")


def plain(name: str) -> str:
    """Return a measure, setting or column in words.

    >>> plain("alliance_total"), plain("x_prior_treatments")
    ('alliance as a whole', 'prior treatments')
    """
    return MEASURES.get(name, name.removeprefix("x_").replace("_", " "))


def figure(found: Mapping[str, Any], digits: int = 2) -> str:
    """Return a figure with its interval; a dash where there is none.

    >>> figure({"estimate": 0.6042, "low": 0.55, "high": 0.66})
    '0.60 (0.55 to 0.66)'
    >>> figure({"estimate": None, "low": None, "high": None, "reason": "so"}), figure({"estimate": -0.001, "low": None})
    ('—', '0.00')
    """
    if found["estimate"] is None:
        return NONE
    value = number(found["estimate"], digits)
    if found["low"] is None:
        return value
    return f"{value} ({number(found['low'], digits)} to {number(found['high'], digits)})"


def number(value: float, digits: int = 2) -> str:
    """Return a number with a true minus sign and no negative zero.

    >>> number(-0.5), number(-0.0001)
    ('−0.50', '0.00')
    """
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if not float(text) else text.replace("-", "−")


def percent(value: float) -> str:
    """Return a share as percent.

    >>> percent(0.296)
    '30%'
    """
    return f"{100.0 * value:.0f}%"


def listed(parts: list[str]) -> str:
    """Return parts as a sentence lists them.

    >>> listed(["a", "b", "c"]), listed(["a"]), listed([])
    ('a, b and c', 'a', 'none')
    """
    if len(parts) < 2:
        return parts[0] if parts else "none"
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def moment(evaluation: Evaluation) -> str:
    """Return when the prediction is made."""
    days = evaluation["landmark"]["days"]
    return "at intake" if days is None else f"{days} days after intake"

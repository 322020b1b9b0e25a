"""The entry point of the *evidence* predictor."""

from __future__ import annotations

from plugin.evidence import VERSION, evidence_model
from plugin.linear_predictor import LinearPredictor
from plugin.model_cards import own_card


def predictor() -> LinearPredictor:
    """Return the predictor that rests on the literature alone."""
    return LinearPredictor("evidence", VERSION, evidence_model(), own_card("evidence"))

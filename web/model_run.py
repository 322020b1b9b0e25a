"""A run of the model, measured: the pages and the API run it through here."""

from __future__ import annotations

from assumptions import Library
from calculator import Result, Scenario
from calculator import evaluate as run
from web.operations.metrics import model_run


def evaluate(scenario: Scenario, library: Library, *, indices: bool = False) -> Result:
    """Return what ``calculator.evaluate`` does, and note how long it took."""
    with model_run():
        return run(scenario, library, indices=indices)

"""What a check is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from plugin.conformance.trial import Trial
from plugin.contract import Predictor


def everybody(_: Predictor) -> bool:
    """Say that a check applies to each predictor."""
    return True


@dataclass(frozen=True)
class Check:
    """A rule of the contract, and how to find out whether a predictor keeps it.

    Attributes:
        name: how it is called where a failure is expected.
        rule: what must be true, in one sentence.
        examine: raises ``CheckFailed`` where it is not; anything else that it raises is the predictor's as well.
        applies: whether a predictor can be examined so.
        asks: whether it asks for predictions; one that does not works with a predictor that never answers.
    """

    name: str
    rule: str
    examine: Callable[[Trial], None]
    applies: Callable[[Predictor], bool] = everybody
    asks: bool = True

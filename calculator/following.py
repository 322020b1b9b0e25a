"""Defaults that follow other inputs: which of a scenario's numbers are a share of others, and what they then are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from calculator.arrays import FloatArray
from calculator.resolve import Resolved, followed


@dataclass(frozen=True)
class Following:
    """A default that is a share of other inputs, such as clinicians of the sessions planned in a month."""

    path: str
    basis: str
    share: float

    def value(self, values: Mapping[str, FloatArray], payers: int) -> FloatArray:
        """Return what ``resolve`` would make of it, given the inputs it follows."""
        return followed(self.path, self.share, self.basis, values, payers)


def following(resolved: Resolved) -> dict[str, Following]:
    """Return the inputs that follow others, by path; what they follow follows nothing itself."""
    return {
        path: Following(path, item.basis, resolved.setting.defaults[path].value)
        for path, item in resolved.inputs.items()
        if item.basis is not None
    }

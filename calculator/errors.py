"""The one tree of exceptions. Each carries every problem found, never only the first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class RapportError(Exception):
    """Anything Rapport raises on purpose; its text is meant for the user."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with an input, in words to act on.

    Attributes:
        path: The key, as written in CLINIC.toml, such as ``clinic.dropout_rate`` or ``payers.2.share``.
        message: What was found and what is allowed.
    """

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path} {self.message}" if self.path else self.message


class InputError(RapportError):
    """An input that cannot be used; ``problems`` holds one entry for each fault."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

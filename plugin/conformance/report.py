"""What came of an examination."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from plugin.conformance.catalogue import KIT_VERSION
from plugin.conformance.check import Check
from plugin.errors import PluginError

SCHEMA: Final = "rapport.conformance/1"
Status = Literal["passed", "failed", "expected_failure", "unexpected_pass"]
GOOD: Final[frozenset[Status]] = frozenset({"passed", "expected_failure"})


class NotConforming(PluginError):  # noqa: N818 - what the predictor is
    """A predictor does not keep the contract; ``problems`` has a line for each check."""


@dataclass(frozen=True)
class Result:
    """What came of one check.

    Attributes:
        check: its name.
        rule: what must be true.
        status: an expected failure that passes is an unexpected pass, which is wrong too: the reason no longer holds.
        message: what is wrong; empty where nothing is.
        reason: why it was expected to fail; empty where it was not.
    """

    check: str
    rule: str
    status: Status
    message: str = ""
    reason: str = ""

    @classmethod
    def of(cls, check: Check, wrong: str, expected: Mapping[str, str]) -> Result:
        """Return what came of a check, ``wrong`` being what it found."""
        reason = expected.get(check.name, "")
        if reason and not wrong:
            message = "passes, although it was expected to fail; take it off the list"
            return cls(check.name, check.rule, "unexpected_pass", message, reason)
        status: Status = "passed" if not wrong else "expected_failure" if reason else "failed"
        return cls(check.name, check.rule, status, wrong, reason)


@dataclass(frozen=True)
class Report:
    """What came of all checks of a predictor."""

    model: str
    version: str
    results: tuple[Result, ...]

    @property
    def passed(self) -> bool:
        """Return whether each check passed, or failed as expected."""
        return all(result.status in GOOD for result in self.results)

    @property
    def problems(self) -> tuple[str, ...]:
        """Return a line for each check that came out wrong."""
        return tuple(
            f"model {self.model}: {result.check}: {result.message}"
            for result in self.results
            if result.status not in GOOD
        )

    def counts(self) -> dict[Status, int]:
        """Return how many checks came out each way, those that there are."""
        return dict(Counter(result.status for result in self.results))

    def plain(self) -> dict[str, Any]:
        """Return the report as JSON has it."""
        return {
            "schema": SCHEMA,
            "kit_version": KIT_VERSION,
            "model": self.model,
            "version": self.version,
            "passed": self.passed,
            "checks": [vars(result) for result in self.results],
        }

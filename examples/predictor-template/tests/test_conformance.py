"""The predictor keeps the contract. One case for each check of the kit."""

from __future__ import annotations

from collections.abc import Callable

from plugin.conformance import parametrize_with_checks

from rapport_attendance import predictor

#: Checks that are known to fail, and why. One that passes all the same fails the test, so the list stays true.
EXPECTED_FAILURES: dict[str, str] = {}


@parametrize_with_checks([predictor()], EXPECTED_FAILURES)
def test_it_keeps_the_contract(check: Callable[[], None]) -> None:
    check()

"""The checks as cases of pytest, which is imported only here: nobody needs it to run Rapport."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from plugin.conformance.catalogue import checked_reasons, checks_for
from plugin.conformance.trial import CheckFailed, Trial
from plugin.contract import Predictor
from plugin.registry import open_predictor

if TYPE_CHECKING:
    from pytest import MarkDecorator  # noqa: PT013 - not imported at run time

Expected = Mapping[str, str] | Callable[[Predictor], Mapping[str, str]]


def parametrize_with_checks(
    predictors: Iterable[Predictor | str], expected_failures: Expected | None = None
) -> MarkDecorator:
    """Return a mark that runs a test once for each predictor and check that applies to it.

    The test has the argument ``check`` and calls it; it raises ``CheckFailed`` where a rule is broken:

        @parametrize_with_checks(["attendance"])
        def test_conforms(check):
            check()

    Args:
        predictors: predictors, or names of installed ones; a name is opened as in service.
        expected_failures: why checks fail, by their names, or a function that says so of a predictor. They are marked
            ``xfail(strict=True)``: one that passes fails the test.

    Raises:
        PluginError: where there is no such predictor, an expected failure is no check of it, or has no reason.
    """
    import pytest

    cases = []
    for given in predictors:
        opener = partial(open_predictor, given) if isinstance(given, str) else None
        predictor = open_predictor(given) if isinstance(given, str) else given
        checks = checks_for(predictor)
        expected = checked_reasons(
            expected_failures(predictor) if callable(expected_failures) else expected_failures, checks
        )
        trial = Trial(predictor, opener)
        for check in checks:
            reason = expected.get(check.name)
            marks = [] if reason is None else [pytest.mark.xfail(reason=reason, strict=True, raises=CheckFailed)]
            call = partial(check.examine, trial)
            cases.append(pytest.param(call, id=f"{predictor.name}-{check.name}", marks=marks))
    return pytest.mark.parametrize("check", cases)

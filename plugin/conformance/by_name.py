"""Show and examine a predictor by its name or model file, in a process of its own: it may do anything, or never end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from functools import partial
from typing import Any, Final

from plugin.conformance.apart import apart
from plugin.conformance.catalogue import CHECKS, checked_reasons, checks_for, outcomes
from plugin.conformance.report import Report, Result
from plugin.conformance.trial import Trial
from plugin.contract import LocalRecord, ModelCard, Need
from plugin.errors import PluginError
from plugin.host import TIME_LIMIT
from plugin.registry import open_predictor
from plugin.trust import judge
from plugin.worker_process import START_SECONDS, Failed, TooLate

PATIENCE: Final = 8.0  # times what a batch may take is what a check may take


def describe(model: str, seconds: float = START_SECONDS) -> dict[str, Any]:
    """Return what a predictor says about itself, as plain data.

    Args:
        model: a name, or the path of a model file.
        seconds: what it may take to open it and to hear it.

    Returns:
        Its name, version, api_version, horizon, needs, card and local_record (None where there is none), and withheld,
        the reason why clinicians do not see it (empty where they do).

    Raises:
        PluginError: where there is no such predictor, it cannot be opened, or cannot say what it is.
    """
    with closing(apart(partial(_described, model), seconds, seconds)) as said:
        return _first(model, said)


def check_named(
    model: str,
    expected_failures: Mapping[str, str] | None = None,
    *,
    seconds: float = TIME_LIMIT,
    opening: float = START_SECONDS,
    progress: Callable[[Result], None] = lambda _: None,
) -> Report:
    """Make every check that applies to a predictor; one that hangs, or ends its process, fails them and no more.

    Args:
        model: a name, or the path of a model file.
        expected_failures: as for ``check_predictor``.
        seconds: what a batch may take; a check may take ``PATIENCE`` times that.
        opening: what it may take to open it.
        progress: called with each result as it comes.

    Raises:
        PluginError: where there is no such predictor, it cannot be opened, or an expected failure is no check of it.
    """
    with closing(apart(partial(_examined, model, seconds), opening, PATIENCE * seconds)) as said:
        return _reported(model, said, expected_failures, PATIENCE * seconds, progress)


def _reported(
    model: str,
    said: Iterator[dict[str, Any]],
    expected_failures: Mapping[str, str] | None,
    seconds: float,
    progress: Callable[[Result], None],
) -> Report:
    head = _first(model, said)
    checks = [CHECKS[name] for name in head["checks"]]
    expected = checked_reasons(expected_failures, checks)
    results: list[Result] = []
    ended = ""
    for check in checks:
        wrong = ended and f"not made: {ended}"
        if not ended:
            try:
                wrong = next(said)["wrong"]
            except TooLate:
                ended = "the predictor had stopped answering"
                wrong = f"took longer than {seconds:g} seconds and was stopped"
            except Failed as error:
                ended = "the predictor had ended its process"
                wrong = f"the predictor ends its process ({error})"
        results.append(Result.of(check, wrong, expected))
        progress(results[-1])
    return Report(head["name"], head["version"], tuple(results))


def _first(model: str, said: Iterator[dict[str, Any]]) -> dict[str, Any]:
    try:
        return next(said)
    except TooLate:
        raise PluginError([f"model {model}: does not open in time; it was stopped"]) from None
    except Failed as error:
        raise PluginError([f"model {model}: cannot be opened: {error}"]) from None


def _examined(model: str, seconds: float) -> Iterator[dict[str, Any]]:
    predictor = open_predictor(model)
    checks = checks_for(predictor)
    yield {"name": str(predictor.name), "version": str(predictor.version), "checks": [check.name for check in checks]}
    trial = Trial(predictor, partial(open_predictor, model), seconds)
    for _, wrong in outcomes(trial, checks):
        yield {"wrong": wrong}


def _described(model: str) -> Iterator[dict[str, Any]]:
    predictor = open_predictor(model)
    card: object = predictor.card()
    record: object = predictor.local_record
    declared: object = predictor.needs
    wrong = []
    if not isinstance(card, ModelCard):
        wrong.append("card() returns no ModelCard")
    if not isinstance(record, LocalRecord | None):
        wrong.append("local_record is no LocalRecord")
    if not isinstance(declared, tuple) or not all(isinstance(need, Need) for need in declared):
        wrong.append("needs are no tuple of Need")
    if wrong:
        raise PluginError(f"model {model}: {problem}; rapport plugin check says more" for problem in wrong)
    yield {
        "name": str(predictor.name),
        "version": str(predictor.version),
        "api_version": list(predictor.api_version),
        "horizon": str(predictor.horizon),
        "needs": [asdict(need) for need in predictor.needs],
        "card": asdict(predictor.card()),
        "local_record": None if predictor.local_record is None else asdict(predictor.local_record),
        "withheld": judge(predictor.local_record),
    }

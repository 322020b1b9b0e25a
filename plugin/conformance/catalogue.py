"""All checks, in the order in which they are made: what a predictor says, whether it answers at all, then the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from plugin.conformance import answers, conduct, history, says, tables
from plugin.conformance.check import Check
from plugin.conformance.trial import CheckFailed, NoReply, Trial
from plugin.contract import Predictor
from plugin.errors import PluginError

#: Of the kit: the first number changes where a predictor that passed may fail (a new or sharper check).
KIT_VERSION: Final = "1.0"

CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        check.name: check
        for check in (*says.CHECKS, *conduct.FIRST, *answers.CHECKS, *history.CHECKS, *conduct.CHECKS, *tables.CHECKS)
    }
)
LONGEST_MESSAGE: Final = 600  # characters


def checks_for(predictor: Predictor) -> tuple[Check, ...]:
    """Return the checks that apply to a predictor, in their order.

    Those of tables are for predictors that have ``score``, that of required data for those that require any.
    """
    return tuple(check for check in CHECKS.values() if _applies(check, predictor))


def _applies(check: Check, predictor: Predictor) -> bool:
    try:
        return check.applies(predictor)
    except Exception:  # another author's code may raise anything; the checks of what it says tell it
        return False


def checked_reasons(expected_failures: Mapping[str, str] | None, among: Iterable[Check]) -> dict[str, str]:
    """Return expected failures as they were given.

    Raises:
        PluginError: for a name that is not among the checks of the predictor, or a reason that is blank.
    """
    names = [check.name for check in among]
    problems = []
    for name, reason in (expected_failures or {}).items():
        if name not in CHECKS:
            problems.append(f"expected failure {name}: is no check; there are {', '.join(names)}")
        elif name not in names:
            problems.append(f"expected failure {name}: is no check of this predictor; leave it out")
        elif not isinstance(reason, str) or not reason.strip():
            problems.append(f"expected failure {name}: has no reason; say why it fails")
    if problems:
        raise PluginError(problems)
    return dict(expected_failures or {})


def outcomes(trial: Trial, checks: Iterable[Check]) -> Iterator[tuple[Check, str]]:
    """Make checks and give each with what is wrong; empty where nothing is.

    Once a predictor has not answered at all, it is not asked again: it might never return.
    """
    silent = False
    for check in checks:
        if silent and check.asks:
            yield check, "not made: the predictor had stopped answering"
            continue
        try:
            check.examine(trial)
        except CheckFailed as error:
            silent = silent or isinstance(error, NoReply)
            yield check, one_line(str(error))
        except Exception as error:  # another author's code may raise anything
            yield check, one_line(f"raises {type(error).__name__}: {error}")
        else:
            yield check, ""


def one_line(text: str) -> str:
    """Return a text as one line that a terminal can show."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split()) or "fails without a word"
    return plain if len(plain) <= LONGEST_MESSAGE else f"{plain[: LONGEST_MESSAGE - 1]}…"

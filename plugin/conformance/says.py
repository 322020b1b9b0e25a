"""Checks of what a predictor says about itself, before it is asked anything."""

from __future__ import annotations

import datetime as dt
from typing import Final

from plugin.answer_check import NoAnswer, words
from plugin.asking import need_problem
from plugin.conformance.check import Check
from plugin.conformance.trial import CheckFailed, Trial
from plugin.contract import API_VERSION, LocalRecord, ModelCard, can_run
from plugin.trust import judge

#: Words in the name of a column that make it a protected attribute. After Title VI of the US Civil Rights Act,
#: section 1557 of the Affordable Care Act and article 21 of the EU Charter of Fundamental Rights.
PROTECTED: Final = frozenset(
    {
        *("age", "sex", "gender", "pregnancy", "pregnant", "marital", "orientation", "sexuality"),
        *("race", "racial", "ethnic", "ethnicity", "color", "colour", "language"),
        *("national", "nationality", "citizenship", "immigration"),
        *("religion", "faith", "belief", "disability", "disabled"),
    }
)
_TEXTS: Final = ("intended_use", "not_for", "trained_on", "outcome", "performance", "version", "date")


def protected(name: str) -> bool:
    """Return whether a column is named for a protected attribute.

    >>> protected("age_at_intake"), protected("language"), protected("wage"), protected("stage")
    (True, True, False, False)
    """
    return bool(PROTECTED & set(name.lower().replace("-", "_").split("_")))


def api_version(trial: Trial) -> None:
    """Expect a version of the contract that this release can run."""
    found: object = trial.predictor.api_version
    if not can_run(found):
        ours = f"({API_VERSION[0]}, {API_VERSION[1]})"
        raise CheckFailed(f"api_version is {found!r}; write the contract it was written for as a pair, up to {ours}")


def identity(trial: Trial) -> None:
    """Expect a name, a version and a horizon in words, and a record that is one."""
    predictor = trial.predictor
    for name in ("name", "version", "horizon"):
        _text(getattr(predictor, name), name)
    record: object = predictor.local_record
    if record is None:
        return
    if not isinstance(record, LocalRecord):
        raise CheckFailed(f"local_record is a {type(record).__name__}; it is a LocalRecord, or None")
    try:
        judge(record)
    except Exception as error:  # another author's record may hold anything
        raise CheckFailed(f"local_record cannot be judged: {type(error).__name__}: {error}") from error


def needs(trial: Trial) -> None:
    """Expect needs from which a record system can be asked."""
    declared: object = trial.predictor.needs
    if not isinstance(declared, tuple):
        raise CheckFailed(f"needs is a {type(declared).__name__}; it is a tuple of Need")
    problems = []
    for place, need in enumerate(declared, 1):
        wrong = need_problem(need) or ("is there twice" if need in declared[: place - 1] else "")
        if wrong:
            problems.append(f"need {place}: {wrong}")
    if problems:
        raise CheckFailed("; ".join(problems))


def model_card(trial: Trial) -> None:
    """Expect a model card with nothing left blank, of this version."""
    card: object = trial.predictor.card()
    if not isinstance(card, ModelCard):
        raise CheckFailed(f"card() returns a {type(card).__name__}, not a ModelCard")
    blank = [name for name in _TEXTS if not isinstance(getattr(card, name), str) or not getattr(card, name).strip()]
    for name in ("limits", "sources"):
        value = getattr(card, name)
        if not isinstance(value, tuple) or not all(isinstance(line, str) and line.strip() for line in value):
            blank.append(name)
    if not card.limits and "limits" not in blank:
        blank.append("limits")
    if blank:
        raise CheckFailed(f"the card says nothing under {', '.join(blank)}; write what is known, or that nothing is")
    if card.version != trial.predictor.version:
        raise CheckFailed(f"the card is of version {card.version}, the predictor of {trial.predictor.version}")
    try:
        dt.date.fromisoformat(card.date)
    except ValueError:
        raise CheckFailed(f"the date of the card is {card.date!r}; write it as 2026-06-30") from None


def _text(value: object, what: str) -> None:
    try:
        words(value, what)
    except NoAnswer as error:
        raise CheckFailed(str(error)) from None


CHECKS: Final = (
    Check("api_version", "it was written for a contract that this release can run", api_version, asks=False),
    Check("identity", "it has a name, a version and a horizon in words", identity, asks=False),
    Check("needs", "what it needs is declared in measures and columns that there are", needs, asks=False),
    Check("model_card", "its model card leaves nothing blank and is of its version", model_card, asks=False),
)

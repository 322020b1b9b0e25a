"""Checks of how a predictor takes records as clinics keep them: gaps, doubles, any order, more than it asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from plugin.conformance.check import Check
from plugin.conformance.sample import told, without_history
from plugin.conformance.says import protected
from plugin.conformance.trial import CheckFailed, Trial
from plugin.contract import Abstention, Need, Predictor, Request, Score
from plugin.records import MEASURES, VISIT_STATUSES, Covariate, Rating, Visit

_EXTRA: Final[Mapping[str, Covariate]] = {"kit_number": 3.0, "kit_text": "something else", "kit_unknown": None}
_UNSEEN: Final[tuple[Covariate, ...]] = ("kit-unseen", 999.0, 2.0)  # 999 is how many systems write "unknown"
_LATER: Final = (1, 40)  # days


def missing_ratings(trial: Trial) -> None:
    """Expect an answer or an abstention without one of the measures, and without all of them."""
    for gone in (*((name,) for name in MEASURES), MEASURES):
        what = "without ratings" if len(gone) > 1 else f"without ratings of {gone[0]}"
        trial.expect_sound((without_ratings(asked, gone) for asked in trial.questions), what)


def missing_facts(trial: Trial) -> None:
    """Expect an answer or an abstention without visits, and without each covariate: absent, None, blank or NaN."""
    trial.expect_sound((replace(asked, visits=()) for asked in trial.questions), "without visits")
    for name in _covariates(trial):
        trial.expect_sound((without_covariate(asked, name) for asked in trial.questions), f"without {name}")
        for unknown in (None, "", float("nan")):
            what = f"where {name} is {unknown!r}"
            trial.expect_sound((with_covariate(asked, name, unknown) for asked in trial.questions), what)


def empty_history(trial: Trial) -> None:
    """Expect an answer or an abstention about clients of whom nothing is known but their intake."""
    trial.expect_sound((without_history(asked) for asked in trial.questions), "without any history")


def unseen_values(trial: Trial) -> None:
    """Expect an answer or an abstention for a clinician or a category that no training data had."""
    for clinician in ("kit-unseen", ""):
        changed = [replace(asked, episode=replace(asked.episode, clinician_id=clinician)) for asked in trial.questions]
        trial.expect_sound(changed, "with an unseen clinician" if clinician else "with an unknown clinician")
    for name in _covariates(trial):
        for value in _UNSEEN:
            changed = [with_covariate(asked, name, value) for asked in trial.questions]
            trial.expect_sound(changed, f"where {name} is {value!r}")


def duplicates(trial: Trial) -> None:
    """Expect the same answer where a rating or a visit stands in the records twice."""
    twice = (replace(asked, ratings=asked.ratings * 2, visits=asked.visits * 2) for asked in trial.questions)
    trial.expect_same(twice, "where each rating and visit stands there twice")


def record_order(trial: Trial) -> None:
    """Expect the same answer in whatever order ratings, visits and covariates stand."""
    turned = (
        replace(
            asked,
            episode=replace(asked.episode, covariates=dict(reversed(list(asked.episode.covariates.items())))),
            ratings=asked.ratings[::-1],
            visits=asked.visits[::-1],
        )
        for asked in trial.questions
    )
    trial.expect_same(turned, "with the order of ratings, visits and covariates")


def future_data(trial: Trial) -> None:
    """Expect the same answer where ratings and visits of later days stand there too."""
    trial.expect_same((_with_future(asked) for asked in trial.questions), "with what is dated after as_of")


def undeclared_data(trial: Trial) -> None:
    """Expect the same answer with names, covariates, measures, visits and older entries that it did not declare."""
    trial.expect_same(
        (_with_extras(asked, trial.needs) for asked in trial.in_full), "with names or facts that it did not declare"
    )


def required_data(trial: Trial) -> None:
    """Expect an abstention where something that it requires is missing."""
    for need in (need for need in trial.needs if need.required):
        for what, changed in _without(need, trial.questions):
            for answer, asked in zip(trial.ask(changed), changed, strict=True):
                if isinstance(answer, Score):
                    raise CheckFailed(f"without {what}, which it requires, it scores {told(asked)}; abstain")


def protected_attribute(trial: Trial) -> None:
    """Expect that no protected attribute is required, neither by its needs nor by what it does."""
    own = [(need, name) for need in trial.needs if need.kind == "covariate" for name in need.names if protected(name)]
    required = sorted({name for need, name in own if need.required})
    if required:
        raise CheckFailed(f"{', '.join(required)} is required and protected; make do without it")
    for _, name in own:
        changed = [without_covariate(asked, name) for asked in trial.questions]
        for before, answer, asked in zip(trial.answers, trial.ask(changed), changed, strict=True):
            if isinstance(before, Score) and isinstance(answer, Abstention):
                raise CheckFailed(
                    f"without {name}, which is protected, it abstains, for {told(asked)}; make do without"
                )


def without_ratings(request: Request, measures: Sequence[str]) -> Request:
    """Return a request without ratings of some measures."""
    return replace(request, ratings=tuple(rating for rating in request.ratings if rating.measure not in measures))


def without_covariate(request: Request, name: str) -> Request:
    """Return a request without a covariate."""
    kept = {key: value for key, value in request.episode.covariates.items() if key != name}
    return replace(request, episode=replace(request.episode, covariates=kept))


def with_covariate(request: Request, name: str, value: Covariate) -> Request:
    """Return a request with a covariate set to a value."""
    return replace(request, episode=replace(request.episode, covariates={**request.episode.covariates, name: value}))


def _covariates(trial: Trial) -> list[str]:
    return sorted({name for need in trial.needs if need.kind == "covariate" for name in need.names})


def _without(need: Need, questions: Sequence[Request]) -> Iterator[tuple[str, list[Request]]]:
    if need.kind == "visits":
        yield "visits", [replace(asked, visits=()) for asked in questions]
    for name in need.names:
        if need.kind == "ratings":
            yield f"ratings of {name}", [without_ratings(asked, (name,)) for asked in questions]
        else:
            yield name, [without_covariate(asked, name) for asked in questions]


def _with_future(request: Request) -> Request:
    days = [request.as_of + dt.timedelta(days=later) for later in _LATER]
    rated = [Rating(day, name, score, 0.0, 1.0) for day in days for name in MEASURES for score in (0.0, 1.0)]
    booked = [Visit(day, status) for day in days for status in VISIT_STATUSES]
    return replace(request, ratings=(*request.ratings, *rated), visits=(*request.visits, *booked))


def _with_extras(request: Request, needs: Sequence[Need]) -> Request:
    """Return a request with more of everything that was not declared."""
    declared = {name for need in needs if need.kind == "ratings" for name in need.names}
    day = request.as_of
    rated = [Rating(day, name, 0.0, 0.0, 1.0) for name in MEASURES if name not in declared]
    for name in declared:
        since = _reach([need for need in needs if need.kind == "ratings" and name in need.names], day)
        rated += [] if since is None else [Rating(since, name, 0.0, 0.0, 1.0)]
    visiting = [need for need in needs if need.kind == "visits"]
    since = _reach(visiting, day) if visiting else day
    booked = [] if since is None else [Visit(since, "no_show")]
    covariates = {**_EXTRA, **request.episode.covariates}
    return replace(
        request,
        episode=replace(request.episode, covariates=covariates),
        ratings=(*request.ratings, *rated),
        visits=(*request.visits, *booked),
    )


def _reach(needs: Sequence[Need], day: dt.date) -> dt.date | None:
    """Return the last day of which a predictor may know nothing; None where it may know everything."""
    days = [need.look_back_days for need in needs]
    known = [number for number in days if number is not None]
    return day - dt.timedelta(days=max(known) + 1) if known and len(known) == len(days) else None


def _requires(predictor: Predictor) -> bool:
    needs: object = predictor.needs
    return isinstance(needs, tuple | list) and any(isinstance(need, Need) and need.required is True for need in needs)


CHECKS: Final = (
    Check("missing_ratings", "it answers or abstains where a measure was not rated", missing_ratings),
    Check("missing_facts", "it answers or abstains without visits or a covariate", missing_facts),
    Check("empty_history", "it answers or abstains where nothing is known but the intake", empty_history),
    Check("unseen_values", "it answers or abstains for a clinician or category it never saw", unseen_values),
    Check("duplicates", "an entry that stands there twice counts once", duplicates),
    Check("record_order", "the order of ratings, visits and covariates makes no difference", record_order),
    Check("future_data", "what is dated after the day of the prediction makes no difference", future_data),
    Check("undeclared_data", "what it did not declare makes no difference", undeclared_data),
    Check("required_data", "it abstains where something that it requires is missing", required_data, _requires),
    Check("protected_attribute", "it can do without protected attributes", protected_attribute),
)

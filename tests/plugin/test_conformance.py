"""The conformance kit: honest predictors pass all of it, and for each check one that breaks its rule fails it alone."""

from __future__ import annotations

import datetime as dt
import math
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import pytest

from plugin.conformance import (
    CHECKS,
    CheckFailed,
    NotConforming,
    check_named,
    check_predictor,
    checks_for,
    parametrize_with_checks,
)
from plugin.conformance.another_time import SHIFT, another_time
from plugin.conformance.report import Report
from plugin.conformance.same import EXACT, difference
from plugin.conformance.sample import everyone, questions
from plugin.conformance.says import protected
from plugin.conformance.trial import fault
from plugin.conformance.watch import watching
from plugin.contract import (
    API_VERSION,
    Abstention,
    Answer,
    Contribution,
    ModelCard,
    Need,
    Predictor,
    Probability,
    Request,
    Score,
)
from plugin.errors import PluginError
from plugin.evidence_predictor import predictor as evidence
from plugin.fitted import fit_predictor
from plugin.linear_predictor import LinearPredictor
from plugin.records import MEASURES, SETTINGS
from plugin.simulation import Truth, simulate

CARD = ModelCard(
    intended_use="Tests of the kit.",
    not_for="Anything else.",
    trained_on="Nothing; its numbers are made up.",
    outcome="Leaving before the next unit, and before the last.",
    performance="Not known.",
    limits=("It is made up.",),
    version="1",
    date="2026-06-30",
)
NEEDS = (
    Need("ratings", ("bond", "goals")),
    Need("visits", look_back_days=90),
    Need("covariate", ("age", "referral")),
)


class Steady:
    """An honest predictor of few lines, without arrays; each one below breaks one rule."""

    name = "steady"
    version = "1"
    api_version: tuple[int, int] = API_VERSION
    needs: tuple[Need, ...] = NEEDS
    horizon = "leaving before the next unit, and before the last"
    local_record = None

    def card(self) -> ModelCard:
        return CARD

    def predict(self, requests: Sequence[Request]) -> Sequence[Answer]:
        return [self.answer(request) for request in requests]

    def answer(self, request: Request) -> Answer:
        return self.made(request, self.facts(request))

    def facts(self, request: Request) -> dict[str, float]:
        """What each fact adds to the logit of leaving before the next unit."""
        rated = self.rated(request)
        booked = self.booked(request)
        missed = sum(visit.status == "no_show" for visit in booked)
        return {
            "bond": 0.6 * (0.7 - sum(rated) / len(rated)) if rated else 0.0,
            "missed_visits": 0.4 * missed / len(booked) if booked else 0.0,
            "referral": 0.1 if request.episode.covariates.get("referral") == "court" else 0.0,
        }

    def rated(self, request: Request) -> list[float]:
        own = {r for r in request.ratings if r.measure == "bond" and r.date <= request.as_of}
        return [rating.share for rating in sorted(own, key=lambda rating: (rating.date, rating.share))]

    def booked(self, request: Request) -> list[Any]:
        since = request.as_of - dt.timedelta(days=90)
        own = {visit for visit in request.visits if since <= visit.date <= request.as_of}
        return sorted(own, key=lambda visit: (visit.date, visit.status))

    def made(self, request: Request, facts: dict[str, float]) -> Answer:
        left = request.episode.planned_units - request.episode.units_attended
        risk = 1.0 / (1.0 + math.exp(2.5 - sum(facts.values())))
        done = 1.0 - (1.0 - risk) ** left
        weighty = sorted(facts.items(), key=lambda fact: (-abs(fact[1]), fact[0]))
        return Score(
            Probability(risk, risk / 2.0, (1.0 + risk) / 2.0),
            Probability(done, done / 2.0, (1.0 + done) / 2.0),
            sum((1.0 - risk) ** units for units in range(1, left + 1)),
            contributions=tuple(Contribution(name, value, name.replace("_", " ")) for name, value in weighty),
        )


def shifted(request: Request, answer: Answer, by: float) -> Answer:
    """An answer whose risk before completion lies a little nearer to 1: another one, and as sound."""
    assert isinstance(answer, Score)
    done = answer.risk_before_completion
    return replace(answer, risk_before_completion=replace(done, value=done.value + by * (done.high - done.value)))


class OfAnotherContract(Steady):
    api_version = (API_VERSION[0] + 1, 0)


class WithoutHorizon(Steady):
    horizon = ""


class NeedsWarmth(Steady):
    needs = (*NEEDS, Need("ratings", ("warmth",)))


class NeedsTwice(Steady):
    needs = (*NEEDS, NEEDS[0])


class BlankCard(Steady):
    def card(self) -> ModelCard:
        return replace(CARD, performance=" ")


class CardOfAnotherVersion(Steady):
    def card(self) -> ModelCard:
        return replace(CARD, version="2")


class Slow(Steady):
    def predict(self, requests: Sequence[Request]) -> Sequence[Answer]:
        if len(requests) > 200:
            time.sleep(1.1)
        return super().predict(requests)


class Bare(Steady):
    def answer(self, request: Request) -> Any:
        return 0.5 if request.episode.setting == "php" else super().answer(request)


class Generator(Steady):
    def predict(self, requests: Sequence[Request]) -> Any:
        return super().predict(requests) if requests else iter(())


class Silent(Steady):
    def answer(self, request: Request) -> Answer:
        return Abstention("nothing can be said of anybody")


class NotANumber(Steady):
    def answer(self, request: Request) -> Answer:
        answer = super().answer(request)
        if request.episode.setting == "iop" and isinstance(answer, Score):
            return replace(answer, risk_next_unit=Probability(math.nan, 0.0, 1.0))
        return answer


class OutsideItsInterval(Steady):
    def answer(self, request: Request) -> Answer:
        answer = super().answer(request)
        assert isinstance(answer, Score)
        return replace(answer, risk_before_completion=replace(answer.risk_before_completion, high=0.0))


class SaferInTheLongRun(Steady):
    def answer(self, request: Request) -> Answer:
        answer = super().answer(request)
        assert isinstance(answer, Score)
        return replace(answer, risk_before_completion=Probability(answer.risk_next_unit.value / 2.0, 0.0, 1.0))


class BeyondThePlan(Steady):
    def answer(self, request: Request) -> Answer:
        answer = super().answer(request)
        assert isinstance(answer, Score)
        return replace(answer, expected_units_remaining=request.episode.planned_units + 0.5)


class LightestFirst(Steady):
    def answer(self, request: Request) -> Answer:
        answer = super().answer(request)
        assert isinstance(answer, Score)
        return replace(answer, contributions=answer.contributions[::-1])


class WeakestIsWarmth(Steady):
    def answer(self, request: Request) -> Answer:
        answer = super().answer(request)
        assert isinstance(answer, Score)
        return replace(answer, weakest_component="warmth")


class WithoutAReason(Steady):
    def answer(self, request: Request) -> Answer:
        return Abstention("") if request.episode.setting == "php" else super().answer(request)


class NamesTheClinician(Steady):
    def answer(self, request: Request) -> Answer:
        answer = super().answer(request)
        assert isinstance(answer, Score)
        words = f"a client of {request.episode.clinician_id}"
        return replace(answer, contributions=tuple(replace(each, words=words) for each in answer.contributions))


class WantsBondWithGoals(Steady):
    def answer(self, request: Request) -> Answer:
        answer = super().answer(request)
        assert isinstance(answer, Score)
        goals = [r for r in request.ratings if r.measure == "goals" and r.date <= request.as_of]
        if goals and not self.rated(request):
            return replace(answer, expected_units_remaining=math.nan)
        return answer


class WantsTheReferral(Steady):
    def facts(self, request: Request) -> dict[str, float]:
        if request.episode.units_attended:
            _ = request.episode.covariates["referral"]
        return super().facts(request)


class NeverHeardOfNaN(Steady):
    def facts(self, request: Request) -> dict[str, float]:
        age = request.episode.covariates.get("age")
        return super().facts(request) | {"age": age - age if isinstance(age, float) else 0.0}


class WantsAHistory(Steady):
    def facts(self, request: Request) -> dict[str, float]:
        known = [*request.ratings, *request.visits, *request.episode.covariates]
        return super().facts(request) | {"scarce": 0.1 / len(known) * 0.0}


class KnowsThreeReferrals(Steady):
    LEVELS: ClassVar = {"court": 0.1, "physician": 0.0, "self": 0.0, "no": 0.0}

    def facts(self, request: Request) -> dict[str, float]:
        referral = request.episode.covariates.get("referral")
        return super().facts(request) | {
            "referral": self.LEVELS[referral] if referral and referral == referral else 0.0
        }


class CountsEachEntry(Steady):
    def facts(self, request: Request) -> dict[str, float]:
        since = request.as_of - dt.timedelta(days=90)
        booked = sum(since <= visit.date <= request.as_of for visit in request.visits)
        return super().facts(request) | {"missed_visits": 0.01 * booked}


class TakesTheFirstForTheOldest(Steady):
    def rated(self, request: Request) -> list[float]:
        return [r.share for r in request.ratings if r.measure == "bond" and r.date <= request.as_of][:1]


class SeesTheFuture(Steady):
    def rated(self, request: Request) -> list[float]:
        return sorted({rating.share for rating in request.ratings if rating.measure == "bond"})


class KnowsNames(Steady):
    def facts(self, request: Request) -> dict[str, float]:
        return super().facts(request) | {"name": 0.01 * len(request.episode.client_id)}


class LooksFurtherBack(Steady):
    def booked(self, request: Request) -> list[Any]:
        return [visit for visit in set(request.visits) if visit.date <= request.as_of]


class CountsCovariates(Steady):
    """Takes all columns that come, those that it did not declare among them."""

    def facts(self, request: Request) -> dict[str, float]:
        return super().facts(request) | {"kit": 0.1 * ("kit_number" in request.episode.covariates)}


class RequiresAndDoesWithout(Steady):
    needs = (*NEEDS, Need("ratings", ("symptoms", "satisfaction"), required=True, look_back_days=30))


class RequiresVisitsAndDoesWithout(Steady):
    needs = (NEEDS[0], replace(NEEDS[1], required=True), NEEDS[2])


class RequiresAge(Steady):
    needs = (*NEEDS[:2], Need("covariate", ("referral",)), Need("covariate", ("age",), required=True))

    def answer(self, request: Request) -> Answer:
        if request.episode.covariates.get("age") in (None, ""):
            return Abstention("the model needs age, and the record has none")
        return super().answer(request)


class AbstainsWithoutAge(RequiresAge):
    needs = NEEDS


class AnotherAnswerAlone(Steady):
    def predict(self, requests: Sequence[Request]) -> Sequence[Answer]:
        answers = super().predict(requests)
        return [shifted(requests[0], answers[0], 0.01)] if len(requests) == 1 else answers


class MindsTheOrder(Steady):
    def predict(self, requests: Sequence[Request]) -> Sequence[Answer]:
        answers = super().predict(requests)
        if requests and requests[0].as_of > requests[-1].as_of:
            return [shifted(request, answer, 0.01) for request, answer in zip(requests, answers, strict=True)]
        return answers


class Drifts(Steady):
    """Differs by less than anybody sees: the same question still has exactly one answer."""

    def __init__(self) -> None:
        self.asked = 0

    def predict(self, requests: Sequence[Request]) -> Sequence[Answer]:
        self.asked += 1
        return [shifted(each, super(Drifts, self).answer(each), 1e-10 * self.asked) for each in requests]


class TidiesUp(Steady):
    def answer(self, request: Request) -> Answer:
        answer = super().answer(request)
        request.episode.covariates.pop("age", None)
        return answer


class Forgets(Steady):
    weight = 0.01

    def __init__(self) -> None:
        self.weight = 0.02

    def __getstate__(self) -> dict[str, Any]:
        return {}

    def answer(self, request: Request) -> Answer:
        return shifted(request, super().answer(request), self.weight)


class HoldsALock(Steady):
    def __init__(self) -> None:
        self.lock = threading.Lock()


class OneAtATime(Steady):
    """Keeps what it is asked in a place that its threads share."""

    def __init__(self) -> None:
        self.now: Sequence[Request] = ()

    def predict(self, requests: Sequence[Request]) -> Sequence[Answer]:
        self.now = requests
        if threading.current_thread() is not threading.main_thread():
            time.sleep(0.005)
        return [self.answer(request) for request in self.now]


class LooksAtTheClock(Steady):
    def answer(self, request: Request) -> Answer:
        return shifted(request, super().answer(request), (dt.date.today().toordinal() % 1000) * 1e-4)


class LooksAtItsOwnClock(Steady):
    def answer(self, request: Request) -> Answer:
        return shifted(request, super().answer(request), (date.today().toordinal() % 1000) * 1e-4)


class LooksAtTheSeconds(Steady):
    def answer(self, request: Request) -> Answer:
        return shifted(request, super().answer(request), int(time.time() / 86_400.0) % 1000 * 1e-4)


class CallsHome(Steady):
    def predict(self, requests: Sequence[Request]) -> Sequence[Answer]:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as home, suppress(OSError):
            home.connect(("127.0.0.1", 9))  # of a datagram, so nobody need be there and nothing is sent
        return super().predict(requests)


class KeepsAFile(Steady):
    def predict(self, requests: Sequence[Request]) -> Sequence[Answer]:
        with suppress(OSError):
            os.rmdir("of-the-kit-and-never-there")
        return super().predict(requests)


class TwoModels:
    """A predictor with a table of its own."""

    def __init__(self) -> None:
        self.own = evidence()
        self.needs = (*self.own.needs, Need("covariate", ("age", "referral")))

    def __getattr__(self, name: str) -> Any:
        if name == "own":  # not there yet while a copy is made
            raise AttributeError(name)
        return getattr(self.own, name)

    def score(self, caseload: Any, as_of: dt.date) -> Any:
        scores = self.own.score(caseload, as_of)
        return replace(scores, risk_next_unit=scores.risk_next_unit * 0.99)


class MindsColumns(TwoModels):
    def score(self, caseload: Any, as_of: dt.date) -> Any:
        turned = list(caseload.covariates) != sorted(caseload.covariates)
        return super().score(caseload, as_of) if turned else self.own.score(caseload, as_of)


BROKEN: tuple[tuple[str, type[Any]], ...] = (
    ("api_version", OfAnotherContract),
    ("identity", WithoutHorizon),
    ("needs", NeedsWarmth),
    ("needs", NeedsTwice),
    ("model_card", BlankCard),
    ("model_card", CardOfAnotherVersion),
    ("time_limit", Slow),
    ("answers", Bare),
    ("answers", Generator),
    ("scores_some", Silent),
    ("probabilities", NotANumber),
    ("probabilities", OutsideItsInterval),
    ("longer_horizon", SaferInTheLongRun),
    ("units_remaining", BeyondThePlan),
    ("contributions", LightestFirst),
    ("contributions", WeakestIsWarmth),
    ("abstention_reason", WithoutAReason),
    ("no_identifiers", NamesTheClinician),
    ("missing_ratings", WantsBondWithGoals),
    ("missing_facts", WantsTheReferral),
    ("missing_facts", NeverHeardOfNaN),
    ("empty_history", WantsAHistory),
    ("unseen_values", KnowsThreeReferrals),
    ("duplicates", CountsEachEntry),
    ("record_order", TakesTheFirstForTheOldest),
    ("future_data", SeesTheFuture),
    ("undeclared_data", KnowsNames),
    ("undeclared_data", LooksFurtherBack),
    ("undeclared_data", CountsCovariates),
    ("required_data", RequiresAndDoesWithout),
    ("required_data", RequiresVisitsAndDoesWithout),
    ("protected_attribute", RequiresAge),
    ("protected_attribute", AbstainsWithoutAge),
    ("one_by_one", AnotherAnswerAlone),
    ("row_order", MindsTheOrder),
    ("same_answer", Drifts),
    ("leaves_requests", TidiesUp),
    ("reload", Forgets),
    ("reload", HoldsALock),
    ("threads", OneAtATime),
    ("no_clock", LooksAtTheClock),
    ("no_clock", LooksAtItsOwnClock),
    ("no_clock", LooksAtTheSeconds),
    ("sends_nothing", CallsHome),
    ("keeps_nothing", KeepsAFile),
    ("table_agrees", TwoModels),
    ("table_order", MindsColumns),
)


def examined(predictor: Any, **more: Any) -> Report:
    return check_predictor(predictor, on_fail="collect", **more)


@cache
def of_kind(kind: type[Any]) -> Report:
    return examined(kind(), **({"seconds": 1.0} if kind is Slow else {}))


def wrong(report: Report) -> dict[str, str]:
    return {result.check: result.message for result in report.results if result.status == "failed"}


@pytest.fixture(scope="module")
def fitted() -> LinearPredictor:
    truth = Truth(covariates={"age": -0.2, "referral=court": 0.4})
    return fit_predictor(simulate(truth, 200, 3).caseload)


@parametrize_with_checks([Steady(), "evidence"])
def test_an_honest_predictor_passes(check: Any) -> None:
    check()


def test_a_fitted_one_passes_all_that_apply(fitted: LinearPredictor) -> None:
    report = check_predictor(fitted)
    assert report.passed
    assert {result.check for result in report.results} == set(CHECKS) - {"required_data"}
    assert {name for need in fitted.needs if need.kind == "covariate" for name in need.names} == {"age", "referral"}


@pytest.mark.parametrize(("check", "kind"), BROKEN, ids=[f"{check}-{kind.__name__}" for check, kind in BROKEN])
def test_one_that_breaks_a_rule_fails_that_check_and_no_other(check: str, kind: type[Any]) -> None:
    report = of_kind(kind)
    assert set(wrong(report)) == {check}, wrong(report)
    assert wrong(report)[check]
    assert not report.passed


def test_each_check_has_a_predictor_that_breaks_it() -> None:
    assert {check for check, _ in BROKEN} == set(CHECKS)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (NotANumber, "risk_next_unit is not finite, for a simulated client (iop, "),
        (NeedsWarmth, "need 4: ratings: warmth is no measure; there are bond, goals"),
        (BlankCard, "the card says nothing under performance"),
        (SaferInTheLongRun, "below risk_next_unit"),
        (WantsTheReferral, "without referral, predict raises KeyError: 'referral', for a simulated client (outpatient"),
        (WantsBondWithGoals, "without ratings of bond, expected_units_remaining is not finite"),
        (SeesTheFuture, "the answer changes with what is dated after as_of: risk_next_unit.value is 0."),
        (RequiresVisitsAndDoesWithout, "without visits, which it requires, it scores a simulated client"),
        (RequiresAge, "age is required and protected"),
        (AbstainsWithoutAge, "without age, which is protected, it abstains"),
        (HoldsALock, "it cannot be pickled: TypeError"),
        (CallsHome, "it tries to leave its process: a connection"),
        (KeepsAFile, "it tries to change files: a folder removed"),
        (TwoModels, "risk_next_unit is 0."),
    ],
)
def test_a_message_says_what_is_wrong_and_for_whom(kind: type[Any], words: str) -> None:
    (message,) = wrong(of_kind(kind)).values()
    assert words in message
    assert "sim-" not in message


class Raises(Steady):
    def answer(self, request: Request) -> Answer:
        raise ZeroDivisionError("every\ntime")


def test_one_that_always_raises_fails_what_asks_it_and_no_more() -> None:
    report = examined(Raises())
    asking = {check.name for check in checks_for(Raises()) if check.asks}
    assert set(wrong(report)) == asking
    assert all("ZeroDivisionError: every time" in message for message in wrong(report).values())


class Hangs(Steady):
    def predict(self, requests: Sequence[Request]) -> Sequence[Answer]:
        threading.Event().wait(60.0)
        return []


def test_one_that_does_not_answer_is_asked_once() -> None:
    start = time.monotonic()
    report = examined(Hangs(), seconds=0.1)
    assert time.monotonic() - start < 10.0
    messages = wrong(report)
    assert messages.pop("time_limit") == "256 requests took longer than 0.1 seconds"
    assert set(messages.values()) == {"not made: the predictor had stopped answering"}
    assert "model_card" not in messages


class CannotBeRead(Steady):
    """Has the attributes of a predictor, and one of them raises."""

    @property
    def local_record(self) -> Any:
        raise LookupError("no record today")


def test_what_raises_outside_of_predict_is_a_failure_too() -> None:
    assert wrong(examined(CannotBeRead())) == {"identity": "raises LookupError: no record today"}


def test_an_expected_failure_is_no_problem_and_keeps_its_reason() -> None:
    report = check_predictor(SeesTheFuture(), {"future_data": "the record system drops it"})
    assert report.passed
    (result,) = (each for each in report.results if each.status == "expected_failure")
    assert (result.check, result.reason) == ("future_data", "the record system drops it")
    assert result.message.startswith("the answer changes with what is dated after as_of")
    assert report.counts() == {"passed": len(checks_for(SeesTheFuture())) - 1, "expected_failure": 1}


def test_an_expected_failure_that_passes_is_wrong() -> None:
    with pytest.raises(NotConforming) as raised:
        check_predictor(Steady(), {"threads": "it never worked"})
    assert raised.value.problems == (
        "model steady: threads: passes, although it was expected to fail; take it off the list",
    )


def test_all_failures_are_told_at_once() -> None:
    class Twice(SeesTheFuture, OfAnotherContract):
        pass

    with pytest.raises(NotConforming) as raised:
        check_predictor(Twice(), {"reload": "it is made inside of a function"})
    assert [line.split(": ")[1] for line in raised.value.problems] == ["api_version", "future_data"]


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({"no_such": "because"}, "expected failure no_such: is no check; there are api_version, identity"),
        ({"table_order": "because"}, "expected failure table_order: is no check of this predictor; leave it out"),
        ({"threads": " "}, "expected failure threads: has no reason; say why it fails"),
    ],
)
def test_an_expectation_that_cannot_be_is_refused(expected: dict[str, str], said: str) -> None:
    with pytest.raises(PluginError) as raised:
        check_predictor(Steady(), expected)
    assert raised.value.problems[0].startswith(said)
    with pytest.raises(PluginError):
        parametrize_with_checks([Steady()], expected)


def test_only_checks_that_apply_are_made() -> None:
    names = {kind: {check.name for check in checks_for(kind())} for kind in (Steady, RequiresAge, TwoModels)}
    assert set(CHECKS) - names[Steady] == {"required_data", "table_agrees", "table_order"}
    assert names[RequiresAge] - names[Steady] == {"required_data"}
    assert names[TwoModels] - names[Steady] == {"table_agrees", "table_order"}


def test_cases_of_pytest_are_named_and_expected_failures_are_strict() -> None:
    mark = parametrize_with_checks(
        [Steady(), SeesTheFuture()], lambda each: {"future_data": "known"} if isinstance(each, SeesTheFuture) else {}
    )
    argument, cases = mark.args
    assert argument == "check"
    assert next(case.id for case in cases) == "steady-api_version"
    assert len(cases) == 2 * len(checks_for(Steady()))
    ((name, marks),) = ((case.id, case.marks) for case in cases if case.marks)
    assert (name, marks[0].name) == ("steady-future_data", "xfail")
    assert marks[0].kwargs == {"reason": "known", "strict": True, "raises": CheckFailed}
    with pytest.raises(CheckFailed, match="as_of"):
        next(case for case in cases if case.marks).values[0]()


def test_a_report_is_plain_data() -> None:
    plain = examined(BlankCard()).plain()
    assert (plain["schema"], plain["model"], plain["version"], plain["passed"]) == (
        "rapport.conformance/1",
        "steady",
        "1",
        False,
    )
    assert [check["check"] for check in plain["checks"]] == [check.name for check in checks_for(BlankCard())]


def test_examined_by_name_in_a_process_of_its_own() -> None:
    told: list[str] = []
    report = check_named("evidence", progress=lambda result: told.append(result.check))
    assert report.passed
    assert (report.model, report.version) == ("evidence", evidence().version)
    assert told == [check.name for check in checks_for(evidence())]


def test_an_unknown_name_says_which_there_are() -> None:
    with pytest.raises(PluginError, match="evidence"):
        check_named("no-such-model")


def test_the_clients_of_the_kit_have_every_setting_and_the_edges() -> None:
    episodes = [request.episode for request in everyone()]
    assert {episode.setting for episode in episodes} == set(SETTINGS)
    assert {1, 400} <= {episode.planned_units for episode in episodes}
    assert any(episode.units_attended == 0 for episode in episodes)
    assert any(episode.planned_units - episode.units_attended == 1 for episode in episodes)
    assert any(episode.clinician_id == "" for episode in episodes)
    assert all(0 <= episode.units_attended < episode.planned_units for episode in episodes)
    assert {rating.measure for request in everyone() for rating in request.ratings} == set(MEASURES)
    assert len({(rating.scale_min, rating.scale_max) for request in everyone() for rating in request.ratings}) == 3
    assert {visit.status for request in everyone() for visit in request.visits} >= {"attended", "no_show"}
    assert len({request.as_of for request in everyone()}) == 5


def test_a_predictor_is_asked_as_the_host_would_ask() -> None:
    needs = (Need("ratings", ("tasks",), required=True, look_back_days=7), Need("covariate", ("phq9",), required=True))
    for request in questions(needs):
        assert request.episode.episode_id == request.episode.client_id == ""
        assert set(request.episode.covariates) == {"phq9"}
        assert not request.visits
        assert request.ratings
        assert {rating.measure for rating in request.ratings} == {"tasks"}
        assert all(0 <= (request.as_of - rating.date).days <= 7 for rating in request.ratings)


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (Abstention("a"), Abstention("a"), ""),
        (Abstention("a"), Abstention("b"), "reason is 'a' and then 'b'"),
        (Probability(0.5, 0.4, 0.6), Probability(0.5, 0.4, 0.7), "high is 0.6 and then 0.7"),
        (Probability(0.5, 0.4, 0.6), Probability(0.5 + 1e-9, 0.4, 0.6), ""),
        (Probability(math.nan, 0.4, 0.6), Probability(math.nan, 0.4, 0.6), ""),
        (Probability(math.nan, 0.4, 0.6), Probability(0.5, 0.4, 0.6), "value is nan and then 0.5"),
        (Probability(0.5, 0.4, math.inf), Probability(0.5, 0.4, math.inf), ""),
        (Abstention("a"), Probability(0.5, 0.4, 0.6), "kind of answer is 'Abstention' and then 'Probability'"),
        (None, 0.5, "the answer is None and then 0.5"),
    ],
)
def test_a_difference_is_told(one: object, other: object, said: str) -> None:
    assert difference(one, other) == said


def test_no_difference_is_too_small_where_answers_must_be_the_same() -> None:
    assert difference(Probability(0.5, 0.4, 0.6), Probability(0.5 + 1e-15, 0.4, 0.6), EXACT).startswith("value is 0.5")


def test_a_reason_more_is_a_difference() -> None:
    request = questions(NEEDS)[0]
    full = Steady().answer(request)
    assert isinstance(full, Score)
    assert fault(full, request) == ""
    assert difference(full, replace(full, contributions=())) == "number of contributions is 3.0 and then 0.0"


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("age", True), ("Age_at_intake", True), ("client-sex", True), ("stage", False), ("wage", False), ("phq9", False)],
)
def test_protected_attributes_are_known_by_whole_words(name: str, is_one: bool) -> None:
    assert protected(name) is is_one


def test_another_time_is_another_time_by_every_clock_and_then_over() -> None:
    day, moment, seconds = dt.date.today(), dt.datetime.now(), time.time()
    with another_time(Steady()):
        for later in (dt.date.today(), date.today(), dt.datetime.now().date(), dt.datetime.today().date()):
            assert SHIFT.days <= (later - day).days <= SHIFT.days + 1
        assert abs(time.time() - seconds - SHIFT.total_seconds()) < 60.0
        assert abs(time.time_ns() * 1e-9 - seconds - SHIFT.total_seconds()) < 60.0
        assert dt.date(*time.localtime()[:3]) == dt.datetime.now().date()
        assert time.strftime("%Y-%m-%d") == dt.date.today().isoformat()
        assert isinstance(moment, dt.datetime)
        assert isinstance(day, dt.date)
        assert time.gmtime(0.0)[0] == 1970
    assert (dt.date.today() - day).days <= 1
    assert type(dt.datetime.now()) is dt.datetime
    assert date is dt.date


def test_what_is_watched_is_refused_and_noted(tmp_path: Path) -> None:
    with watching("keeps") as seen:
        with pytest.raises(PermissionError):
            (tmp_path / "kept").write_text("a client")
        assert Path(__file__).read_text()
    assert seen == ["a file opened to write"]
    assert not (tmp_path / "kept").exists()
    with watching("sends") as seen, pytest.raises(PermissionError):
        subprocess.run([sys.executable, "-c", ""], check=False)
    assert seen == ["a program"]
    (tmp_path / "kept").write_text("afterwards everything is as before")


def test_nobody_needs_pytest_to_examine_a_predictor() -> None:
    code = "import sys, plugin.conformance; sys.exit('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_kit_examines_what_the_contract_calls_a_predictor() -> None:
    assert all(isinstance(kind(), Predictor) for _, kind in BROKEN)


def test_the_guide_explains_each_check_and_no_other() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "predictors.md").read_text("utf-8")
    table = guide.partition("| check | what must be true |")[2].partition("\n\n")[0]
    assert [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")] == list(CHECKS)

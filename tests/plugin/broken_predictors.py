"""A predictor that keeps the contract, and one that breaks it for each check of the kit."""

from __future__ import annotations

import datetime as dt
import math
import os
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from plugin.contract import (
    API_VERSION,
    Abstention,
    Answer,
    Contribution,
    ModelCard,
    Need,
    Probability,
    Request,
    Score,
)
from plugin.evidence_predictor import predictor as evidence

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

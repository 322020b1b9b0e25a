"""The conformance kit: honest predictors pass all of it, and for each check one that breaks its rule fails it alone."""

from __future__ import annotations

import datetime as dt
import math
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

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
    Abstention,
    Answer,
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
from tests.plugin.broken_predictors import (
    BROKEN,
    NEEDS,
    AbstainsWithoutAge,
    BlankCard,
    CallsHome,
    HoldsALock,
    KeepsAFile,
    NeedsWarmth,
    NotANumber,
    OfAnotherContract,
    RequiresAge,
    RequiresVisitsAndDoesWithout,
    SaferInTheLongRun,
    SeesTheFuture,
    Slow,
    Steady,
    TwoModels,
    WantsBondWithGoals,
    WantsTheReferral,
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

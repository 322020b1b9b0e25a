"""Whatever a predictor does costs its own scores and nothing else."""

from __future__ import annotations

import datetime as dt
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import bad_predictors
import pytest
from bad_predictors import DAY, Obedient, good_score, is_there, request

from plugin.contract import Abstention, Answer, Need, Request, Score
from plugin.errors import PluginError
from plugin.hooks import AuditRecord, hookimpl
from plugin.host import Host, open_host
from plugin.manager import build_manager
from plugin.records import Rating, Visit
from plugin.registry import open_predictor
from plugin.worker_pool import WorkerPool


class Auditor:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.records: list[AuditRecord] = []

    @hookimpl
    def audit_prediction(self, record: AuditRecord) -> None:
        self.records.append(record)


@pytest.fixture(scope="module")
def auditor() -> Auditor:
    return Auditor()


@pytest.fixture(scope="module")
def host(auditor: Auditor) -> Iterator[Host]:
    with Host(Obedient(), build_manager({"auditor": auditor}), time_limit=30.0, workers=1) as made:
        yield made


def reason(answer: Answer) -> str:
    assert isinstance(answer, Abstention)
    return answer.reason


def process_of(host: Host) -> int:
    answer = host.predict([request(1, "pid")])[0]
    assert isinstance(answer, Score)
    return int(answer.contributions[0].log_hazard)


REFUSED = "the model's answer was refused: "
FAULTS = {
    "raise": ("failed", "the model failed on this record"),
    "exit": ("failed", "the model failed on this record"),
    "vanish": ("failed", "the model failed on this record"),
    "kill": ("failed", "the model failed on this record"),
    "lie": ("failed", "the model failed on this record"),
    "trap": ("failed", "the model failed on this record"),
    "no sequence": ("failed", "the model failed on this record"),
    "text for all": ("failed", "the model failed on this record"),
    "one too few": ("failed", "the model failed on this record"),
    "one too many": ("failed", "the model failed on this record"),
    "nothing": ("unsound answer", REFUSED + "it is a NoneType, neither Score nor Abstention"),
    "text": ("unsound answer", REFUSED + "it is a NoneType, neither Score nor Abstention"),
    "nan": ("unsound answer", REFUSED + "risk_next_unit is not finite"),
    "endless": ("unsound answer", REFUSED + "expected_units_remaining is not finite"),
    "shorter is likelier": (
        "unsound answer",
        REFUSED + "risk_before_completion is below risk_next_unit, although it is the longer horizon",
    ),
    "names the clinician": ("unsound answer", REFUSED + "reason holds an identifier"),
    "names a column after the clinician": (
        "unsound answer",
        REFUSED + "the name of a contribution holds an identifier",
    ),
    "objects inside": ("unsound answer", REFUSED + "risk_next_unit is a NoneType, not a Probability"),
    "two-faced": ("abstained", "no data"),
    "abstain": ("abstained", "too little is known"),
}


@pytest.mark.parametrize("deed", FAULTS)
def test_a_record_that_goes_wrong_costs_its_own_score_only(
    host: Host, auditor: Auditor, caplog: pytest.LogCaptureFixture, deed: str
) -> None:
    cause, said = FAULTS[deed]
    answers = host.predict([request(1), request(2, deed), request(3)])
    assert [answers[0], answers[2]] == [good_score(1), good_score(3)]
    assert reason(answers[1]) == said
    record = auditor.records[-1]
    assert (record.requests, record.scored, dict(record.abstentions)) == (3, 2, {cause: 1})
    assert (record.model, record.version, record.days) == ("obedient", "1", (DAY,))
    expected = [] if cause == "abstained" else [f"model obedient 1: of 3 requests 1 {cause}"]
    assert caplog.messages == expected  # in full: so nothing of a client stands in it


def test_what_a_predictor_prints_goes_nowhere(host: Host, capfd: pytest.CaptureFixture[str]) -> None:
    assert host.predict([request(1, "print"), request(2)]) == [good_score(1), good_score(2)]
    assert host.predict([request(3)]) == [good_score(3)]
    assert capfd.readouterr() == ("", "")


def test_a_record_that_hangs_is_stopped_and_the_others_are_scored() -> None:
    start = time.monotonic()
    with Host(Obedient(), time_limit=2.0, workers=1) as host:
        answers = host.predict([request(1), request(2, "hang")])
        assert answers[0] == good_score(1)
        assert reason(answers[1]) == "the model took too long"
        assert host.predict([request(3)]) == [good_score(3)]
    assert time.monotonic() - start < 30.0  # it would sleep for a minute at a time


def test_many_threads_each_get_their_own_answers() -> None:
    with Host(Obedient(), time_limit=30.0, workers=2) as host, ThreadPoolExecutor(6) as threads:
        batches = [[request(number) for number in range(start, start + 3)] for start in range(60)]
        for start, answers in enumerate(threads.map(host.predict, batches)):
            assert answers == [good_score(start), good_score(start + 1), good_score(start + 2)]


def test_a_closed_host_starts_again_and_leaves_no_process() -> None:
    with Host(Obedient(), workers=1) as host:
        first = process_of(host)
        assert process_of(host) == first  # it is kept between questions
        host.close()
        assert not is_there(first)
        second = process_of(host)
        assert second != first
    assert not is_there(second)


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="needs a way to wait for a process and leave it be")
def test_a_process_that_died_between_questions_costs_nothing(host: Host) -> None:
    process = process_of(host)
    os.kill(process, 9)
    os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
    assert host.predict([request(1)]) == [good_score(1)]


def test_a_busy_predictor_says_so(
    host: Host, auditor: Auditor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(WorkerPool, "lent", lambda *_: nullcontext(None))
    answers = host.predict([request(1), request(2)])
    assert [reason(answer) for answer in answers] == ["the model is busy with other questions"] * 2
    assert dict(auditor.records[-1].abstentions) == {"busy": 2}
    assert caplog.messages == ["model obedient 1: of 2 requests 2 busy"]


@pytest.mark.parametrize(
    ("opener", "line"),
    [
        (bad_predictors.dies_at_start, "the model cannot be opened in its own process: its process ended"),
        (bad_predictors.raises_at_start, "the model cannot be opened in its own process: LookupError"),
        (lambda: Obedient(), "the model cannot be sent to its own process: "),
    ],
)
def test_a_predictor_that_cannot_start_is_reported_in_one_line(opener: Any, line: str) -> None:
    with Host(Obedient(), opener=opener) as host:
        for _ in range(3):  # with two workers: a failed start gives its place back
            with pytest.raises(PluginError) as caught:
                host.predict([request(1)])
            assert len(caught.value.problems) == 1
            assert caught.value.problems[0].startswith(line)
        assert reason(host.predict([request(1, status="completed")])[0]) == "the episode is not open"
        assert host.predict([]) == []


class Recorder(Obedient):
    """Keeps what it is asked, and returns what it was told to."""

    def __init__(self, needs: tuple[Need, ...] = (), returns: Any = None) -> None:
        super().__init__(needs=needs)
        object.__setattr__(self, "asked", [])
        object.__setattr__(self, "returns", returns)

    asked: list[Request]
    returns: Any

    def predict(self, requests: Sequence[Request]) -> Any:
        self.asked.extend(requests)
        return [good_score(1) for _ in requests] if self.returns is None else self.returns


def test_the_trusted_predictor_is_asked_here_and_sees_only_what_it_declared() -> None:
    past, future = DAY - dt.timedelta(1), DAY + dt.timedelta(1)
    ratings = tuple(Rating(day, name, 3.0, 1.0, 5.0) for day in (past, future) for name in ("bond", "goals"))
    asked = replace(request(1), ratings=ratings, visits=(Visit(past, "attended"),))
    recorder = Recorder((Need("ratings", ("bond",)),))
    assert Host(recorder, trusted=True).predict([asked]) == [good_score(1)]
    seen = recorder.asked[0]
    assert (seen.episode.episode_id, seen.episode.client_id, seen.episode.clinician_id) == ("", "", "k-77")
    assert seen.ratings == (Rating(past, "bond", 3.0, 1.0, 5.0),)
    assert (seen.visits, seen.episode.covariates) == ((), {})


@pytest.mark.parametrize(
    ("returns", "said"),
    [
        (["words"], REFUSED + "it is a str, neither Score nor Abstention"),
        ("x", "the model failed on this record"),
        (None.__class__, "the model failed on this record"),
        ([bad_predictors.Trap()], REFUSED + "it cannot be read"),
        ([bad_predictors.Liar()], REFUSED + "it cannot be read"),
    ],
)
def test_the_trusted_predictor_cannot_make_the_host_raise(returns: Any, said: str) -> None:
    assert reason(Host(Recorder(returns=returns), trusted=True).predict([request(1)])[0]) == said


def test_what_is_required_and_missing_is_named_and_the_predictor_not_asked() -> None:
    recorder = Recorder((Need("ratings", ("bond", "alliance_total"), required=True, look_back_days=30),))
    answer = Host(recorder, trusted=True).predict([request(1)])[0]
    assert reason(answer) == (
        "the model needs ratings of bond in the last 30 days and ratings of the alliance as a whole in the last 30 "
        "days, and the record has none"
    )
    assert recorder.asked == []


@pytest.mark.parametrize(
    ("need", "said"),
    [
        ("bond", "need 2 is a str, not a Need"),
        (Need("rating", ("bond",)), "need 2 has the kind 'rating'; write one of ratings, visits, covariate"),
        (Need("covariate", "age"), "need 2 covariate: names are no tuple of text"),
        (Need("visits", ("bond",)), "need 2 visits: has names; visits have none"),
        (Need("ratings"), "need 2 ratings: names nothing; say which"),
        (Need("ratings", ("mood",)), "need 2 ratings: mood is no measure; there are bond, "),
        (
            Need("visits", look_back_days=-(10**12)),
            "need 2 visits: look_back_days is -1000000000000; write a number of days",
        ),
        (Need("visits", look_back_days="30"), "need 2 visits: look_back_days is '30'; write a number of days from 1"),
        (Need("covariate", ("x_age",)), "need 2 covariate: x_age: leave out x_"),
        (Need("visits", required=1), "need 2 visits: required is neither True nor False"),
    ],
)
def test_needs_that_cannot_be_met_are_refused_at_once(need: Any, said: str) -> None:
    with pytest.raises(PluginError) as caught:
        Host(Obedient(needs=(Need("visits"), need)))
    assert caught.value.problems[0].startswith(f"model obedient: {said}")
    assert len(caught.value.problems) == 1


def test_a_predictor_that_cannot_say_what_it_is_is_refused() -> None:
    class Nameless(Obedient):
        @property
        def needs(self) -> tuple[Need, ...]:
            raise ValueError("client-1")

    with pytest.raises(PluginError, match=r"^the model cannot say what it is: ValueError$"):
        Host(Nameless.__new__(Nameless))


def test_our_own_predictor_is_opened_in_this_process() -> None:
    asked = [request(1, covariates={}), request(2, covariates={}, status="completed")]
    with open_host("evidence") as host:
        answers = host.predict(asked)
    assert answers[0] == open_predictor("evidence").predict(asked[:1])[0]
    assert reason(answers[1]) == "the episode is not open"


def test_another_authors_predictor_is_opened_in_its_own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugin.host.open_predictor", bad_predictors.opened)
    with open_host("theirs", workers=1) as host:
        assert process_of(host) != os.getpid()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
def test_a_fork_starts_its_own_process_and_leaves_its_parents_alone() -> None:
    """In a process of its own: this one has threads."""
    script = """
import os
from plugin.host import Host
from bad_predictors import Obedient, request
host = Host(Obedient(), workers=1)
process = lambda: int(host.predict([request(1, "pid")])[0].contributions[0].log_hazard)
mine = process()
child = os.fork()
if not child:
    theirs = process()
    host.close()
    os._exit(0 if theirs != mine else 1)
assert os.waitpid(child, 0)[1] == 0
assert process() == mine
host.close()
"""
    paths = os.pathsep.join(filter(None, sys.path))
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_hooks_add_facts_before_the_predictor_is_asked_and_edit_the_card(caplog: pytest.LogCaptureFixture) -> None:
    class Side:
        @hookimpl
        def enrich_request(self, request: Request) -> Request:
            visits = (Visit(DAY, "no_show"), Visit(DAY + dt.timedelta(1), "attended"))
            return replace(request, visits=request.visits + visits)

        @hookimpl
        def process_card(self, card: dict[str, Any]) -> dict[str, Any]:
            return card | {"detail": "Edited"}

    recorder = Recorder((Need("visits"),))
    host = Host(recorder, build_manager({"side": Side()}), trusted=True)
    with caplog.at_level(logging.DEBUG):
        host.predict([request(1)])
    assert recorder.asked[0].visits == (Visit(DAY, "no_show"),)  # tomorrow's is not known today
    card = {"summary": "Risk", "indicator": "info", "source": {"label": "Rapport"}}
    assert host.process_card(card, good_score(1), request(1)) == card | {"detail": "Edited"}
    assert caplog.messages == []

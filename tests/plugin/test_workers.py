"""How a batch is taken apart, by a clock of the test's own, and how processes are lent."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO

import bad_predictors
import pytest
from bad_predictors import Obedient, good_score, request
from hypothesis import given
from hypothesis import strategies as st

from plugin import isolation
from plugin.contract import Abstention, Request
from plugin.errors import PluginError
from plugin.isolation import MOST_RESTARTS, PATIENCE, ask_in_halves
from plugin.worker import read_frame, write_frame
from plugin.worker_pool import WorkerPool
from plugin.worker_process import Failed, TooLate, Worker

FULL = [request(number) for number in range(256)]


class Clock:
    """Time that passes only when somebody takes it."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(isolation, "time", made)
    return made


def number(asked: Request) -> int:
    return asked.episode.units_attended


@given(st.sets(st.integers(0, 59)), st.integers(0, 60))
def test_each_request_on_which_it_raises_costs_its_own_answer(bad: set[int], many: int) -> None:
    def ask(requests: Sequence[Request], _: float) -> list[object]:
        if any(number(each) in bad for each in requests):
            raise KeyError(requests)
        return [number(each) for each in requests]

    assert ask_in_halves(ask, FULL[:many]) == ["failed" if place in bad else place for place in range(many)]


@pytest.mark.parametrize("surplus", [-1, 1])
def test_a_wrong_number_of_answers_is_as_good_as_none(surplus: int) -> None:
    def ask(requests: Sequence[Request], _: float) -> list[object]:
        many = len(requests) + surplus * any(number(each) == 5 for each in requests)
        return list(range(many))

    assert ask_in_halves(ask, FULL[:8]) == [0, 1, 2, 3, 0, "failed", 0, 1]  # found as 0-3, 4, 5 and 6-7


@given(place=st.integers(0, 255), many=st.integers(1, 256))
def test_one_request_that_hangs_costs_its_own_answer_within_the_time_for_all(place: int, many: int) -> None:
    """Each request takes an equal part of a tenth of the limit, as it would for a predictor that is quick enough."""
    clock, limit, bad = Clock(), 5.0, place % many

    def ask(requests: Sequence[Request], seconds: float) -> list[object]:
        if any(number(each) == bad for each in requests):
            clock.now += seconds
            raise TooLate
        clock.now += 0.1 * limit * len(requests) / many
        return [number(each) for each in requests]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isolation, "time", clock)
        answers = ask_in_halves(ask, FULL[:many], limit)
    assert answers == ["too late" if each == bad else each for each in range(many)]
    assert clock.now <= PATIENCE * limit


def test_a_predictor_that_always_hangs_is_given_up_when_the_time_is_over(clock: Clock) -> None:
    def ask(_: Sequence[Request], seconds: float) -> list[object]:
        clock.now += seconds
        raise TooLate

    assert ask_in_halves(ask, FULL, 5.0) == ["too late"] * 256
    assert clock.now == pytest.approx(5.0 * PATIENCE)


def test_a_single_request_is_asked_once_with_all_the_time(clock: Clock) -> None:
    given: list[float] = []

    def ask(_: Sequence[Request], seconds: float) -> list[object]:
        given.append(seconds)
        raise TooLate

    assert ask_in_halves(ask, FULL[:1], 5.0) == ["too late"]
    assert given == [5.0]


def test_what_comes_back_in_time_is_kept_when_the_time_is_over(clock: Clock) -> None:
    def ask(requests: Sequence[Request], seconds: float) -> list[object]:
        if number(requests[-1]) >= 4:  # the later half takes ever so long
            clock.now += seconds
            raise TooLate
        return [number(each) for each in requests]

    assert ask_in_halves(ask, FULL[:8], 5.0) == [0, 1, 2, 3, *["too late"] * 4]


def test_starting_a_process_again_takes_nothing_from_the_time(clock: Clock) -> None:
    def ready() -> None:
        clock.now += 100.0

    def ask(requests: Sequence[Request], _: float) -> list[object]:
        if any(number(each) == 3 for each in requests):
            raise Failed("its process ended", gone=True)
        return [number(each) for each in requests]

    assert ask_in_halves(ask, FULL[:4], 5.0, ready) == [0, 1, 2, "failed"]


def test_one_killer_among_sixty_thousand_is_found_and_many_do_not_go_on_for_ever() -> None:
    asked: list[int] = []

    def killed_by(bad: Callable[[int], bool]) -> Callable[[Sequence[int], float], list[object]]:
        def ask(requests: Sequence[int], _: float) -> list[object]:
            asked.append(len(requests))
            if any(map(bad, requests)):
                raise Failed("its process ended", gone=True)
            return list(requests)

        return ask

    many = list(range(60_000))
    answers = ask_in_halves(killed_by(lambda each: each == 31_234), many)
    assert answers == ["failed" if each == 31_234 else each for each in many]
    asked.clear()
    assert ask_in_halves(killed_by(lambda each: True), many) == ["failed"] * 60_000
    assert len(asked) <= 2 * MOST_RESTARTS + 2  # each part that is waiting then is asked once more, whole


def test_where_the_process_does_not_start_again_what_is_left_has_failed() -> None:
    starts = iter([True, True, False])

    def ready() -> None:
        if not next(starts):
            raise PluginError(["the model cannot be opened"])

    def ask(requests: Sequence[Request], _: float) -> list[object]:
        if len(requests) == 4:
            raise Failed("its process ended", gone=True)
        return [number(each) for each in requests]

    assert ask_in_halves(ask, FULL[:4], 5.0, ready) == [0, 1, "failed", "failed"]


@given(st.lists(st.binary(max_size=50)))
def test_frames_come_out_as_they_went_in(contents: list[bytes]) -> None:
    stream = BytesIO()
    for content in contents:
        write_frame(stream, content)
    stream.seek(0)
    assert [read_frame(stream) for _ in contents] == contents
    with pytest.raises(EOFError):
        read_frame(stream)


def test_a_frame_that_was_cut_short_is_no_frame() -> None:
    stream = BytesIO()
    write_frame(stream, b"content")
    with pytest.raises(EOFError):
        read_frame(BytesIO(stream.getvalue()[:-1]))


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    made = WorkerPool(Obedient, 1)
    yield made
    made.close()


def test_a_process_is_lent_to_one_at_a_time_and_kept(pool: WorkerPool) -> None:
    with pool.lent(0.0) as first:
        assert first is not None
        with pool.lent(0.01) as second:
            assert second is None
        assert first.ask([request(2)], 30.0) == [good_score(2)]
    with pool.lent(0.0) as again:
        assert again is not None
        assert again.worker is first.worker


def test_one_that_is_gone_is_replaced_when_it_is_wanted(pool: WorkerPool) -> None:
    with pool.lent(0.0) as lent:
        assert lent is not None
        with pytest.raises(Failed) as caught:
            lent.ask([request(1, "vanish")], 30.0)
        assert caught.value.gone
        lent.ready()
        assert lent.ask([request(1)], 30.0) == [good_score(1)]


def test_an_interrupted_question_does_not_answer_the_next_one(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pool.lent(0.0) as lent:
        assert lent is not None
        with monkeypatch.context() as patch:
            patch.setattr(json, "loads", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                lent.ask([request(1)], 30.0)
    with pool.lent(0.0) as lent:
        assert lent is not None
        assert lent.ask([request(2)], 30.0) == [good_score(2)]


def test_a_question_that_cannot_be_sent_leaves_the_process_as_it_was(pool: WorkerPool) -> None:
    with pool.lent(0.0) as lent:
        assert lent is not None
        with pytest.raises(Failed) as caught:
            lent.ask([request(1, covariates={"do": lambda: None})], 30.0)
        assert not caught.value.gone
        assert lent.ask([request(1)], 30.0) == [good_score(1)]


def test_the_settings_of_the_server_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_SECRET_KEY", "x" * 40)
    worker = Worker(Obedient)
    assert worker.ask([request(1, "look")], 30.0) == [Abstention("nothing")]
    worker.close()


def test_one_that_takes_too_long_is_gone_and_so_are_its_children() -> None:
    worker = Worker(Obedient)
    answer = worker.ask([request(1, "child")], 30.0)[0]
    assert isinstance(answer, type(good_score(1)))
    child = int(answer.contributions[0].log_hazard)
    assert bad_predictors.is_there(child)
    with pytest.raises(TooLate):
        worker.ask([request(1, "hang")], 0.2)
    assert not worker.alive
    assert not worker.usable()
    assert bad_predictors.ends(child)


def test_a_pool_nobody_holds_leaves_no_process() -> None:
    pool = WorkerPool(Obedient, 1)
    with pool.lent(0.0) as lent:
        assert lent is not None
        answer = lent.ask([request(1, "pid")], 30.0)[0]
    assert isinstance(answer, type(good_score(1)))
    process = int(answer.contributions[0].log_hazard)
    assert bad_predictors.is_there(process)
    assert process != os.getpid()
    del pool, lent
    assert not bad_predictors.is_there(process)


def test_an_alarm_ends_a_process_whose_host_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    from plugin import worker

    alarms: list[int] = []
    monkeypatch.setattr(worker.signal, "alarm", alarms.append)
    worker._stop_after(0.2)
    worker._stop_after(0.0)
    assert alarms == [math.ceil(0.2) + 1, 0]

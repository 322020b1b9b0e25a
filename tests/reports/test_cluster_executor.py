"""A task that the client of a lost scheduler has forgotten is cancelled and not waited for."""

from __future__ import annotations

from concurrent.futures import CancelledError, Executor, Future
from typing import Any

import pytest

from reports.batch.cluster_executor import ClusterExecutor


class Forgetful(Executor):
    """Never does anything; where its client is closed it refuses tasks, as Dask's does."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self.client.status == "closed":
            raise RuntimeError("the client is closed")
        if fn is None:
            raise ValueError("no such task")
        return Future()


class Client:
    status = "running"

    def get_executor(self, *, pure: bool) -> Executor:
        assert not pure  # the same task twice is two tasks
        return Forgetful(self)


def test_a_forgotten_task_is_cancelled_when_the_scheduler_is_lost() -> None:
    client = Client()
    with ClusterExecutor(client) as executor:
        forgotten, done = executor.submit(print), executor.submit(print)
        done.set_result(1)
        with pytest.raises(TimeoutError):
            forgotten.result(timeout=1.5)  # all is well: it is waited for
        client.status = "connecting"
        with pytest.raises(CancelledError):
            forgotten.result(timeout=10.0)
        assert done.result() == 1


def test_a_task_handed_to_a_closed_client_is_cancelled_at_once() -> None:
    client = Client()
    with ClusterExecutor(client) as executor:
        client.status = "closed"
        with pytest.raises(CancelledError):
            executor.submit(print).result(timeout=0.0)


def test_other_mistakes_are_not_hidden() -> None:
    with ClusterExecutor(Client()) as executor, pytest.raises(ValueError, match="no such task"):
        executor.submit(None)

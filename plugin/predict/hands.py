"""Who does the tasks: this process, some processes, or a cluster; and how many are under way at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from plugin.errors import PluginError
from plugin.predict.fingerprint import fingerprint
from plugin.predict.workplace import UnfinishedError

Job = TypeVar("Job")
Done = TypeVar("Done")

_QUEUED: Final = 2  # tasks for each worker, so that none waits
_AGAIN: Final = "Run the same command again: what is finished is kept"


class Here(Executor):
    """Does a task at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do it, and return what came of it."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@dataclass(frozen=True)
class Hands:
    """An executor, how many tasks it works on at once, and whether its workers are other computers.

    Those get what they need sent, and send back what they made; others read and write files.
    """

    executor: Executor
    slots: int = 1
    remote: bool = False

    def each(self, task: Callable[[Job], Done], jobs: Iterable[Job]) -> Iterator[Done]:
        """Yield what comes of each job, in order; only so many are under way that memory stays as it is.

        Raises:
            PluginError: where a worker says so.
        UnfinishedError: where one is lost, or cannot work at all.
            OSError: where a worker cannot read or write a file.
        """
        under_way: deque[Future[Done]] = deque()
        expected = fingerprint()
        try:
            for job in jobs:
                if len(under_way) >= self.slots * _QUEUED:
                    yield _settled(under_way.popleft())
                under_way.append(self.executor.submit(_checked, expected, task, job))
            while under_way:
                yield _settled(under_way.popleft())
        except BrokenExecutor:
            lost = (
                f"a worker process ended unexpectedly (was it out of memory?). {_AGAIN}; --workers 1 needs least memory"
            )
            raise UnfinishedError([lost]) from None
        finally:
            for future in under_way:
                future.cancel()


def _checked(expected: str, task: Callable[[Job], Done], job: Job) -> Done:
    if fingerprint() != expected:
        raise PluginError(
            ["the workers have another release of rapport-roi or its libraries than this computer; install the same"]
        )
    return task(job)


def _settled(future: Future[Done]) -> Done:
    try:
        return future.result()
    except (BrokenExecutor, PluginError, OSError):
        raise
    except CancelledError:
        raise UnfinishedError([f"the scheduler was lost. {_AGAIN}"]) from None
    except Exception as error:  # what a cluster reports; the message may hold data, its kind does not
        raise UnfinishedError([f"the workers cannot do the work ({type(error).__name__}). {_AGAIN}"]) from error

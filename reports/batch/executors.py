"""Where the work is done: all cores of this computer, or a Dask cluster. Both give a standard executor."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection
from typing import TYPE_CHECKING

from calculator.errors import RapportError
from reports.batch.cluster_executor import ClusterExecutor
from reports.batch.work import Job, Options, Outcome, prepare, work

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier

    from distributed import Client

TIMEOUT = 5  # seconds until a scheduler counts as unreachable
START = 60  # seconds that a worker waits at most until the others have started
#: Each worker has one core.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
ADDRESS = re.compile(r"([a-z]+://)?[^/\s]+:\d{1,5}")
LOUD = ("distributed", "distributed.client", "tornado.application")  # loggers
MISSING = "--scheduler needs the package distributed; install it with: pip install 'rapport-roi[cluster]'"


@dataclass(frozen=True)
class Workers:
    """An executor and how many tasks it works on at once."""

    executor: Executor
    slots: int

    def submit(self, options: Options, expected: tuple[str, str], jobs: Sequence[Job]) -> Future[list[Outcome]]:
        """Hand some jobs to a worker."""
        return self.executor.submit(work, options, expected, jobs)


@contextmanager
def local_workers(count: int | None = None, ready: Callable[[], object] = prepare) -> Iterator[Workers]:
    """Run a worker for each core, or ``count`` of them; they end with this process however it ends.

    ``ready`` is what each does before its first task.
    """
    slots = count or os.cpu_count() or 1
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(slots, context, _begin, (context.Barrier(slots, timeout=START), ready))
    try:
        with _one_thread(), _no_interrupt():
            for _ in range(slots):
                executor.submit(os.getpid)  # each starts a worker, as none is at hand before all are
        yield Workers(executor, slots)
    finally:
        executor.shutdown(cancel_futures=True)


@contextmanager
def cluster_workers(address: str) -> Iterator[Workers]:
    """Use the workers of a Dask scheduler.

    Raises:
        RapportError: if the package is missing, the scheduler cannot be reached, or has no worker.
    """
    try:
        from distributed import Client
    except ImportError:
        raise RapportError(MISSING) from None
    client = _client(Client, address)
    try:
        threads = _threads(client)
        if not threads:
            raise RapportError(f"{address}: the scheduler has no worker; start one with: dask worker {address}")
        with ClusterExecutor(client) as executor:
            yield Workers(executor, sum(threads.values()))
    finally:
        with contextlib.suppress(Exception):  # a lost cluster cannot be told that nobody waits for it any more
            client.close(timeout=2)  # type: ignore[no-untyped-call]


def _client(kind: type[Client], address: str) -> Client:
    if not ADDRESS.fullmatch(address):
        raise RapportError(f"--scheduler is {address!r}; write it as tcp://host:8786")
    for name in LOUD:  # what matters is said once, in our words
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        return kind(address, timeout=TIMEOUT, set_as_default=False)
    except (OSError, TimeoutError):
        raise RapportError(
            f"{address}: no scheduler answers there within {TIMEOUT} seconds; is it running, and reachable from here?"
        ) from None


def _threads(client: Client) -> dict[str, int]:
    with contextlib.suppress(TimeoutError):
        client.wait_for_workers(1, timeout=TIMEOUT)
    return dict(client.nthreads())  # type: ignore[no-untyped-call]


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let processes started here use one thread each for linear algebra."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Let processes started here take no notice of Ctrl-C, which a terminal sends to all: their parent ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(all_here: Barrier, ready: Callable[[], object]) -> None:
    """Prepare a worker: it ends when its parent does, and reads what it needs before the first task.

    It waits for the others, since an executor starts no further worker where one is idle: the rest would start later,
    with as many threads as there are cores each and with an ear for Ctrl-C.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(Exception):  # whatever is wrong is said of each row
        ready()
    with contextlib.suppress(threading.BrokenBarrierError):
        all_here.wait()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)

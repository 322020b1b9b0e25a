"""The executor of a Dask cluster, which does not wait for ever where the scheduler is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from distributed import Client

POLL: Final = 0.5  # seconds
LOST: Final = ("connecting", "closing", "closed")  # what the client says of itself once the connection is broken


class ClusterExecutor(Executor):
    """Hands tasks to a cluster; those of a lost scheduler raise ``CancelledError``.

    The client cancels the tasks it knows of when the connection breaks. One handed in at that very moment may be in
    none of its books, and nobody would ever hear of it again.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._executor: Executor = client.get_executor(pure=False)  # type: ignore[no-untyped-call]
        self._waited_for: set[Future[Any]] = set()
        self._over = threading.Event()
        threading.Thread(target=self._watch, name="cluster watch", daemon=True).start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand in a task."""
        try:
            future = self._executor.submit(fn, *args, **kwargs)
        except Exception:
            if self._client.status not in LOST:
                raise
            future = Future()
            future.set_exception(CancelledError())
            return future
        self._waited_for.add(future)
        future.add_done_callback(self._waited_for.discard)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Stop watching; who made the client closes it."""
        self._over.set()

    def _watch(self) -> None:
        before = False
        while not self._over.wait(POLL):
            lost = self._client.status in LOST
            if lost and before:  # by now the client has cancelled what it knows of
                for future in tuple(self._waited_for):
                    if not future.done():
                        future.set_exception(CancelledError())
            before = lost

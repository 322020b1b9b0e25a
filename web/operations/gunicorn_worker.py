"""A worker of gunicorn that loses no request when it ends.

Gunicorn's own stops accepting, answers what is under way, and closes its listening sockets last. A connection that the
kernel took meanwhile and that nobody accepted is then cut off. This one accepts what waits at that moment and closes
the sockets at once, so that a later connection is refused (whoever sent it tries again) or waits in the socket of
systemd for the next server. For connections that are merely
kept open it waits no longer than ``keepalive`` says.
"""

from __future__ import annotations

import select
from typing import Any

from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):  # type: ignore[misc]
    """Gunicorn's worker with threads, with another end."""

    def set_accept_enabled(self, enabled: bool) -> None:
        """Begin or stop to accept; at the end, take what waits and close the doors."""
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        for listener in self.sockets:
            listener.setblocking(False)
            while select.select([listener], [], [], 0)[0]:
                before = self.nr_conns
                self.accept(listener)
                if self.nr_conns == before:  # another worker was faster
                    break
            listener.close()

    def wait_for_and_dispatch_events(self, timeout: float) -> Any:
        """Wait for events, a second at most, so that connections nobody uses are closed when their time is over."""
        return super().wait_for_and_dispatch_events(min(timeout, 1.0))

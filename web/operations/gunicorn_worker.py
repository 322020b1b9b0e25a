"""A worker of gunicorn that leaves connections to a worker with less to do, and loses no request when it ends.

Gunicorn's own takes every connection it sees. Of many that come at once, one worker takes all, and while they are kept
open it answers all that is sent on them, however idle the others are. This one pauses after each connection it took,
the longer the more it has to answer, so that others come first. The pause ends when it has answered one, so that it is
never idle for it.

Gunicorn's own stops accepting, answers what is under way, and closes its listening sockets last. A connection that the
kernel took meanwhile and that nobody accepted is then cut off. This one accepts what waits at that moment and closes
the sockets at once, so that a later connection is refused (whoever sent it tries again) or waits in the socket of
systemd for the next server. It answers once more on a connection of which it said that it stays open, for the next
request may be on its way; for those on which none comes it waits no longer than ``keepalive`` says.
"""

from __future__ import annotations

import select
import selectors
import time
from functools import partial
from typing import Any, Final

from gunicorn.workers.gthread import ThreadWorker

PAUSE: Final = 0.002  # seconds for each connection that waits for an answer; another process is awake by then
LONGEST_PAUSE: Final = 0.02


class Worker(ThreadWorker):  # type: ignore[misc]
    """Gunicorn's worker with threads, with other manners and another end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pause_ends = 0.0

    @property
    def busy(self) -> int:
        """Return how many connections wait for an answer."""
        return int(self.nr_conns - len(self.keepalived_conns) - len(self.pending_conns))

    def accept(self, listener: Any) -> None:
        """Take a connection, and leave the next one to others for a while."""
        super().accept(listener)
        if self.alive:
            self.pause_ends = time.monotonic() + min(PAUSE * self.busy, LONGEST_PAUSE)
            super().set_accept_enabled(False)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """End a request, and with it the pause."""
        self.pause_ends = 0.0
        if self.alive or fs.cancelled() or fs.exception() or fs.result() is not True:
            super().finish_request(conn, fs)
            return
        conn.sock.setblocking(False)
        conn.set_timeout()
        self.keepalived_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn))

    def set_accept_enabled(self, enabled: bool) -> None:
        """Begin or stop to accept; at the end, take what waits and close the doors."""
        if enabled and time.monotonic() < self.pause_ends:
            return  # asked again after the next event
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
        """Wait for events: until a pause ends, and a second at most, so that connections nobody uses end in time."""
        pause = self.pause_ends - time.monotonic()
        return super().wait_for_and_dispatch_events(min(timeout, pause if pause > 0.0 else 1.0))

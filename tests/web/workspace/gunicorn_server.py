"""A real gunicorn with our configuration, on a free port of this computer."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from web.storage import Database

COMMAND = (sys.executable, "-m", "gunicorn", "-c", "python:web.gunicorn_conf", "web.wsgi:app")
ROOT = Path(__file__).parents[3]


class Server:
    """A running server."""

    def __init__(self, process: subprocess.Popen[str], port: int, log: Path) -> None:
        self.process, self.port, self.log = process, port, log

    def connect(self, timeout: float = 20.0) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str, dict[str, str]]:
        """Return status, body and headers of an answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): text for name, text in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), dict(answer.getheaders())
        finally:
            connection.close()

    def workers(self) -> list[int]:
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(each) for each in found.split()]

    def wait_until_ready(self, seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while True:
            try:
                if self.ask("GET", "/health/ready")[0] == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(self.log.read_text())
            time.sleep(0.05)

    def stop(self, number: int = signal.SIGTERM, seconds: float = 40.0) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(seconds)

    def kill(self) -> None:
        """End master and workers at once, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)


def settings(database: Database, folder: Path, **more: str) -> dict[str, str]:
    """Return the environment of a server that works on a database."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("RAPPORT_", "PROMETHEUS_"))}
    where = {} if database.is_sqlite else {"RAPPORT_DATABASE_URL": database.url.render_as_string(hide_password=False)}
    return kept | {"RAPPORT_DATA_DIR": str(folder), "RAPPORT_WORKERS": "2"} | where | more


@contextmanager
def serving(database: Database, folder: Path, **more: str) -> Iterator[Server]:
    """Run a server until the block ends."""
    log = folder / "log"
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("a") as written:
        process = subprocess.Popen(
            [*COMMAND, "--bind", f"fd://{listener.fileno()}"],
            pass_fds=[listener.fileno()],
            env=settings(database, folder, **more),
            stdout=written,
            stderr=written,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        )
        port = listener.getsockname()[1]
    server = Server(process, port, log)
    try:
        server.wait_until_ready()
        yield server
    finally:
        if process.poll() is None:
            server.kill()

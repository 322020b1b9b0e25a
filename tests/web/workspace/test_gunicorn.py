"""The real gunicorn with our configuration: where it listens, what it logs and counts, and that it loses no request."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.web.workspace import people
from tests.web.workspace.databases import sqlite_url, wait_until
from tests.web.workspace.gunicorn_server import COMMAND, ROOT, Server, serving, settings
from web.storage import Database

CLINIC = json.dumps(
    {"clinic": {"setting": "outpatient", "intakes_per_month": 40}, "payers": [{"name": "a", "share": 1.0,
     "allowed_per_unit": 140.0, "collection_rate": 0.95}]}
)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    database = Database(sqlite_url(folder))
    (folder / "counts").mkdir()
    (folder / "counts" / "counter_worker-0.db").write_bytes(b"what a server left that was killed")
    more = {"PROMETHEUS_MULTIPROC_DIR": str(folder / "counts")}
    with serving(database, folder, RAPPORT_LOG="json", RAPPORT_TRUSTED_PROXIES="1", **more) as running:
        yield running
    database.close()


def lines(server: Server) -> list[dict[str, object]]:
    return [json.loads(line) for line in server.log.read_text().splitlines()]


def test_requests_are_logged_by_route_and_counted_over_all_workers(server: Server) -> None:
    before = len(lines(server))
    asked = 40  # so many that both workers get some
    for number in range(asked):
        assert server.ask("GET", f"/explain/npv?clinic.name=Riverbend{number}")[0] in (200, 422)
    counted = server.ask("GET", "/metrics")[1]
    route = next(str(line["route"]) for line in lines(server)[before:] if "/explain" in str(line.get("route")))
    found = re.findall(
        rf'rapport_requests_total{{method="GET",route="{re.escape(route)}",status="\d+"}} (\S+)', counted
    )
    assert sum(map(float, found)) == asked
    logged = [line for line in lines(server)[before:] if line.get("route") == route]
    assert len(logged) == asked
    assert set(logged[0]) == {"time", "level", "logger", "message", "method", "route", "status", "ms", "request_id"}
    assert "Riverbend" not in server.log.read_text()
    assert "127.0.0.1" not in json.dumps(logged)


def test_the_number_of_a_request_comes_from_the_proxy_or_is_made(server: Server) -> None:
    given = "0123456789abcdef0123456789abcdef"
    assert server.ask("GET", "/health/live", X_Request_Id=given)[2]["X-Request-Id"] == given
    for wrong in ("short", "with blank in it", "x" * 65, "anna@example.org"):
        made = server.ask("GET", "/health/live", X_Request_Id=wrong)[2]["X-Request-Id"]
        assert re.fullmatch("[0-9a-f]{16}", made)


def test_what_cannot_be_read_is_logged_without_what_it_was(server: Server) -> None:
    with server.connect() as raw:
        raw.sendall(b"GET /scenarios/Riverbend secret HTTP/9\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 4")
    wait_until(lambda: "a request could not be read" in server.log.read_text())
    assert "Riverbend" not in server.log.read_text()


def test_a_worker_that_is_replaced_goes_on_counting_in_the_same_file(server: Server) -> None:
    def counted() -> float:
        text = server.ask("GET", "/metrics")[1]
        return sum(
            float(each) for each in re.findall(r'rapport_requests_total\{[^}]*"/health/live"[^}]*\} (\S+)', text)
        )

    for _ in range(10):
        server.ask("GET", "/health/live")
    before, (first, second) = counted(), server.workers()
    folder = server.log.parent / "counts"
    files = sorted(path.name for path in folder.iterdir())
    assert {name.rpartition("_")[2] for name in files} == {"worker-0.db", "worker-1.db"}
    os.kill(first, signal.SIGTERM)
    wait_until(lambda: len(server.workers()) == 2 and first not in server.workers(), 30)
    os.kill(second, signal.SIGTERM)
    wait_until(lambda: len(server.workers()) == 2 and second not in server.workers(), 30)
    for _ in range(20):
        assert server.ask("GET", "/health/live")[0] == 200
    assert counted() == before + 20
    assert sorted(path.name for path in folder.iterdir()) == files


def sockets(worker: int) -> int:
    """Return how many sockets a worker holds."""
    found = 0
    for each in Path(f"/proc/{worker}/fd").iterdir():
        try:
            found += os.readlink(each).startswith("socket:")
        except FileNotFoundError:  # it was closed meanwhile
            continue
    return found


def test_workers_share_connections_that_come_at_once(server: Server) -> None:
    """Those that wait for an answer, that is; a worker that took them all would leave the other one idle."""
    head = f"POST /api/v1/estimate HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: {len(CLINIC)}\r\n\r\n"
    workers = server.workers()
    for worker in workers:  # one that is still starting takes none; while the others are stopped, this one must answer
        others = [each for each in workers if each != worker]
        for other in others:
            os.kill(other, signal.SIGSTOP)
        try:
            assert server.ask("GET", "/health/live")[0] == 200
        finally:
            for other in others:
                os.kill(other, signal.SIGCONT)
    idle = [1, 1]  # what they listen on
    for _ in range(3):
        wait_until(lambda: list(map(sockets, workers)) == idle)
        with ExitStack() as opened:
            for _ in range(16):
                opened.enter_context(server.connect()).sendall((head + CLINIC[:20]).encode())
            wait_until(lambda: sum(map(sockets, workers)) == 16 + sum(idle))
            assert min(map(sockets, workers)) >= 5, list(map(sockets, workers))


def test_a_worker_that_ends_answers_who_goes_on_asking(server: Server) -> None:
    """On connections that stay open the next request may be on its way when a worker is told to end."""
    over = threading.Event()

    def ask_on() -> int:
        asked = 0
        connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
        while not over.is_set():
            connection.request("GET", "/method")
            answer = connection.getresponse()  # a connection that was closed without one is an error
            assert (answer.status, b"</html>" in answer.read()) == (200, True)
            asked += 1
        connection.close()
        return asked

    before = server.workers()
    with ThreadPoolExecutor(8) as pool:
        asking = [pool.submit(ask_on) for _ in range(8)]
        try:
            for worker in before:
                time.sleep(0.3)
                os.kill(worker, signal.SIGTERM)
                wait_until(lambda worker=worker: worker not in server.workers(), 30)
        finally:
            over.set()
        assert min(each.result() for each in asking) > 10
    assert len(server.workers()) == 2


def test_a_stop_answers_all_that_was_sent_and_refuses_what_comes_later(server: Server) -> None:
    """Half-sent requests keep all threads busy, others wait behind them, and more wait in the kernel: none is lost."""
    head = (
        f"POST /api/v1/estimate HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(CLINIC)}\r\nConnection: close\r\n\r\n"
    )
    half = [server.connect() for _ in range(9)]
    for each in half:
        each.sendall((head + CLINIC[:20]).encode())
    workers = server.workers()
    time.sleep(0.3)  # until they are accepted
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    waiting = [server.connect() for _ in range(6)]  # in the kernel: nobody can accept them
    for each in waiting:
        each.sendall((head + CLINIC).encode())
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)  # until the workers are told
    for worker in workers:
        os.kill(worker, signal.SIGCONT)

    def refused() -> bool:
        try:
            server.connect(1.0).close()
        except ConnectionRefusedError:
            return True
        except ConnectionResetError:  # it came in the moment in which the last door closed
            return False
        return False

    wait_until(refused)
    for each in half:
        each.sendall(CLINIC[20:].encode())
    for each in (*half, *waiting):
        answer = everything(each)
        assert answer.startswith(b"HTTP/1.1 200 "), answer[:200]
        assert b'"schema"' in answer
        assert answer.rstrip().endswith(b"}")
    assert server.process.wait(20) == 0
    assert "Traceback" not in server.log.read_text()


def everything(connection: socket.socket) -> bytes:
    with connection:
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def start(environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    """Start a server that should not start."""
    return subprocess.run(
        [*COMMAND, *options], env=environment, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )


def test_without_an_account_it_binds_to_no_address_that_others_reach(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path))
    environment = settings(database, tmp_path)
    for options in (["--bind", "0.0.0.0:0"], ["--bind", "127.0.0.1:0", "--bind", "[::]:0"]):
        done = start(environment, *options)
        assert done.returncode == 2
        assert "cannot listen on" in done.stderr
        assert "no account yet" in done.stderr
        assert "Listening" not in done.stderr
    with socket.create_server(("0.0.0.0", 0)) as open_to_all:  # noqa: S104 - what must be refused
        command = f'exec 3<&{open_to_all.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'  # as systemd hands it over
        done = subprocess.run(
            ["bash", "-c", command, "start", *COMMAND], env=environment, capture_output=True, text=True, cwd=ROOT,
            timeout=60, check=False, pass_fds=[open_to_all.fileno()],
        )  # fmt: skip
        assert (done.returncode, "no account yet" in done.stderr) == (2, True)
    people.member(database, people.organisation(database))
    database.close()
    import web.gunicorn_conf as conf

    for address, hosts in (([("0.0.0.0", 1)], ["0.0.0.0"]), (["/run/rapport.sock"], [])):  # noqa: S104
        assert list(conf._hosts(address)) == hosts


def test_wrong_settings_stop_the_start_one_line_each(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path))
    environment = settings(database, tmp_path, RAPPORT_WORKERS="many", RAPPORT_LOG="xml", RAPPORT_TRUSTED_PROXY="1")
    database.close()
    done = start(environment)
    assert done.returncode == 2
    assert [line.split()[0] for line in done.stderr.splitlines()] == [
        "RAPPORT_TRUSTED_PROXY", "RAPPORT_WORKERS", "RAPPORT_LOG",
    ]  # fmt: skip
    assert "is RAPPORT_TRUSTED_PROXIES meant?" in done.stderr

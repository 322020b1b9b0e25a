"""Callers of a server on the same machine, so light that they take little of its cores: wrk, or sockets in one loop."""

from __future__ import annotations

import itertools
import os
import re
import selectors
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ENCODINGS = "gzip, deflate, br, zstd"  # of a browser of today
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass
class Run:
    """What many calls took.

    Attributes:
        answers: how many there were.
        rate: of them a second.
        half: milliseconds within which half of them came.
        most: the same for 99 in 100.
        errors: answers with another status than wanted, connections that broke, and questions without an answer.
        cpu: milliseconds of the server's processors for an answer, where somebody measured them.
    """

    answers: int
    rate: float
    half: float
    most: float
    errors: int
    cpu: float = 0.0


def request(method: str, path: str, body: str = "", headers: Mapping[str, str] | None = None) -> bytes:
    """Return the bytes of a request on a connection that stays open."""
    content = body.encode()
    lines = {"Host": "127.0.0.1", "Accept-Encoding": ENCODINGS, **(headers or {})}
    if content:
        lines |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(content))}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + content


class Connection:
    """A connection that stays open, with one request at a time on it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.open()

    def open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes) -> None:
        self.begin, self.read, self.missing = time.perf_counter(), b"", -1
        self.socket.sendall(request)

    def receive(self) -> str | None:
        """Take what has come; return the status when that is all, an empty one where the connection broke."""
        part = self.socket.recv(262_144)
        if not part:
            return ""
        if self.missing >= 0:
            self.missing -= len(part)
        else:
            self.read += part
            head, end, body = self.read.partition(b"\r\n\r\n")
            if not end:
                return None
            length = re.search(rb"\r\ncontent-length: *(\d+)", head.lower())
            self.missing = (int(length[1]) if length else 0) - len(body)
        return None if self.missing > 0 else self.read[9:12].decode()

    def ask(self, request: bytes) -> tuple[str, float]:
        """Return status and milliseconds of one answer."""
        self.send(request)
        while (status := self.receive()) is None:
            pass
        return status, (time.perf_counter() - self.begin) * 1000.0


def call(port: int, requests: Iterable[bytes], connections: int, seconds: float) -> Run:
    """Send requests in turn, on so many connections and for so long, and wait for what is under way then."""
    selector, endless = selectors.DefaultSelector(), itertools.cycle(requests)
    times: list[float] = []
    errors, start = 0, time.perf_counter()
    for each in [Connection(port) for _ in range(connections)]:
        selector.register(each.socket, selectors.EVENT_READ, each)
        each.send(next(endless))
    while selector.get_map() and time.perf_counter() < start + seconds + 30.0:
        for key, _ in selector.select(1.0):
            connection: Connection = key.data
            status = connection.receive()
            if status is None:
                continue
            now = time.perf_counter()
            times.append((now - connection.begin) * 1000.0)
            errors += status != "200"
            selector.unregister(connection.socket)
            if not status:
                connection.socket.close()
                connection.open()
            if now < start + seconds:
                selector.register(connection.socket, selectors.EVENT_READ, connection)
                connection.send(next(endless))
            else:
                connection.socket.close()
    errors += len(selector.get_map())
    return run_of(times, time.perf_counter() - start, errors)


def run_of(times: Sequence[float], seconds: float, errors: int) -> Run:
    """Return what calls took that were timed one by one, in milliseconds."""
    ordered = sorted(times)
    half, most = (ordered[min(int(share * len(ordered)), len(ordered) - 1)] for share in (0.5, 0.99))
    return Run(len(ordered), len(ordered) / seconds, half, most, errors)


def hammer(port: int, path: str, connections: int, seconds: int, headers: Mapping[str, str] | None = None) -> Run:
    """Ask for one page as fast as it is answered, with wrk where it is installed."""
    wrk = shutil.which("wrk")
    if wrk is None:
        return call(port, [request("GET", path, headers=headers)], connections, seconds)
    command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    for name, value in {"Accept-Encoding": ENCODINGS, **(headers or {})}.items():
        command += ["-H", f"{name}: {value}"]
    said = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{path}"], check=True, capture_output=True, text=True
    ).stdout
    half, most = (
        float(number) * MILLISECONDS[unit] for number, unit in re.findall(r"(?:50|99)%\s+([\d.]+)([mu]?s)", said)
    )
    answers, rate = re.search(r"(\d+) requests in", said), re.search(r"Requests/sec:\s+([\d.]+)", said)
    if answers is None or rate is None:
        raise SystemExit(f"wrk said what is not known here:\n{said}")
    wrong = re.findall(r"(?:connect|read|write|timeout|responses:?) (\d+)", said)
    return Run(int(answers[1]), float(rate[1]), half, most, sum(map(int, wrong)))


def cpu_seconds(process: int) -> float:
    """Return what a process and its children have used of the processors, those that have ended included."""
    ticks = 0
    for each in (process, *Path(f"/proc/{process}/task/{process}/children").read_text().split()):
        try:
            ticks += sum(map(int, Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()[11:15]))
        except FileNotFoundError:  # a worker that was replaced in this moment
            continue
    return ticks / os.sysconf("SC_CLK_TCK")

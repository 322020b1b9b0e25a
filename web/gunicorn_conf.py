"""How gunicorn runs the server: ``gunicorn -c python:web.gunicorn_conf web.wsgi:app``.

Options of the command line go over what stands here, such as ``--bind 0.0.0.0:8000``.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from calculator import RapportError
from web.accounts.first_start import FirstStart, refuse_open_host
from web.open_workspace import open_database
from web.operations import place
from web.settings import environment, read_settings
from web.storage.failing import plainly
from web.storage.upgrade import make_ready

FIRST_DESCRIPTOR: Final = 3  # of the sockets that systemd hands over
_made: list[str] = []


def _stop(error: RapportError) -> None:
    sys.stderr.write(f"{error}\n")
    sys.exit(2)


try:
    _workers = read_settings(environment()).workers
except RapportError as _error:
    _stop(_error)

bind = "127.0.0.1:8000"
workers = _workers or len(os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1))
worker_class = "web.operations.gunicorn_worker.Worker"
threads = 4  # so that a slow download or upload does not keep a whole process busy
worker_connections = 200
keepalive = 5
timeout = 60  # seconds after which a worker that does not move is replaced
graceful_timeout = 30  # seconds for what is under way when the server stops
max_requests = 20_000  # then a worker is replaced, so that memory it lost does not add up
max_requests_jitter = 2_000
preload_app = False  # numpy, Arrow and polars have threads of their own, which do not survive a fork
forwarded_allow_ips = ""  # RAPPORT_TRUSTED_PROXIES says whom to believe, and werkzeug does so
limit_request_line = 8_190  # an address holds a whole form; four packed ones, when they are compared
logger_class = "web.operations.gunicorn_log.GunicornLog"
control_socket_disable = True


def on_starting(server: Any) -> None:
    """Refuse what must not start, make the tables of an empty database, and a place for the workers to count in."""
    database = None
    try:
        database = open_database(read_settings(environment()))
        with plainly(database):
            make_ready(database)
            known = FirstStart(database)
            for host in _hosts(server.cfg.address):
                refuse_open_host(known, host)
    except RapportError as error:
        _stop(error)
    finally:
        if database is not None:
            database.close()
    named = os.environ.get(place.DIRECTORY)
    if named is None:
        os.environ[place.DIRECTORY] = tempfile.mkdtemp(prefix="rapport-metrics-")
        _made.append(os.environ[place.DIRECTORY])
    else:
        Path(named).mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in Path(named).glob("*.db"):  # of a server that was ended at once
            old.unlink()


def pre_fork(server: Any, worker: Any) -> None:
    """Give a worker the lowest place that is free."""
    worker.place = place.free(each.place for each in server.WORKERS.values())


def post_fork(server: Any, worker: Any) -> None:
    """Tell the worker its place."""
    place.take(worker.place)


def on_exit(server: Any) -> None:
    """Remove what the workers counted."""
    for folder in _made:
        shutil.rmtree(folder, ignore_errors=True)


def _hosts(addresses: Any) -> Iterator[str]:
    """Yield the hosts that will be listened on; a socket in the file system can be reached from here alone."""
    descriptors = [each for each in addresses if isinstance(each, int)]
    if os.environ.get("LISTEN_PID") == str(os.getpid()):  # then gunicorn takes these, whatever it was told to bind
        descriptors = list(range(FIRST_DESCRIPTOR, FIRST_DESCRIPTOR + int(os.environ.get("LISTEN_FDS", "0"))))
        addresses = ()
    yield from (each[0] for each in addresses if isinstance(each, tuple))
    for descriptor in descriptors:
        with socket.socket(fileno=os.dup(descriptor)) as listener:
            name = listener.getsockname()
        if isinstance(name, tuple):
            yield name[0]

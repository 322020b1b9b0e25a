"""Do something with another author's predictor in a process of its own, which is stopped when it takes too long."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any, Final

from plugin.errors import PluginError
from plugin.worker_process import Failed, TooLate

_START: Final = (
    "import os, sys; sys.path[:] = sys.argv.pop().split(os.pathsep); from plugin.conformance.apart import main; main()"
)
_END: Final = {"end": True}

Task = Callable[[], Iterable[Mapping[str, Any]]]


def apart(task: Task, first: float, each: float) -> Generator[dict[str, Any], None, None]:
    """Give what a task gives, one after the other as it comes, from a process of its own.

    Args:
        task: gives plain data; it must be possible to pickle it.
        first: seconds until the first one, the start of the process included.
        each: seconds until the next one, and until the end.

    Raises:
        PluginError: where the task raises one.
        TooLate: where nothing comes in time; the process and its children are gone then.
        Failed: where the process ends before the task does, or the task raises something else.
    """
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", _START, os.pathsep.join(sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what a predictor prints could hold anything
        start_new_session=True,
    )
    try:
        said = _read(process, pickle.dumps(task), first)
        while said != _END:
            if "problems" in said:
                raise PluginError(said["problems"])
            if "failed" in said:
                raise Failed(str(said["failed"]))
            yield said["item"]
            said = _read(process, b"", each)
    finally:
        _stop(process)


def _read(process: subprocess.Popen[bytes], question: bytes, seconds: float) -> dict[str, Any]:
    late = threading.Event()

    def cut() -> None:
        late.set()
        _kill(process)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        if question and process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # that it ended shows below
                process.stdin.write(question)
                process.stdin.close()
        line = process.stdout.readline() if process.stdout is not None else b""
    finally:
        timer.cancel()
    if not line.endswith(b"\n"):
        raise TooLate if late.is_set() else Failed("its process ended", gone=True)
    said: dict[str, Any] = json.loads(line)
    return said


def _stop(process: subprocess.Popen[bytes]) -> None:
    _kill(process)
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):  # it may be gone already
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def main() -> None:
    """Do the task that stands on standard input and write a line of JSON for each thing that it gives."""
    tell = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 1)  # whatever the predictor prints goes nowhere
    task: Task = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent's

    def say(said: Mapping[str, Any]) -> None:
        tell.write(json.dumps(said, default=str).encode() + b"\n")

    try:
        for item in task():
            say({"item": item})
        say(_END)
    except PluginError as error:
        say({"problems": error.problems})
    except BaseException as error:  # whatever another author's code raises
        say({"failed": type(error).__name__})
    os._exit(0)  # a thread that never ends must not keep the process

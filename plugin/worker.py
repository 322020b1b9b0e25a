"""The process in which another author's predictor runs: it can be stopped, whatever the predictor is doing.

It reads frames from its standard input and writes frames to its standard output: eight bytes of length, then the
content. The first says what to open; each one after it is a batch of requests. What comes back is JSON. Whatever the
predictor prints goes nowhere: it could hold a client's data.
"""

from __future__ import annotations

import json
import math
import os
import pickle
import signal
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

from plugin.contract import Predictor, Request
from plugin.plain_answer import to_plain


def read_frame(stream: BinaryIO) -> bytes:
    """Return the content of the next frame.

    Raises:
        EOFError: where the other side is gone.
    """
    size = _read(stream, 8)
    return _read(stream, int.from_bytes(size, "big"))


def _read(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def write_frame(stream: BinaryIO, content: bytes) -> None:
    """Write a frame at once."""
    stream.write(len(content).to_bytes(8, "big") + content)
    stream.flush()


def main() -> None:
    """Open the predictor and answer until nobody asks any more."""
    ask, tell = _own_streams()
    try:
        open_it: Callable[[], Predictor] = pickle.loads(read_frame(ask))  # noqa: S301 - the host's own
        predictor = open_it()
    except EOFError:
        return
    except BaseException as error:  # whatever another author's code raises
        write_frame(tell, json.dumps({"failed": type(error).__name__}).encode())
        return
    write_frame(tell, json.dumps({"ready": True}).encode())
    while True:
        try:
            seconds, requests = pickle.loads(read_frame(ask))  # noqa: S301 - the host's own
        except EOFError:
            return
        _stop_after(seconds)
        said = json.dumps(_answers(predictor, requests)).encode()
        _stop_after(0.0)
        write_frame(tell, said)


def _answers(predictor: Predictor, requests: Sequence[Request]) -> dict[str, Any]:
    try:
        answers = predictor.predict(requests)
        if not isinstance(answers, Sequence) or isinstance(answers, str | bytes) or len(answers) != len(requests):
            return {"failed": "wrong number of answers"}
        return {"answers": [to_plain(answer) for answer in answers]}
    except BaseException as error:  # whatever another author's code raises
        return {"failed": type(error).__name__}


def _own_streams() -> tuple[BinaryIO, BinaryIO]:
    """Return this process's ends, out of reach of whatever prints or reads."""
    ask, tell = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for taken in (0, 1, 2):
        os.dup2(nothing, taken)
    return ask, tell


def _stop_after(seconds: float) -> None:
    """Have the system end this process: the host does so as well, unless it is gone itself."""
    if hasattr(signal, "alarm"):
        signal.alarm(math.ceil(seconds) + 1 if seconds else 0)

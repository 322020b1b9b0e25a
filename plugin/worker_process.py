"""The host's side of a predictor's process: start it, ask it, stop it when it takes too long."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO, Final, cast

from plugin.contract import Predictor, Request
from plugin.errors import PluginError
from plugin.plain_answer import from_plain
from plugin.worker import read_frame, write_frame

OURS: Final = "RAPPORT_"  # settings, secrets among them: no business of a predictor
START_SECONDS: Final = 60.0  # to import and open the predictor
_START: Final = "import os, sys; sys.path[:] = sys.argv.pop().split(os.pathsep); from plugin.worker import main; main()"


class Failed(Exception):  # noqa: N818 - what happened, not an error of ours
    """The predictor failed on a batch; ``gone`` where its process went with it."""

    def __init__(self, kind: str, gone: bool = False) -> None:
        super().__init__(kind)
        self.gone = gone


class TooLate(Exception):  # noqa: N818 - what happened, not an error of ours
    """The predictor did not answer in time, and its process was stopped."""


class Worker:
    """A process with a predictor in it. It answers one batch at a time and is not shared between threads.

    It is a plain child, not one of ``multiprocessing``: nothing of the host's main module is run again in it, and no
    further process is needed to look after it.
    """

    def __init__(self, opener: Callable[[], Predictor]) -> None:
        """Start the process and open the predictor in it.

        Raises:
            PluginError: where it cannot be sent there, cannot be opened, or takes longer than ``START_SECONDS``.
        """
        try:
            sent = pickle.dumps(opener)
        except Exception as error:  # whatever another author's object raises
            raise PluginError([f"the model cannot be sent to its own process: {type(error).__name__}"]) from None
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", _START, os.pathsep.join(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: text for name, text in os.environ.items() if not name.startswith(OURS)},
            start_new_session=True,  # its children are stopped with it
        )
        self.alive = True
        try:
            said = self._exchange(sent, START_SECONDS)
        except (Failed, TooLate) as error:
            said = {"failed": "it takes too long" if isinstance(error, TooLate) else "its process ended"}
        if "failed" in said:
            self.close()
            raise PluginError([f"the model cannot be opened in its own process: {said['failed']}"])

    def ask(self, requests: Sequence[Request], seconds: float) -> list[object]:
        """Return what the predictor answers, one for each request, as yet unchecked.

        Raises:
            Failed: where it raises, returns another number of answers, or takes its process down.
            TooLate: where ``seconds`` are over; the process is gone then.
        """
        try:
            content = pickle.dumps((seconds, tuple(requests)))
        except Exception as error:  # what a hook added may be anything
            raise Failed(type(error).__name__) from None
        said = self._exchange(content, seconds)
        if "failed" in said:
            raise Failed(str(said["failed"]))
        return [from_plain(answer) for answer in said["answers"]]

    def usable(self) -> bool:
        """Return whether it can be asked; it may have died while nobody asked."""
        return self.alive and self._process.poll() is None

    def close(self) -> None:
        """Stop the process, and wait until it is gone."""
        self.alive = False
        self._kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # what was not yet written can go nowhere
                if stream is not None:
                    stream.close()

    def leave(self) -> None:
        """Let go of a process that belongs to the parent of a fork."""
        self.alive = False
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.returncode = 0  # it is not ours to wait for

    def _exchange(self, content: bytes, seconds: float) -> dict[str, Any]:
        late = threading.Event()

        def cut() -> None:
            late.set()
            self._kill()

        timer = threading.Timer(seconds, cut)
        timer.daemon = True
        timer.start()
        try:
            write_frame(cast(BinaryIO, self._process.stdin), content)
            said: dict[str, Any] = json.loads(read_frame(cast(BinaryIO, self._process.stdout)))
        except (OSError, EOFError, ValueError):
            self.close()
            if late.is_set():
                raise TooLate from None
            raise Failed("its process ended", gone=True) from None
        except BaseException:  # interrupted between question and answer, it would give the next one this answer
            self.close()
            raise
        finally:
            timer.cancel()
            timer.join()
        if late.is_set():  # it answered at the last moment, and was stopped all the same
            self.close()
        return said

    def _kill(self) -> None:
        if self._process.returncode is not None:
            return
        with contextlib.suppress(OSError):  # it may be gone already
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

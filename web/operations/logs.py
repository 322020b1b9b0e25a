"""The log: a line an event, as text or as JSON, without anything that somebody typed.

An error is told by its kind and place. Its text is left out, because it may quote what was being worked on. Libraries
that would write addresses or values are held to what they say of faults, and of that to what is not a visitor's.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import logging.config
import sys
from types import TracebackType
from typing import Any, Final, Literal

from flask import g, has_app_context

Kind = Literal["text", "json"]
Level = Literal["debug", "info", "warning", "error"]
KINDS: Final[tuple[Kind, ...]] = ("text", "json")
LEVELS: Final[tuple[Level, ...]] = ("debug", "info", "warning", "error")
FACTS: Final = "facts"  # of a record: what it says besides its message, by name
PLACES: Final = 5  # of a traceback
#: They write addresses, statements or values with what is less than a warning.
QUIET: Final = (
    "httpx",
    "httpcore",
    "sqlalchemy",
    "alembic",
    "authlib",
    "urllib3",
    "asyncio",
    "PIL",
    "fontTools",
    "werkzeug",
)


class Untold(logging.Filter):
    """Takes out of the lines of a server what came from a visitor: an address on the network, an address of a page."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; every one is written."""
        message = str(record.msg)
        if message.startswith("Invalid request from"):
            record.msg, record.args = "a request could not be read", ()
        elif message.startswith(("Error handling request", "Error on request")):
            record.msg, record.args = "an error while answering a request", ()
        return True


class Facts(logging.Formatter):
    """Writes a record as text or as JSON."""

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self.kind = kind

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        told: dict[str, Any] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        told |= getattr(record, FACTS, {})
        if has_app_context() and (number := g.get("request_id")):
            told.setdefault("request_id", number)
        if record.exc_info and record.exc_info[0]:
            told |= {"error": record.exc_info[0].__name__, "at": places(record.exc_info[2])}
        return json.dumps(told, ensure_ascii=True, default=str) if self.kind == "json" else _text(told)


def configure(kind: Kind = "text", level: Level = "info") -> None:
    """Write what is logged to standard error, from here on, in this process."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"facts": {"()": Facts, "kind": kind}},
            "filters": {"untold": {"()": Untold}},
            "handlers": {
                "stderr": {
                    "class": "logging.StreamHandler",
                    "stream": sys.stderr,
                    "formatter": "facts",
                    "filters": ["untold"],
                }
            },
            "loggers": {name: {"level": "WARNING"} for name in QUIET},
            "root": {"level": level.upper(), "handlers": ["stderr"]},
        }
    )
    logging.captureWarnings(True)


def places(trace: TracebackType | None) -> list[str]:
    """Return the last places of a traceback, the innermost last."""
    found: list[str] = []
    while trace is not None:
        found.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    return found[-PLACES:]


def _text(told: dict[str, Any]) -> str:
    """Return the facts on one line; a line break in one of them starts no line of its own."""
    start = f"{told.pop('time')} {told.pop('level')} {told.pop('logger')}: {told.pop('message')}"
    rest = " ".join(f"{name}={value}" for name, value in told.items())
    return f"{start} {rest}".rstrip().replace("\r", "\\r").replace("\n", "\\n")

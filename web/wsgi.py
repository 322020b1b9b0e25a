"""The application for a WSGI server: ``gunicorn -c python:web.gunicorn_conf web.wsgi:app``.

It is made when a server asks for ``app``; importing this module alone starts nothing.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Flask


@cache
def _app() -> Flask:
    from web.app import create_app
    from web.settings import environment

    return create_app(environment())


def __getattr__(name: str) -> Any:
    if name == "app":
        return _app()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""The evidence the running application answers from."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app

from assumptions import Library, load_library

KEY = "rapport_library"


def init_library(app: Flask) -> None:
    """Load the evidence once, so that a fault in it stops the start and not a visitor."""
    app.extensions[KEY] = load_library()


def current_library() -> Library:
    """Return the evidence of the running application."""
    return cast(Library, current_app.extensions[KEY])

"""Addresses of static files that carry a hash of the content, so that browsers may keep them for a year."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, url_for

YEAR = 365 * 24 * 3600  # seconds
STATIC = Path(__file__).parent / "static"


@cache
def content_hash(file: str) -> str:
    """Return a short hash of a static file; empty where there is none."""
    path = STATIC / file
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else ""


def asset(file: str) -> str:
    """Return the address of a static file with its hash."""
    return _address(file, request.script_root)


@cache
def _address(file: str, _script_root: str) -> str:
    """Return the address under where the application is mounted; each page has a dozen of them."""
    return url_for("static", filename=file, v=content_hash(file))


def init_assets(app: Flask) -> None:
    """Give templates ``asset`` and let browsers keep what is asked for by its hash."""
    app.jinja_env.globals["asset"] = asset
    app.after_request(_keep)


def _keep(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code == 200:
        if (response.mimetype or "").startswith(("text/", "image/svg")):
            response.direct_passthrough = False
            response.make_sequence()  # a file that streams would be sent as it is, not compressed
        filename = str((request.view_args or {}).get("filename", ""))
        # A font is asked for by the stylesheet, which carries no hash: a new one comes under a new name.
        current = filename.endswith(".woff2") or request.args.get("v") == content_hash(filename)
        response.cache_control.no_cache = None
        response.cache_control.public = True
        response.cache_control.max_age = YEAR if current else 300
        response.cache_control.immutable = current
    return response

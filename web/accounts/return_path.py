"""Where to go after signing in: a path of ours, never an address somebody else wrote into a link."""

from __future__ import annotations

from flask import g, request

LONGEST = 2000  # characters; a longer one is left out


def asked_path() -> str:
    """Return the path and query that were asked for, to come back to."""
    path = request.full_path.rstrip("?")
    return path if len(path) <= LONGEST else request.path


def here() -> str | None:
    """Return the page to come back to after signing in from a link on it; None where there is none to come back to."""
    asked = asked_path()
    nowhere = request.method != "GET" or "failed" in g or request.blueprint in ("sign_in", "elsewhere", "join", "setup")
    return None if nowhere or asked == "/" else asked


def safe_path(text: str) -> str:
    r"""Return a path of this site, or ``/`` for anything that a browser could take for another site's.

    >>> safe_path("/scenarios?q=a"), safe_path("")
    ('/scenarios?q=a', '/')
    >>> {safe_path(text) for text in ("//evil.example", "/\\evil.example", "https://evil.example")}
    {'/'}
    """
    ours = text.startswith("/") and not text.startswith("//") and "\\" not in text
    return text if ours and text.isprintable() and len(text) <= LONGEST else "/"

"""What every answer says about what a browser may do with it."""

from __future__ import annotations

from flask import Flask, Response

DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "font-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # an address holds a whole form
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def policy(**changes: str) -> str:
    """Return the content policy of a page, with changes to its directives (``frame_src="'self'"``)."""
    found = DIRECTIVES | {name.replace("_", "-"): value for name, value in changes.items()}
    return "; ".join(f"{name} {value}" for name, value in found.items())


POLICY = policy()
NOT_FRAMED = "frame-ancestors 'none'"


def init_security(app: Flask) -> None:
    """Add the headers to every answer, errors included."""
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if NOT_FRAMED in response.headers.setdefault("Content-Security-Policy", POLICY):
        response.headers["X-Frame-Options"] = "DENY"  # for browsers that do not know the directive
    if not response.cache_control.public:
        response.headers["Cache-Control"] = "no-store"  # figures of a clinic, downloads too, stay out of caches
    return response

"""Forms that change something are taken from our own pages only."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import abort, request

from web.settings import current_settings


def refuse_other_sites() -> None:
    """End a request that changes something with 403 if a page of another site sent it.

    A browser says where a form comes from: in ``Sec-Fetch-Site`` where the connection is safe, else in ``Origin``. A
    program that says neither is not steered by somebody else's page. Pages with such forms send
    ``Referrer-Policy: same-origin``, without which a browser gives the origin of our own form as ``null``, too.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = {request.host, urlsplit(current_settings().public_url or "").netloc}
    allowed = site in ("same-origin", "none") if site else not origin or urlsplit(origin).netloc in ours - {""}
    if not allowed:
        abort(403)

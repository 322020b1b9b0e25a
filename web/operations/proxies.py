"""Reverse proxies before the server: what they say of a visitor is believed as far as the settings count them.

What they say is who visits and whether the visitor's connection is encrypted, no more: the name of the host comes as it
was sent, and a prefix never. The headers stay in the request, so that ``from_this_computer`` still sees that it was
passed on, whoever it says it comes from.
"""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from web.settings import KEY


def init_proxies(app: Flask) -> None:
    """Believe so many proxies as ``RAPPORT_TRUSTED_PROXIES`` says, and without it none."""
    count = app.extensions[KEY].trusted_proxies
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0, x_port=0, x_prefix=0)  # type: ignore[method-assign]

"""Addresses of a provider: https, or this very computer."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from web.cds.loopback import loopback_name

LONGEST: Final = 200  # characters of an issuer, as it is stored beside an account
_EXAMPLE: Final = "https://login.example.org/realms/clinic"


def is_safe(url: object) -> bool:
    """Return whether an address is one that secrets may be sent to.

    >>> [is_safe(url) for url in ("https://a.example/token", "http://127.0.0.1:9/token", "http://a.example/", None)]
    [True, True, False, False]
    """
    if not isinstance(url, str) or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    plain = parts.scheme == "http" and loopback_name(host)
    return bool(host) and (parts.scheme == "https" or plain) and parts.username is None and not parts.fragment


def issuer_url(text: str) -> str:
    """Return the issuer as its own documents write it.

    Raises:
        ValueError: with what to write instead.
    """
    shown = text[:80]
    if text.endswith("/.well-known/openid-configuration"):
        raise ValueError(f"is {shown!r}; leave /.well-known/openid-configuration out.")
    if not is_safe(text) or "?" in text or len(text) > LONGEST:
        raise ValueError(f"is {shown!r}; write the address of the provider, such as {_EXAMPLE}.")
    return text

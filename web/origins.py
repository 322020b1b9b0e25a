"""Origins as browsers write them: scheme, host, and a port where it is not the usual one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

USUAL_PORT = {"https": "443", "http": "80"}
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
EXAMPLE = "https://vendor.example"

_ADDRESS = re.compile(r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9.*_-]+)(?::(?P<port>\d{1,5}))?/?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


def public_origin(text: str) -> str:
    """Return an origin that visitors reach us under, or raise ``ValueError`` with what to write instead.

    >>> public_origin("https://Calculator.Example:443/")
    'https://calculator.example'
    """
    scheme, host, port = _parts(text)
    if not host.startswith("[") and not _is_name(host):
        raise ValueError(f"{_found(text)}, whose host is no name; write it like {EXAMPLE}.")
    return _written(scheme, host, port)


def parent_origin(text: str) -> str:
    """Return an origin, or all sites below one as ``https://*.…``, in the form a content policy takes.

    >>> parent_origin("https://*.vendor.example"), parent_origin("http://localhost:3000")
    ('https://*.vendor.example', 'http://localhost:3000')
    """
    if text in ("*", "https://*", "http://*", "https:", "http:"):
        raise ValueError(f"{_found(text)}, which lets everybody in; name each site, such as {EXAMPLE}.")
    if text.strip("'\"").lower() in ("self", "none"):
        raise ValueError(
            f"{_found(text)}, which is not needed: our own pages are always allowed; name other sites only."
        )
    scheme, host, port = _parts(text)
    if _is_number(host) and host != "127.0.0.1":
        raise ValueError(f"{_found(text)}, and browsers allow no site by its number; write its name.")
    below = host.removeprefix("*.")
    if below != host and (scheme != "https" or "." not in below):
        raise ValueError(
            f"{_found(text)}, which lets too many in; a star may stand as in https://*.vendor.example only."
        )
    if not _is_name(below):
        raise ValueError(f"{_found(text)}, whose host is no name; write it like {EXAMPLE} or https://*.vendor.example.")
    return _written(scheme, host, port)


def _parts(text: str) -> tuple[str, str, str]:
    if not text.isascii():
        raise ValueError(f"{_found(text)}; write the name as browsers send it, in ASCII (xn--…).")
    match = _ADDRESS.fullmatch(text.lower())
    if match is None:
        raise ValueError(f"{_found(text)}; write scheme and host alone, without a path, such as {EXAMPLE}.")
    scheme, host, port = match["scheme"], match["host"], match["port"] or ""
    if scheme == "http" and host not in LOOPBACK:
        raise ValueError(f"{_found(text)}; plain http is for this machine only (localhost), write https://{host}.")
    if port and not 1 <= int(port) <= 65_535:
        raise ValueError(f"{_found(text)}; a port is from 1 to 65535.")
    return scheme, host, port


def _found(text: str) -> str:
    return f"has {text[:80]!r}"


def _is_name(host: str) -> bool:
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in host.split("."))


def _is_number(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return host.rpartition(".")[2].isdecimal()
    return True


def _written(scheme: str, host: str, port: str) -> str:
    port = port.lstrip("0")
    return f"{scheme}://{host}" if port in ("", USUAL_PORT[scheme]) else f"{scheme}://{host}:{port}"


def origin_of(address: str) -> str:
    """Return the origin of an address as a browser writes it; empty for what is none.

    >>> origin_of("https://vendor.example/page?q=1"), origin_of("about:blank")
    ('https://vendor.example', '')
    """
    try:
        parts = urlsplit(address)
        return public_origin(f"{parts.scheme}://{parts.netloc}")
    except ValueError:
        return ""


def is_among(origin: str, parents: Iterable[str]) -> bool:
    """Return whether an origin is one of those named, or below one that is named with a star.

    >>> is_among("https://a.vendor.example", ["https://*.vendor.example"]), is_among("https://vendor.example", [])
    (True, False)
    """
    scheme, _, host = origin.partition("://")
    for parent in parents:
        kind, _, named = parent.partition("://")
        if parent == origin or (kind == scheme and named.startswith("*.") and host.endswith(named[1:])):
            return True
    return False

"""Whether a call comes from this very machine, as far as can be told.

Behind a proxy on the same machine every call comes from a loopback address. Such a call shows itself by the headers
that proxies add, or by the public name it was sent to; headers are only ever believed where they speak against it.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers

PASSED_ON: Final = frozenset(
    {"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip", "x-cluster-client-ip"}
)


def loopback_name(host: str) -> bool:
    """Return whether a host is this machine by its very name or number, without asking the name service.

    >>> [loopback_name(host) for host in ("localhost", "127.8.0.1", "::1", "localhost.example", "10.0.0.1")]
    [True, True, True, False, False]
    """
    return host.lower() == "localhost" or _loopback_address(host)


def from_here(remote: str | None, headers: Headers) -> bool:
    """Return whether a call comes from this machine and was passed on by nobody who says so.

    Args:
        remote: the address at the other end of the connection.
        headers: those of the request.
    """
    if any(name.lower() in PASSED_ON or name.lower().startswith("x-forwarded-") for name, _ in headers):
        return False
    try:
        host = urlsplit(f"//{headers.get('Host', '')}").hostname or ""
    except ValueError:
        return False
    return _loopback_address(remote or "") and loopback_name(host)


def _loopback_address(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None  # ::ffff:127.0.0.1 of a dual socket
    return (mapped or address).is_loopback

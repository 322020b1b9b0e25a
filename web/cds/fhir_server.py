"""Which record systems are read from, so that no caller can make this server knock at doors inside its own network.

Where ``RAPPORT_CDS_FHIR_SERVERS`` names record systems, those and no others. Without it, any that is reached by https
at a public address; the name is looked up once and the connection goes to the address that was checked, for a name
server could give another one the second time.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from web.cds.loopback import loopback_name

LONGEST: Final = 2000  # characters of an address
EXAMPLE: Final = "https://ehr.example/fhir"
USUAL_PORT: Final = {"https": 443, "http": 80}
#: IPv6 addresses that stand for an IPv4 address somewhere: NAT64, 6to4, Teredo.
_TUNNELS: Final = tuple(ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))


class ServerRefused(Exception):  # noqa: N818 (not a mistake of ours)
    """A record system is not read from; the text says why."""


@dataclass(frozen=True, slots=True)
class FhirServer:
    """A record system that may be read from.

    Attributes:
        base: its address as ``server_address`` writes it.
        connect_to: the checked address to connect to; empty where the name itself was allowed.
    """

    base: str
    connect_to: str = ""

    def holds(self, url: str) -> bool:
        """Return whether an address lies within this server: the same origin, at or below its base.

        >>> server = FhirServer("https://ehr.example/fhir")
        >>> [server.holds(f"https://{each}") for each in ("EHR.example:443/fhir?page=2", "ehr.example/fhir/../x")]
        [True, False]
        >>> [server.holds(f"https://{each}") for each in ("ehr.example/fhirs", "x.example/fhir", "x@ehr.example/fhir")]
        [False, False, False]
        """
        try:
            parts, base = urlsplit(url), urlsplit(self.base)
            same = _origin(parts) == _origin(base)
        except ValueError:
            return False
        path = unquote(parts.path)
        inside = path.rstrip("/") == base.path or path.startswith(f"{base.path}/")
        plain = parts.username is None and url.isascii() and url.isprintable() and len(url) <= LONGEST
        return same and inside and plain and not {".", ".."} & set(path.replace("\\", "/").split("/"))


def server_address(text: str) -> str:
    """Return the address of a record system in one way of writing it, or raise ``ValueError`` with what to write.

    >>> server_address("https://EHR.example:443/fhir/")
    'https://ehr.example/fhir'
    """
    shown = f"has {text[:80]!r}"
    try:
        parts = urlsplit(text)
        scheme, host, port = _origin(parts)
    except ValueError:
        raise ValueError(f"{shown}; write an address such as {EXAMPLE}.") from None
    if scheme not in USUAL_PORT or not host or len(text) > LONGEST or not text.isascii() or not text.isprintable():
        raise ValueError(f"{shown}; write an address such as {EXAMPLE}.")
    if parts.username is not None or parts.query or parts.fragment or " " in text:
        raise ValueError(f"{shown}; write the plain address, without a user, ? or #.")
    if scheme == "http" and not loopback_name(host):
        raise ValueError(f"{shown}; plain http is for this machine only (localhost), write https://.")
    named = f"[{host}]" if ":" in host else host
    at = "" if port == USUAL_PORT[scheme] else f":{port}"
    return f"{scheme}://{named}{at}{parts.path.rstrip('/')}"


def open_server(text: str, allowed: Sequence[str]) -> FhirServer:
    """Return the record system of a call.

    Args:
        text: ``fhirServer`` of the call.
        allowed: the only ones there are, as ``server_address`` writes them; none for all with a public address.

    Raises:
        ServerRefused: where it must not be read from.
    """
    try:
        base = server_address(text)
    except ValueError:
        raise ServerRefused("fhirServer is no https address") from None
    if allowed:
        if base not in allowed:
            raise ServerRefused("fhirServer is not among those that this service was told to read from")
        return FhirServer(base)
    parts = urlsplit(base)
    if parts.scheme != "https":
        raise ServerRefused("fhirServer is no https address; RAPPORT_CDS_FHIR_SERVERS can name others")
    _, host, port = _origin(parts)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    except (OSError, UnicodeError):
        raise ServerRefused("fhirServer has a name that leads nowhere") from None
    addresses = [str(each[4][0]) for each in found]
    if not addresses or not all(map(_public, addresses)):
        raise ServerRefused("fhirServer is not at a public address; RAPPORT_CDS_FHIR_SERVERS can name it")
    return FhirServer(base, addresses[0])


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    """Return scheme, host and port, or raise ``ValueError`` for a port that is none."""
    port = parts.port
    return parts.scheme, parts.hostname or "", USUAL_PORT.get(parts.scheme, 0) if port is None else port


def _public(text: str) -> bool:
    """Return whether an address is one of the public internet.

    >>> [_public(each) for each in ("8.8.8.8", "10.0.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1")]
    [True, False, False, False, False, False]
    >>> [_public(each) for each in ("2606:4700::1111", "::ffff:10.0.0.1", "fe80::1%eth0", "64:ff9b::a00:1", "::")]
    [True, False, False, False, False]
    """
    try:
        address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        if any(address in net for net in _TUNNELS):
            return False
        address = address.ipv4_mapped or address
    return address.is_global and not _special(address)


def _special(address: IPv4Address | IPv6Address) -> bool:
    kinds: Iterable[bool] = (
        address.is_multicast, address.is_private, address.is_loopback,
        address.is_link_local, address.is_reserved, address.is_unspecified,
    )  # fmt: skip
    return any(kinds)

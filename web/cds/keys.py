"""Public keys of those who may call, read from a key set (RFC 7517).

A key decides by which algorithm its signatures are verified: P-384 by ES384, RSA by RS384. These are the two that CDS
Hooks recommends, and no others are taken. What a token says of its algorithm can only agree with its key or be refused.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeGuard

from jwt import PyJWK
from jwt.exceptions import PyJWTError

ALGORITHMS: Final = ("ES384", "RS384")
LARGEST_SET: Final = 262_144  # bytes; a hundred RSA keys have 80,000
RSA_BITS: Final = (2048, 8192)
LONGEST_KID: Final = 500

_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth"})


@dataclass(frozen=True)
class Key:
    """A public key with the one algorithm that it verifies."""

    kid: str
    algorithm: str
    jwk: PyJWK = field(compare=False, repr=False)


class Keys(Protocol):
    """Where the keys of a client are looked up."""

    def find(self, kid: str) -> Key | None:
        """Return the key of that name, or None."""


@dataclass(frozen=True)
class KeySet:
    """The keys of a set that can be used, by name, and what is wrong with it.

    Keys of other kinds, curves, algorithms and uses are no fault: a set may hold them for others.
    """

    keys: Mapping[str, Key]
    problems: tuple[str, ...] = ()

    def find(self, kid: str) -> Key | None:
        """Return the key of that name, or None."""
        return self.keys.get(kid)


NO_KEYS: Final = KeySet({})


def read_keys(content: bytes) -> KeySet:
    """Return the keys in the text of a JWK Set; it never raises, and a faulty key is left out.

    A set with a private key in it is not used at all: whoever could read it can sign.
    """
    if len(content) > LARGEST_SET:
        return KeySet({}, (f"is larger than {LARGEST_SET:,} bytes.",))
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):  # a wrong encoding is a ValueError, too
        return KeySet({}, ('is not JSON; write a JWK Set, {"keys": […]}.',))
    entries = data.get("keys") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        return KeySet({}, ('is no JWK Set; write {"keys": […]} with one public key or more.',))
    names = Counter(entry["kid"] for entry in entries if isinstance(entry, dict) and _is_name(entry.get("kid")))
    keys: dict[str, Key] = {}
    problems: list[str] = []
    for place, entry in enumerate(entries, 1):
        found = _key(entry, names)
        if isinstance(found, Key):
            keys[found.kid] = found
        elif found:
            problems.append(f"keys.{place} {found}")
    if any(isinstance(entry, dict) and _PRIVATE & entry.keys() for entry in entries):
        keys = {}
    elif not keys and not problems:
        problems.append("has no key for ES384 (EC, P-384) or RS384 (RSA).")
    return KeySet(keys, tuple(problems))


def _key(entry: Any, names: Mapping[str, int]) -> Key | str:
    """Return a key, what is wrong with it, or an empty text for one that is meant for others."""
    if not isinstance(entry, dict):
        return "is no JSON object."
    if _PRIVATE & entry.keys():
        return (
            "is a private key, which must never leave its owner: replace the key pair and write the public half only."
        )
    if entry.get("kty") == "oct":
        return "is a symmetrical key; whoever verifies by it could sign, too. Write the public half of a key pair."
    algorithm = _algorithm(entry)
    if not algorithm:
        return ""
    kid = entry.get("kid")
    if not _is_name(kid):
        return f"has no kid; name the key by a text of 1 to {LONGEST_KID} characters."
    if names[kid] > 1:
        return f"has a kid that {names[kid]} keys have; name each key differently."
    try:
        jwk = PyJWK(entry, algorithm)
        bits = jwk.key.key_size
    except (PyJWTError, ValueError, TypeError, KeyError, AttributeError):
        return "is not a whole public key; copy it once more."
    low, high = RSA_BITS
    if algorithm == "RS384" and not low <= bits <= high:
        return f"has {bits} bits; an RSA key must have {low} to {high}."
    return Key(kid, algorithm, jwk)


def _algorithm(entry: Mapping[str, Any]) -> str:
    """Return the algorithm of a key for signatures by its kind and curve; an empty text if it is not one of ours."""
    kind = (entry.get("kty"), entry.get("crv"))
    algorithm = "ES384" if kind == ("EC", "P-384") else "RS384" if kind[0] == "RSA" else ""
    uses = entry.get("key_ops", ["verify"])
    fits = entry.get("alg", algorithm) == algorithm and entry.get("use", "sig") == "sig"
    return algorithm if fits and isinstance(uses, list) and "verify" in uses else ""


def _is_name(kid: Any) -> TypeGuard[str]:
    return isinstance(kid, str) and 0 < len(kid) <= LONGEST_KID

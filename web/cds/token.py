"""One JSON Web Token of a caller (RFC 7519), as CDS Hooks 2.0 wants it: what it says, and whether that holds.

Nothing in it is believed before its signature is verified, by a key and by the algorithm of that key. The words of a
refusal tell an integrator what to mend; those before the signature say nothing of who is known here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jwt import PyJWS
from jwt.exceptions import PyJWTError

from web.cds.keys import ALGORITHMS, LONGEST_KID, Key

LEEWAY: Final = 60.0  # seconds that clocks may differ; some clients round iat up, and 60 is what others allow, too
LONGEST_LIFE: Final = (
    3600.0  # seconds from iat to exp; five minutes are usual, and each token is remembered for so long
)
LONGEST_TOKEN: Final = 8_192  # characters
LONGEST_JTI: Final = 255

_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_BEARER = re.compile(r"bearer +(\S+) *", re.IGNORECASE)
_LAST_SECOND = 253_402_300_799.0  # of the year 9999
_JWS = PyJWS(algorithms=list(ALGORITHMS))


class TokenError(Exception):
    """A token that is refused; its text says why."""


@dataclass(frozen=True)
class Token:
    """What a token says, its shape checked and nothing verified.

    Attributes:
        text: the token as it came.
        kid: the name of the key it claims to be signed with.
        jku: the address it says that key is at; None where it names none.
        issuer: who it claims to be from.
        claims: all it says, ``iss`` among it.
    """

    text: str
    kid: str
    jku: str | None
    issuer: str
    claims: Mapping[str, Any]


def read_token(authorization: str | None) -> Token:
    """Return the token in an ``Authorization`` header.

    Raises:
        TokenError: if there is none, or if its header or issuer is not as CDS Hooks wants it.
    """
    match = _BEARER.fullmatch(authorization or "")
    if match is None:
        raise TokenError("Send 'Authorization: Bearer <JSON Web Token>' with every call, discovery and feedback too.")
    text = match[1]
    if len(text) > LONGEST_TOKEN:
        raise TokenError(f"The token is longer than {LONGEST_TOKEN:,} characters.")
    if not _SHAPE.fullmatch(text):
        raise TokenError("The token is no signed JSON Web Token: three parts in base64url, with dots between them.")
    try:
        parts = _JWS.decode_complete(text, options={"verify_signature": False})
        header, claims = parts["header"], json.loads(parts["payload"])
    except (PyJWTError, ValueError, RecursionError):
        raise TokenError(
            "The token's header or payload is not JSON in base64url, or asks for what is not known here."
        ) from None
    if not isinstance(claims, dict):
        raise TokenError("The token's payload is no JSON object.")
    _refuse([*_header_problems(header), *_issuer_problems(claims)])
    return Token(text, header["kid"], header.get("jku"), claims["iss"], claims)


def signed_by(token: Token, key: Key) -> bool:
    """Return whether the signature is that of a key, by the algorithm of the key."""
    try:
        _JWS.decode_complete(token.text, key.jwk, algorithms=[key.algorithm])
    except PyJWTError:
        return False
    return True


def check_claims(token: Token, audience: str, tenant: str | None, now: float) -> None:
    """Check what a token says, its signature being verified.

    Args:
        token: the token.
        audience: the address that was called.
        tenant: what its tenant must be; None where that is open.
        now: seconds since 1970.

    Raises:
        TokenError: with everything that is wrong.
    """
    claims = token.claims
    _refuse(
        [
            *_audience_problems(claims.get("aud"), audience),
            *_time_problems(claims, now),
            *_text_problems("jti", claims.get("jti"), LONGEST_JTI),
            *_tenant_problems(claims, tenant),
        ]
    )


def _header_problems(header: Mapping[str, Any]) -> Iterator[str]:
    if header.get("alg") not in ALGORITHMS:
        yield f"alg in the header must be {' or '.join(ALGORITHMS)}."
    if header.get("typ") != "JWT":
        yield 'typ in the header must be "JWT".'
    yield from _text_problems("kid in the header", header.get("kid"), LONGEST_KID)
    if "jku" in header and not isinstance(header["jku"], str):
        yield "jku in the header must be a text."
    if "crit" in header:
        yield "crit in the header is not understood here."


def _issuer_problems(claims: Mapping[str, Any]) -> Iterator[str]:
    return _text_problems("iss", claims.get("iss"), LONGEST_TOKEN)


def _text_problems(name: str, value: Any, longest: int) -> Iterator[str]:
    if not isinstance(value, str) or not 0 < len(value) <= longest or _torn(value):
        yield f"{name} must be a text of 1 to {longest:,} characters."


def _torn(text: str) -> bool:
    """Return whether a text holds half a character (a lone surrogate), which can be written nowhere."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _audience_problems(value: Any, audience: str) -> Iterator[str]:
    named = [value] if isinstance(value, str) else value
    if not isinstance(named, list) or not all(isinstance(each, str) for each in named) or audience not in named:
        yield f"aud must be the address that is called, {audience}."


def _time_problems(claims: Mapping[str, Any], now: float) -> Iterator[str]:
    """Yield what is wrong with the times, each a number of seconds; ``nbf`` may be left out."""
    times = {name: claims[name] for name in ("exp", "iat", "nbf") if name in claims}
    wrong = [name for name in ("exp", "iat") if name not in times]
    wrong += [name for name, value in times.items() if not _is_time(value)]
    yield from (f"{name} must be a number of seconds since 1970." for name in wrong)
    if wrong:
        return
    if times["exp"] <= now - LEEWAY:
        yield "The token is past its exp."
    for name in ("iat", "nbf"):
        if times.get(name, now) > now + LEEWAY:
            yield f"{name} lies in the future; set the clock."
    if not 0 < times["exp"] - times["iat"] <= LONGEST_LIFE:
        yield f"exp must be at most {LONGEST_LIFE:.0f} seconds after iat; sign a new token for each call."


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LAST_SECOND


def _tenant_problems(claims: Mapping[str, Any], tenant: str | None) -> Iterator[str]:
    if "tenant" in claims:
        yield from _text_problems("tenant", claims["tenant"], LONGEST_TOKEN)
    if tenant is not None and claims.get("tenant") != tenant:
        yield "tenant is not the one that was agreed on."


def _refuse(problems: list[str]) -> None:
    if problems:
        raise TokenError(" ".join(problems))

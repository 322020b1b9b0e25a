"""Keys, key sets, client files and tokens for tests of CDS Hooks; nothing of ours signs them but PyJWT."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER = "https://ehr.example"
PUBLIC_URL = "https://rapport.example"
DISCOVERY = "/cds-services"


def private_key(algorithm: str = "ES384", which: int = 0) -> PrivateKeyTypes:
    """Return a private key for an algorithm; the same one for the same ``which``."""
    return _made(algorithm, which)


@cache  # of positions, for f(a) and f(a, 0) would be two entries
def _made(algorithm: str, _which: int) -> PrivateKeyTypes:
    if algorithm.startswith("ES"):
        return ec.generate_private_key({"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1()}[algorithm])
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def jwk(algorithm: str = "ES384", which: int = 0, **changes: Any) -> dict[str, Any]:
    """Return the public half as a JWK whose kid is ``<algorithm>-<which>``; a change to None leaves a member out."""
    public = private_key(algorithm, which).public_key()
    made = (ECAlgorithm if algorithm.startswith("ES") else RSAAlgorithm).to_jwk(public, as_dict=True)
    made.pop("key_ops", None)
    found = {**made, "kid": f"{algorithm}-{which}", "alg": algorithm, "use": "sig", **changes}
    return {name: value for name, value in found.items() if value is not None}


def key_set(*keys: Mapping[str, Any]) -> bytes:
    """Return a JWK Set; of both algorithms if no keys are given."""
    return json.dumps({"keys": list(keys) or [jwk("ES384"), jwk("RS384")]}).encode()


def claims(path: str = DISCOVERY, now: float | None = None, **changes: Any) -> dict[str, Any]:
    """Return what a token for a path says, alive for five minutes; a change to None leaves a claim out."""
    start = round(time.time() if now is None else now)
    usual = {"iss": ISSUER, "aud": PUBLIC_URL + path, "iat": start, "exp": start + 300, "jti": uuid4().hex}
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def token(said: Mapping[str, Any], algorithm: str = "ES384", which: int = 0, key: Any = None, **header: Any) -> str:
    """Return a signed token; ``header`` adds to its header, and ``key`` signs in place of the usual one."""
    return jwt.encode(
        dict(said),
        private_key(algorithm, which) if key is None else key,
        algorithm=algorithm,
        headers={"kid": f"{algorithm}-{which}", **header},
    )


def bearer(path: str = DISCOVERY, algorithm: str = "ES384", now: float | None = None, **changes: Any) -> str:
    """Return an ``Authorization`` header for a call of a path, good for one call."""
    return f"Bearer {token(claims(path, now, **changes), algorithm)}"


def client_file(folder: Path, *, tenant: str | None = None, keys: bytes | None = None) -> Path:
    """Write a file for ``RAPPORT_CDS_CLIENTS`` with one client, and its keys beside it; return its path."""
    (folder / "ehr.jwks.json").write_bytes(key_set() if keys is None else keys)
    lines = ["[[client]]", f'issuer = "{ISSUER}"', 'jwks_file = "ehr.jwks.json"']
    path = folder / "clients.toml"
    path.write_text("\n".join(lines + ([f'tenant = "{tenant}"'] if tenant else [])) + "\n")
    return path


def trusting(folder: Path) -> dict[str, Any]:
    """Return what goes into ``create_app`` so that it trusts the client of :func:`client_file`, all in one folder."""
    return {
        "RAPPORT_CDS_CLIENTS": str(client_file(folder)),
        "RAPPORT_PUBLIC_URL": PUBLIC_URL,
        "RAPPORT_DATA_DIR": str(folder / "data"),
    }

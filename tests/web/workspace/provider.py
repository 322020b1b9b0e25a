"""A provider of OpenID Connect that really answers over HTTP, and can be told to misbehave.

It shares no code with what it tests: tokens are signed by PyJWT and PKCE is checked by hand (RFC 7636, 4.6).
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask import Flask, Response, jsonify, redirect, request
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from tests.web.served import served

CLIENT, SECRET = "rapport", "s3cret/with+signs="


class Provider:
    """What it knows and what it does wrong.

    ``person`` are the claims of whoever signs in; ``changes`` go over those of the next tokens; ``faults`` are words
    that its routes look for.
    """

    def __init__(self) -> None:
        self.person: dict[str, Any] = {"sub": "7", "email": "ada@example.org", "email_verified": True, "name": "Ada"}
        self.changes: dict[str, Any] = {}
        self.document: dict[str, Any] = {}
        self.faults: set[str] = set()
        self.asked: list[str] = []
        self.issuer = ""
        self._codes: dict[str, dict[str, str]] = {}
        self.new_key()

    def new_key(self, kind: str = "RS256") -> None:
        self.algorithm = kind
        self.key: Any = (
            rsa.generate_private_key(public_exponent=65537, key_size=2048)
            if kind == "RS256"
            else ec.generate_private_key(ec.SECP256R1())
        )
        self.kid = hashlib.sha256(str(time.perf_counter_ns()).encode()).hexdigest()[:8]

    def jwks(self) -> dict[str, Any]:
        of_kind = RSAAlgorithm if self.algorithm == "RS256" else ECAlgorithm
        own = of_kind.to_jwk(self.key.public_key(), as_dict=True)
        other = {"kty": "OKP", "crv": "X25519", "x": "AAAA", "use": "enc"}
        return {"keys": [other, own | {"kid": self.kid, "use": "sig"}]}

    def code(self, asked: dict[str, str]) -> str:
        made = f"code-{len(self._codes)}"
        self._codes[made] = asked
        return made

    def token(self, form: dict[str, str], authorization: str | None) -> dict[str, Any] | None:
        """Return tokens for a code, or None where anything about the request is wrong."""
        asked = self._codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        kind, _, pair = (authorization or "").partition(" ")
        user, _, password = base64.b64decode(pair).decode().partition(":") if kind == "Basic" else ("", "", "")
        given = (unquote(user), unquote(password)) if kind else (form.get("client_id"), form.get("client_secret"))
        right = asked is not None and (
            given == (CLIENT, SECRET)
            and form.get("redirect_uri") == asked["redirect_uri"]
            and asked["code_challenge_method"] == "S256"
            and challenge.decode().rstrip("=") == asked["code_challenge"]
        )
        if not right or asked is None:
            return None
        moment = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": moment, "exp": moment + 300, "nonce": asked["nonce"]}
        claims |= {name: value for name, value in self.person.items() if "userinfo" not in self.faults or name == "sub"}
        claims = {name: value for name, value in (claims | self.changes).items() if value is not ...}
        return {"access_token": "at", "token_type": "Bearer", "id_token": self._signed(claims)}

    def _signed(self, claims: dict[str, Any]) -> str:
        if "unsigned" in self.faults:
            return jwt.encode(claims, None, algorithm="none")
        if "shared secret" in self.faults:
            return jwt.encode(claims, SECRET * 3, algorithm="HS256", headers={"kid": self.kid})
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048) if "forged" in self.faults else self.key
        return jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": self.kid})


def application(provider: Provider) -> Flask:
    app = Flask(__name__)

    @app.before_request
    def note() -> None:
        provider.asked.append(request.path)

    @app.get("/.well-known/openid-configuration")
    def discover() -> Any:
        if "down" in provider.faults:
            return Response("<html>", 503)
        base = provider.issuer
        usual = {
            "issuer": base,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/keys",
            "userinfo_endpoint": f"{base}/userinfo",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        }
        return usual | provider.document

    @app.get("/authorize")
    def authorize() -> Any:
        asked = request.args.to_dict()
        if "refuse" in provider.faults:
            return redirect(f"{asked['redirect_uri']}?error=access_denied&state={asked['state']}")
        return redirect(
            f"{asked['redirect_uri']}?code={provider.code(asked)}&state={asked['state']}&iss={provider.issuer}"
        )

    @app.post("/token")
    def token() -> Any:
        if "down" in provider.faults:
            return Response("<html>", 502)
        found = provider.token(request.form.to_dict(), request.headers.get("Authorization"))
        return jsonify(found) if found else (jsonify(error="invalid_grant"), 400)

    @app.get("/keys")
    def keys() -> Any:
        return jsonify(provider.jwks())

    @app.get("/userinfo")
    def userinfo() -> Any:
        if request.headers.get("Authorization") != "Bearer at":
            return Response(status=401)
        return provider.person | ({"sub": "another"} if "wrong person" in provider.faults else {})

    return app


@contextmanager
def running() -> Iterator[Provider]:
    """Run a provider on a free port."""
    provider = Provider()
    with served(application(provider)) as provider.issuer:
        yield provider

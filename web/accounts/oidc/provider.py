"""The provider: what it says of itself, asked for when it is first needed, and the two exchanges with it.

Authlib makes the request and checks the claims; keys and signatures are joserfc's, as in Authlib itself. Where keys and
endpoints lie is believed only from the issuer's own document, over https.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final, cast
from urllib.parse import quote, urlsplit

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from web.accounts.oidc.address import is_safe
from web.cds.fetched_keys import FetchError, fetch
from web.cds.loopback import loopback_name

#: Those by which only the owner of a private key can sign.
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512")
SCOPE: Final = "openid email profile"
FRESH: Final = 3600.0  # seconds for which document and keys are believed without asking again
LEEWAY: Final = 60  # seconds that clocks may differ
TIMEOUT: Final = 10.0


class ProviderError(Exception):
    """The provider did not answer, or not as it must; the text is for the log and holds nothing of a person."""


@dataclass(frozen=True, slots=True)
class Document:
    """What the provider says of itself (OpenID Connect Discovery 1.0, section 3), as far as it is needed."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    algorithms: tuple[str, ...]
    in_body: bool  # whether it takes the client's secret in the body of the form only


@dataclass(frozen=True, slots=True)
class Attempt:
    """What binds an answer of the provider to the browser that asked; all of it random."""

    state: str
    nonce: str
    verifier: str


@dataclass
class Provider:
    """A provider for all threads of this process. Nothing is fetched before it is needed."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._document: tuple[float, Document] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def address(self, attempt: Attempt) -> str:
        """Return where to send the browser.

        Raises:
            ProviderError: where the provider cannot be asked what it is.
        """
        document = self._known()
        with self._client() as client:
            url, _state = client.create_authorization_url(
                document.authorization_endpoint, attempt.state, attempt.verifier, nonce=attempt.nonce
            )
        return cast(str, url)

    def claims(self, code: str, attempt: Attempt) -> Mapping[str, Any]:
        """Return what the provider says of who signed in, verified.

        Args:
            code: that the browser brought.
            attempt: that it belongs to.

        Raises:
            ProviderError: where the provider refuses, or says what does not hold.
        """
        document = self._known()
        try:
            with self._client() as client:
                token = client.fetch_token(
                    document.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    redirect_uri=self.redirect_uri,
                    code_verifier=attempt.verifier,
                    **self._credentials(document),
                )
            claims = self._verified(token, attempt.nonce, document)
            return self._completed(claims, token, document)
        except (httpx.HTTPError, AuthlibBaseError, JoseError, ValueError, TypeError) as error:
            raise ProviderError(f"{type(error).__name__} {getattr(error, 'error', '')}".strip()) from None

    def _verified(self, token: Mapping[str, Any], nonce: str, document: Document) -> dict[str, Any]:
        registry = JWSRegistry(algorithms=list(document.algorithms), strict_check_header=False)
        text = token["id_token"] if isinstance(token.get("id_token"), str) else ""
        try:
            decoded = jwt.decode(text, self._key_set(document), registry=registry)
        except InvalidKeyIdError:  # signed by a key that is newer than what we have
            decoded = jwt.decode(text, self._key_set(document, renew=True), registry=registry)
        expected = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
        }
        also = {"nonce": nonce, "client_id": self.client_id, "access_token": token.get("access_token")}
        claims = CodeIDToken(decoded.claims, decoded.header, expected, also)
        claims.validate(leeway=LEEWAY)
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise ValueError("no subject")
        return dict(claims)

    def _completed(self, claims: dict[str, Any], token: Mapping[str, Any], document: Document) -> dict[str, Any]:
        """Return the claims with the address, which some providers tell at another endpoint only."""
        if "email" in claims or document.userinfo_endpoint is None:
            return claims
        with self._session(document.userinfo_endpoint) as session:
            answer = session.get(
                document.userinfo_endpoint, headers={"Authorization": f"Bearer {token['access_token']}"}
            )
            answer.raise_for_status()
            told = answer.json()
        if not isinstance(told, dict) or told.get("sub") != claims["sub"]:  # OpenID Connect Core 1.0, 5.3.2
            raise ValueError("somebody else's address")
        return told | claims

    def _known(self) -> Document:
        with self._lock:
            if self._document is None or time.monotonic() > self._document[0]:
                content = _fetched(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                self._document = time.monotonic() + FRESH, _document(content, self.issuer)
            return self._document[1]

    def _key_set(self, document: Document, renew: bool = False) -> KeySet:
        with self._lock:
            if renew or self._keys is None or time.monotonic() > self._keys[0]:
                self._keys = time.monotonic() + FRESH, _key_set(_fetched(document.jwks_uri))
            return self._keys[1]

    def _credentials(self, document: Document) -> dict[str, Any]:
        if document.in_body:
            return {"client_id": self.client_id, "client_secret": self.client_secret, "auth": httpx.Auth()}
        encoded = [quote(each, safe="") for each in (self.client_id, self.client_secret)]  # RFC 6749, 2.3.1
        return {"auth": httpx.BasicAuth(encoded[0], encoded[1])}

    @contextmanager
    def _client(self) -> Iterator[Any]:
        with self._session(self.issuer) as session:
            yield OAuth2Client(
                session,
                self.client_id,
                self.client_secret,
                scope=SCOPE,
                redirect_uri=self.redirect_uri,
                code_challenge_method="S256",
            )

    def _session(self, url: str) -> httpx.Client:
        here = loopback_name(urlsplit(url).hostname or "")  # a proxy of the environment could not reach it
        return httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=not here)


def _fetched(url: str) -> dict[str, Any]:
    try:
        content = json.loads(fetch(url)[0])
    except FetchError as error:
        raise ProviderError(f"{url} {error}") from None
    except (ValueError, RecursionError):
        raise ProviderError(f"{url} is no JSON") from None
    if not isinstance(content, dict):
        raise ProviderError(f"{url} is no JSON object")
    return content


def _document(content: Mapping[str, Any], issuer: str) -> Document:
    if content.get("issuer") != issuer:
        raise ProviderError(f"the document of {issuer} names another issuer; write RAPPORT_OIDC_ISSUER as it does")
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    wrong = [name for name in needed if not is_safe(content.get(name))]
    userinfo = content.get("userinfo_endpoint")
    if userinfo is not None and not is_safe(userinfo):
        wrong.append("userinfo_endpoint")
    if wrong:
        raise ProviderError(f"the document of {issuer} has no https address for {', '.join(wrong)}")
    signed_by = _texts(content.get("id_token_signing_alg_values_supported")) or ["RS256"]
    methods = _texts(content.get("token_endpoint_auth_methods_supported"))
    return Document(
        authorization_endpoint=content["authorization_endpoint"],
        token_endpoint=content["token_endpoint"],
        jwks_uri=content["jwks_uri"],
        userinfo_endpoint=userinfo,
        algorithms=tuple(name for name in ALGORITHMS if name in signed_by),
        in_body="client_secret_post" in methods and "client_secret_basic" not in methods,
    )


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _key_set(content: Mapping[str, Any]) -> KeySet:
    """Return the public keys for signatures; those of other kinds are for others."""
    entries = content.get("keys")
    listed = [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []
    mine = [each for each in listed if each.get("kty") in ("RSA", "EC") and each.get("use", "sig") == "sig"]
    try:
        return KeySet.import_key_set({"keys": mine})
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise ProviderError(f"the keys cannot be read ({type(error).__name__})") from None

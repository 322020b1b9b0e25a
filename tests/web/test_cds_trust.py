"""Who may call CDS Hooks: points 38 to 45 of the checklist, each test named by its point.

They hold for CDS Hooks 2.0, "Trusting CDS Clients" and "JWT Signing Algorithm"; tokens are signed by PyJWT alone, and
one, with its key, is the one that the specification prints.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from calculator import InputError
from tests.web.cds_keys import (
    DISCOVERY,
    ISSUER,
    PUBLIC_URL,
    bearer,
    claims,
    client_file,
    jwk,
    key_set,
    private_key,
    token,
    trusting,
)
from web.app import create_app
from web.cds import fetched_keys
from web.cds.clients import Client, read_clients
from web.cds.fetched_keys import FetchedKeys
from web.cds.keys import NO_KEYS, read_keys
from web.cds.replay import NAME, SWEEP, UsedTokens
from web.cds.token import LEEWAY, LONGEST_LIFE
from web.cds.trust import NOT_KNOWN, USED, Caller, Refused, Trust, init_trust
from web.settings import init_settings, read_settings

NOW = 1_800_000_000.0
SERVICE = "/cds-services/rapport-dropout"
FEEDBACK = SERVICE + "/feedback"
AFAR = "203.0.113.7"
HERE = {"Host": "localhost:8000"}


def said(**changes: Any) -> dict[str, Any]:
    return claims(now=NOW, **changes)


def call(
    trust: Trust, authorization: str | None, path: str = DISCOVERY, remote: str | None = AFAR, **headers: str
) -> Caller:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return trust.check(authorization, remote, path, Headers({"Host": "rapport.example", **named}))


def refusal(trust: Trust, authorization: str | None, path: str = DISCOVERY, status: int = 401, **more: Any) -> str:
    with pytest.raises(Refused) as refused:
        call(trust, authorization, path, **more)
    assert refused.value.status == status
    assert (refused.value.challenge or "").startswith("Bearer" if status == 401 else "")
    return refused.value.words


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    folder = tmp_path_factory.mktemp("trust")
    return Trust(read_clients(client_file(folder)), PUBLIC_URL, folder / "data", clock=lambda: NOW)


class KeyServer:
    """Serves key sets on this machine and remembers what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.content = key_set()
        self.status = 200
        self.headers: dict[str, str] = {}
        self.pause = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                status, headers = outer.status, dict(outer.headers)
                if self.path == "/moved":
                    status, headers = 302, {"Location": outer.url}
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                part = len(outer.content) // 4 + 1
                for start in range(0, len(outer.content), part):
                    self.wfile.write(outer.content[start : start + part])
                    self.wfile.flush()
                    time.sleep(outer.pause)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        self.url = self.origin + "/jwks.json"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def key_server() -> Iterator[KeyServer]:
    server = KeyServer()
    yield server
    server.close()


@pytest.fixture
def remote_trust(key_server: KeyServer, tmp_path: Path) -> Trust:
    """A client whose keys are at an address."""
    return Trust([Client(ISSUER, jwks_url=key_server.url)], PUBLIC_URL, tmp_path, clock=lambda: NOW)


# 38: who may call at all


def test_38_without_clients_this_machine_is_answered_and_nobody_else(tmp_path: Path) -> None:
    trust = Trust((), "", tmp_path)
    for remote in ("127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"):
        for host in ("localhost", "localhost:8000", "127.0.0.1:80", "[::1]:8000"):
            assert call(trust, None, remote=remote, Host=host) == Caller(None, None)
    for stranger in (AFAR, "10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1", "", None, "localhost", "unix:"):
        assert "RAPPORT_CDS_CLIENTS" in refusal(trust, None, status=403, remote=stranger, **HERE)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "x-forwarded-host", "X-Forwarded-Proto", "Forwarded", "Via", "X-Real-IP", "CF-Connecting-IP"],
)
def test_38_a_call_that_was_passed_on_is_not_from_here(header: str, tmp_path: Path) -> None:
    """Behind a proxy on this machine everybody's address is a loopback one; no header makes a call local either."""
    trust = Trust((), "", tmp_path)
    refusal(trust, None, status=403, remote="127.0.0.1", **HERE, **{header: "127.0.0.1"})
    refusal(trust, None, status=403, remote=AFAR, **HERE, **{header: "127.0.0.1"})


@pytest.mark.parametrize("host", ["rapport.example", "localhost.example", "10.0.0.1", "", "[", "127.0.0.1.example:80"])
def test_38_a_call_to_a_public_name_is_not_from_here(host: str, tmp_path: Path) -> None:
    """A proxy that adds no header keeps the name, and a page that rebinds its name to this machine has its own."""
    refusal(Trust((), "", tmp_path), None, status=403, remote="127.0.0.1", Host=host)


def test_38_the_log_says_once_that_only_this_machine_is_answered(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for configured, told in ({"RAPPORT_DATA_DIR": str(tmp_path)}, 1), (trusting(tmp_path), 0):
        app = Flask("rapport")
        app.config.update(configured)
        init_settings(app)
        caplog.clear()
        init_trust(app)
        assert sum("this machine's own calls only" in line for line in caplog.messages) == told


def test_38_with_clients_this_machine_needs_a_token_too(trust: Trust) -> None:
    refusal(trust, None, remote="127.0.0.1", **HERE)


# 39: a token with every call


@pytest.mark.parametrize("path", [DISCOVERY, SERVICE, FEEDBACK])
@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_39_every_endpoint_wants_a_token_of_its_own(trust: Trust, path: str, algorithm: str) -> None:
    assert call(trust, bearer(path, algorithm, NOW), path) == Caller(ISSUER, None)
    assert "Authorization: Bearer" in refusal(trust, None, path)
    for other in {DISCOVERY, SERVICE, FEEDBACK} - {path}:
        assert f"{PUBLIC_URL}{path}" in refusal(trust, bearer(other, algorithm, NOW), path)


@pytest.mark.parametrize(
    "form", ["", "Bearer", "Bearer ", "Basic {}", "{}", "Bearer {} {}", "Bearer{}", "Bearer {}, x"]
)
def test_39_another_form_of_authorization_is_refused(trust: Trust, form: str) -> None:
    signed = token(said())
    assert "Bearer <JSON Web Token>" in refusal(trust, form.format(signed, signed))


def test_39_the_scheme_may_be_written_in_any_case(trust: Trust) -> None:
    assert call(trust, "bearer " + token(said())).issuer == ISSUER


# 40: the header of a token


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ({"typ": None}, "typ in the header"),
        ({"typ": "at+jwt"}, "typ in the header"),
        ({"kid": ""}, "kid in the header"),
        ({"kid": "k" * 501}, "kid in the header"),
        ({"jku": 7}, "jku in the header"),
        ({"crit": ["exp"], "exp": 1}, "asks for what is not known here"),
    ],
)
def test_40_a_header_that_is_not_as_agreed_is_refused(trust: Trust, header: dict[str, Any], told: str) -> None:
    assert told in refusal(trust, "Bearer " + token(said(), **header))


def test_40_a_critical_header_that_only_pyjwt_knows_is_refused(trust: Trust) -> None:
    header = {"alg": "ES384", "typ": "JWT", "kid": "ES384-0", "crit": ["b64"], "b64": True}
    text = ".".join(part64(json.dumps(each).encode()) for each in (header, said()))
    signature = jwt.get_algorithm_by_name("ES384").sign(text.encode(), private_key("ES384"))
    assert refusal(trust, f"Bearer {text}.{part64(signature)}") == "crit in the header is not understood here."


def test_40_a_token_without_kid_is_refused(trust: Trust) -> None:
    signed = jwt.encode(said(), private_key("ES384"), algorithm="ES384")
    assert "kid in the header" in refusal(trust, f"Bearer {signed}")


def test_40_the_token_that_the_specification_prints_is_verified(tmp_path: Path) -> None:
    """CDS Hooks 2.0, "JWT Signing Algorithm", Example: only its life of three and a half years is too long for us."""
    keys = {
        "kty": "EC",
        "use": "sig",
        "crv": "P-384",
        "kid": "example-kid",
        "x": "46SDH7Znh821wblCBglA61sNE9ZrHYKKt3qRtRTmSXyOI_FIGBLWrWa0GPUkDCEk",
        "y": "XMcRuuoGW7CXjQdy-F5i3FeBE0x9hPLdeFdSoDd3ELmx404tLX0VRRcqzAsPhXcI",
        "alg": "ES384",
    }
    printed = (
        "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCIsImtpZCI6ImV4YW1wbGUta2lkIiwiamt1IjoiaHR0cHM6Ly9maGlyLWVoci5leGFtcGxlLmNv"
        "bS9qd2tfdXJpIn0.eyJpc3MiOiJodHRwczovL2ZoaXItZWhyLmV4YW1wbGUuY29tLyIsImF1ZCI6Imh0dHBzOi8vY2RzLmV4YW1wbGUub3JnL"
        "2Nkcy1zZXJ2aWNlcy9zb21lLXNlcnZpY2UiLCJleHAiOjE0MjI1Njg4NjAsImlhdCI6MTMxMTI4MDk3MCwianRpIjoiZWUyMmIwMjEtZTFiNy"
        "00NjExLWJhNWItOGVlYzZhMzNhYzFlIiwidGVuYW50IjoiMmRkZDZjM2EtOGU5YS00NGM2LWEzMDUtNTIxMTFhZDMwMmEyIn0.d1WfLjGRKlc"
        "WB94l9do4cM8REXeYJLL6SGUBO8VHZhfM8mwKYP70EMxJ67War4TQblEpaQrp11wx5p7oPFm2ETYgCicS84vXWEIYTdjooZdooCSDf2L8-i4a"
        "wdoUwiEb"
    )
    client = Client("https://fhir-ehr.example.com/", keys=read_keys(key_set(keys)))
    trust = Trust([client], "https://cds.example.org", tmp_path, clock=lambda: 1_311_280_970.0)
    words = refusal(trust, f"Bearer {printed}", "/cds-services/some-service")
    assert words == f"exp must be at most {LONGEST_LIFE:.0f} seconds after iat; sign a new token for each call."
    touched = printed[:-4] + ("A" if printed[-4] != "A" else "B") + printed[-3:]
    assert refusal(trust, f"Bearer {touched}", "/cds-services/some-service") == NOT_KNOWN


@pytest.mark.parametrize(
    "text", ["x", "a.b", "a.b.c", "..", "e30.e30.", "e30.e30.e30", "W10.W10.e30", "a.b.c.d", "é.e30.e30", "x" * 8200]
)
def test_40_what_is_no_token_is_refused_without_a_fuss(trust: Trust, text: str) -> None:
    assert refusal(trust, f"Bearer {text}").endswith(".")


@given(header=st.binary(max_size=40), payload=st.binary(max_size=40))
@settings(max_examples=60)
def test_40_no_bytes_in_a_token_bring_the_check_down(trust: Trust, header: bytes, payload: bytes) -> None:
    parts = [part64(part) for part in (header, payload, b"signature")]
    refusal(trust, "Bearer " + ".".join(parts))


# 41: what a token must say


def test_41_aud_may_be_a_text_or_a_list(trust: Trust) -> None:
    url = PUBLIC_URL + DISCOVERY
    for aud in (url, [url], ["https://other.example", url]):
        assert call(trust, "Bearer " + token(said(aud=aud)))
    for aud in ([], ["https://other.example"], {url: url}, [url, 7], url + "/", url.upper(), "", DISCOVERY, PUBLIC_URL):
        assert f"aud must be the address that is called, {url}." in refusal(trust, "Bearer " + token(said(aud=aud)))


def test_41_aud_is_compared_with_the_public_address_and_not_the_host_header(trust: Trust) -> None:
    signed = f"Bearer {token(said(aud='https://evil.example/cds-services'))}"
    assert "aud" in refusal(trust, signed, Host="evil.example", X_Forwarded_Host="evil.example")
    assert call(trust, bearer(now=NOW), Host="10.0.0.1:8000", X_Forwarded_Host="evil.example")


@pytest.mark.parametrize("name", ["iss", "aud", "exp", "iat", "jti"])
def test_41_each_required_claim_is_missed(trust: Trust, name: str) -> None:
    assert name in refusal(trust, "Bearer " + token(said(**{name: None})))


def test_41_everything_wrong_is_told_at_once(trust: Trust) -> None:
    words = refusal(trust, "Bearer " + token(said(aud=None, exp="soon", jti="", tenant=7)))
    assert all(f"{name} must be " in words for name in ("aud", "exp", "jti", "tenant"))


def test_41_the_tenant_is_told_and_one_that_is_agreed_on_is_required(trust: Trust, tmp_path: Path) -> None:
    assert call(trust, bearer(now=NOW, tenant="east")) == Caller(ISSUER, "east")
    pinned = Trust(read_clients(client_file(tmp_path, tenant="west")), PUBLIC_URL, tmp_path, clock=lambda: NOW)
    assert call(pinned, bearer(now=NOW, tenant="west")) == Caller(ISSUER, "west")
    for tenant in ("east", None, "WEST"):
        words = refusal(pinned, bearer(now=NOW, tenant=tenant))
        assert words == "tenant is not the one that was agreed on."


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANYTHING = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=4)


@given(name=st.sampled_from(["iss", "aud", "exp", "iat", "tenant"]), value=ANYTHING)
@settings(max_examples=150, deadline=None)
def test_41_any_one_claim_that_is_changed_is_refused(tmp_path_factory: Any, name: str, value: Any) -> None:
    """Another value of any kind; for a time, one out of its window: -60 s < exp - now, and 0 < exp - iat <= 1 h."""
    right = {**said(), "tenant": "west"}
    assume(value != right[name] and value != [right[name]])
    if name in ("exp", "iat") and isinstance(value, int | float) and not isinstance(value, bool):
        assume(abs(value - NOW) > LONGEST_LIFE or value != value)
    folder = pinned_folder(tmp_path_factory)
    trust = Trust(read_clients(folder / "clients.toml"), PUBLIC_URL, folder, clock=lambda: NOW)
    refusal(trust, "Bearer " + signed_json({**right, name: value}))
    assert call(trust, "Bearer " + signed_json(right))  # it was that one change


def pinned_folder(factory: pytest.TempPathFactory) -> Path:
    folder = factory.getbasetemp() / "pinned"
    if not folder.exists():
        folder.mkdir()
        client_file(folder, tenant="west")
    return folder


def signed_json(payload: dict[str, Any]) -> str:
    """Sign what PyJWT would not put into a token: any JSON, and JSON with NaN."""
    return jwt.PyJWS().encode(
        json.dumps(payload).encode(),
        private_key("ES384"),
        "ES384",
        {"kid": "ES384-0", "typ": "JWT"},
    )


@given(where=st.integers(0, 10_000), letter=st.sampled_from("ABCxyz019-_."))
@settings(max_examples=100, deadline=None)
def test_41_a_token_that_was_touched_is_refused(trust: Trust, where: int, letter: str) -> None:
    signed = token(said())
    place = where % len(signed)
    assume(signed[place] != letter)
    refusal(trust, f"Bearer {signed[:place]}{letter}{signed[place + 1 :]}")


# 42: algorithms


def part64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def test_42_none_and_hmac_are_refused(trust: Trust) -> None:
    unsigned = jwt.encode(said(), None, algorithm="none", headers={"kid": "ES384-0"})
    assert "ES384 or RS384" in refusal(trust, f"Bearer {unsigned}")
    public = private_key("RS384").public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for secret in (key_set(), json.dumps(jwk("RS384")).encode(), pem, b""):  # what everybody may know
        for bits in (256, 384, 512):
            header = {"alg": f"HS{bits}", "typ": "JWT", "kid": "RS384-0"}
            text = ".".join(part64(json.dumps(each).encode()) for each in (header, said()))
            signed = f"{text}.{part64(hmac.digest(secret, text.encode(), f'sha{bits}'))}"
            assert "ES384 or RS384" in refusal(trust, f"Bearer {signed}")


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "PS384", "RS512"])
def test_42_other_algorithms_are_refused_even_with_a_known_key(trust: Trust, algorithm: str) -> None:
    key = private_key("ES256" if algorithm == "ES256" else "RS384")
    signed = token(said(), algorithm, key=key, kid="RS384-0")
    assert "ES384 or RS384" in refusal(trust, f"Bearer {signed}")


@pytest.mark.parametrize(("algorithm", "kid"), [("RS384", "ES384-0"), ("ES384", "RS384-0")])
def test_42_the_key_says_the_algorithm_and_not_the_header(trust: Trust, algorithm: str, kid: str) -> None:
    assert refusal(trust, "Bearer " + token(said(), algorithm, kid=kid)) == NOT_KNOWN


def test_42_a_header_that_names_another_algorithm_than_it_was_signed_by_is_refused(trust: Trust) -> None:
    header, payload, signature = token(said()).split(".")
    for other in ("none", "HS384", "ES256", "RS384"):
        forged = json.loads(base64.urlsafe_b64decode(header + "=="))
        text = part64(json.dumps({**forged, "alg": other}).encode())
        refusal(trust, f"Bearer {text}.{payload}.{signature}")
        refusal(trust, f"Bearer {text}.{payload}.")


def test_42_keys_for_other_algorithms_and_uses_are_left_alone() -> None:
    others = [
        jwk("ES256"),
        jwk("RS384", 1, alg="RS256"),
        jwk("RS384", 2, use="enc"),
        jwk("RS384", 3, key_ops=["wrapKey"]),
    ]
    others += [{"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": "AA"}, jwk("ES384", 4, crv="P-521")]
    found = read_keys(key_set(*others, jwk("RS384", 5, alg=None, use=None)))
    assert found.keys.keys() == {"RS384-5"}
    assert found.problems == ()
    assert read_keys(key_set(*others)).problems == ("has no key for ES384 (EC, P-384) or RS384 (RSA).",)


# 43: who and from where


def test_43_an_unknown_issuer_a_wrong_key_and_a_wrong_kid_are_not_told_apart(
    trust: Trust, caplog: pytest.LogCaptureFixture
) -> None:
    for signed in (
        token(said(iss="https://stranger.example")),
        token(said(iss=ISSUER + "/")),
        token(said(), kid="nobody"),
        token(said(), which=1, kid="ES384-0"),
    ):
        assert refusal(trust, f"Bearer {signed}") == NOT_KNOWN
    reasons = [message.partition(" for ")[2] for message in caplog.messages]
    assert len(set(reasons)) == 3
    assert not any("stranger" in reason for reason in reasons)


def test_43_a_jku_that_was_not_agreed_on_is_refused_and_never_fetched(
    remote_trust: Trust, key_server: KeyServer
) -> None:
    own = private_key("ES384", 7)
    key_server.content = key_set(jwk(), jwk(which=7))
    for elsewhere in (key_server.origin + "/evil.json", key_server.url + "?", "file:///etc/passwd", ""):
        signed = token(said(), key=own, kid="ES384-7", jku=elsewhere)
        assert refusal(remote_trust, f"Bearer {signed}") == NOT_KNOWN
    assert key_server.asked == []
    assert call(remote_trust, "Bearer " + token(said(), jku=key_server.url)).issuer == ISSUER
    assert call(remote_trust, "Bearer " + token(said())).issuer == ISSUER  # jku may be left out
    assert key_server.asked == ["/jwks.json"]


def test_43_where_keys_came_with_a_file_jku_is_not_looked_at(trust: Trust, key_server: KeyServer) -> None:
    key_server.content = key_set(jwk(which=8))
    assert call(trust, "Bearer " + token(said(), jku=key_server.url)).issuer == ISSUER
    assert refusal(trust, "Bearer " + token(said(), which=8, jku=key_server.url)) == NOT_KNOWN
    assert key_server.asked == []


def test_43_a_stranger_makes_us_fetch_nothing(remote_trust: Trust, key_server: KeyServer) -> None:
    refusal(remote_trust, "Bearer " + token(said(iss="https://stranger.example"), jku=key_server.url))
    assert key_server.asked == []


def test_43_a_redirect_is_not_followed(key_server: KeyServer) -> None:
    keys = FetchedKeys(key_server.origin + "/moved")
    assert keys.find("ES384-0") is None
    assert key_server.asked == ["/moved"]


@pytest.mark.parametrize(
    "change",
    [
        {"status": 404},
        {"status": 500},
        {"content": b"<html>"},
        {"content": b"{}"},
        {"content": b'{"keys": [' + b" " * 262_145 + b"]}"},
        {"content": json.dumps({"keys": [jwk(), {**jwk("RS384"), "d": "AQ"}]}).encode()},
    ],
    ids=["404", "500", "html", "no set", "too large", "private"],
)
def test_43_a_key_set_that_cannot_be_used_is_not(key_server: KeyServer, change: dict[str, Any]) -> None:
    for name, value in change.items():
        setattr(key_server, name, value)
    assert FetchedKeys(key_server.url).find("ES384-0") is None
    assert key_server.asked == ["/jwks.json"]


def test_43_no_more_is_read_of_a_key_set_than_one_may_have(key_server: KeyServer) -> None:
    key_server.content = b" " * 262_144
    assert fetched_keys.fetch(key_server.url) == (key_server.content, 3600.0)
    key_server.content += b" " * 10_000_000
    with pytest.raises(fetched_keys.FetchError, match=r"larger than 262,144 bytes"):
        fetched_keys.fetch(key_server.url)


def test_43_a_key_server_that_dribbles_or_is_away_is_given_up(
    key_server: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetched_keys, "TIMEOUT", 0.2)
    key_server.pause = 0.15  # each pause below the limit, their sum above it
    start = time.monotonic()
    assert FetchedKeys(key_server.url).find("ES384-0") is None
    assert FetchedKeys("http://127.0.0.1:1/jwks.json").find("ES384-0") is None
    assert time.monotonic() - start < 2.0


# 44: once, alive, known


def test_44_a_token_counts_once(trust: Trust) -> None:
    signed = f"Bearer {token(said())}"
    assert call(trust, signed).issuer == ISSUER
    assert refusal(trust, signed) == USED
    jti = said()["jti"]
    assert call(trust, bearer(now=NOW, jti=jti)) == Caller(ISSUER)
    assert (
        refusal(trust, bearer(SERVICE, now=NOW + 1, jti=jti), SERVICE) == USED
    )  # a jti is for one call, not an address


def test_44_a_refused_token_is_not_used_up(trust: Trust) -> None:
    signed = bearer(SERVICE, now=NOW)
    assert "aud" in refusal(trust, signed, DISCOVERY)
    assert call(trust, signed, SERVICE).issuer == ISSUER


def test_44_each_issuer_has_names_of_its_own(tmp_path: Path) -> None:
    keys = read_keys(key_set())
    trust = Trust([Client("a", keys=keys), Client("b", keys=keys)], PUBLIC_URL, tmp_path, clock=lambda: NOW)
    assert [call(trust, bearer(now=NOW, iss=issuer, jti="1")).issuer for issuer in ("a", "b")] == ["a", "b"]
    assert refusal(trust, bearer(now=NOW, iss="a", jti="1")) == USED


@pytest.mark.parametrize("jti", ["", "j" * 256, 7, ["x"], "\ud800"])
def test_44_a_jti_that_cannot_be_remembered_is_refused(trust: Trust, jti: Any) -> None:
    assert "jti must be a text of 1 to 255 characters." in refusal(trust, "Bearer " + signed_json(said(jti=jti)))


ONE_PROCESS = """
import sys
from pathlib import Path
from web.cds.replay import UsedTokens
sys.stdin.readline()
used = UsedTokens(Path(sys.argv[1]))
print(sum(used.first_use("ehr", str(each), 2e9, 1e9) for each in range(400)))
"""
FORKED = """
import os, sys
from pathlib import Path
from web.cds.replay import UsedTokens
used = UsedTokens(Path(sys.argv[1]))
if sys.argv[2] == "used":
    used.first_use("ehr", "before", 2e9, 1e9)
held = used._database._opened
reading, writing = os.pipe()
child = os.fork()
found = sum(used.first_use("ehr", str(each), 2e9, 1e9) for each in range(200))
if child == 0:
    assert used._database._opened is not held  # the parent's connection is left alone
    os.write(writing, b"%d" % found)
    sys.exit()
assert os.waitpid(child, 0)[1] == 0
print(found + int(os.read(reading, 9)), used.first_use("ehr", "before", 2e9, 1e9))
"""


def test_44_two_processes_count_a_token_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ONE_PROCESS, str(tmp_path / "data")]
    started = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    counts = [int(process.communicate(timeout=30)[0]) for process in started]
    assert sum(counts) == 400


@pytest.mark.parametrize("before", ["used", "unused"])
def test_44_a_process_that_forks_counts_a_token_once(tmp_path: Path, before: str) -> None:
    """A server may load the application first and fork its workers then."""
    command = [sys.executable, "-c", FORKED, str(tmp_path), before]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.stdout.split() == ["200", str(before == "unused")], done.stderr


def test_44_threads_count_a_token_once(tmp_path: Path) -> None:
    used = UsedTokens(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda each: used.first_use("ehr", str(each % 50), 2e9, 1e9), range(400)))
    assert sum(found) == 50


def test_44_used_tokens_are_for_their_owner_alone_and_outlive_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert UsedTokens(folder).first_use("ehr", "1", NOW + 9, NOW)
    again = UsedTokens(folder)
    assert not again.first_use("ehr", "1", NOW + 9, NOW)
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_44_expired_tokens_are_removed_now_and_then(tmp_path: Path) -> None:
    used = UsedTokens(tmp_path)
    for each in range(10):
        used.first_use("ehr", str(each), NOW + each, NOW)
    used.first_use("ehr", "later", NOW + SWEEP + 60, NOW + SWEEP - 1)
    assert rows(tmp_path) == 11  # not yet
    used.first_use("ehr", "last", NOW + SWEEP + 60, NOW + SWEEP)
    assert rows(tmp_path) == 2


def rows(folder: Path) -> int:
    connection = sqlite3.connect(folder / NAME)
    try:
        return int(connection.execute("SELECT count(*) FROM used").fetchone()[0])
    finally:
        connection.close()


def test_44_a_token_is_remembered_while_it_could_be_used(tmp_path: Path) -> None:
    """To the last moment of its leeway it is refused as used, expired ones being swept meanwhile; then as expired."""
    clock = [NOW]
    trust = Trust(read_clients(client_file(tmp_path)), PUBLIC_URL, tmp_path, clock=lambda: clock[0])
    signed = bearer(now=NOW, exp=NOW + 250.0)
    assert call(trust, signed)
    for later in (1.0, 250.0, SWEEP, 250.0 + LEEWAY - 0.001):
        clock[0] = NOW + later
        assert refusal(trust, signed) == USED
    clock[0] = NOW + 250.0 + LEEWAY
    assert "past its exp" in refusal(trust, signed)


def test_44_a_file_that_was_taken_away_is_made_again(tmp_path: Path) -> None:
    used = UsedTokens(tmp_path)
    assert used.first_use("ehr", "1", NOW + 9, NOW)
    for path in tmp_path.iterdir():
        path.unlink()
    assert used.first_use("ehr", "1", NOW + 9, NOW)
    assert not UsedTokens(tmp_path).first_use("ehr", "1", NOW + 9, NOW)


def test_44_if_used_tokens_cannot_be_noted_nothing_is_answered(tmp_path: Path) -> None:
    trust = Trust(read_clients(client_file(tmp_path)), PUBLIC_URL, tmp_path / "data", clock=lambda: NOW)
    assert call(trust, bearer(now=NOW))
    for path in (tmp_path / "data").iterdir():
        path.unlink()
    (tmp_path / "data" / NAME).mkdir()
    assert "try again" in refusal(trust, bearer(now=NOW), status=503)


@pytest.mark.parametrize(
    ("times", "told"),
    [
        ({"exp": NOW - LEEWAY}, "past its exp"),
        ({"iat": NOW - 4000, "exp": NOW - 3600}, "past its exp"),
        ({"iat": NOW + LEEWAY + 1}, "iat lies in the future"),
        ({"nbf": NOW + LEEWAY + 1}, "nbf lies in the future"),
        ({"exp": NOW + LONGEST_LIFE + 1}, "exp must be at most 3600 seconds after iat"),
        ({"iat": NOW - 3400, "exp": NOW + 201}, "exp must be at most 3600 seconds after iat"),
        ({"iat": NOW + 10, "exp": NOW + 10}, "exp must be at most 3600 seconds after iat"),
        ({"exp": str(NOW + 300)}, "exp must be a number of seconds"),
        ({"exp": True}, "exp must be a number of seconds"),
        ({"exp": 1e300}, "exp must be a number of seconds"),
        ({"exp": float("inf")}, "exp must be a number of seconds"),
        ({"iat": float("nan")}, "iat must be a number of seconds"),
        ({"iat": -1}, "iat must be a number of seconds"),
        ({"nbf": "now"}, "nbf must be a number of seconds"),
    ],
)
def test_44_times_out_of_their_window_are_refused(trust: Trust, times: dict[str, Any], told: str) -> None:
    assert told in refusal(trust, "Bearer " + signed_json(said(**times)))


def test_44_an_unknown_kid_is_looked_for_once_a_minute(key_server: KeyServer) -> None:
    clock = [100.0]
    keys = FetchedKeys(key_server.url, clock=lambda: clock[0])
    assert keys.find("ES384-0") is not None
    for _ in range(20):
        assert keys.find("new") is None
    assert len(key_server.asked) == 1
    key_server.content = key_set(jwk(), jwk(kid="new"))
    clock[0] += 59.0
    assert keys.find("new") is None
    clock[0] += 1.0
    assert keys.find("new") is not None
    assert len(key_server.asked) == 2


def test_44_a_key_that_was_withdrawn_is_refused_once_the_set_is_renewed(key_server: KeyServer) -> None:
    clock = [100.0]
    keys = FetchedKeys(key_server.url, clock=lambda: clock[0])
    key_server.headers = {"Cache-Control": "public, max-age=120"}
    assert keys.find("ES384-0") is not None
    key_server.content = key_set(jwk("RS384"))
    clock[0] += 119.0
    assert keys.find("ES384-0") is not None
    clock[0] += 1.0
    assert keys.find("ES384-0") is None
    assert keys.find("RS384-0") is not None
    assert len(key_server.asked) == 2


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("max-age=600", 600),
        ("max-age=0", 60),
        ("no-store", 60),
        ("max-age=999999999", 86_400),
        ("", 3600),
        ("s-maxage=7", 3600),
    ],
)
def test_44_keys_are_kept_as_long_as_their_server_says(key_server: KeyServer, header: str, seconds: float) -> None:
    clock = [100.0]
    keys = FetchedKeys(key_server.url, clock=lambda: clock[0])
    key_server.headers = {"Cache-Control": header}
    keys.find("ES384-0")
    clock[0] += seconds - 1.0
    keys.find("ES384-0")
    assert len(key_server.asked) == 1
    clock[0] += 1.0
    keys.find("ES384-0")
    assert len(key_server.asked) == 2


def test_44_keys_outlive_an_outage_of_their_server_but_not_for_ever(key_server: KeyServer) -> None:
    clock = [100.0]
    keys = FetchedKeys(key_server.url, clock=lambda: clock[0])
    assert keys.find("ES384-0") is not None
    key_server.status = 503
    clock[0] += 3600.0
    assert keys.find("ES384-0") is not None
    assert keys.find("ES384-0") is not None
    assert len(key_server.asked) == 2  # tried in vain, and not again within a minute
    clock[0] += 43_199.0
    assert keys.find("ES384-0") is not None
    clock[0] += 1.0
    assert keys.find("ES384-0") is None
    key_server.status = 200
    clock[0] += 60.0
    assert keys.find("ES384-0") is not None


def test_44_threads_fetch_keys_once(key_server: KeyServer) -> None:
    keys = FetchedKeys(key_server.url)
    key_server.pause = 0.05
    with ThreadPoolExecutor(8) as pool:
        assert None not in list(pool.map(lambda _: keys.find("ES384-0"), range(16)))
    assert len(key_server.asked) == 1


# 45: clocks


@pytest.mark.parametrize("ahead", [0.5, 1.0, LEEWAY])
def test_45_iat_half_a_second_ahead_passes(trust: Trust, ahead: float) -> None:
    """The public sandbox rounds the time, so that half of its tokens come from the future."""
    assert call(trust, "Bearer " + token(said(iat=NOW + ahead))).issuer == ISSUER


def test_45_exp_has_the_same_leeway(trust: Trust) -> None:
    assert call(trust, "Bearer " + token(said(iat=NOW - 300, exp=NOW - LEEWAY + 0.5))).issuer == ISSUER


# what RAPPORT_CDS_CLIENTS names


def problems(folder: Path, text: str, **more: str) -> list[str]:
    path = folder / "clients.toml"
    path.write_text(text)
    given = {"RAPPORT_CDS_CLIENTS": str(path), "RAPPORT_PUBLIC_URL": PUBLIC_URL, **more}
    with pytest.raises(InputError) as refused:
        read_settings(given)
    assert all(problem.path for problem in refused.value.problems)
    return [
        str(problem).replace(f"RAPPORT_CDS_CLIENTS names {str(path)!r}: ", "") for problem in refused.value.problems
    ]


def test_every_problem_of_the_clients_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_bytes(
        key_set(
            {**jwk("RS384"), "d": "AQAB"},
            {"kty": "oct", "k": "AQAB", "kid": "x"},
            jwk("ES384", kid=None),
            jwk("ES384", 1, kid="twice"),
            jwk("RS384", 1, kid="twice"),
            jwk("ES384", 2, x="AA"),
            {**jwk("RS384", 3), "n": part64((2**1023 + 1).to_bytes(128, "big"))},
        )
    )
    found = problems(
        tmp_path,
        """
        title = "x"
        [[client]]
        isuer = "https://a.example"
        jwks_file = "bad.json"
        [[client]]
        issuer = "https://b.example"
        [[client]]
        issuer = "https://b.example"
        jwks_file = "missing.json"
        jwks_url = "https://b.example/jwks"
        tenant = ""
        [[client]]
        issuer = 7
        jwks_file = "missing.json"
        """,
        RAPPORT_PUBLIC_URL="",
    )
    assert found[0] == "title is unknown here; write [[client]] tables only."
    assert found[1:3] == [
        "client.1.isuer is unknown; is issuer meant?",
        "client.1.issuer is missing; write what the client puts into iss of its tokens.",
    ]
    told = (
        "keys.1 is a private key",
        "keys.2 is a symmetrical key",
        "keys.3 has no kid",
        "keys.4 has a kid that 2 keys",
    )
    told += ("keys.5 has a kid that 2 keys", "keys.6 is not a whole public key", "keys.7 has 1024 bits")
    for line, words in zip(found[3:10], told, strict=True):
        assert line.startswith(f"client.1.jwks_file 'bad.json': {words}")
    assert found[10:] == [
        "client.2 has no keys; write jwks_file or jwks_url.",
        "client.3.tenant is ''; write a text of 1 to 500 characters.",
        "client.3 has jwks_file and jwks_url; write one of them.",
        "client.4.issuer is '7'; write a text of 1 to 500 characters.",
        "client.4.jwks_file 'missing.json': cannot be read: No such file or directory.",
        "client has issuer 'https://b.example' 2 times; write one table for each issuer.",
        "RAPPORT_PUBLIC_URL is missing; RAPPORT_CDS_CLIENTS needs the origin that clients call, such as https://rapport.example.",
    ]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://ehr.example/jwks.json", ""),
        ("http://localhost:9000/jwks", ""),
        ("http://127.0.0.1/jwks", ""),
        ("http://[::1]:9000/jwks", ""),
        ("http://ehr.example/jwks", "write https://"),
        ("http://localhost.example/jwks", "write https://"),
        ("file:///etc/passwd", "write an address"),
        ("ehr.example/jwks", "write an address"),
        ("https://", "write an address"),
        ("https://ehr.example:99999/", "write an address"),
        ("https://[::1", "write an address"),
        ("https://ehr.example/a b", "write an address"),
        ("https://user:secret@ehr.example/jwks", "write the plain address"),
        ("https://ehr.example/jwks#keys", "write the plain address"),
    ],
)
def test_an_address_of_keys_is_checked(tmp_path: Path, url: str, told: str) -> None:
    text = f'[[client]]\nissuer = "a"\njwks_url = "{url}"\n'
    if told:
        (problem,) = problems(tmp_path, text)
        assert told in problem
        assert "secret" not in problem
    else:
        (tmp_path / "right.toml").write_text(text)
        assert read_clients(tmp_path / "right.toml") == (Client("a", jwks_url=url),)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "client is missing"),
        ("client = 3", "client must be tables"),
        ("[client]\nissuer = 'a'", "client must be tables"),
        ("[[client]\n", "is not valid TOML"),
        ("x = " + "[" * 3000, "nested too deeply"),
        ("x = 1" + "0" * 5000, "far too long"),
    ],
)
def test_a_file_that_names_no_clients_is_refused(tmp_path: Path, text: str, told: str) -> None:
    (problem,) = problems(tmp_path, text)[-1:]
    assert told in problem


def test_a_file_of_clients_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path, Path("a\0b")):
        with pytest.raises(InputError, match="cannot be read"):
            read_settings({"RAPPORT_CDS_CLIENTS": str(path), "RAPPORT_PUBLIC_URL": PUBLIC_URL})
    (tmp_path / "latin.toml").write_bytes(b'[[client]]\nissuer = "\xe9"')
    with pytest.raises(InputError, match="text file in UTF-8"):
        read_settings({"RAPPORT_CDS_CLIENTS": str(tmp_path / "latin.toml"), "RAPPORT_PUBLIC_URL": PUBLIC_URL})


def test_clients_without_a_public_address_stop_the_start(tmp_path: Path) -> None:
    configured = {key: value for key, value in trusting(tmp_path).items() if key != "RAPPORT_PUBLIC_URL"}
    with pytest.raises(InputError) as refused:
        create_app(configured)
    assert [problem.path for problem in refused.value.problems] == ["RAPPORT_PUBLIC_URL"]


def test_a_folder_where_used_tokens_cannot_be_noted_stops_the_start(tmp_path: Path) -> None:
    clients = read_clients(client_file(tmp_path))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / NAME).write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(InputError, match="RAPPORT_DATA_DIR"):
        Trust(clients, PUBLIC_URL, tmp_path / "data")


def test_settings_carry_the_clients_with_their_keys(tmp_path: Path) -> None:
    (client,) = read_settings(trusting(tmp_path)).cds_clients
    assert (client.issuer, client.tenant, client.jwks_url) == (ISSUER, None, "")
    assert {kid: key.algorithm for kid, key in client.keys.keys.items()} == {"ES384-0": "ES384", "RS384-0": "RS384"}
    assert read_settings({}).cds_clients == ()
    assert NO_KEYS.find("ES384-0") is None
    assert os.path.exists(tmp_path / "clients.toml")


# over HTTP


@pytest.fixture(scope="module")
def trusting_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app({"TESTING": True, **trusting(tmp_path_factory.mktemp("http"))})


SERVED = "/cds-services/rapport-patient-view"
ENDPOINTS = [("GET", DISCOVERY), ("POST", SERVED), ("POST", SERVED + "/feedback")]


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_39_over_http_every_endpoint_answers_401_without_a_token(trusting_app: Flask, method: str, path: str) -> None:
    answer = trusting_app.test_client().open(path, method=method, json={} if method == "POST" else None)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "Authorization: Bearer" in answer.get_data(as_text=True)


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_39_over_http_a_token_opens_its_own_endpoint_once(trusting_app: Flask, method: str, path: str) -> None:
    """What is wrong with the body is told to those who may call, and to nobody else."""
    signed = {"Authorization": bearer(path)}
    client = trusting_app.test_client()
    body = {} if method == "POST" else None
    assert client.open(path, method=method, headers=signed, json=body).status_code == (400 if body == {} else 200)
    again = client.open(path, method=method, headers=signed, json=body)
    assert again.status_code == 401
    assert again.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert USED in again.get_data(as_text=True)
    for other in {path for _, path in ENDPOINTS} - {path}:
        answer = client.open(path, method=method, headers={"Authorization": bearer(other)}, json=body)
        assert (answer.status_code, "aud must be" in answer.get_data(as_text=True)) == (401, True)


def test_42_over_http_none_and_hmac_are_refused(trusting_app: Flask) -> None:
    for signed in (
        jwt.encode(claims(), None, algorithm="none", headers={"kid": "ES384-0"}),
        jwt.encode(claims(), b"k" * 64, algorithm="HS384", headers={"kid": "ES384-0"}),
    ):
        answer = trusting_app.test_client().get(DISCOVERY, headers={"Authorization": f"Bearer {signed}"})
        assert answer.status_code == 401


def test_41_over_http_the_host_header_makes_no_audience(trusting_app: Flask) -> None:
    client = trusting_app.test_client()
    for aud in ("http://localhost/cds-services", "http://evil.example/cds-services"):
        signed = {"Authorization": bearer(aud=aud)}
        for host in ("localhost", "evil.example"):
            assert client.get(DISCOVERY, headers=signed, base_url=f"http://{host}").status_code == 401
    signed = {"Authorization": bearer()}
    assert client.get(DISCOVERY, headers=signed, base_url="http://10.0.0.1:8000").status_code == 200


def test_38_over_http_without_clients_only_this_machine_is_answered(tmp_path: Path) -> None:
    client = create_app({"TESTING": True, "RAPPORT_DATA_DIR": str(tmp_path)}).test_client()
    assert client.get(DISCOVERY).status_code == 200
    for refused in (
        client.get(DISCOVERY, environ_base={"REMOTE_ADDR": AFAR}),
        client.get(DISCOVERY, environ_base={"REMOTE_ADDR": AFAR}, headers={"X-Forwarded-For": "127.0.0.1"}),
        client.get(DISCOVERY, headers={"X-Forwarded-For": "127.0.0.1"}),
        client.get(DISCOVERY, base_url="https://rapport.example"),
    ):
        assert refused.status_code == 403
        assert "RAPPORT_CDS_CLIENTS" in refused.get_data(as_text=True)

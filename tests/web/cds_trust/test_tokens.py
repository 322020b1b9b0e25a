"""Points 38 to 42 and 45: who is answered, and which tokens are good."""

from __future__ import annotations

import base64
import hmac
import json
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.web.cds_keys import (
    DISCOVERY,
    ISSUER,
    PUBLIC_URL,
    bearer,
    client_file,
    jwk,
    key_set,
    private_key,
    token,
    trusting,
)
from tests.web.cds_trust.calls import AFAR, FEEDBACK, HERE, NOW, SERVICE, call, part64, refusal, said, signed_json
from web.cds.clients import Client, read_clients
from web.cds.keys import read_keys
from web.cds.token import LEEWAY, LONGEST_LIFE
from web.cds.trust import NOT_KNOWN, Caller, Trust, init_trust
from web.settings import init_settings


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


@given(where=st.integers(0, 10_000), letter=st.sampled_from("ABCxyz019-_."))
@settings(max_examples=100, deadline=None)
def test_41_a_token_that_was_touched_is_refused(trust: Trust, where: int, letter: str) -> None:
    signed = token(said())
    place = where % len(signed)
    assume(signed[place] != letter)
    refusal(trust, f"Bearer {signed[:place]}{letter}{signed[place + 1 :]}")


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


@pytest.mark.parametrize("ahead", [0.5, 1.0, LEEWAY])
def test_45_iat_half_a_second_ahead_passes(trust: Trust, ahead: float) -> None:
    """The public sandbox rounds the time, so that half of its tokens come from the future."""
    assert call(trust, "Bearer " + token(said(iat=NOW + ahead))).issuer == ISSUER


def test_45_exp_has_the_same_leeway(trust: Trust) -> None:
    assert call(trust, "Bearer " + token(said(iat=NOW - 300, exp=NOW - LEEWAY + 0.5))).issuer == ISSUER

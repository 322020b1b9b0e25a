"""Point 43, and how keys are fetched: from the one address that was agreed on, and no more often than needed."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.web.cds_keys import (
    ISSUER,
    jwk,
    key_set,
    private_key,
    token,
)
from tests.web.cds_trust.calls import KeyServer, call, refusal, said
from web.cds import fetched_keys
from web.cds.fetched_keys import FetchedKeys
from web.cds.trust import NOT_KNOWN, Trust


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

"""The same trust at the doors themselves."""

from __future__ import annotations

from pathlib import Path

import jwt
import pytest
from flask import Flask

from tests.web.cds_keys import (
    DISCOVERY,
    bearer,
    claims,
    trusting,
)
from tests.web.cds_trust.calls import AFAR
from web.app import create_app
from web.cds.trust import USED


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

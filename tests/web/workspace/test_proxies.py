"""Behind a reverse proxy: its word counts where the settings say so, and never makes a stranger local."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from tests.web.workspace import people
from web.accounts.doors import DOORS, OPEN
from web.storage import Database


def seen(app: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """Return a client of the application, one page of which tells whom it takes the visitor for."""
    app.view_functions["health.live"] = lambda: {"address": request.remote_addr, "secure": request.is_secure,
                                                 "host": request.host}  # fmt: skip
    return app.test_client()


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address", "secure"),
    [
        ("0", {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}, "127.0.0.1", False),
        ("1", {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}, "203.0.113.9", True),
        ("1", {"X-Forwarded-For": "8.8.8.8, 203.0.113.9"}, "203.0.113.9", False),  # the first was the visitor's own
        ("2", {"X-Forwarded-For": "203.0.113.9, 10.0.0.2", "X-Forwarded-Proto": "https, http"}, "203.0.113.9", True),
        ("1", {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}, "127.0.0.1", False),
    ],
)
def test_a_proxy_is_believed_as_far_as_it_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxies: str, forwarded: dict[str, str], address: str, secure: bool
) -> None:
    database = Database.in_folder(tmp_path)
    app = people.app(database, tmp_path, RAPPORT_TRUSTED_PROXIES=proxies)
    said = seen(app, monkeypatch).get("/health/live", headers=forwarded).get_json()
    assert said == {"address": address, "secure": secure, "host": "localhost"}
    app.extensions["rapport_database"].close()
    database.close()


@pytest.mark.parametrize("proxies", ["0", "1", "2"])
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-For": "127.0.0.1, 127.0.0.1"},
        {"X-Forwarded-For": "::1", "X-Forwarded-Proto": "https"},
        {"X-Forwarded-Proto": "http"},
        {"X-Forwarded-Host": "localhost"},
        {"X-Real-Ip": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"Host": "rapport.example"},
    ],
)
def test_what_was_passed_on_is_never_local(tmp_path: Path, proxies: str, headers: dict[str, str]) -> None:
    """While there are no accounts whoever is local may do everything."""
    database = Database.in_folder(tmp_path)
    app = people.app(database, tmp_path, RAPPORT_TRUSTED_PROXIES=proxies)
    client = app.test_client()
    assert client.get("/batch").status_code == 200
    assert client.get("/batch", headers=headers).status_code == 403
    app.extensions["rapport_database"].close()
    database.close()


def test_a_proxy_that_marks_nothing_is_known_by_its_http_1_0(tmp_path: Path) -> None:
    """Nginx with ``proxy_pass`` alone: from 127.0.0.1, to the host it was told to ask, without any header."""
    database = Database.in_folder(tmp_path)
    app = people.app(database, tmp_path)
    plain = {"headers": {"Host": "127.0.0.1:8000"}, "environ_overrides": {"SERVER_PROTOCOL": "HTTP/1.0"}}
    assert app.test_client().get("/batch", **plain).status_code == 403
    app.extensions["rapport_database"].close()
    database.close()


def test_health_and_metrics_are_open_doors_with_rules_of_their_own() -> None:
    assert DOORS["health"] is DOORS["metrics"] is OPEN

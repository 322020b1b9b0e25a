"""Calls of CDS Hooks with and without a token, and a server of keys."""

from __future__ import annotations

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from werkzeug.datastructures import Headers

from tests.web.cds_keys import (
    DISCOVERY,
    claims,
    key_set,
    private_key,
)
from web.cds.trust import Caller, Refused, Trust

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


def signed_json(payload: dict[str, Any]) -> str:
    """Sign what PyJWT would not put into a token: any JSON, and JSON with NaN."""
    return jwt.PyJWS().encode(
        json.dumps(payload).encode(),
        private_key("ES384"),
        "ES384",
        {"kid": "ES384-0", "typ": "JWT"},
    )


def part64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

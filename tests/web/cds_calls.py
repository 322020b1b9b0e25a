"""A client's chart as a record system sends it along or gives it out, and the server that gives it out."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from plugin.fitted import fit_caseload
from plugin.model_file import model_bytes
from plugin.simulation import Truth, simulate
from plugin.trust import reason
from tests.plugin.cds.resources import Json, call, searchset, usual_resources

SERVICE = "/cds-services/rapport-patient-view"
TOKEN = "the-bearer-token-of-this-call"
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "processing"}]}


def chart() -> dict[str, Json]:
    """Return the answers to all queries about the usual client, by prefetch key."""
    found: dict[str, list[Json]] = {}
    kinds = {"EpisodeOfCare": "episodes", "CarePlan": "plans", "Encounter": "encounters", "Appointment": "appointments"}
    for resource in usual_resources():
        key = kinds.get(resource["resourceType"]) or _measure(resource)
        found.setdefault(key, []).append(resource)
    return {key: searchset(*resources) for key, resources in found.items()} | {
        key: searchset() for key in ("ratings-symptoms-2", "ratings-satisfaction")
    }


def _measure(observation: Json) -> str:
    code = observation["code"]["coding"][0]["code"]
    return "ratings-symptoms" if code == "44261-6" else f"ratings-{code.replace('_', '-')}"


def view(prefetch: Json | None = None, **more: Any) -> Json:
    """Return the body of a call when a chart is opened, everything sent along unless said otherwise."""
    return call(prefetch=chart() if prefetch is None else prefetch, **more)


def access(server: str, token: str = TOKEN) -> Json:
    """Return what lets the service read from a record system."""
    return {
        "fhirServer": server,
        "fhirAuthorization": {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "patient/*.read",
            "subject": "rapport",
        },
    }


@cache
def shown_model() -> bytes:
    """Return the file of a model learnt from simulated clients that foretold the last of them well enough."""
    fitted = fit_caseload(simulate(Truth(), 700, seed=2).caseload)
    assert reason(fitted.predictor) == ""
    return model_bytes(fitted.predictor, fitted.training)


def model_file(folder: Path) -> str:
    """Write that model and return its path."""
    path = folder / "model.json"
    path.write_bytes(shown_model())
    return str(path)


@dataclass
class RecordSystem:
    """A FHIR server on this machine: a resource type asked for decides the answer; ``slow`` seconds before each."""

    base: str = ""
    answers: dict[str, Any] = field(default_factory=dict)  # by type and, for observations, code; a number is a status
    slow: float = 0.0
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)  # address and headers, in order

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


@contextmanager
def record_system(prefix: str = "/fhir") -> Iterator[RecordSystem]:
    """Serve the chart of the usual client."""
    system = RecordSystem()
    for key, bundle in chart().items():
        resources = [entry["resource"] for entry in bundle.get("entry", [])]
        if resources:
            code = resources[0]["code"]["coding"][0]["code"] if key.startswith("ratings") else ""
            system.answers[f"{resources[0]['resourceType']}{code}"] = bundle

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            system.asked.append((self.path, {name.lower(): text for name, text in self.headers.items()}))
            time.sleep(system.slow)
            parts = urlsplit(self.path)
            code = parse_qs(parts.query).get("code", [""])[0].rpartition("|")[2]
            answer = system.answers.get(self.path, system.answers.get(f"{Path(parts.path).name}{code}", searchset()))
            status, headers, body = 200, {"Content-Type": "application/fhir+json"}, b""
            if isinstance(answer, int):
                status = answer
                headers["Location"] = f"{system.base}/elsewhere"
            else:
                body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            try:
                self.send_response(status)
                for name, text in headers.items():
                    self.send_header(name, text)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:  # the caller did not wait
                pass

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 32  # as many knock at once

    server = Server(("127.0.0.1", 0), Handler)
    system.base = f"http://127.0.0.1:{server.server_port}{prefix}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield system
    server.shutdown()
    thread.join()
    server.server_close()


def today() -> dt.date:
    """Return the day on which the chart is looked at."""
    return dt.date(2026, 3, 5)

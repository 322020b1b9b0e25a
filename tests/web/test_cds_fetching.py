"""What is read from a caller's record system, and that nobody can make this server read anything else."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from plugin.cds import Supplied, Template
from tests.plugin.cds.resources import call, encounter, request, searchset
from tests.web.cds_calls import OUTCOME, SERVICE, TOKEN, RecordSystem, access, chart, record_system, today, view
from web.app import create_app
from web.cds import fetching, service
from web.cds.fhir_server import FhirServer, ServerRefused, open_server, server_address
from web.pages import cds

ASKED = {"episodes": Template("EpisodeOfCare?patient={{context.patientId}}&status=active", needed=True)}
FIRST = "EpisodeOfCare?patient=p1&status=active"


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cds, "today", today)


@pytest.fixture
def system() -> Iterator[RecordSystem]:
    with record_system() as found:
        yield found


@pytest.fixture
def client(tmp_path: Path, system: RecordSystem) -> FlaskClient:
    settings = {"RAPPORT_DATA_DIR": str(tmp_path), "RAPPORT_CDS_FHIR_SERVERS": system.base}
    return create_app(settings).test_client()


def post(client: FlaskClient, system: RecordSystem, prefetch: Any, **more: Any) -> Any:
    return client.post(SERVICE, json=view(prefetch, **access(system.base), **more))


def refused(response: Any) -> str:
    assert response.status_code == 412, response.get_data(as_text=True)
    return " ".join(issue["diagnostics"] for issue in response.get_json()["issue"])


def test_17_what_did_not_come_along_is_read_with_the_token_and_gives_the_same_answer(
    client: FlaskClient, system: RecordSystem
) -> None:
    answered = post(client, system, {})
    assert answered.status_code == 200
    assert answered.get_json() == client.post(SERVICE, json=view()).get_json()
    discovered = client.get("/cds-services").get_json()["services"][0]["prefetch"]
    asked = {query.replace("{{context.patientId}}", "p1") for query in discovered.values()}
    assert {_plain(path) for path in system.paths()} == asked
    for path, headers in system.asked:
        assert path.startswith("/fhir/")
        assert headers["authorization"] == f"Bearer {TOKEN}"
        assert "cookie" not in headers
        assert headers["accept-encoding"] == "identity"  # a small answer cannot become a large one


def _plain(path: str) -> str:
    parts = urlsplit(path)
    pairs = [f"{name}={value}" for name, values in parse_qs(parts.query).items() for value in values]
    return f"{parts.path.removeprefix('/fhir/')}?{'&'.join(pairs)}"


def test_17_what_came_along_is_not_read_again(client: FlaskClient, system: RecordSystem) -> None:
    prefetch = chart()
    del prefetch["encounters"]
    assert post(client, system, prefetch).status_code == 200
    assert [urlsplit(path).path for path in system.paths()] == ["/fhir/Encounter"]


def test_17_without_a_token_nothing_is_read(client: FlaskClient, system: RecordSystem) -> None:
    assert "no fhirServer and fhirAuthorization" in refused(client.post(SERVICE, json=view({}, fhirServer=system.base)))
    assert system.asked == []


def test_17_keys_are_read_at_once(client: FlaskClient, system: RecordSystem) -> None:
    system.slow = 0.15  # eleven queries, eight at once: two rounds
    start = time.monotonic()
    assert post(client, system, {}).status_code == 200
    assert time.monotonic() - start < 11 * 0.15


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (401, "answers 401"),
        (404, "answers 404"),
        (500, "answers 500"),
        (302, "answers 302"),
        (OUTCOME, "OperationOutcome"),
        (b"<html>", "is not JSON"),
        (b"[]", "no resource of FHIR"),
        (b'{"resourceType": "Bundle", "total": NaN}', "NaN"),
    ],
)
def test_18_needed_data_that_cannot_be_read_are_412(
    client: FlaskClient, system: RecordSystem, answer: Any, said: str
) -> None:
    system.answers["EpisodeOfCare"] = answer
    assert said in refused(post(client, system, {}))
    assert not any("elsewhere" in path for path in system.paths())  # no redirect is followed


def test_18_data_that_are_not_needed_may_fail(client: FlaskClient, system: RecordSystem) -> None:
    system.answers |= {"CarePlan": 500, "Appointment": 403, "Observationbond": OUTCOME}
    assert post(client, system, {}).status_code == 200


def test_18_a_slow_record_system_does_not_hold_the_clinician(
    client: FlaskClient, system: RecordSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "fetch_missing", partial(fetching.fetch_missing, seconds=0.3))
    system.slow = 1.0
    start = time.monotonic()
    assert "takes too long" in refused(post(client, system, {}))
    assert time.monotonic() - start < 0.9


def test_19_what_the_client_tried_in_vain_is_not_tried_again(client: FlaskClient, system: RecordSystem) -> None:
    prefetch = chart() | {"episodes": OUTCOME}
    assert "the client tried and failed" in refused(post(client, system, prefetch))
    assert system.asked == []


def test_20_pages_are_followed_within_the_server(client: FlaskClient, system: RecordSystem) -> None:
    whole = client.post(SERVICE, json=view()).get_json()
    visits = [entry["resource"] for entry in chart()["encounters"]["entry"]]
    follows = f"{system.base}?page=2"
    system.answers["Encounter"] = searchset(*visits[:2], following=follows)
    system.answers["/fhir?page=2"] = searchset(*visits[2:])
    assert post(client, system, {}).get_json() == whole
    prefetch = chart() | {"encounters": searchset(*visits[:2], following=follows)}
    assert post(client, system, prefetch).get_json() == whole


@pytest.mark.parametrize(
    "follows", ["http://127.0.0.1:1/fhir?page=2", "https://evil.example/fhir", "{origin}/other", "{base}/../other"]
)
def test_20_pages_elsewhere_are_not_followed(client: FlaskClient, system: RecordSystem, follows: str) -> None:
    origin = system.base.removesuffix("/fhir")
    following = follows.format(origin=origin, base=system.base)
    system.answers["Encounter"] = searchset(encounter("2026-01-05"), following=following)
    assert "lies outside of fhirServer" in refused(post(client, system, {}))
    assert all(path.startswith("/fhir/") and "/other" not in path for path in system.paths())


def test_20_pages_without_end_end(client: FlaskClient, system: RecordSystem) -> None:
    system.answers["Encounter"] = searchset(encounter("2026-01-05"), following=f"{system.base}?page=2")
    system.answers["/fhir?page=2"] = system.answers["Encounter"]
    assert "more than 10 pages" in refused(post(client, system, {}))


def test_20_as_many_as_were_asked_for_are_enough(client: FlaskClient, system: RecordSystem) -> None:
    first = dt.date(2025, 1, 1)
    visits = [encounter(first + dt.timedelta(days=number)) for number in range(400)]
    system.answers["Encounter"] = searchset(*visits, following=f"{system.base}?page=2")
    assert post(client, system, {}).status_code == 200
    assert "/fhir?page=2" not in system.paths()
    prefetch = chart() | {"encounters": system.answers["Encounter"]}
    assert client.post(SERVICE, json=view(prefetch)).status_code == 200  # with nothing to read the rest with


def test_answers_that_are_too_large_are_not_read_to_their_end(
    client: FlaskClient, system: RecordSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "LARGEST", 10_000)
    system.answers["EpisodeOfCare"] = b" " * 50_000
    assert "too large" in refused(post(client, system, {}))


def test_22_the_token_is_neither_logged_nor_kept(
    client: FlaskClient, system: RecordSystem, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    system.answers |= {"CarePlan": 500, "Appointment": b"{"}
    answers = [post(client, system, {}).get_data(as_text=True)]
    system.answers["EpisodeOfCare"] = 401
    answers.append(post(client, system, {}).get_data(as_text=True))
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert "cannot be read from a record system: fhirServer answers 500" in caplog.text
    for text in (caplog.text, *answers):
        assert TOKEN not in text
        assert "patient=p1" not in text
    assert kept
    assert TOKEN.encode() not in kept
    assert TOKEN not in repr(request(call(**access("https://ehr.example/fhir"))))


def test_only_the_record_systems_that_are_named_are_read(tmp_path: Path, system: RecordSystem) -> None:
    named = {"RAPPORT_DATA_DIR": str(tmp_path), "RAPPORT_CDS_FHIR_SERVERS": "https://ehr.example/fhir"}
    assert "not among those" in refused(post(create_app(named).test_client(), system, {}))
    plain = create_app({"RAPPORT_DATA_DIR": str(tmp_path)}).test_client()
    assert "no https address" in refused(post(plain, system, {}))
    assert system.asked == []


INSIDE = (
    "127.0.0.1", "127.1", "2130706433", "0x7f.1", "localhost", "10.1.2.3", "192.168.0.1", "172.16.0.1", "0",
    "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255",
    "[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[::ffff:127.0.0.1]", "[64:ff9b::a00:1]",
)  # fmt: skip


@pytest.mark.parametrize("host", INSIDE)
def test_addresses_inside_are_refused(host: str) -> None:
    with pytest.raises(ServerRefused):
        open_server(f"https://{host}/fhir", ())


@pytest.mark.parametrize(
    "address",
    [
        "http://ehr.example/fhir", "ftp://ehr.example", "https://", "https:///fhir", "file:///etc/passwd", "//x", "",
        "https://user@ehr.example/fhir", "https://ehr.example/fhir?x=1", "https://ehr.example/#f", "https://[::1",
        "https://ehr.example:x", "https://ehr.example:99999/", "https://ehr.example/\nfhir", "https://ehr\u3002example/",
        "a" * 3000,
    ],
)  # fmt: skip
def test_what_is_no_plain_https_address_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _leads_to("8.8.8.8"))
    with pytest.raises(ServerRefused):
        open_server(address, ())


@given(st.text(max_size=60) | st.text("htps:/[]@.?#%0:1e", max_size=20))
def test_no_address_raises_anything_else(text: str) -> None:
    for named in (text, f"https://{text}"):
        with contextlib.suppress(ServerRefused):
            assert open_server(named, ("https://ehr.example",)).base == "https://ehr.example"
        FhirServer("https://ehr.example/fhir").holds(named)


def _leads_to(*addresses: str) -> Any:
    def lookup(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]

    return lookup


def test_a_name_that_leads_inside_is_refused_even_if_it_leads_outside_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _leads_to("8.8.8.8", "10.0.0.1"))
    with pytest.raises(ServerRefused, match="public address"):
        open_server("https://ehr.example/fhir", ())


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that says something else the second time (DNS rebinding) is not asked a second time."""
    lookups: list[Any] = []

    def lookup(*named: Any, **_: Any) -> Any:
        lookups.append(named)
        return _leads_to("8.8.8.8" if len(lookups) == 1 else "127.0.0.1")()

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    seen: list[httpx.Request] = []

    def answer(sent: httpx.Request) -> httpx.Response:
        seen.append(sent)
        return httpx.Response(200, stream=httpx.ByteStream(json.dumps(searchset()).encode()))

    asked = request(call(prefetch={}, **access("https://ehr.example:8443/fhir")))
    fetched = fetching.fetch_missing(asked, Supplied(), ASKED, (), transport=httpx.MockTransport(answer))
    assert fetched.problems == {}
    (sent,) = seen
    assert str(sent.url) == f"https://8.8.8.8:8443/fhir/{FIRST}"
    assert sent.headers["Host"] == "ehr.example:8443"
    assert sent.extensions["sni_hostname"] == "ehr.example"
    assert [named[:2] for named in lookups] == [("ehr.example", 8443)]


@pytest.mark.parametrize(("name", "trusted"), [("ehr.example", True), ("other.example", False)])
def test_the_certificate_must_be_that_of_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, trusted: bool
) -> None:
    """A real server with TLS on this machine, reached as though it were the address that was checked."""
    certificate = _certificate(tmp_path, name)
    context = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(fetching, "_certificates", lambda: context)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(searchset()).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Say nothing of a handshake that the other side ends."""

    server = Quiet(("127.0.0.1", 0), Handler)
    offered = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    offered.load_cert_chain(certificate, certificate)
    server.socket = offered.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    base = f"https://ehr.example:{server.server_port}/fhir"
    monkeypatch.setattr(fetching, "open_server", lambda *_: FhirServer(base, "127.0.0.1"))
    fetched = fetching.fetch_missing(request(call(prefetch={}, **access(base))), Supplied(), ASKED, ())
    server.shutdown()
    thread.join()
    server.server_close()
    assert (fetched.problems == {}) is trusted
    assert trusted or "cannot be reached" in fetched.problems["episodes"]


def _certificate(folder: Path, name: str) -> Path:
    """Write a certificate of a name that vouches for itself, and its key, into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return path


def test_one_address_has_one_way_of_writing() -> None:
    ways = ("https://EHR.example/fhir/", "https://ehr.example:443/fhir", "HTTPS://ehr.example/fhir")
    assert {server_address(way) for way in ways} == {"https://ehr.example/fhir"}
    assert server_address("http://localhost:8080/fhir") == "http://localhost:8080/fhir"
    assert server_address("https://[2001:db8::1]:8443") == "https://[2001:db8::1]:8443"


def test_who_may_not_be_shown_anything_sets_nothing_in_motion(client: FlaskClient, system: RecordSystem) -> None:
    assert post(client, system, {}, context={"userId": "Patient/p1"}).get_json() == {"cards": []}
    assert system.asked == []

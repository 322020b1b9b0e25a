"""What a caller did not send along, read from its record system: at once, within two seconds, and kept nowhere.

The caller's token goes to the record system of the call and to nobody else: no redirect is followed, no proxy of the
environment is asked, and the next page of an answer must lie within the same server. Neither the token nor an address,
which holds a patient's id, is ever logged.
"""

from __future__ import annotations

import contextlib
import logging
import re
import ssl
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from plugin.cds.prefetch import Supplied, Template, answer_of, filled
from plugin.cds.request import HookRequest, Resource
from web.cds.fhir_server import FhirServer, ServerRefused, open_server
from web.cds.json_body import JsonError, read_json

if TYPE_CHECKING:
    import httpx

SECONDS: Final = 2.0  # for everything together
AT_ONCE: Final = 8  # queries
LARGEST: Final = 16_000_000  # bytes of all answers together
MOST_PAGES: Final = 10  # of one query

_COUNT: Final = re.compile(r"[?&]_count=(\d+)")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What there is after the fetch.

    Attributes:
        supplied: what came along and what was fetched.
        problems: why a query has no answer, or only a part of one, by key; nothing of the patient is in it.
    """

    supplied: Supplied
    problems: Mapping[str, str]


class _FailedError(Exception):
    """A query has no answer; the text says why."""


@dataclass
class _Limits:
    """What is left for one call, shared by its threads."""

    end: float
    bytes_left: int
    _lock: Lock = field(default_factory=Lock)

    @property
    def seconds_left(self) -> float:
        return self.end - time.monotonic()

    def take(self, size: int) -> None:
        with self._lock:
            self.bytes_left -= size
            if self.bytes_left < 0:
                raise _FailedError("the answers are too large")
        if self.seconds_left <= 0:
            raise _FailedError("it takes too long")


def fetch_missing(
    request: HookRequest,
    supplied: Supplied,
    asked: Mapping[str, Template],
    allowed: Sequence[str],
    seconds: float = SECONDS,
    transport: httpx.BaseTransport | None = None,
) -> Fetched:
    """Return what came along with what was missing; needed or not, what cannot be had is left out with its reason.

    Args:
        request: the call, which says where to read and with what.
        supplied: what came along.
        asked: all queries.
        allowed: the record systems that may be read from (``fhir_server.open_server``).
        seconds: for everything together.
        transport: in place of the network, for tests.
    """
    supplied = _enough(supplied, asked)
    missing = supplied.to_fetch(asked)
    todo = {key: filled(asked[key].query, request) for key in missing} | dict(supplied.next_pages)
    problems = dict.fromkeys(supplied.failed, "the client tried and failed")
    if not todo:
        return Fetched(supplied, problems)
    if not request.fhir_server or request.authorization is None:
        said = "it did not come along, and no fhirServer and fhirAuthorization are there to read it with"
        return Fetched(supplied, problems | dict.fromkeys(todo, said))
    limits = _Limits(time.monotonic() + seconds, LARGEST)
    pool = ThreadPoolExecutor(AT_ONCE, "cds-fetch")
    try:
        opened: Future[FhirServer] = pool.submit(open_server, request.fhir_server, allowed)
        server = opened.result(max(limits.seconds_left, 0.0))
        with _client(server, request.authorization.access_token, limits, transport) as client:
            running = {
                key: pool.submit(_query, client, server, url, limits, _count(asked[key])) for key, url in todo.items()
            }
            wait(running.values(), max(limits.seconds_left, 0.0))
            found = {key: _result(future) for key, future in running.items()}
    except ServerRefused as error:
        return Fetched(supplied, problems | dict.fromkeys(todo, str(error)))
    except TimeoutError:
        return Fetched(supplied, problems | dict.fromkeys(todo, "fhirServer has a name that takes too long to look up"))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # who is late finds the connection closed
    return _joined(supplied, found, problems)


@dataclass(frozen=True, slots=True)
class _Answer:
    resources: tuple[Resource, ...] = ()
    whole: bool = True
    problem: str = ""


def _joined(supplied: Supplied, found: Mapping[str, _Answer], problems: Mapping[str, str]) -> Fetched:
    resources, pages, said = dict(supplied.resources), dict(supplied.next_pages), dict(problems)
    failed = set(supplied.failed)
    for key, answer in found.items():
        if answer.problem:
            said[key] = answer.problem
            _log.warning("CDS: %s cannot be read from a record system: %s.", key, answer.problem)
        if answer.whole or answer.resources:
            resources[key] = (*resources.get(key, ()), *answer.resources)
        else:
            failed |= {key} - resources.keys()
        if answer.whole:
            pages.pop(key, None)
        elif key in resources:
            pages.setdefault(key, "")  # a part only
    return Fetched(Supplied(resources, frozenset(failed), pages), said)


def _result(future: Future[_Answer]) -> _Answer:
    if not future.done():
        return _Answer(whole=False, problem="it takes too long")
    return future.result()


def _query(client: httpx.Client, server: FhirServer, url: str, limits: _Limits, most: int | None) -> _Answer:
    """Return the answer to a query or the rest of one, page by page; what came before a failure is kept."""
    resources: list[Resource] = []
    page: str | None = url
    try:
        for _ in range(MOST_PAGES):
            absolute = urljoin(f"{server.base}/", page)
            if not server.holds(absolute):
                raise _FailedError("its next page lies outside of fhirServer")
            some, page = answer_of(_get(client, server, absolute, limits))
            resources += some
            if page is None or (most is not None and len(resources) >= most):
                return _Answer(tuple(resources))
        raise _FailedError(f"it has more than {MOST_PAGES} pages")
    except _FailedError as error:
        return _Answer(tuple(resources), whole=False, problem=str(error))


def _get(client: httpx.Client, server: FhirServer, url: str, limits: _Limits) -> Resource:
    import httpx

    left = limits.seconds_left
    if left <= 0:
        raise _FailedError("it takes too long")
    target = httpx.URL(url)
    headers: dict[str, str] = {}
    extensions: dict[str, Any] = {"timeout": httpx.Timeout(left).as_dict()}
    if server.connect_to:
        headers["Host"] = target.netloc.decode("ascii")
        extensions["sni_hostname"] = target.host  # whose certificate is asked for and checked
        target = target.copy_with(host=server.connect_to)
    content = bytearray()
    try:
        with client.stream("GET", target, headers=headers, extensions=extensions) as response:
            if response.status_code != 200:
                raise _FailedError(f"fhirServer answers {response.status_code}")
            for chunk in response.iter_raw():
                limits.take(len(chunk))
                content += chunk
        value = read_json(bytes(content))
    except httpx.TimeoutException:
        raise _FailedError("it takes too long") from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, RuntimeError, ValueError) as error:
        said = (
            f"it {error}" if isinstance(error, JsonError) else f"fhirServer cannot be reached ({type(error).__name__})"
        )
        raise _FailedError(said) from None
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        raise _FailedError("it is no resource of FHIR")
    if value["resourceType"] == "OperationOutcome":
        raise _FailedError("fhirServer answers with an OperationOutcome")
    return value


def _client(
    server: FhirServer, token: str, limits: _Limits, transport: httpx.BaseTransport | None
) -> contextlib.closing[Any]:
    """Return a client for this one call: nothing of it, no cookie and no connection, lives on."""
    import httpx

    client = httpx.Client(
        headers={
            "Authorization": f"Bearer {token}",
            "Accept": "application/fhir+json, application/json",
            "Accept-Encoding": "identity",  # what is small on the wire cannot grow in our hands
            "User-Agent": "rapport",
        },
        verify=_certificates() if urlsplit(server.base).scheme == "https" else False,
        follow_redirects=False,
        trust_env=False,
        timeout=limits.seconds_left,
        limits=httpx.Limits(max_connections=AT_ONCE),
        transport=transport,
    )
    return contextlib.closing(client)


@cache
def _certificates() -> ssl.SSLContext:
    """Return what certificates are checked by: the usual authorities, or those that SSL_CERT_FILE names."""
    import httpx

    return httpx.create_ssl_context(trust_env=True)


def _enough(supplied: Supplied, asked: Mapping[str, Template]) -> Supplied:
    """Return what came along, an answer with as many resources as were asked for being whole, whatever follows."""
    pages = {
        key: page
        for key, page in supplied.next_pages.items()
        if (most := _count(asked[key])) is None or len(supplied.resources[key]) < most
    }
    return Supplied(supplied.resources, supplied.failed, pages)


def _count(template: Template) -> int | None:
    match = _COUNT.search(template.query)
    return int(match[1]) if match else None


def keep_addresses_out_of_logs() -> None:
    """Stop the HTTP client from writing the addresses it asks, which it does at level INFO."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)

"""Keys from the one address that was agreed on with a client, fetched now and then and kept in memory.

Anybody can name an unknown key, so that never makes more than one fetch a minute. A set stays in use for half a day
after it should have been renewed: a night's outage of the other side stops nobody, and a key that was withdrawn
meanwhile does not live for ever.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from logging import getLogger
from threading import Lock
from typing import Final
from urllib.parse import urlsplit

from web.cds.keys import LARGEST_SET, NO_KEYS, Key, KeySet, read_keys
from web.cds.loopback import loopback_name

USUAL_AGE: Final = 3600.0  # seconds for which a set is fresh where its server does not say
LEAST_AGE, MOST_AGE = 60.0, 86_400.0
STALE: Final = 43_200.0  # seconds after that
PAUSE: Final = 60.0  # seconds from one fetch to the next
FIRST_PAUSE: Final = 10.0  # the same while there are no keys at all
TIMEOUT: Final = 5.0  # seconds for a whole fetch

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_log = getLogger(__name__)


class FetchError(Exception):
    """A key set could not be fetched; the text says why."""


@dataclass(frozen=True)
class _Held:
    keys: KeySet
    fresh_until: float
    dead_at: float


class FetchedKeys:
    """The keys at an address, for all threads of this process. Nothing is fetched before the first look-up."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.url = url
        self._clock = clock
        self._held = _Held(NO_KEYS, 0.0, 0.0)
        self._next_fetch = 0.0
        self._lock = Lock()

    def find(self, kid: str) -> Key | None:
        """Return the key of that name, after a fetch where that is due; None if there is none or none was to be had."""
        if self._due(kid) and self._lock.acquire(blocking=self._known(kid) is None):
            try:
                if self._due(kid):  # nobody else has fetched while we waited
                    self._fetch()
            finally:
                self._lock.release()
        return self._known(kid)

    def _known(self, kid: str) -> Key | None:
        held = self._held
        return held.keys.find(kid) if self._clock() < held.dead_at else None

    def _due(self, kid: str) -> bool:
        now, held = self._clock(), self._held
        return now >= self._next_fetch and (now >= held.fresh_until or held.keys.find(kid) is None)

    def _fetch(self) -> None:
        try:
            content, age = fetch(self.url)
            found = read_keys(content)
            for problem in found.problems:
                _log.warning("The key set at %s %s", self.url, problem)
            if not found.keys:
                raise FetchError("holds no key that can be used")
        except FetchError as error:
            _log.warning("The key set at %s is not taken: it %s.", self.url, error)
            self._next_fetch = self._clock() + (PAUSE if self._held.keys.keys else FIRST_PAUSE)
            return
        now = self._clock()
        self._held = _Held(found, now + age, now + age + STALE)
        self._next_fetch = now + PAUSE


def fetch(url: str) -> tuple[bytes, float]:
    """Return what lies at an address, and for how many seconds it is fresh.

    Redirects are not followed: the address that was agreed on is the only one.

    Raises:
        FetchError: if it cannot be had within :data:`TIMEOUT` and :data:`LARGEST_SET`.
    """
    import httpx

    end = time.monotonic() + TIMEOUT
    here = loopback_name(urlsplit(url).hostname or "")
    asked = {"Accept": "application/jwk-set+json, application/json", "Accept-Encoding": "identity"}
    try:
        # a proxy of the environment could not reach this machine's own addresses
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=not here) as client,
            client.stream("GET", url, headers=asked) as response,
        ):
            if response.status_code != 200:
                raise FetchError(f"answers {response.status_code}")
            content = bytearray()
            for chunk in response.iter_raw():  # what is compressed all the same cannot grow in our hands
                content += chunk
                if len(content) > LARGEST_SET:
                    raise FetchError(f"is larger than {LARGEST_SET:,} bytes")
                if time.monotonic() > end:
                    raise FetchError(f"takes longer than {TIMEOUT:g} seconds")
            return bytes(content), _age(response.headers.get("Cache-Control", ""))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise FetchError(f"cannot be fetched ({type(error).__name__})") from None


def _age(cache_control: str) -> float:
    found = _MAX_AGE.search(cache_control)
    if found is None:
        return LEAST_AGE if "no-store" in cache_control.lower() else USUAL_AGE
    return min(max(float(found[1]), LEAST_AGE), MOST_AGE)

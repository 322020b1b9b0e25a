"""A visit to a page in a real browser, with what the browser complained of and asked for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
AXE = Path(__file__).parent / "vendor" / "axe" / "axe.min.js"
LEAST_WAIT = 8_000  # milliseconds; generous, since the machine may be busy


def chromium() -> str | None:
    """Return a browser's path: that of RAPPORT_CHROMIUM, or one that is installed."""
    named = os.environ.get("RAPPORT_CHROMIUM")
    found = [named] if named else [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    return next((path for path in found if path and Path(path).exists()), None)


class Visit:
    """A page with what its browser complained of and asked for."""

    def __init__(self, browser: Any, address: str, **options: Any) -> None:
        self.address = address
        self.context = browser.new_context(accept_downloads=True, **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(LEAST_WAIT)
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and "status of 422" not in text:  # a browser reports every 4xx by itself
            self.complaints.append(text)

    def open(self, path: str = "/") -> Any:
        """Open a page and wait until it has settled."""
        self.page.goto(self.address + path, wait_until="load")
        return self.page

    def type_into(self, field: str, text: str, delay: float = 20.0) -> None:
        """Replace what stands in a field, key by key."""
        self.page.focus(field)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text, delay=delay)

    def wait_for(self, condition: str, page: Any = None) -> None:
        """Wait until an expression holds; the page forbids the eval that Playwright's own waiting needs."""
        from playwright.sync_api import Error

        asked, said = page or self.page, ""
        for _ in range(LEAST_WAIT // 50):
            try:
                if asked.evaluate(f"Boolean({condition})"):
                    return
            except Error as error:  # between two pages there is nothing to ask
                said = f" ({error})"
            asked.wait_for_timeout(50)
        raise AssertionError(f"not within {LEAST_WAIT} ms: {condition}{said}")

    def faults(self) -> list[tuple[str, str]]:
        """Return what axe finds wrong, and where; the visit must bypass the content policy."""
        self.page.add_script_tag(path=str(AXE))
        found = self.page.evaluate(
            "axe.run(document, { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } })"
        )
        return [(each["id"], each["nodes"][0]["html"][:160]) for each in found["violations"]]

    def close(self) -> None:
        """Close it, and fail if anything was complained of or asked of another host."""
        self.context.close()
        assert self.complaints == [], self.complaints
        assert [url for url in self.asked if not url.startswith((self.address, "data:"))] == []

"""What an edit costs in a real browser: from the key to the new result on the screen, in milliseconds.

The reference is the shortest answer the same server gives the same page, painted likewise.

python benchmarks/live_page.py
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from web.access_log import PathOnlyHandler
from web.app import create_app
from web.example_clinics import examples

EDITS = 25
AT_MOST = 150  # milliseconds, of the issue
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
PAINTED = "await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));"
EDIT = f"""async (value) => {{
  const field = document.getElementById("clinic-intakes_per_month");
  const begin = performance.now();
  const swapped = new Promise((done) => document.addEventListener("htmx:afterSwap", function seen(event) {{
    if (event.detail.elt.id === "results" || event.target.id === "results") {{
      document.removeEventListener("htmx:afterSwap", seen); done();
    }}
  }}));
  field.value = value;
  field.dispatchEvent(new Event("input", {{ bubbles: true }}));
  await swapped;
  {PAINTED}
  return performance.now() - begin;
}}"""
REFERENCE = f"""async () => {{
  const begin = performance.now();
  await (await fetch("/health/live")).text();
  {PAINTED}
  return performance.now() - begin;
}}"""


@contextmanager
def served() -> Iterator[str]:
    """Serve the application on a free port."""
    server = make_server("127.0.0.1", 0, create_app(), threaded=True, request_handler=PathOnlyHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def measured(page: Any, address: str) -> list[float]:
    page.goto(address, wait_until="networkidle")
    times = []
    for edit in range(EDITS):
        times.append(page.evaluate(EDIT, str(40 + edit)))
        page.wait_for_timeout(400)  # a person's pause, in which the pictures further down follow
    return sorted(times)


def main() -> None:
    browser_path = os.environ.get("RAPPORT_CHROMIUM") or shutil.which("chromium")
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - the access log would stand between the figures
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(address, wait_until="networkidle")
        shortest = median(page.evaluate(REFERENCE) for _ in range(EDITS))
        print(f"shortest answer of the server, painted: {shortest:.0f} ms")
        for example in examples():
            times = measured(page, f"{address}/?{example.query}")
            print(
                f"{example.file:32} edit to result: median {median(times):4.0f} ms, "
                f"slowest of {EDITS} {times[-1]:4.0f} (at most {AT_MOST}); "
                f"ratio to the shortest answer {median(times) / shortest:.1f}"
            )
        browser.close()


if __name__ == "__main__":
    main()

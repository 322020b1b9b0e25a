"""The way of the first administrator in a real browser: in, second step, out and in again, and nobody shut out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest

from tests.web.served import served
from tests.web.visit import Visit
from web.app import create_app

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("quick_passwords")]
PASSWORD = "correct horse battery"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[str]:
    """Serve a workspace in which there is no account, and return where."""
    with served(create_app({"RAPPORT_DATA_DIR": str(tmp_path)})) as address:
        yield address


def look_at(visit: Visit) -> None:
    """Fail on what shuts people out, and on pages that are wider than a phone or a window."""
    page = visit.page
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
        assert visit.faults() == [], page.url


def test_from_the_first_start_to_signing_in_with_a_code(browser: Any, place: str) -> None:
    visit = Visit(browser, place, bypass_csp=True)
    page = visit.open("/evidence")
    page.click(".no-account a")
    page.fill("#organisation", "Riverbend")
    page.fill("#name", "Ada Lovelace of Riverbend Counseling and Harbor")
    page.fill("#email", "ada@example.org")
    page.fill("#password", "a short one")
    page.click("main button.button")
    look_at(visit)
    page.fill("#password", PASSWORD)
    page.click("[data-show=password]")
    assert page.get_attribute("#password", "type") == "text"
    page.click("main button.button")
    look_at(visit)

    page.click("details.who summary")
    look_at(visit)
    page.keyboard.press("Escape")
    assert not page.evaluate("document.querySelector('details.who').open")
    page.click("text=Turn it on")
    look_at(visit)
    totp = pyotp.TOTP(page.inner_text(".letters").replace(" ", ""))
    page.fill("#code", totp.now())
    page.fill("#password", PASSWORD)
    page.click("main button.button")
    look_at(visit)
    recovery = page.inner_text(".codes code >> nth=0")
    page.click("text=I have kept them")
    look_at(visit)

    page.click("details.who summary")
    page.click("text=Sign out")
    visit.open("/evidence?q=alliance")
    page.click("header >> text=Sign in")
    look_at(visit)
    page.fill("#email", "ada@example.org")
    page.fill("#password", PASSWORD)
    page.click("main button.button")
    look_at(visit)
    page.fill("#code", recovery)
    page.click("main button.button")
    assert page.url == f"{place}/evidence?q=alliance"
    assert page.inner_text("details.who summary").startswith("Ada Lovelace")
    visit.close()


def test_our_policies_let_forms_and_scripts_of_ours_through(browser: Any, place: str) -> None:
    """Under the real content policy, where a form that is refused says so in the console only."""
    visit = Visit(browser, place)
    page = visit.open("/setup")
    for field, text in {"organisation": "R", "name": "Ada", "email": "ada@example.org", "password": PASSWORD}.items():
        page.fill(f"#{field}", text)
    page.click("main button.button")
    assert page.url == f"{place}/account?done=setup"
    page.click("text=Turn it on")
    box = page.locator(".code-picture svg").bounding_box()
    assert box is not None
    assert box["width"] == pytest.approx(232, abs=1)
    assert box["height"] == pytest.approx(232, abs=1)
    page.click("details.who summary")
    page.click("text=Sign out")
    assert page.url == f"{place}/"
    visit.close()

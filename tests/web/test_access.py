"""No page shuts anybody out: axe finds nothing, at both widths, in both schemes, with every detail open."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.visit import Visit
from web.example_clinics import examples

pytestmark = pytest.mark.browser

PAGES = ("/", f"/?{examples()[2].query}", "/?clinic.setting=iop&clinic.dropout_rate=135", "/evidence",
         f"/explain/npv?{examples()[0].query}", "/evidence/programs/feedback_dropout_or_dejong_2021", "/method",
         "/alliance", "/setup", f"/?{examples()[0].query}&mode=detailed&lang=es")  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nobody_is_shut_out(browser: Any, address: str, width: int, scheme: str) -> None:
    visit = Visit(browser, address, viewport={"width": width, "height": 844}, color_scheme=scheme, bypass_csp=True)
    for path in PAGES:
        page = visit.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} with details open"
        assert visit.faults() == [], path
    visit.close()

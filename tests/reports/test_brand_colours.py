"""A brand colour: readable in both schemes, and never taken for loss."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.brand.colours import brand_css, roles
from tests.reports.test_tokens import DEUTERANOPIA, PROTANOPIA, contrast, lab, linear, seen

SCHEMES = ("light", "dark")
COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def scheme(name: str) -> Mapping[str, str]:
    from reports.tokens import load_tokens

    return load_tokens().light if name == "light" else load_tokens().dark


@pytest.mark.parametrize("name", SCHEMES)
@given(colour=COLOURS)
def test_any_brand_colour_can_be_read(name: str, colour: str) -> None:
    """WCAG 2.2 AA: 4.5 for text, 3 for what must be seen; the same demands as on our own tokens."""
    tokens = scheme(name)
    found = roles(colour, tokens)
    used = {**tokens, **found}
    assert found["brand"] == colour
    assert contrast(used["on_brand"], used["brand"]) >= 4.5
    assert contrast(used["on_kept"], used["kept"]) >= 4.5
    for behind in ("paper", "surface"):
        assert contrast(used["focus"], used[behind]) >= 4.5
        assert contrast(used["kept"], used[behind]) >= 4.5
        assert contrast(used["uncertainty"], used[behind]) >= 3.0
        assert contrast(used["brand_edge"], used[behind]) >= 3.0
    assert contrast(used["kept"], used["band_inner"]) >= 3.0
    assert contrast(used["ink"], used["band_inner"]) >= 4.5
    assert contrast(used["ink"], used["band_outer"]) >= 4.5


@pytest.mark.parametrize("name", SCHEMES)
@given(colour=COLOURS)
def test_no_brand_colour_is_taken_for_loss(name: str, colour: str) -> None:
    tokens = scheme(name)
    kept = {**tokens, **roles(colour, tokens)}["kept"]
    pairs = [(lab(linear(kept)), lab(linear(tokens["lost"])))]
    pairs += [(lab(seen(kept, eyes)), lab(seen(tokens["lost"], eyes))) for eyes in (PROTANOPIA, DEUTERANOPIA)]
    for pair in pairs:
        assert sum((a - b) ** 2 for a, b in zip(*pair, strict=True)) ** 0.5 >= 23.0


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    """#1f4e9c on our paper has 7.6:1 by the formula of WCAG, so nothing needs to change in the light scheme."""
    assert contrast("#1f4e9c", scheme("light")["paper"]) > 7.0
    light = roles("#1f4e9c", scheme("light"))
    assert light["brand"] == light["focus"] == light["kept"] == "#1f4e9c"
    assert light["on_brand"] == "#ffffff"
    assert roles("#ffd400", scheme("light"))["on_brand"] == "#000000"


def test_a_red_brand_is_for_bar_and_button_alone_and_loss_and_cost_are_never_touched() -> None:
    red = brand_css("#c0392b")
    assert "--brand: #c0392b" in red
    assert "--kept" not in red
    assert "--focus" not in red  # a red ring around a field would say that something is wrong
    for css in (red, brand_css("#1f4e9c")):
        assert not any(f"--{role}" in css for role in ("lost", "cost", "warning", "paper", "ink", "own-paper"))


def test_the_css_of_a_brand_has_both_schemes_with_the_selectors_of_the_tokens() -> None:
    css = brand_css("#1f4e9c")
    assert css.count("--brand:") == 3
    for selector in (":root, [data-theme=light] {", ":root:not([data-theme]) {", "[data-theme=dark] {"):
        assert selector in css

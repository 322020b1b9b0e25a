"""The look is one source, readable and safe for colour-blind eyes in both schemes."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from reports.tokens import STYLESHEET, css, load_tokens

SCHEMES = {"light": load_tokens().light, "dark": load_tokens().dark}
Colour = tuple[float, float, float]

# Machado, Oliveira & Fernandes (2009), IEEE TVCG 15(6):1291-1298, severity 1.0, applied to linear RGB.
PROTANOPIA = ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998))
DEUTERANOPIA = ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881))


def linear(colour: str) -> Colour:
    """Return linear RGB as WCAG 2.2 defines it (relative luminance)."""
    assert re.fullmatch("#[0-9a-f]{6}", colour), colour
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def contrast(first: str, second: str) -> float:
    """WCAG 2.2: (L1 + 0.05) / (L2 + 0.05), the lighter first."""
    light, dark = sorted((luminance(linear(first)), luminance(linear(second))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: Colour) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def lab(colour: Colour) -> Colour:
    """Return CIELAB under D65 from linear sRGB (IEC 61966-2-1)."""
    red, green, blue = colour
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = luminance(colour)
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.0890
    f_x, f_y, f_z = (v ** (1 / 3) if v > (6 / 29) ** 3 else v / (3 * (6 / 29) ** 2) + 4 / 29 for v in (x, y, z))
    return 116 * f_y - 16, 500 * (f_x - f_y), 200 * (f_y - f_z)


def seen(colour: str, matrix: tuple[Colour, Colour, Colour]) -> Colour:
    source = linear(colour)
    red, green, blue = (min(1.0, max(0.0, sum(w * c for w, c in zip(row, source, strict=True)))) for row in matrix)
    return red, green, blue


def test_the_contrast_formula_gives_the_known_extremes() -> None:
    """Black on white is 21:1; #767676 on white is the well-known lightest grey that passes AA (4.54:1)."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


def test_the_stylesheet_is_made_from_the_tokens() -> None:
    assert STYLESHEET.read_text(encoding="utf-8") == css(), "run: python -m reports.tokens"


def test_both_schemes_have_the_same_roles() -> None:
    assert list(SCHEMES["light"]) == list(SCHEMES["dark"])


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=list(SCHEMES))
@pytest.mark.parametrize("text", ["ink", "quiet", "focus", "warning", "kept", "lost", "cost"])
@pytest.mark.parametrize("behind", ["paper", "surface"])
def test_text_is_readable_on_every_background(scheme: Mapping[str, str], text: str, behind: str) -> None:
    assert contrast(scheme[text], scheme[behind]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=list(SCHEMES))
@pytest.mark.parametrize(
    ("text", "behind"),
    [
        ("on_kept", "kept"),
        ("on_lost", "lost"),
        ("on_cost", "cost"),
        ("own_ink", "own_paper"),
        ("ink", "own_paper"),
        ("quiet", "own_paper"),
        ("ink", "band_inner"),
        ("ink", "band_outer"),
    ],
)
def test_text_is_readable_on_colour(scheme: Mapping[str, str], text: str, behind: str) -> None:
    assert contrast(scheme[text], scheme[behind]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=list(SCHEMES))
@pytest.mark.parametrize("mark", ["kept", "lost", "cost", "uncertainty", "axis", "focus"])
@pytest.mark.parametrize("behind", ["paper", "surface"])
def test_marks_stand_out(scheme: Mapping[str, str], mark: str, behind: str) -> None:
    assert contrast(scheme[mark], scheme[behind]) >= 3.0


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=list(SCHEMES))
def test_the_median_line_stands_out_from_its_band(scheme: Mapping[str, str]) -> None:
    assert contrast(scheme["kept"], scheme["band_inner"]) >= 3.0


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=list(SCHEMES))
@pytest.mark.parametrize("matrix", [PROTANOPIA, DEUTERANOPIA], ids=["protanopia", "deuteranopia"])
def test_kept_and_lost_stay_apart_for_colour_blind_eyes(
    scheme: Mapping[str, str], matrix: tuple[Colour, Colour, Colour]
) -> None:
    """A CIE 1976 difference of 2.3 is just noticeable; ten times that cannot be missed at the size of a bar."""
    kept, lost = lab(seen(scheme["kept"], matrix)), lab(seen(scheme["lost"], matrix))
    assert sum((a - b) ** 2 for a, b in zip(kept, lost, strict=True)) ** 0.5 >= 23.0

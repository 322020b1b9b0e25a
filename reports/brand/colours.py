"""A brand colour made fit for page and paper: readable in a scheme, and not to be taken for the colour of loss."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from calculator.language import gettext as _
from reports.tokens import load_tokens

Linear = tuple[float, float, float]
Eyes = tuple[Linear, Linear, Linear]

TEXT = 4.5  # WCAG 2.2 AA, 1.4.3: the least contrast of text
MARK = 3.0  # 1.4.11: of what must be seen to be understood
FROM_LOST = 23.0  # CIE 1976: ten times what is just noticeable, which cannot be missed at the size of a bar
FROM_COST = 15.0
PALE, LIGHTER = 0.65, 0.4  # how much paper there is in a band, and in a range, at most
STEPS = 256  # in which one colour becomes another
WHITE, BLACK = "#ffffff", "#000000"

# Machado, Oliveira & Fernandes (2009), IEEE TVCG 15(6):1291-1298, severity 1.0, applied to linear RGB.
EYES: dict[str, Eyes] = {
    "most": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
}


def read_colour(text: str) -> str:
    """Return a colour as ``#rrggbb``, or raise ``ValueError`` with what to write.

    >>> read_colour("0B5F5A"), read_colour("#abc")
    ('#0b5f5a', '#aabbcc')
    """
    match = re.fullmatch(r"#?([0-9a-f]{3}|[0-9a-f]{6})", text.strip().lower())
    if match is None:
        raise ValueError(_("is %(found)s; write a colour in six hex digits, such as #0b5f5a.", found=repr(text[:80])))
    digits = match[1]
    return f"#{digits}" if len(digits) == 6 else f"#{''.join(2 * digit for digit in digits)}"


def brand_css(colour: str) -> str:
    """Return the rules that put a brand colour in place of ours, in the light and the dark scheme."""
    tokens = load_tokens()
    light, dark = (_declarations(roles(colour, scheme)) for scheme in (tokens.light, tokens.dark))
    return (
        f":root, [data-theme=light] {{{light}}}\n"
        f"@media (prefers-color-scheme: dark) {{ :root:not([data-theme]) {{{dark}}} }}\n"
        f"[data-theme=dark] {{{dark}}}\n"
    )


def roles(colour: str, scheme: Mapping[str, str]) -> dict[str, str]:
    """Return what a brand colour becomes in a scheme, by role.

    The bar and the buttons have the colour itself. Links, the focus and what is kept have the nearest tone of it that
    can be read; they stay ours where it could be taken for what is lost (or for a mistake) or for a cost.
    """
    behind = (scheme["paper"], scheme["surface"])
    tone = readable(colour, scheme)
    found = {"brand": colour, "on_brand": _on(colour), "brand_edge": tone}
    if taken_for(tone, scheme):
        return found
    ink, paper = scheme["ink"], scheme["paper"]
    band = _first(
        _mixed(tone, paper, PALE), paper, lambda band: contrast(tone, band) >= MARK and contrast(ink, band) >= TEXT
    )
    return found | {
        "focus": tone,
        "kept": tone,
        "on_kept": _on(tone),
        "uncertainty": _first(_mixed(tone, paper, LIGHTER), tone, lambda mark: _least(mark, behind) >= MARK),
        "band_inner": band,
        "band_outer": _mixed(band, paper, 0.5),
    }


def readable(colour: str, scheme: Mapping[str, str]) -> str:
    """Return the nearest tone of a colour that text can have on the paper of a scheme: mostly the colour itself."""
    return _first(colour, _on(scheme["paper"]), lambda tone: least_contrast(tone, scheme) >= TEXT)


def least_contrast(colour: str, scheme: Mapping[str, str]) -> float:
    """Return the contrast of a colour with the paper or with a box on it, whichever is less."""
    return _least(colour, (scheme["paper"], scheme["surface"]))


def taken_for(tone: str, scheme: Mapping[str, str]) -> str:
    """Return the role that a tone could be taken for: ``lost`` by some eyes, ``cost`` by most, or nothing."""
    if min(apart(tone, scheme["lost"], kind) for kind in EYES) < FROM_LOST:
        return "lost"
    return "cost" if apart(tone, scheme["cost"], "most") < FROM_COST else ""


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours as WCAG 2.2 defines it, from 1 to 21."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _first(colour: str, towards: str, fits: Callable[[str], bool]) -> str:
    """Return the first colour on the way from one to another that fits; the other must."""
    tones = (_mixed(colour, towards, step / STEPS) for step in range(STEPS))
    return next((tone for tone in tones if fits(tone)), towards)


def _mixed(colour: str, other: str, part: float) -> str:
    """Return a colour with a part of another in it."""
    parts = zip(_bytes(colour), _bytes(other), strict=True)
    return "#" + "".join(f"{round(ours + (theirs - ours) * part):02x}" for ours, theirs in parts)


def _on(colour: str) -> str:
    """Return white or black, whichever can be read on a colour: at least one reaches 4.58 on any."""
    return WHITE if contrast(WHITE, colour) >= TEXT else BLACK


def _least(colour: str, behind: tuple[str, ...]) -> float:
    return min(contrast(colour, each) for each in behind)


def apart(first: str, second: str, kind: str) -> float:
    """Return the CIE 1976 difference of two colours as eyes of a kind, one of ``EYES``, see them."""
    eyes = EYES[kind]
    pairs = zip(_lab(_seen(first, eyes)), _lab(_seen(second, eyes)), strict=True)
    return math.sqrt(sum((a - b) ** 2 for a, b in pairs))


def _seen(colour: str, eyes: Eyes) -> Linear:
    source = _linear(colour)
    red, green, blue = (min(1.0, max(0.0, sum(w * c for w, c in zip(row, source, strict=True)))) for row in eyes)
    return red, green, blue


def _lab(colour: Linear) -> Linear:
    """Return CIELAB under D65 from linear sRGB (IEC 61966-2-1)."""
    red, green, blue = colour
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.0890
    a, b, c = (part ** (1 / 3) if part > (6 / 29) ** 3 else part / (3 * (6 / 29) ** 2) + 4 / 29 for part in (x, y, z))
    return 116 * b - 16, 500 * (a - b), 200 * (b - c)


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(colour: str) -> Linear:
    parts = (byte / 255 for byte in _bytes(colour))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def _bytes(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def _declarations(found: Mapping[str, str]) -> str:
    return " ".join(f"--{role.replace('_', '-')}: {colour};" for role, colour in found.items())

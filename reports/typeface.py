"""The typeface on paper: registered once a process, measured in points, with a second face for what it lacks.

Text that a person typed may hold any sign. Nothing of it crashes, and nothing vanishes: a letter the typeface lacks is
drawn from the second face, or as □; scripts that run from right to left are shaped and turned for the eye; and
whoever draws it is told the text itself, for software that reads it aloud or copies it.
"""

from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR = "Inter"
STRONG = "Inter-SemiBold"
SECOND = "DejaVuSans"
FILES = {REGULAR: "Inter-Regular.ttf", STRONG: "Inter-SemiBold.ttf", SECOND: "DejaVuSans.ttf"}
MISSING = "\N{WHITE SQUARE}"
VARIANTS = frozenset(map(chr, range(0xFE00, 0xFE10)))  # they ask for another drawing of the sign before them
ASCENT = 0.76  # of the size: what stands above the baseline (capitals, digits, b, d, l)
DESCENT = 0.22  # of the size: what hangs below it (g, p, y)

# What nearly every document is made of: one subset of each cut, the same in all documents, so that it is made once.
REPERTOIRE = (
    "".join(map(chr, (*range(0x20, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))))
    + "–—‘’“”…•€₹₩₪₫₺−≥≤≈×÷·′→←↑↓●○◆□✓λτφΔΣşğıİłŁęąśćńżŽžŠšČčřůě"
)

_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff]")
_NO_SIGNS = dict.fromkeys((*range(0xD800, 0xE000), 0xFFFE, 0xFFFF), MISSING)  # halves of signs; no XML may hold them
_UNSEEN = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))) | _NO_SIGNS


@dataclass(frozen=True, slots=True)
class Shape:
    """How text is drawn: signs of one face each, in the order of the eye; and what it says, where that differs."""

    parts: tuple[tuple[str, str], ...]
    says: str


@cache
def register() -> None:
    """Make the typeface known to reportlab; the first call reads the files, later ones do nothing."""
    for name in (REGULAR, STRONG):
        _register(name)
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=STRONG, italic=REGULAR, boldItalic=STRONG)


@cache
def font(name: str) -> Any:
    """Return a face as reportlab knows it; the second one is read when it is first needed."""
    register()
    if name == SECOND:
        _register(SECOND)
    return pdfmetrics.getFont(name)


def width(text: str, size: float, *, strong: bool = False) -> float:
    """Return how wide a line of text is, in the unit of ``size``."""
    return _advance(text, strong) * size


def shape(text: str, *, strong: bool = False) -> Shape | None:
    """Return how text is drawn that the first subset of the typeface does not hold; None where it does."""
    return None if _signs() >= set(text) else _shape(text, strong)


def shown(text: str) -> str:
    r"""Return text that the typeface itself can show, for pictures and measures: what it lacks becomes □.

    White space becomes a plain space, and invisible signs go (joiners, marks of direction, controls). A letter that the
    typeface lacks loses its accents or becomes the letters it stands for.

    >>> shown("Zoë\u200d’s Ḩafen\tﬁne 😀")
    'Zoë’s Ḩafen fine □'
    """
    if text.isascii() and text.isprintable():
        return text
    known = font(REGULAR).face.charToGlyph
    return "".join(_shown(sign, known) for sign in unicodedata.normalize("NFC", text))


def says(text: str) -> str:
    """Return the text itself on one line, without controls and marks that turn what stands around it."""
    return " ".join(text.split()).translate(_UNSEEN)


@lru_cache(maxsize=65_536)
def _advance(text: str, strong: bool) -> float:
    found = shape(text, strong=strong)
    if found is None:
        return float(font(STRONG if strong else REGULAR).stringWidth(text, 1.0))
    return float(sum(font(name).stringWidth(part, 1.0) for name, part in found.parts))


@cache
def _signs() -> frozenset[str]:
    return frozenset(REPERTOIRE)


@lru_cache(maxsize=4096)
def _shape(text: str, strong: bool) -> Shape:
    own = STRONG if strong else REGULAR
    known = font(own).face.charToGlyph
    visual = _for_the_eye(unicodedata.normalize("NFC", text))
    parts: list[tuple[str, str]] = []
    for sign in visual:
        drawn, name = _shown(sign, known), own
        if drawn == MISSING and sign != MISSING and ord(sign) in font(SECOND).face.charToGlyph:
            drawn, name = sign, SECOND
        if not drawn:
            continue
        if parts and parts[-1][0] == name:
            parts[-1] = (name, parts[-1][1] + drawn)
        else:
            parts.append((name, drawn))
    told = text.translate(_UNSEEN)
    return Shape(tuple(parts), "" if told == "".join(part for _, part in parts) else told)


def _for_the_eye(text: str) -> str:
    if not any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text):
        return text
    from bidi import get_display

    if _ARABIC.search(text):
        from arabic_reshaper import reshape

        text = reshape(text)
    return str(get_display(text))


def _register(name: str) -> None:
    content = (files("reports") / "fonts" / FILES[name]).read_bytes()
    made = TTFont(name, io.BytesIO(content))
    subsets = lru_cache(maxsize=16)(made.face.makeSubset)  # documents share their subsets; to make one takes 4 ms
    made.face.makeSubset = lambda subset: subsets(tuple(subset))
    pdfmetrics.registerFont(made)


def _shown(sign: str, known: dict[int, int]) -> str:
    if sign.isspace():
        return sign if sign == "\N{NO-BREAK SPACE}" else " "
    if unicodedata.category(sign) in {"Cf", "Cc"} or sign in VARIANTS:
        return ""
    if ord(sign) in known:
        return sign
    plain = "".join(part for part in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(part))
    return plain if plain and all(ord(part) in known for part in plain) else MISSING

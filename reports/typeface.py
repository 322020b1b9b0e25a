"""The typeface on paper: registered once a process, measured in points, with a visible stand-in for what it lacks."""

from __future__ import annotations

import io
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR = "Inter"
STRONG = "Inter-SemiBold"
FILES = {REGULAR: "Inter-Regular.ttf", STRONG: "Inter-SemiBold.ttf"}
MISSING = "\N{WHITE SQUARE}"
VARIANTS = frozenset(map(chr, range(0xFE00, 0xFE10)))  # they ask for another drawing of the sign before them
ASCENT = 0.76  # of the size: what stands above the baseline (capitals, digits, b, d, l)
DESCENT = 0.22  # of the size: what hangs below it (g, p, y)


@cache
def register() -> None:
    """Make the typeface known to reportlab; the first call reads the files, later ones do nothing."""
    for name, file in FILES.items():
        content = (files("reports") / "fonts" / file).read_bytes()
        pdfmetrics.registerFont(TTFont(name, io.BytesIO(content)))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=STRONG, italic=REGULAR, boldItalic=STRONG)


@lru_cache(maxsize=4096)
def width(text: str, size: float, *, strong: bool = False) -> float:
    """Return how wide a line of text is, in the unit of ``size``."""
    register()
    return float(pdfmetrics.stringWidth(text, STRONG if strong else REGULAR, size))


def shown(text: str) -> str:
    r"""Return text that the typeface can show: nothing crashes and nothing vanishes.

    White space becomes a plain space, and invisible signs go (joiners, marks of direction, controls). A letter that the
    typeface lacks loses its accents or becomes the letters it stands for; what is still missing is shown as □.

    >>> shown("Zoë\u200d’s Ḩafen\tﬁne 😀")
    'Zoë’s Ḩafen fine □'
    """
    if text.isascii() and text.isprintable():
        return text
    register()
    known = pdfmetrics.getFont(REGULAR).face.charToGlyph
    return "".join(_shown(sign, known) for sign in unicodedata.normalize("NFC", text))


def _shown(sign: str, known: dict[int, int]) -> str:
    if sign.isspace():
        return sign if sign == "\N{NO-BREAK SPACE}" else " "
    if unicodedata.category(sign) in {"Cf", "Cc"} or sign in VARIANTS:
        return ""
    if ord(sign) in known:
        return sign
    plain = "".join(part for part in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(part))
    return plain if plain and all(ord(part) in known for part in plain) else MISSING

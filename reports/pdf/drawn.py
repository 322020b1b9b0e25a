"""A paragraph as it is drawn, wherever it stands: the operators between its marks, and its links.

Proposals share most of their paragraphs, so what was made once is kept with the lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from reports import typeface
from reports.pdf.file import text_string
from reports.pdf.fonts import Fonts, simple
from reports.pdf.lines import Lines, Piece


@dataclass(frozen=True, slots=True)
class Linked:
    """A link in a paragraph: its box from where the first line starts, the place it leads to or none, and the rest."""

    box: tuple[float, float, float, float]
    place: str
    told: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A paragraph's stretches, each with its link or None; ``start`` is where its first base begins, right and down."""

    palette: Mapping[str, str]
    start: tuple[float, float]
    stretches: tuple[tuple[str, Linked | None], ...]


def drawn(lines: Lines, palette: Mapping[str, str], fonts: Fonts) -> Drawn:
    """Return how a paragraph is drawn in a document's colours and typefaces."""
    kept = lines.drawn
    if isinstance(kept, Drawn) and kept.palette is palette:
        return kept
    made = _made(lines, palette, fonts)
    if all(simple(piece.text, lines.style.size, strong=piece.strong) for line in lines for piece in line.pieces):
        lines.drawn = made  # signs beyond the first subset have other codes in each document
    return made


def _made(lines: Lines, palette: Mapping[str, str], fonts: Fonts) -> Drawn:
    style = lines.style
    spared = {"left": 0.0, "center": 0.5, "right": 1.0}[style.align]  # of the room beside a line, to its left
    lefts = [(lines.room - line.width) * spared for line in lines]
    stretches: list[tuple[str, Linked | None]] = []
    code: list[str] = []
    pen, role = (lefts[0], 0.0), ""
    for left, (row, line) in zip(lefts, enumerate(lines), strict=True):
        base = -row * style.leading
        for place, piece in enumerate(line.pieces):
            if place == 0 and (left, base) != pen:
                move = f"{left - pen[0]:.2f} {base - pen[1]:.2f} Td "
                pen = (left, base)
            else:
                move = ""
            own = piece.run.role or style.role
            colour = "" if own == role else f"{rgb(palette[own])} rg "
            role = own
            shown = f"{move}{colour}{fonts.shown(piece.text, style.size, strong=piece.strong)}"
            if piece.run.to:
                stretches += [(" ".join(code), None)] if code else []
                stretches.append((shown, _linked(piece, left - lefts[0], base, style.size)))
                code = []
            else:
                code.append(shown)
            left += piece.width
    stretches += [(" ".join(code), None)] if code else []
    return Drawn(palette, (lefts[0], (style.leading - style.size) / 2 + typeface.ASCENT * style.size), tuple(stretches))


def _linked(piece: Piece, left: float, base: float, size: float) -> Linked:
    to = piece.run.to
    box = (left, base - typeface.DESCENT * size, left + piece.width, base + typeface.ASCENT * size)
    told = f"/Border [0 0 0]/F 4/Contents {text_string(typeface.says(piece.run.text))}"
    if to.startswith("#"):
        return Linked(box, to[1:], told)
    return Linked(box, "", f"{told}/A <</S/URI/URI {uri(to)}>>")


@cache
def rgb(colour: str) -> str:
    """Return a hexadecimal colour as PDF operands."""
    return " ".join(f"{byte / 255:.3f}".rstrip("0").rstrip(".") or "0" for byte in bytes.fromhex(colour[1:]))


def uri(address: str) -> str:
    """Return an address as a PDF string of ASCII."""
    safe = address.encode("ascii", "backslashreplace").decode()
    return "(" + safe.replace("\\", "%5C").replace("(", "%28").replace(")", "%29") + ")"

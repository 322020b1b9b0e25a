"""What blocks draw on: pages with marked content, in points from the upper left corner, y downwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from reportlab.pdfbase.pdfdoc import PDFArray, PDFStream, PDFZCompress
from reportlab.pdfgen.canvas import Canvas

from reports import typeface
from reports.pdf.file import Late
from reports.pdf.lines import Line, Piece
from reports.pdf.style import Style
from reports.pdf.tags import Element, Tree, text_string

Place: TypeAlias = tuple[float, float]
KAPPA = 0.5523  # of a radius: how far the handles of a circle's four curves reach


@dataclass(frozen=True, slots=True)
class Link:
    """A rectangle on a page that leads somewhere, and the words it stands on."""

    page: int
    box: tuple[float, float, float, float]
    to: str
    words: str


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of the outline."""

    title: str
    place: str
    level: int


class Sheet:
    """The document being drawn: its open page, the tree of tags, links, places and bookmarks."""

    def __init__(self, canvas: Canvas, size: tuple[float, float], palette: Mapping[str, str]) -> None:
        self.canvas = canvas
        self.wide, self.high = size
        self.palette = palette
        self.tree = Tree()
        self.links: list[Link] = []
        self.places: dict[str, tuple[int, float]] = {}
        self.bookmarks: list[Bookmark] = []
        self.annotations: list[Any] = []
        self.page = -1
        self.level = 0  # of the heading before
        for name in (typeface.REGULAR, typeface.STRONG):
            typeface.font(name).splitString(typeface.REPERTOIRE, canvas._doc)

    # --- pages ----------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Start a page."""
        self.page += 1
        self.tree.marks.append([])
        self._own: list[Any] = []

    def close(self) -> None:
        """Finish the page; only stamps come later."""
        references = [self.canvas._doc.Reference(note) for note in self._own]
        self.annotations += references
        self.canvas._annotationrefs = references
        self.canvas.showPage()
        page = self.canvas._doc.Pages.pages[-1]
        page.Annots = PDFArray(references) if references else None
        page.__NoDefault__ = [*page.__NoDefault__, "StructParents", "Tabs"]
        page.StructParents, page.Tabs = self.page, "/S"

    def stamp(self, page: int, draw: Callable[[], None], *, under: bool = False) -> None:
        """Draw something that is no part of the text on a finished page, over or under what is there."""
        canvas, made = self.canvas, self.canvas._doc.Pages.pages[page]
        before, canvas._code = canvas._code, []
        with self.artifact():
            draw()
        added, canvas._code = "\n".join(["q", *canvas._code, "Q\n"]), before
        made.stream = f"{added}{made.stream}" if under else f"{made.stream}{added}"

    def finish(self) -> None:
        """Make every page's content what was drawn."""
        for page in self.canvas._doc.Pages.pages:
            page.Contents = PDFStream(content=page.stream.encode("latin-1"), filters=[PDFZCompress])

    def put(self, code: str) -> None:
        """Write operators into the page's content."""
        self.canvas._code.append(code)

    # --- tags -----------------------------------------------------------------------------------------------

    @contextmanager
    def tagged(self, element: Element) -> Iterator[None]:
        """Mark what is drawn inside as the content of an element."""
        self.put(self.begin(element))
        yield
        self.put("EMC")

    @contextmanager
    def artifact(self) -> Iterator[None]:
        """Mark what is drawn inside as no part of the text: rules, fills, running feet."""
        self.put("/Artifact BMC")
        yield
        self.put("EMC")

    def begin(self, element: Element) -> str:
        """Return the operator that begins content of an element; whoever writes it ends it."""
        return f"/{element.kind} <</MCID {self.tree.mark(element, self.page)}>> BDC"

    def anchor(self, name: str, top: float) -> None:
        """Let links to ``#name`` lead here."""
        self.places[name] = (self.page, self.high - top)

    def bookmark(self, title: str, place: str, level: int) -> None:
        """Add an entry to the outline."""
        self.bookmarks.append(Bookmark(typeface.says(title), place, level))

    # --- shapes ---------------------------------------------------------------------------------------------

    def rectangle(self, x: float, y: float, wide: float, high: float, role: str) -> None:
        """Fill a rectangle whose upper left corner is at (x, y)."""
        self.put(f"{rgb(self.palette[role])} rg {x:.2f} {self.high - y - high:.2f} {wide:.2f} {high:.2f} re f")

    def frame(self, x: float, y: float, wide: float, high: float, role: str, line: float) -> None:
        """Draw a rectangle's outline."""
        box = f"{x:.2f} {self.high - y - high:.2f} {wide:.2f} {high:.2f} re S"
        self.put(f"{rgb(self.palette[role])} RG {line:.2f} w {box}")

    def rule(self, x1: float, y1: float, x2: float, y2: float, role: str, line: float) -> None:
        """Draw a straight line."""
        ends = f"{x1:.2f} {self.high - y1:.2f} m {x2:.2f} {self.high - y2:.2f} l S"
        self.put(f"{rgb(self.palette[role])} RG {line:.2f} w {ends}")

    def path(self, points: Sequence[Place], role: str, line: float) -> None:
        """Draw a line through points, with round joins."""
        self.put(f"{rgb(self.palette[role])} RG {line:.2f} w 1 J 1 j {self._path(points)} S 0 J 0 j")

    def polygon(self, points: Sequence[Place], role: str) -> None:
        """Fill a closed shape."""
        self.put(f"{rgb(self.palette[role])} rg {self._path(points)} h f")

    def circle(self, x: float, y: float, radius: float, role: str, edge: str) -> None:
        """Fill a circle, with a line of another colour around it."""
        y, k = self.high - y, KAPPA * radius
        curves = " ".join(
            f"{x + a:.2f} {y + b:.2f} {x + c:.2f} {y + d:.2f} {x + e:.2f} {y + f:.2f} c"
            for a, b, c, d, e, f in (
                (radius, k, k, radius, 0.0, radius),
                (-k, radius, -radius, k, -radius, 0.0),
                (-radius, -k, -k, -radius, 0.0, -radius),
                (k, -radius, radius, -k, radius, 0.0),
            )
        )
        colours = f"{rgb(self.palette[role])} rg {rgb(self.palette[edge])} RG 1 w"
        self.put(f"{colours} {x + radius:.2f} {y:.2f} m {curves} h B")

    def _path(self, points: Sequence[Place]) -> str:
        high = self.high
        first, *others = points
        steps = " ".join(f"{x:.2f} {high - y:.2f} l" for x, y in others)
        return f"{first[0]:.2f} {high - first[1]:.2f} m {steps}"

    # --- text -----------------------------------------------------------------------------------------------

    def label(self, x: float, y: float, text: str, size: float, role: str, *, strong: bool = False) -> None:
        """Write one line of text from x, its baseline at y; whoever calls it has marked the content."""
        colour = rgb(self.palette[role])
        self.put(f"BT {colour} rg {x:.2f} {self.high - y:.2f} Td {self._shown(text, size, strong)} ET")

    def paragraph(
        self, element: Element, lines: Sequence[Line], x: float, top: float, wide: float, style: Style
    ) -> None:
        """Write lines as the content of an element, each link in it an element of its own."""
        if not any(line.pieces for line in lines):
            return
        code = ["BT"]
        first = top + (style.leading - style.size) / 2 + typeface.ASCENT * style.size
        marked = False
        for row, line in enumerate(lines):
            left = x + {"left": 0.0, "right": wide - line.width, "center": (wide - line.width) / 2}[style.align]
            base = self.high - first - row * style.leading
            code.append(f"1 0 0 1 {left:.2f} {base:.2f} Tm")
            for piece in line.pieces:
                if piece.run.to:
                    if marked:
                        code.append("EMC")
                        marked = False
                    code += self._linked(element, piece, left, base, style)
                else:
                    if not marked:
                        code.append(self.begin(element))
                        marked = True
                    code.append(self._piece(piece, style))
                left += piece.width
        if marked:
            code.append("EMC")
        code.append("ET")
        self.put("\n".join(code))

    def _linked(self, element: Element, piece: Piece, left: float, base: float, style: Style) -> list[str]:
        made = element.add("Link")
        code = [self.begin(made), self._piece(piece, style), "EMC"]
        low, high = base - typeface.DESCENT * style.size, base + typeface.ASCENT * style.size
        words = typeface.says(piece.run.text)
        self.links.append(Link(self.page, (left, low, left + piece.width, high), piece.run.to, words))
        number = self.tree.link(made, self.page)
        self._own.append(Late(lambda: self._annotation(number)))
        return code

    def _annotation(self, number: int) -> str:
        found = self.links[number]
        box = " ".join(f"{value:.2f}" for value in found.box)
        if found.to.startswith("#"):
            page, y = self.places[found.to[1:]]
            where = f"/Dest [{self.page_number(page)} 0 R /XYZ 0 {y:.2f} 0]"
        else:
            where = f"/A <</S/URI/URI {uri(found.to)}>>"
        return (
            f"<</Type/Annot/Subtype/Link/Rect [{box}]/Border [0 0 0]/F 4/Contents {text_string(found.words)}"
            f"/StructParent {self.page + 1 + number}{where}>>"
        )

    def page_number(self, page: int) -> int:
        """Return the object number of a page, once all are drawn."""
        return int(self.canvas._doc.idToObjectNumberAndVersion[f"Page{page + 1}"][0])

    def _piece(self, piece: Piece, style: Style) -> str:
        role = piece.run.role or style.role
        return f"{rgb(self.palette[role])} rg {self._shown(piece.text, style.size, piece.strong)}"

    def _shown(self, text: str, size: float, strong: bool) -> str:
        """Return the operators that show text where the pen is."""
        found = typeface.shape(text, strong=strong)
        own = typeface.STRONG if strong else typeface.REGULAR
        if found is None:
            return f"{self._name(own, 0)} {size:g} Tf ({text.translate(_codes(own))}) Tj"
        document = self.canvas._doc
        code = []
        for name, part in found.parts:
            for subset, codes in typeface.font(name).splitString(part, document):
                code.append(f"{self._name(name, subset)} {size:g} Tf <{codes.hex()}> Tj")
        shown = " ".join(code)
        return f"/Span <</ActualText {text_string(found.says)}>> BDC {shown} EMC" if found.says else shown

    def _name(self, name: str, subset: int) -> str:
        return str(typeface.font(name).getSubsetInternalName(subset, self.canvas._doc))


@cache
def rgb(colour: str) -> str:
    """Return a hexadecimal colour as PDF operands."""
    return " ".join(f"{byte / 255:.3f}".rstrip("0").rstrip(".") or "0" for byte in bytes.fromhex(colour[1:]))


def uri(address: str) -> str:
    """Return an address as a PDF string of ASCII."""
    safe = address.encode("ascii", "backslashreplace").decode()
    return "(" + safe.replace("\\", "%5C").replace("(", "%28").replace(")", "%29") + ")"


class _Anyone:
    """Stands for a document where one is asked for."""


@cache
def _codes(name: str) -> dict[int, str]:
    """Return, for every sign of the first subset, its code in a PDF string."""
    face, anyone = typeface.font(name), _Anyone()
    face.splitString(typeface.REPERTOIRE, anyone)
    given = face.state[anyone].assignments
    return {sign: _escaped(code) for sign, code in given.items() if sign and code < 256} | {0xA0: " "}


def _escaped(code: int) -> str:
    return f"\\{chr(code)}" if chr(code) in "()\\" else chr(code) if 32 <= code < 127 else f"\\{code:03o}"

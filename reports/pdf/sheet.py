"""What blocks draw on: pages with marked content, in points from the upper left corner, y downwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from reports import typeface
from reports.pdf.drawn import Linked, drawn, rgb
from reports.pdf.file import File
from reports.pdf.fonts import Fonts
from reports.pdf.lines import Lines
from reports.pdf.tags import Element, Tree

Place: TypeAlias = tuple[float, float]
KAPPA = 0.5523  # of a radius: how far the handles of a circle's four curves reach


@dataclass(frozen=True, slots=True)
class Link:
    """A rectangle on a page that leads somewhere, and the words it stands on."""

    number: int
    box: str
    to: Linked


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of the outline."""

    title: str
    place: str
    level: int


@dataclass(slots=True)
class Page:
    """A page: the number of its object, what is drawn on it, and its links."""

    number: int
    code: list[str] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)


class Sheet:
    """The document being drawn: its pages, the tree of tags, links, places and bookmarks."""

    def __init__(self, size: tuple[float, float], palette: Mapping[str, str]) -> None:
        self.wide, self.high = size
        self.palette = palette
        self.file, self.fonts = File(), Fonts()
        self.tree = Tree(self.file.numbers)
        self.pages: list[Page] = []
        self.links: list[Link] = []
        self.places: dict[str, tuple[int, float]] = {}  # a page's number and how far from its foot
        self.bookmarks: list[Bookmark] = []
        self.level = 0  # of the heading before
        self._pictures: dict[str, int] = {}
        self._code: list[str] = []  # of the open page

    # --- pages ----------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Start a page."""
        page = Page(next(self.file.numbers))
        self.pages.append(page)
        self.tree.open(page.number)
        self._code = page.code

    def close(self) -> None:
        """Finish the page; only stamps come later."""

    def stamp(self, page: int, draw: Callable[[], None], *, under: bool = False) -> None:
        """Draw something that is no part of the text on a finished page, over or under what is there."""
        made = self.pages[page]
        self._code = ["q"]
        with self.artifact():
            draw()
        self.put("Q")
        made.code[:] = [*self._code, *made.code] if under else [*made.code, *self._code]

    def finish(self) -> int:
        """Write pages, links and tags, and return the number of the tree of pages."""
        file, home = self.file, next(self.file.numbers)
        shown = "".join(f"/{name} {number} 0 R" for name, number in self._pictures.items())
        resources = file.add(f"<</Font <<{self.fonts.written(file)}>>/XObject <<{shown}>>>>")
        box = f"/MediaBox [0 0 {self.wide:.2f} {self.high:.2f}]/Resources {resources} 0 R"
        for place, page in enumerate(self.pages):
            content = file.deflated("\n".join(page.code).encode("latin-1"))
            notes = f"/Annots [{' '.join([f'{number} 0 R' for number in page.notes])}]" if page.notes else ""
            file.put(
                page.number,
                f"<</Type/Page/Parent {home} 0 R{box}/Contents {content} 0 R{notes}/StructParents {place}/Tabs/S>>",
            )
        for place, link in enumerate(self.links, start=len(self.pages)):
            file.put(link.number, self._annotation(link, place))
        kids = " ".join(f"{page.number} 0 R" for page in self.pages)
        file.put(home, f"<</Type/Pages/Kids [{kids}]/Count {len(self.pages)}>>")
        self.tree.write(file)
        return home

    def put(self, code: str) -> None:
        """Write operators into the page's content."""
        self._code.append(code)

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
        return f"/{element.kind} <</MCID {self.tree.mark(element)}>> BDC"

    def anchor(self, name: str, top: float) -> None:
        """Let links to ``#name`` lead here."""
        self.places[name] = (self.pages[-1].number, self.high - top)

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

    def rules(self, x1: float, x2: float, tops: Sequence[float], role: str, line: float) -> None:
        """Draw level lines below one another."""
        ends = " ".join([f"{x1:.2f} {self.high - y:.2f} m {x2:.2f} {self.high - y:.2f} l" for y in tops])
        self.put(f"{rgb(self.palette[role])} RG {line:.2f} w {ends} S")

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

    # --- pictures -------------------------------------------------------------------------------------------

    def picture(self, name: str, make: Callable[[File], int], x: float, y: float, wide: float, high: float) -> None:
        """Draw an object of the unit square, made once a document under its name; (x, y) is its lower left corner."""
        if name not in self._pictures:
            self._pictures[name] = make(self.file)
        self.put(f"q {wide:.2f} 0 0 {high:.2f} {x:.2f} {y:.2f} cm /{name} Do Q")

    # --- text -----------------------------------------------------------------------------------------------

    def label(self, x: float, y: float, text: str, size: float, role: str, *, strong: bool = False) -> None:
        """Write one line of text from x, its baseline at y; whoever calls it has marked the content."""
        shown = self.fonts.shown(text, size, strong=strong)
        self.put(f"BT {rgb(self.palette[role])} rg {x:.2f} {self.high - y:.2f} Td {shown} ET")

    def paragraph(self, element: Element, lines: Lines, x: float, top: float) -> None:
        """Write lines as the content of an element, each link in it an element of its own."""
        made = drawn(lines, self.palette, self.fonts)
        if not made.stretches:
            return
        x, base = x + made.start[0], self.high - top - made.start[1]
        code = [f"BT {x:.2f} {base:.2f} Td"]
        for shown, link in made.stretches:
            owner = element.add("Link") if link else element
            code += (self.begin(owner), shown, "EMC")
            if link:
                self._link(owner, link, x, base)
        code.append("ET")
        self._code.append("\n".join(code))

    def _link(self, element: Element, link: Linked, x: float, base: float) -> None:
        number = next(self.file.numbers)
        left, low, right, high = link.box
        box = f"{x + left:.2f} {base + low:.2f} {x + right:.2f} {base + high:.2f}"
        self.pages[-1].notes.append(number)
        self.tree.link(element, number)
        self.links.append(Link(number, box, link))

    def _annotation(self, link: Link, place: int) -> str:
        where = ""
        if link.to.place:
            page, y = self.places[link.to.place]
            where = f"/Dest [{page} 0 R /XYZ 0 {y:.2f} 0]"
        return f"<</Type/Annot/Subtype/Link/Rect [{link.box}]{link.to.told}/StructParent {place}{where}>>"

"""The blocks that a page is built from: each knows its height, may be split, and draws itself with its tag."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol, Self

from reports.pdf.lines import Line, Lines, broken
from reports.pdf.sheet import Sheet
from reports.pdf.style import Rich, Run, Style
from reports.pdf.tags import Element
from reports.theme import HAIRLINE, STEP


class Block(Protocol):
    """Anything that stands in the column. Lengths are in points."""

    before: float
    after: float
    with_next: bool  # never the last on a page

    def height(self, width: float) -> float:
        """Return how high it is."""

    def split(self, width: float, room: float) -> tuple[Block, Block] | None:
        """Return what fits into the room and the rest, or None where nothing sensible fits."""

    def draw(self, sheet: Sheet, x: float, top: float, width: float, parent: Element) -> None:
        """Draw it with its upper left corner at (x, top), below ``parent`` in the tree."""


class Whole:
    """What stands on one page or moves to the next."""

    before = 0.0
    after = 0.0
    with_next = False

    def split(self, width: float, room: float) -> tuple[Block, Block] | None:
        """Return None: it cannot be split."""
        return None


class Words:
    """A paragraph."""

    with_next = False

    def __init__(self, parts: Rich | Sequence[Rich], style: Style, *, tag: str = "P", place: str = "") -> None:
        self.parts: tuple[Rich, ...] = (parts,) if isinstance(parts, (str, Run)) else tuple(parts)
        self.style, self.tag, self.place = style, tag, place
        self.before, self.after = style.before, style.after
        self._lines: Lines | None = None

    def lines(self, width: float) -> Lines:
        """Return its lines, broken once for a width."""
        found = self._lines
        if found is None or found.room != width:
            found = self._lines = broken(self.parts, self.style, width)
        return found

    def widest(self, width: float) -> float:
        """Return the width of its widest line."""
        return max(line.width for line in self.lines(width))

    def height(self, width: float) -> float:
        """Return how high it is."""
        return len(self.lines(width)) * self.style.leading

    def split(self, width: float, room: float) -> tuple[Block, Block] | None:
        """Return its first lines and the rest, two lines at least in each."""
        lines = self.lines(width)
        fitting = min(int(room / self.style.leading + 1e-6), len(lines) - 2)
        if fitting < 2:
            return None
        rest = self._part(width, lines[fitting:])
        rest.place = ""
        return self._part(width, lines[:fitting]), rest

    def _part(self, width: float, lines: Sequence[Line]) -> Self:
        part = type(self).__new__(type(self))
        part.__dict__ |= self.__dict__
        part._lines = Lines.of(lines, self.style, width)
        return part

    def draw(self, sheet: Sheet, x: float, top: float, width: float, parent: Element) -> None:
        """Draw it."""
        if self.place:
            sheet.anchor(self.place, top)
        lines = self.lines(width)
        if any(line.pieces for line in lines):  # an element that holds nothing would only be noise
            sheet.paragraph(parent.add(self.tag), lines, x, top)


class Heading(Words):
    """A heading with its place for links, and its entry in the outline.

    It stands one level below the heading before it at most, since software that lists headings expects no gaps.
    """

    with_next = True

    def __init__(
        self, text: str, style: Style, *, level: int, place: str = "", bookmark: str = "", depth: int = 0
    ) -> None:
        super().__init__(text, style, place=place)
        self.level, self.title, self.depth = level, bookmark, depth

    def draw(self, sheet: Sheet, x: float, top: float, width: float, parent: Element) -> None:
        """Draw it and enter it into the outline."""
        sheet.level = min(self.level, sheet.level + 1)
        self.tag = f"H{sheet.level}"
        super().draw(sheet, x, top, width, parent)
        if self.title:
            sheet.bookmark(self.title, self.place, self.depth)


class Gap(Whole):
    """Empty room."""

    def __init__(self, high: float) -> None:
        self.high = high

    def height(self, width: float) -> float:
        """Return how high it is."""
        return self.high

    def draw(self, sheet: Sheet, x: float, top: float, width: float, parent: Element) -> None:
        """Draw nothing."""


class NewPage(Gap):
    """Where the next block starts a page."""

    def __init__(self) -> None:
        super().__init__(0.0)


class Rule(Whole):
    """A thin line across the column."""

    def __init__(self, role: str = "line", *, before: float = STEP, after: float = STEP) -> None:
        self.role, self.before, self.after = role, before, after

    def height(self, width: float) -> float:
        """Return how high it is."""
        return HAIRLINE

    def draw(self, sheet: Sheet, x: float, top: float, width: float, parent: Element) -> None:
        """Draw it; it is no part of the text."""
        with sheet.artifact():
            sheet.rule(x, top, x + width, top, self.role, HAIRLINE)


class Stack(Whole):
    """Blocks below one another that stay together; ``tag`` groups them in the tree."""

    def __init__(self, blocks: Sequence[Block], *, tag: str = "", with_next: bool = False) -> None:
        self.blocks, self.tag, self.with_next = list(blocks), tag, with_next
        self.before, self.after = (blocks[0].before, blocks[-1].after) if blocks else (0.0, 0.0)

    def height(self, width: float) -> float:
        """Return how high it is."""
        return sum(each.height(width) for each in self.blocks) + sum(gaps(self.blocks))

    def draw(self, sheet: Sheet, x: float, top: float, width: float, parent: Element) -> None:
        """Draw them."""
        home = parent.add(self.tag) if self.tag else parent
        for gap, each in zip((0.0, *gaps(self.blocks)), self.blocks, strict=False):
            top += gap
            each.draw(sheet, x, top, width, home)
            top += each.height(width)


class Columns(Whole):
    """Blocks side by side, each with its share of the width."""

    def __init__(
        self, blocks: Sequence[Block], shares: Sequence[float], *, gutter: float = 2 * STEP, bottom: bool = False
    ) -> None:
        self.blocks, self.shares, self.gutter, self.bottom = blocks, shares, gutter, bottom

    def _widths(self, width: float) -> list[float]:
        free = width - self.gutter * (len(self.blocks) - 1)
        return [share / sum(self.shares) * free for share in self.shares]

    def height(self, width: float) -> float:
        """Return how high the highest is."""
        return max(each.height(wide) for each, wide in zip(self.blocks, self._widths(width), strict=True))

    def draw(self, sheet: Sheet, x: float, top: float, width: float, parent: Element) -> None:
        """Draw them from left to right."""
        high = self.height(width)
        for each, wide in zip(self.blocks, self._widths(width), strict=True):
            each.draw(sheet, x, top + (high - each.height(wide) if self.bottom else 0.0), wide, parent)
            x += wide + self.gutter


class Beside(Whole):
    """A block with a note in the margin beside it; the note is read after the block."""

    def __init__(self, block: Block, note: Block, column: float, gutter: float, margin: float) -> None:
        self.block, self.note = block, note
        self.column, self.gutter, self.margin = column, gutter, margin
        self.before, self.after, self.with_next = block.before, block.after, block.with_next

    def height(self, width: float) -> float:
        """Return the height of the higher of the two."""
        return max(self.block.height(self.column), self.note.height(self.margin))

    def draw(self, sheet: Sheet, x: float, top: float, width: float, parent: Element) -> None:
        """Draw both."""
        self.block.draw(sheet, x, top, self.column, parent)
        self.note.draw(sheet, x + self.column + self.gutter, top, self.margin, parent)


class Listing(Whole):
    """A list: each entry with its sign, tagged as label and body."""

    def __init__(
        self, entries: Sequence[Sequence[Rich]], style: Style, *, sign: str = "–", indent: float = 12.0
    ) -> None:
        self.entries = [Words(list(entry), style) for entry in entries]
        self.style, self.sign, self.indent = style, sign, indent
        self.before, self.after = style.before, style.after

    def height(self, width: float) -> float:
        """Return how high it is."""
        inner = width - self.indent
        return sum(each.height(inner) for each in self.entries) + self.style.after * (len(self.entries) - 1)

    def draw(self, sheet: Sheet, x: float, top: float, width: float, parent: Element) -> None:
        """Draw the entries."""
        counted = self.sign.startswith("1")
        home = parent.add("L", f"/A <</O /List /ListNumbering /{'Decimal' if counted else 'Disc'}>>")
        for number, each in enumerate(self.entries, start=1):
            item = home.add("LI")
            sign = self.sign.replace("1", str(number)) if counted else self.sign
            label = Words(sign, self.style).lines(self.indent)
            sheet.paragraph(item.add("Lbl"), label, x, top)
            inner = width - self.indent
            sheet.paragraph(item.add("LBody"), each.lines(inner), x + self.indent, top)
            top += each.height(inner) + self.style.after


def gaps(blocks: Sequence[Block]) -> list[float]:
    """Return the room between each block and the next: the larger of what the two ask for."""
    return [max(above.after, below.before) for above, below in pairwise(blocks)]

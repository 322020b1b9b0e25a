"""A chart as plain data: marks with a role and an exact value, and the table behind the picture.

Places are in pixels on the page and in points on paper, from the upper left corner, y downwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from reports import typeface
from reports.charts.scale import Linear
from reports.tokens import load_tokens

Role: TypeAlias = Literal[
    "kept", "lost", "cost", "uncertainty", "band_inner", "band_outer", "lost_inner", "lost_outer", "ink", "quiet",
    "grid", "axis", "on_kept", "on_lost",
]  # fmt: skip
Anchor: TypeAlias = Literal["start", "middle", "end"]
Place: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[float, float, float, float]
OUTLINE = 2.0  # from the edge of a tile to the line around it


@dataclass(frozen=True)
class Medium:
    """What differs between page and paper: the size of text, the height of its line, the small step of space."""

    name: Literal["page", "paper"]
    text: float
    line: float
    gap: float

    def measure(self, text: str, *, strong: bool = False) -> float:
        """Return the width of a label."""
        return typeface.width(text, self.text, strong=strong)


PAGE = Medium("page", load_tokens().sizes["small"].page, 20.0, 8.0)
PAPER = Medium("paper", load_tokens().sizes["small"].paper, 12.0, 4.5)


@dataclass(frozen=True)
class Bar:
    """A bar; its value is an amount, drawn from one side to the other.

    ``hit`` is what answers to pointer and focus: a whole row, since an honest bar may be thinner than a hair. Of very
    many bars not all need take the focus.
    """

    x: float
    y: float
    width: float
    height: float
    role: Role
    value: float
    tip: str
    hit: Box
    focus: bool = True


@dataclass(frozen=True)
class Range:
    """A bar from one value to another, neither of which is zero: where futures or studies lie."""

    x: float
    y: float
    width: float
    height: float
    role: Role
    low: float
    high: float
    tip: str
    hit: Box


@dataclass(frozen=True)
class Dot:
    """A point estimate."""

    x: float
    y: float
    radius: float
    role: Role
    value: float
    tip: str


@dataclass(frozen=True)
class Slot:
    """A column that answers for the value at one place of a line: hover, and focus where ``focus`` is set."""

    x: float
    y: float
    width: float
    height: float
    dot: Place
    value: float
    tip: str
    focus: bool


@dataclass(frozen=True)
class Line:
    """A line through points."""

    points: tuple[Place, ...]
    role: Role


@dataclass(frozen=True)
class Area:
    """A closed shape, such as a band; its upper and lower ``edge`` show where their role is not its own."""

    upper: tuple[Place, ...]
    lower: tuple[Place, ...]
    role: Role
    edge: Role


@dataclass(frozen=True)
class Rule:
    """A thin straight line: grid, zero, connector."""

    x1: float
    y1: float
    x2: float
    y2: float
    role: Role


@dataclass(frozen=True)
class Text:
    """One line of text on its baseline."""

    x: float
    y: float
    text: str
    size: float
    role: Role
    anchor: Anchor = "start"
    strong: bool = False

    @property
    def box(self) -> Box:
        """Return left, top, right and bottom of what the text covers."""
        wide = typeface.width(self.text, self.size, strong=self.strong)
        left = self.x - {"start": 0.0, "middle": wide / 2, "end": wide}[self.anchor]
        return left, self.y - typeface.ASCENT * self.size, left + wide, self.y + typeface.DESCENT * self.size


@dataclass(frozen=True)
class Tile:
    """A cell of a grid, its value written in it; ``own`` is outlined."""

    x: float
    y: float
    width: float
    height: float
    role: Role
    value: float
    tip: str
    label: Text
    own: bool
    focus: bool

    @property
    def outline(self) -> Box:
        """Return left, top, width and height of the line around it, which runs in the gap between cells."""
        return self.x - OUTLINE, self.y - OUTLINE, self.width + 2 * OUTLINE, self.height + 2 * OUTLINE


Mark: TypeAlias = Bar | Range | Dot | Slot | Line | Area | Rule | Text | Tile


@dataclass(frozen=True)
class Cell:
    """What a table shows, and the exact value where it is a number."""

    text: str
    value: float | None = None


@dataclass(frozen=True)
class Table:
    """The table behind a picture: the first cell of each row is its heading."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Chart:
    """A finished picture. ``x`` and ``y`` are the scales its data marks were placed with, where it has them.

    ``tabulate`` makes the table behind it, which paper does not show, in the language in use.
    """

    title: str
    subtitle: str
    description: str
    width: float
    height: float
    marks: tuple[Mark, ...]
    tabulate: Callable[[], Table] = field(repr=False, compare=False)
    x: Linear | None = None
    y: Linear | None = None

    @cached_property
    def table(self) -> Table:
        """Return the table behind it."""
        return self.tabulate()

"""Blocks on pages: each once and in order, inside of the room, a heading never alone at a page's foot."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.pdf.blocks import Beside, Block, Columns, Gap, Heading, Listing, NewPage, Rule, Stack, Words
from reports.pdf.flow import Room, flow
from reports.pdf.lines import Lines
from reports.pdf.style import Style
from reports.pdf.table import Grid
from reports.pdf.tags import Element, Tree

ROOM = Room(50.0, 40.0, 300.0, 440.0)
TINY = 1e-3
KINDS = ["paragraph", "long", "heading", "table", "table", "list", "beside", "stack", "columns", "gap", "page"]
BODY = Style(10.0, 14.0, after=6.0)
TITLE = Style(16.0, 20.0, strong=True, before=10.0, after=8.0)


@dataclass
class Paragraph:
    page: int
    top: float
    bottom: float
    words: list[str]
    kind: str


@dataclass
class Recorder:
    """Stands for a sheet and writes down what is drawn on it."""

    page: int = -1
    level: int = 0
    tree: Tree = field(default_factory=Tree)
    said: list[Paragraph] = field(default_factory=list)
    seen: list[tuple[int, float]] = field(default_factory=list)  # where anything at all is drawn
    repeated: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def open(self) -> None:
        self.page += 1

    def close(self) -> None:
        pass

    @contextmanager
    def artifact(self) -> Iterator[None]:
        yield

    def rule(self, x1: float, y1: float, x2: float, y2: float, role: str, line: float) -> None:
        self.seen += [(self.page, y1), (self.page, y2)]

    def rules(self, x1: float, x2: float, tops: Sequence[float], role: str, line: float) -> None:
        self.seen += [(self.page, y) for y in tops]

    def rectangle(self, x: float, y: float, wide: float, high: float, role: str) -> None:
        self.seen += [(self.page, y), (self.page, y + high)]

    def label(self, x: float, y: float, text: str, size: float, role: str, *, strong: bool = False) -> None:
        self.seen.append((self.page, y))
        self.repeated += text.split()

    def anchor(self, name: str, top: float) -> None:
        assert name not in self.places, "a place that is in two places"
        self.places[name] = self.page

    def bookmark(self, title: str, place: str, level: int) -> None:
        pass

    def paragraph(self, element: Element, lines: Lines, x: float, top: float) -> None:
        assert ROOM.x - TINY <= x
        assert x + lines.room <= ROOM.x + ROOM.width + TINY
        words = [word for line in lines for piece in line.pieces for word in piece.text.split()]
        if words:
            self.said.append(Paragraph(self.page, top, top + len(lines) * lines.style.leading, words, element.kind))


def laid(story: Sequence[Block]) -> Recorder:
    sheet: Any = Recorder()
    flow(story, sheet, ROOM)
    for each in sheet.said:
        assert ROOM.top - TINY <= each.top
        assert each.bottom <= ROOM.bottom + TINY, each
    assert all(ROOM.top - TINY <= y <= ROOM.bottom + TINY for _page, y in sheet.seen)
    return sheet


class Story:
    """Blocks whose words are numbers that count up, so that a lost, doubled or misplaced one shows."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw, self.count = draw, 0
        self.heads: list[str] = []

    def text(self, most: int) -> str:
        many = self.draw(st.integers(1, most))
        self.count += many
        return " ".join(f"w{number}" for number in range(self.count - many, self.count))

    def block(self) -> Block:
        match self.draw(st.sampled_from(KINDS)):
            case "long":
                return Words(self.text(400), BODY)
            case "heading":
                return Heading(self.text(12), TITLE, level=self.draw(st.integers(1, 4)), place=f"h{self.count}")
            case "table":
                columns = self.draw(st.integers(1, 4))
                head = [self.text(3) for _ in range(columns)]
                self.heads += [word for cell in head for word in cell.split()]
                most = self.draw(st.sampled_from([3, 16]))
                rows = [[self.text(most) for _ in range(columns)] for _ in range(self.draw(st.integers(1, 12)))]
                places = {0: f"t{self.count}", len(rows) - 1: f"u{self.count}"} if len(rows) > 1 else {}
                return Grid(
                    head,
                    rows,
                    [1.0] * columns,
                    BODY,
                    BODY,
                    right=(columns - 1,),
                    totals=(0,),
                    fills={(0, 0): "own_paper"},
                    places=places,
                )
            case "list":
                return Listing([[self.text(30)] for _ in range(self.draw(st.integers(1, 5)))], BODY, sign="1.")
            case "beside":
                return Beside(Words(self.text(40), BODY), Words(self.text(12), BODY), 200.0, 10.0, 90.0)
            case "stack":
                return Stack(
                    [Words(self.text(12), TITLE), Rule(), Words(self.text(20), BODY)],
                    with_next=self.draw(st.booleans()),
                )
            case "columns":
                return Columns(
                    [Words(self.text(20), BODY), Words(self.text(20), BODY)],
                    (2.0, 1.0),
                    bottom=self.draw(st.booleans()),
                )
            case "gap":
                return Gap(self.draw(st.floats(0.0, 100.0)))
            case "page":
                return NewPage()
            case _:
                return Words(self.text(60), BODY)


@settings(max_examples=100)
@given(st.data())
def test_everything_is_drawn_once_in_order_and_inside(data: st.DataObject) -> None:
    story = Story(data.draw)
    blocks = [story.block() for _ in range(data.draw(st.integers(1, 12)))]
    sheet = laid(blocks)
    assert [word for each in sheet.said for word in each.words if each.kind != "Lbl"] == [
        f"w{number}" for number in range(story.count)
    ]
    assert set(sheet.repeated) <= set(story.heads)


@settings(max_examples=100)
@given(st.data())
def test_blocks_do_not_touch_one_another(data: st.DataObject) -> None:
    story = Story(data.draw)
    blocks = [
        Words(story.text(80), BODY) if data.draw(st.booleans()) else Heading(story.text(9), TITLE, level=2)
        for _ in range(12)
    ]
    for above, below in itertools.pairwise(laid(blocks).said):
        assert above.page < below.page or above.bottom <= below.top + TINY
        if above.kind.startswith("H"):
            assert above.page == below.page, "a heading alone at the foot of a page"


@given(rows=st.lists(st.integers(1, 25), min_size=1, max_size=30), start=st.floats(0.0, 399.0))
def test_a_table_keeps_its_rows_and_names_its_columns_on_each_page(rows: list[int], start: float) -> None:
    numbers = iter(range(10_000))
    cells = [["\n".join(f"w{next(numbers)}" for _ in range(lines)), f"w{next(numbers)}"] for lines in rows]
    table = Grid(["Name", "Amount"], cells, (0.5, 0.5), BODY, BODY)
    sheet = laid([Gap(start), table])
    bodies = [each for each in sheet.said if each.words[0] not in ("Name", "Amount")]
    assert [word for each in bodies for word in each.words] == [f"w{number}" for number in range(next(numbers))]
    pages = {each.page for each in bodies}
    assert sheet.repeated == ["Name", "Amount"] * (len(pages) - 1)
    assert [each.words[0] for each in sheet.said if each not in bodies] == ["Name", "Amount"]
    (found,) = (each for each in sheet.tree.elements if each.parent == sheet.tree.root.number)
    assert found.kind == "Table"
    assert len(found.kids) == len(rows) + 1
    for first, second in itertools.pairwise(bodies):
        assert first.page <= second.page


def test_the_rest_of_a_split_paragraph_is_no_place_of_its_own() -> None:
    """A link leads to where a paragraph begins."""
    sheet = laid([Words("word " * 1500, BODY, place="here")])
    assert sheet.page > 1
    assert sheet.places == {"here": 0}


@pytest.mark.parametrize("lines", [2, 3, 4, 30])
def test_a_paragraph_leaves_two_lines_at_least_on_both_sides(lines: int) -> None:
    for start in range(0, 400, 7):
        sheet = laid([Gap(float(start)), Words("\n".join(["word"] * lines), Style(10.0, 14.0))])
        assert all(each.bottom - each.top >= 2 * 14.0 - TINY for each in sheet.said)

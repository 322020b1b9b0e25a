"""The pieces that the report's sections are set from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from reports.pdf.blocks import Beside, Block, Gap, Heading, Listing, NewPage, Words
from reports.pdf.style import Rich, Style
from reports.pdf.table import Grid
from reports.theme import GUTTER, MARGIN_COLUMN, STEP, Theme

BETWEEN_SECTIONS = 6 * STEP


@dataclass(frozen=True)
class Page:
    """Styles, and the width of the text column and of text and margin column together, in points."""

    theme: Theme
    column: float
    wide: float

    def opening(self, place: str, title: str, *, bookmark: str, page: bool = False) -> list[Block]:
        """Return a section's title, which links and the outline lead to."""
        heading = Heading(title, self.theme.title, level=2, place=place, bookmark=bookmark)
        return [NewPage() if page else Gap(BETWEEN_SECTIONS), heading]

    def subhead(self, text: str) -> Block:
        """Return a title within a section."""
        return Heading(text, self.theme.subhead, level=3)

    def text(self, *parts: Rich, style: Style | None = None) -> Block:
        """Return a paragraph in the text column."""
        return self.narrow(Words(list(parts), style or self.theme.body))

    def before_table(self, text: str) -> Block:
        """Return a paragraph that stands on the page of what follows it."""
        block = self.narrow(Words(text, self.theme.body))
        block.with_next = True
        return block

    def listing(self, entries: Sequence[str]) -> list[Block]:
        """Return a list in the text column."""
        return [self.narrow(Listing([[entry] for entry in entries], self.theme.body))] if entries else []

    def narrow(self, block: Block) -> Block:
        """Return a block in the text column."""
        return Beside(block, Gap(0.0), self.column, GUTTER, MARGIN_COLUMN)

    def grid(
        self,
        head: Sequence[Rich],
        rows: Sequence[Sequence[Rich | Sequence[Rich]]],
        shares: Sequence[float],
        *,
        right: Collection[int] = (),
        totals: Collection[int] = (),
    ) -> Grid:
        """Return a table across the page."""
        return Grid(head, rows, shares, self.theme.cell, self.theme.head, right=right, totals=totals)

"""The pieces that sections are set from: paragraphs of escaped text, headings with bookmarks, margin notes, tables."""

from __future__ import annotations

import html
from collections.abc import Collection, Sequence
from typing import Any

from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, Paragraph, Table

from assumptions import Figure, Reference
from calculator.resolve import ResolvedInput
from calculator.words import source_words
from reports import typeface
from reports.theme import BETWEEN, CELL, GUTTER, HAIRLINE, MARGIN_COLUMN, STEP, Theme, colour

BADGES = {"measured": "●", "estimate": "◆", "benchmark": "○"}


def plain(text: str) -> str:
    """Return text as markup that shows exactly that text, with □ for what the typeface lacks."""
    return html.escape(typeface.shown(text), quote=False)


def paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    """Return a paragraph of plain text."""
    return Paragraph(plain(text), style)


def strong(text: str) -> str:
    """Return markup for strong text."""
    return f"<b>{plain(text)}</b>"


def link(address: str, text: str) -> str:
    """Return markup for text that leads to an address."""
    return f'<a href="{html.escape(address)}" color="{_hex("focus")}">{plain(text)}</a>'


def badge(item: ResolvedInput) -> str:
    """Return where an input comes from: a sign of its own and the word, so that colour is not needed."""
    return f"{BADGES[item.kind]} {source_words(item)}"


def source(figure: Figure) -> str:
    """Return markup for where a figure is found, with the address in full."""
    return "<br/>".join(
        f"{plain(reference.citation)} {link(_address(reference), _address(reference).partition('://')[2])}"
        for reference in figure.references
    )


def cited(figure: Figure) -> str:
    """Return markup for where a figure is found, in few words that lead there."""
    return "<br/>".join(link(_address(reference), reference.citation) for reference in figure.references)


def _address(reference: Reference) -> str:
    return f"https://doi.org/{reference.doi}" if reference.doi else reference.url or ""


class Wide(Paragraph):  # type: ignore[misc]  # reportlab has no types
    """A paragraph that takes the margin column too."""

    def __init__(self, text: str, wide: float, style: ParagraphStyle) -> None:
        super().__init__(plain(text), style)
        self._wide = wide

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Wrap at the width of text and margin column together."""
        size: tuple[float, float] = super().wrap(self._wide, height)
        return size


class Heading(Wide):
    """A section's title, which says its finding and is a bookmark of the document."""

    def __init__(self, text: str, key: str, wide: float, theme: Theme) -> None:
        super().__init__(text, wide, theme.title)
        self._bookmark = (typeface.shown(text), key)

    def draw(self) -> None:
        """Draw the title and note where it is."""
        text, key = self._bookmark
        self.canv.bookmarkHorizontal(key, 0, self.height)
        self.canv.addOutlineEntry(text, key, 0, closed=False)
        super().draw()


class MarginNote(Flowable):  # type: ignore[misc]  # reportlab has no types
    """Words in the margin column, level with the text that follows; it takes no room in the text column.

    ``drop`` is the space before that text. Notes push each other down, and up where the page ends.
    """

    keepWithNext = 1  # noqa: N815 - reportlab's name

    def __init__(self, markup: Sequence[str], column: float, theme: Theme, drop: float = 0.0) -> None:
        super().__init__()
        self._column = column
        self._drop = drop
        self._paragraphs = [Paragraph(text, theme.margin) for text in markup]

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Take no room."""
        return 0.0, 0.0

    def draw(self) -> None:
        """Draw beside the column, from here down or from under the note above."""
        canvas = self.canv
        _, here = canvas.absolutePosition(0.0, 0.0)
        here_or_lower = here - self._drop
        page, floor = getattr(canvas, "note_floor", (0, 0.0))
        top = min(here_or_lower, floor) if page == canvas.getPageNumber() else here_or_lower
        heights = [text.wrap(MARGIN_COLUMN, top)[1] + STEP for text in self._paragraphs]
        top = max(top, canvas.frame_bottom + sum(heights))
        canvas.note_floor = (canvas.getPageNumber(), top - sum(heights))
        for text, height in zip(self._paragraphs, heights, strict=True):
            text.drawOn(canvas, self._column + GUTTER, top - here - height + STEP)
            top -= height


def grid(
    head: Sequence[str],
    rows: Sequence[Sequence[str | Flowable]],
    widths: Sequence[float],
    theme: Theme,
    *,
    right: Collection[int] = (),
    totals: Collection[int] = (),
) -> Table:
    """Return a table with hairlines between rows; its head is repeated on each page.

    Text becomes a paragraph only where it does not fit on one line, which saves most of the time a table takes.

    Args:
        head: the names of the columns.
        rows: plain text, or anything that flows.
        widths: of the columns.
        theme: the styles.
        right: columns of numbers, set to the right.
        totals: rows set in strong type, counted from 0.
    """
    strong_rows = {0, *(row + 1 for row in totals)}
    widths = _fitted(rows, widths, theme, right)
    cells = [
        [_cell(cell, widths[column], theme, column in right, row in strong_rows) for column, cell in enumerate(line)]
        for row, line in enumerate([head, *rows])
    ]
    size, leading = theme.cell.fontSize, theme.cell.leading
    style: list[tuple[Any, ...]] = [
        ("FONT", (0, 0), (-1, -1), typeface.REGULAR, size, leading),
        ("FONT", (0, 0), (-1, 0), typeface.STRONG, size, leading),
        ("TEXTCOLOR", (0, 0), (-1, -1), colour("ink")),
        ("TEXTCOLOR", (0, 0), (-1, 0), colour("quiet")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("LEFTPADDING", (0, 0), (-1, -1), BETWEEN),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), BETWEEN),
        ("TOPPADDING", (0, 0), (-1, -1), CELL),
        ("BOTTOMPADDING", (0, 0), (-1, -1), CELL),
        ("LINEBELOW", (0, 0), (-1, 0), HAIRLINE, colour("axis")),
        ("LINEBELOW", (0, 1), (-1, -1), HAIRLINE, colour("line")),
        *(("ALIGN", (column, 0), (column, -1), "RIGHT") for column in right),
        *(("FONT", (0, row + 1), (-1, row + 1), typeface.STRONG, size, leading) for row in totals),
    ]
    return Table(cells, colWidths=widths, repeatRows=1, hAlign="LEFT", style=style, spaceAfter=2 * STEP)


def _fitted(
    rows: Sequence[Sequence[str | Flowable]], widths: Sequence[float], theme: Theme, right: Collection[int]
) -> list[float]:
    """Return widths at which no number breaks, as far as the columns of words can give way by half of theirs."""
    fitted = list(widths)
    for column in right:
        cells = (row[column] for row in rows)
        texts = (typeface.shown(cell) for cell in cells if isinstance(cell, str))
        needed = max((typeface.width(text, theme.cell.fontSize, strong=True) for text in texts), default=0.0)
        fitted[column] = max(widths[column], needed + 2 * BETWEEN + 0.1)
    words = [column for column in range(len(widths)) if column not in right]
    room = sum(widths[column] for column in words)
    spared = max(0.5, (room - (sum(fitted) - sum(widths))) / room)
    return [width * spared if column in words else width for column, width in enumerate(fitted)]


def _cell(cell: str | Flowable, width: float, theme: Theme, right: bool, is_strong: bool) -> str | Flowable:
    if not isinstance(cell, str):
        return cell
    text = typeface.shown(cell)
    if typeface.width(text, theme.cell.fontSize, strong=is_strong) <= width - 2 * BETWEEN:
        return text
    styles = (theme.head, theme.head_number) if is_strong else (theme.cell, theme.number)
    return Paragraph(plain(cell), styles[right])


def _hex(role: str) -> str:
    return f"#{colour(role).hexval()[2:]}"

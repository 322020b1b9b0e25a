"""Pages: a text column with a narrow margin column, a running foot, and bytes that depend on the input alone."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reportlab import rl_config
from reportlab.lib.pagesizes import A4, LETTER
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from reports import typeface
from reports.attachment import SHORT, Attachment, embed
from reports.theme import FOOT, GUTTER, HAIRLINE, MARGIN, MARGIN_COLUMN, STEP, colour
from reports.tokens import load_tokens

rl_config.useA85 = 0  # streams as they are, not as ASCII: a fifth smaller and faster; reportlab has no finer switch
PAGE_SIZES = {"A4": A4, "LETTER": LETTER}
PAGE_COUNT = "page-count"  # a form drawn on every page and filled when their number is known


@dataclass(frozen=True)
class Cover:
    """What the document says about itself to a reader's software and at the foot of its pages."""

    title: str
    author: str
    subject: str
    foot: str


def page_size(name: str) -> tuple[float, float]:
    """Return width and height of A4 or Letter.

    Raises:
        ValueError: for any other name.
    """
    try:
        wide, high = PAGE_SIZES[name.upper()]
    except KeyError:
        raise ValueError(f"page_size is {name!r}; it is A4 or Letter") from None
    return wide, high


def widths(page: tuple[float, float]) -> tuple[float, float]:
    """Return the width of the text column, and that of text and margin column together."""
    wide = page[0] - 2 * MARGIN
    return wide - MARGIN_COLUMN - GUTTER, wide


def write(story: Sequence[Flowable], cover: Cover, attachment: Attachment, page: tuple[float, float]) -> bytes:
    """Return the finished PDF with the attachment in it."""
    typeface.register()
    buffer = io.BytesIO()

    class Pages(Canvas):  # type: ignore[misc]  # reportlab has no types
        """Knows the number of pages, and embeds the attachment, once all are drawn."""

        frame_bottom = MARGIN

        def save(self) -> None:
            self.beginForm(PAGE_COUNT)
            _foot_font(self)
            self.drawString(0, 0, str(self.getPageNumber() - 1))
            self.endForm()
            embed(self, attachment)
            super().save()

    document = BaseDocTemplate(
        buffer,
        pagesize=page,
        title=typeface.shown(cover.title),
        author=typeface.shown(cover.author),
        subject=typeface.shown(cover.subject),
        creator="Rapport",
        lang="en-GB",
        invariant=1,
        initialFontName=typeface.REGULAR,
        pageCompression=1,
    )
    frame = Frame(MARGIN, MARGIN, widths(page)[0], page[1] - 2 * MARGIN, 0, 0, 0, 0, id="text")
    document.addPageTemplates([PageTemplate("page", [frame], onPage=_foot(cover, attachment, page))])
    document.build(list(story), canvasmaker=Pages)
    return buffer.getvalue()


def _foot(cover: Cover, attachment: Attachment, page: tuple[float, float]) -> Callable[[Canvas, BaseDocTemplate], None]:
    size = load_tokens().sizes["small"].paper
    right = page[0] - MARGIN
    digest = f"rapport.json {attachment.digest[:SHORT]}"
    middle = page[0] / 2
    room = middle - MARGIN - typeface.width("page 100 of ", size) - 2 * STEP
    name = shortened(typeface.shown(cover.foot), room, size)

    def draw(canvas: Canvas, _: BaseDocTemplate) -> None:
        canvas.saveState()
        canvas.setStrokeColor(colour("line"))
        canvas.setLineWidth(HAIRLINE)
        canvas.line(MARGIN, FOOT + 2 * STEP, right, FOOT + 2 * STEP)
        _foot_font(canvas)
        canvas.drawString(MARGIN, FOOT, name)
        canvas.drawRightString(right, FOOT, digest)
        text = f"page {canvas.getPageNumber()} of "
        canvas.drawRightString(middle, FOOT, text)
        canvas.translate(middle, FOOT)
        canvas.doForm(PAGE_COUNT)
        canvas.restoreState()

    return draw


def shortened(text: str, room: float, size: float) -> str:
    """Return text no wider than ``room``, ending in an ellipsis where it had to be cut."""
    if typeface.width(text, size) <= room:
        return text
    while text and typeface.width(f"{text}…", size) > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _foot_font(canvas: Canvas) -> None:
    canvas.setFont(typeface.REGULAR, load_tokens().sizes["small"].paper)
    canvas.setFillColor(colour("quiet"))

"""A whole document: its pages with their running foot, its outline, what it says of itself, and what is attached."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from reportlab.lib.pagesizes import A4, LETTER

from calculator.language import gettext as _
from calculator.language import spoken
from reports import typeface
from reports.attachment import Attachment, embed
from reports.brand import Brand
from reports.pdf.blocks import Block
from reports.pdf.file import text_string
from reports.pdf.flow import Room, flow
from reports.pdf.outline import outline
from reports.pdf.sheet import Sheet
from reports.theme import FOOT, GUTTER, HAIRLINE, MARGIN, MARGIN_COLUMN, STEP
from reports.tokens import load_tokens

PAGE_SIZES = {"A4": A4, "LETTER": LETTER}
DRAFT_SIZE = 150.0  # points, of the word across a draft


@dataclass(frozen=True)
class Cover:
    """What the document says about itself to a reader's software and at the foot of its pages."""

    title: str
    author: str
    subject: str
    foot: str
    draft: bool = False


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


def write(
    story: Sequence[Block], cover: Cover, attachment: Attachment, page: tuple[float, float], brand: Brand
) -> bytes:
    """Return the finished PDF with the attachment in it."""
    sheet = Sheet(page, brand.palette())
    flow(story, sheet, Room(MARGIN, MARGIN, page[0] - 2 * MARGIN, page[1] - MARGIN - STEP))
    for number in range(len(sheet.pages)):
        if cover.draft:
            sheet.stamp(number, lambda: _draft(sheet), under=True)
        sheet.stamp(number, _foot(sheet, cover, attachment, number))
    return _file(sheet, cover, attachment)


def _file(sheet: Sheet, cover: Cover, attachment: Attachment) -> bytes:
    """Return the bytes: the pages, what the document says of itself, and that it is made to be accessible."""
    file = sheet.file
    title, author, subject = (typeface.says(each) for each in (cover.title, cover.author, cover.subject))
    packet = XMP.format(title=escape(title), author=escape(author), subject=escape(subject), language=spoken().tag)
    metadata = file.stream(packet.encode(), "/Type/Metadata/Subtype/XML")
    said = "".join(
        f"/{key} {text_string(text)}" for key, text in (("Title", title), ("Author", author), ("Subject", subject))
    )
    marks = outline(sheet)
    root = file.add(
        f"<</Type/Catalog/Pages {sheet.finish()} 0 R/Lang ({spoken().tag})/MarkInfo <</Marked true>>"
        f"/StructTreeRoot {sheet.tree.number} 0 R/ViewerPreferences <</DisplayDocTitle true>>"
        f"/Metadata {metadata} 0 R{embed(file, attachment)}"
        f"{f'/Outlines {marks} 0 R/PageMode/UseOutlines' if marks else ''}>>"
    )
    return file.finished(root, file.add(f"<<{said}/Creator (Rapport)/Producer (Rapport)>>"))


def _foot(sheet: Sheet, cover: Cover, attachment: Attachment, number: int) -> Callable[[], None]:
    size = load_tokens().sizes["small"].paper
    small = size - 1.5
    right, middle, base = sheet.wide - MARGIN, sheet.wide / 2, sheet.high - FOOT
    pages = _("page %(page)s of %(pages)s", page=number + 1, pages=len(sheet.pages))
    name = shortened(cover.foot, middle - MARGIN - typeface.width(pages, size) / 2 - 2 * STEP, size)
    digest = f"SHA-256 {attachment.name} {attachment.digest}"
    draft = _("draft") if cover.draft else ""

    def draw() -> None:
        sheet.rule(MARGIN, base - 2 * STEP, right, base - 2 * STEP, "line", HAIRLINE)
        sheet.label(MARGIN, base, name, size, "quiet")
        sheet.label(middle - typeface.width(pages, size) / 2, base, pages, size, "quiet")
        if draft:
            sheet.label(right - typeface.width(draft, size, strong=True), base, draft, size, "warning", strong=True)
        sheet.label(MARGIN, base + 1.5 * STEP, digest, small, "quiet")

    return draw


def _draft(sheet: Sheet) -> None:
    """Write across the page, pale enough to read what stands on it."""
    word = _("draft")
    wide = typeface.width(word, DRAFT_SIZE, strong=True)
    angle = math.atan2(sheet.high, sheet.wide)
    cosine, sine = math.cos(angle), math.sin(angle)
    x = sheet.wide / 2 - wide / 2 * cosine + DRAFT_SIZE / 3 * sine
    y = sheet.high / 2 - wide / 2 * sine - DRAFT_SIZE / 3 * cosine
    sheet.put(f"{cosine:.4f} {sine:.4f} {-sine:.4f} {cosine:.4f} {x:.2f} {y:.2f} cm")
    sheet.label(0.0, sheet.high, word, DRAFT_SIZE, "own_paper", strong=True)


def shortened(text: str, room: float, size: float) -> str:
    """Return text on one line no wider than ``room``, ending in an ellipsis where it had to be cut."""
    text = typeface.says(text)
    if typeface.width(text, size) <= room:
        return text
    while text and typeface.width(f"{text}…", size) > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>Rapport</xmp:CreatorTool>
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""

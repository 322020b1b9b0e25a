"""The proposal: a finished result as a PDF that carries its own data."""

from __future__ import annotations

from datetime import date

from assumptions import Library
from calculator import words
from calculator.result import Result
from reports.attachment import result_attachment
from reports.content import Content, Section
from reports.document import Cover, widths, write
from reports.document import page_size as size_of
from reports.sections.bridge import bridge
from reports.sections.cash import cash
from reports.sections.evidence import evidence
from reports.sections.inputs import inputs
from reports.sections.method import method
from reports.sections.summary import summary
from reports.theme import load_theme

SECTIONS: tuple[Section, ...] = (summary, inputs, bridge, cash, evidence, method)


def build_proposal(
    result: Result,
    library: Library,
    *,
    prepared_for: str = "",
    prepared_by: str = "",
    prepared_on: date | None = None,
    page_size: str = "A4",
) -> bytes:
    """Return the proposal as PDF; the same arguments always give the same bytes.

    Args:
        result: what was computed.
        library: the evidence the result was computed with.
        prepared_for: a name for the first page, if any.
        prepared_by: a name for the first page and the document's author, if any.
        prepared_on: a date for the first page; none is printed without it.
        page_size: A4 or Letter.

    Raises:
        ValueError: for another page size.
    """
    attachment = result_attachment(result)
    page = size_of(page_size)
    column, wide = widths(page)
    content = Content(
        result=result,
        library=library,
        theme=load_theme(),
        digest=attachment.digest,
        column=column,
        wide=wide,
        prepared_for=prepared_for,
        prepared_by=prepared_by,
        prepared_on=prepared_on,
    )
    story = [flowable for section in SECTIONS for flowable in section(content)]
    cover = Cover(
        title=f"What it is worth to keep clients: {result.clinic_name}",
        author=prepared_by or "Rapport",
        subject=words.headline(result),
        foot=result.clinic_name,
    )
    return write(story, cover, attachment, page)

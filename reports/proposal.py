"""The proposal: a finished result as a PDF that carries its own data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias, TypedDict, Unpack

from assumptions import Library
from calculator import words
from calculator.language import gettext as _
from calculator.result import Result
from reports.attachment import proposal_attachment
from reports.brand import Brand
from reports.content import Content, Section
from reports.document import Cover, widths, write
from reports.document import page_size as size_of
from reports.sections.annex import checklists, formulas, parameters, versions
from reports.sections.bridge import bridge
from reports.sections.cases import cases
from reports.sections.cash import cash
from reports.sections.cover import cover
from reports.sections.evidence import evidence
from reports.sections.inputs import inputs
from reports.sections.measuring import measuring
from reports.sections.meeting import back, front
from reports.sections.next_steps import next_steps
from reports.sections.risks import risks
from reports.sections.sensitivity import sensitivity
from reports.sections.summary import summary
from reports.sections.today import today
from reports.theme import load_theme

Form: TypeAlias = Literal["full", "short"]
SECTIONS: tuple[Section, ...] = (
    cover, summary, inputs, today, bridge, cash, sensitivity, cases, evidence, risks, measuring, next_steps,
    parameters, formulas, checklists, versions,
)  # fmt: skip
SHORT: tuple[Section, ...] = (front, back)
FORMS: dict[str, tuple[Section, ...]] = {"full": SECTIONS, "short": SHORT}
PLAIN = Brand()


class Asked(TypedDict, total=False):
    """How a proposal is asked for."""

    brand: Brand
    prepared_for: str
    prepared_by: str
    prepared_on: date | None
    page_size: str
    form: Form
    beside: Sequence[Result]


@dataclass(frozen=True)
class Proposal:
    """The finished document, and the digest that stands on its pages."""

    pdf: bytes
    digest: str


def build_proposal(result: Result, library: Library, **asked: Unpack[Asked]) -> bytes:
    """Return the proposal as PDF; see :func:`make_proposal`."""
    return make_proposal(result, library, **asked).pdf


def make_proposal(
    result: Result,
    library: Library,
    *,
    brand: Brand = PLAIN,
    prepared_for: str = "",
    prepared_by: str = "",
    prepared_on: date | None = None,
    page_size: str = "A4",
    form: Form = "full",
    beside: Sequence[Result] = (),
) -> Proposal:
    """Return the proposal in the language in use; the same arguments always give the same bytes.

    Args:
        result: what was computed.
        library: the evidence the result was computed with.
        brand: whose proposal it is, and how it looks.
        prepared_for: a name for the cover, in place of the clinic's own.
        prepared_by: a name for the cover and the document's author, in place of the brand's.
        prepared_on: a date for the cover; none is printed without it.
        page_size: A4 or Letter.
        form: full, or short for the two pages of a first meeting.
        beside: further scenarios to stand beside this one.

    Raises:
        ValueError: for another page size or form.
    """
    page = size_of(page_size)
    if form not in FORMS:
        raise ValueError(f"form is {form!r}; it is full or short")
    attachment = proposal_attachment(
        result,
        brand=brand,
        prepared_for=prepared_for,
        prepared_by=prepared_by,
        prepared_on=prepared_on,
        page_size=page_size,
        form=form,
        beside=beside,
    )
    column, wide = widths(page)
    content = Content(
        result=result,
        library=library,
        theme=load_theme(),
        brand=brand,
        digest=attachment.digest,
        column=column,
        wide=wide,
        prepared_for=prepared_for,
        prepared_by=prepared_by,
        prepared_on=prepared_on,
        beside=tuple(beside),
    )
    story = [block for section in FORMS[form] for block in section(content)]
    about = Cover(
        title=_("What it is worth to keep clients: %(clinic)s", clinic=result.clinic_name),
        author=prepared_by or brand.prepared_by or brand.seller or "Rapport",
        subject=words.headline(result),
        foot=result.clinic_name,
        draft=bool(content.missing),
    )
    return Proposal(write(story, about, attachment, page, brand), attachment.digest)

"""The report: an evaluation as a tagged PDF that carries its own data."""

from __future__ import annotations

from reports.attachment import Attachment
from reports.brand import Brand
from reports.document import Cover, widths, write
from reports.document import page_size as size_of
from reports.evaluation.page import Page
from reports.evaluation.sections import SECTIONS, title, versions
from reports.evaluation.words import Evaluation, model
from reports.pdf.blocks import Block
from reports.theme import load_theme

NAME = "rapport-evaluation.json"
PLAIN = Brand()


def build_evaluation_report(evaluation: Evaluation, *, brand: Brand = PLAIN, page_size: str = "A4") -> bytes:
    """Return the report as PDF, in English; the same arguments always give the same bytes.

    Args:
        evaluation: in the schema ``rapport.evaluation/1``.
        brand: how it looks.
        page_size: A4 or Letter.

    Raises:
        ValueError: for another schema or page size.
    """
    if evaluation.get("schema") != SCHEMA:
        raise ValueError(f"the evaluation has the schema {evaluation.get('schema')!r}; it is {SCHEMA}")
    size = size_of(page_size)
    attachment = _attached(evaluation)
    column, wide = widths(size)
    page = Page(load_theme(), column, wide)
    story: list[Block] = [block for section in SECTIONS for block in section(evaluation, page)]
    story += versions(evaluation, page, attachment.digest)
    about = Cover(
        title=title(evaluation),
        author=brand.prepared_by or brand.seller or "Rapport",
        subject=f"{model(evaluation['primary'])}: {evaluation['horizon']}",
        foot="Simulated clients: no real person" if evaluation["simulated"] else "How good the prediction is",
    )
    return write(story, about, attachment, size, brand)


SCHEMA = "rapport.evaluation/1"


def _attached(evaluation: Evaluation) -> Attachment:
    import json

    text = json.dumps(evaluation, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return Attachment(NAME, f"{text}\n".encode(), "application/json", "The figures of the evaluation")

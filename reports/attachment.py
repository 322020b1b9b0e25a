"""The file that travels inside a PDF, so that its figures can be checked: canonical JSON and its digest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from calculator.language import spoken
from calculator.result import Result
from calculator.serialize import canonical, given_dict
from reports.brand import Brand
from reports.pdf.file import File, text_string

NAME = "rapport.json"


@dataclass(frozen=True)
class Attachment:
    """A file to embed, with the SHA-256 of its bytes."""

    name: str
    content: bytes
    media_type: str
    description: str

    @cached_property
    def digest(self) -> str:
        """Return the SHA-256 of the file in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()


def result_attachment(result: Result, **further: Any) -> Attachment:
    """Return the published JSON of a result in its one canonical form, one line, with further keys beside its own."""
    text = canonical(result.to_dict() | further)
    return Attachment(
        NAME, f"{text}\n".encode(errors="replace"), "application/json", "Inputs, figures, versions and seed"
    )


def proposal_attachment(
    result: Result,
    *,
    brand: Brand,
    prepared_for: str,
    prepared_by: str,
    prepared_on: date | None,
    page_size: str,
    form: str,
    beside: Sequence[Result],
) -> Attachment:
    """Return the result with what it takes to make the same document again.

    ``given`` is the scenario as it was entered, gaps and all; ``document`` is how the proposal was asked for. Of logos
    there is a fingerprint only.
    """
    document = {
        "form": form,
        "page_size": page_size,
        "language": spoken().tag,
        "prepared_for": prepared_for,
        "prepared_by": prepared_by,
        "prepared_on": prepared_on.isoformat() if prepared_on else None,
        "brand": brand.attachment(),
        "beside": [given_dict(other.resolved.scenario) for other in beside],
    }
    return result_attachment(result, given=given_dict(result.resolved.scenario), document=document)


def embed(file: File, attachment: Attachment) -> str:
    """Write the file and return its entry for the catalogue: a list of attachments (ISO 32000-1, 7.11.4)."""
    subtype = attachment.media_type.replace("/", "#2F")
    size = f"/Params <</Size {len(attachment.content)}>>"
    stream = file.deflated(attachment.content, f"/Type/EmbeddedFile/Subtype/{subtype}{size}")
    name = text_string(attachment.name)
    told = f"/F {name}/UF {name}/Desc {text_string(attachment.description)}/AFRelationship/Data"
    entry = file.add(f"<</Type/Filespec{told}/EF <</F {stream} 0 R>>>>")
    return f"/Names <</EmbeddedFiles <</Names [{name} {entry} 0 R]>>>>"

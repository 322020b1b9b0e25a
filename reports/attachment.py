"""The file that travels inside a PDF, so that its figures can be checked: canonical JSON and its digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFName, PDFStream, PDFString, PDFZCompress
from reportlab.pdfgen.canvas import Canvas

from calculator.result import Result

NAME = "rapport.json"
SHORT = 12  # hexadecimal digits of the digest at the foot of a page


@dataclass(frozen=True)
class Attachment:
    """A file to embed, with the SHA-256 of its bytes."""

    name: str
    content: bytes
    media_type: str
    description: str

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the file in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()


def result_attachment(result: Result) -> Attachment:
    """Return the published JSON of a result in its one canonical form: keys sorted, no spaces, UTF-8, one line."""
    text = json.dumps(result.to_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return Attachment(NAME, f"{text}\n".encode(), "application/json", "Inputs, figures, versions and seed")


def embed(canvas: Canvas, attachment: Attachment) -> None:
    """Put the file into the document's list of attachments (ISO 32000-1, 7.11.4).

    reportlab has no call for it; the objects are its own, hung into the catalogue's name tree.
    """
    document = canvas._doc
    size = PDFDictionary({"Size": len(attachment.content)})
    subtype = f"/{attachment.media_type.replace('/', '#2F')}"  # reportlab's PDFName leaves the slash alone
    stream = PDFStream(
        dictionary=PDFDictionary(
            {
                "Type": PDFName("EmbeddedFile"),
                "Subtype": subtype,
                "Params": size,
            }
        ),
        content=attachment.content,
        filters=[PDFZCompress],
    )
    file = PDFDictionary(
        {
            "Type": PDFName("Filespec"),
            "F": PDFString(attachment.name),
            "UF": PDFString(attachment.name),
            "Desc": PDFString(attachment.description),
            "AFRelationship": PDFName("Data"),
            "EF": PDFDictionary({"F": document.Reference(stream)}),
        }
    )
    names = PDFDictionary({"Names": PDFArray([PDFString(attachment.name), document.Reference(file)])})
    document.Catalog.Names = PDFDictionary({"EmbeddedFiles": document.Reference(names)})

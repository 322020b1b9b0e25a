"""A prepared stream in the way in which reportlab writes its own objects."""

from __future__ import annotations

from typing import Any

from reportlab.pdfbase.pdfdoc import PDFObject, format

from reports.brand.picture import Stream


class Written(PDFObject):  # type: ignore[misc]
    """A stream, and the soft mask that its dictionary refers to."""

    __RefOnly__ = 1

    def __init__(self, stream: Stream, mask: Any = None) -> None:
        self.stream, self.mask = stream, mask

    def format(self, document: Any) -> bytes:
        """Return the object as it stands in the file; nothing is compressed a second time."""
        mask = b" /SMask " + format(self.mask, document) if self.mask else b""
        head = f"<< {self.stream.entries} /Length {len(self.stream.data)}".encode("ascii")
        return b"".join((head, mask, b" >>\nstream\n", self.stream.data, b"\nendstream\n"))

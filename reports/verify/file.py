"""A PDF as it came in: what is attached to it and what its pages say, read without trust in any byte of it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from calculator.errors import InputError, Problem
from reports.attachment import NAME

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

MOST_BYTES = 50_000_000  # of a file; two large logos and three hundred pages are less than ten
MOST_ATTACHED = 16_000_000  # bytes of any one stream unpacked; rapport.json has a hundredth of it
MOST_PAGES = 400
MOST_MARKS = 2_000_000  # operators on all pages; a page of ours has some thousands

LOCKED = "is protected by a password; save it without one and verify that."
PRINTED = re.compile(rf"SHA-256 {re.escape(NAME)} ([0-9a-f]{{64}})(?![0-9a-f])")


@dataclass(frozen=True)
class Page:
    """One page as it is read, and what draws it.

    Attributes:
        words: in the order of the file, as a copying hand gets them.
        drawing: the page's own drawing commands, unpacked.
        pictures: whether it has any; of ours only logos are.
        added: kinds of annotation that Rapport never writes, such as ``FreeText``.
    """

    words: tuple[str, ...]
    drawing: bytes
    pictures: bool
    added: tuple[str, ...]

    @property
    def digests(self) -> tuple[str, ...]:
        """Return the digests that stand after the attachment's name, as at the foot of each page."""
        return tuple(PRINTED.findall(" ".join(self.words)))


class _TooMuchError(Exception):
    """More than a proposal has of anything."""


def read_attachment(data: bytes) -> tuple[bytes, int]:
    """Return the ``rapport.json`` of a PDF, and how many pages it has; what is unpacked of it is bounded.

    Raises:
        InputError: with one problem, if it is no readable PDF, asks for a password, carries no ``rapport.json`` or
            more than one, or is larger than any proposal.
    """
    if len(data) > MOST_BYTES:
        raise _refused(f"has more than {MOST_BYTES // 1_000_000} MB, which no proposal has.")
    if b"%PDF-" not in data[:1024]:
        raise _refused("is not a PDF.")
    with _reading(data) as reader:
        attached = [entry for entry in reader.attachment_list if entry.name == NAME]
        if not attached:
            raise _refused(f"carries no {NAME}; it is not a proposal that Rapport made, or the attachment was removed.")
        if len(attached) > 1:
            raise _refused(f"carries {len(attached)} attachments named {NAME}; a proposal has one.")
        if len(reader.pages) > MOST_PAGES:
            raise _refused(f"has {len(reader.pages)} pages; a proposal has at most {MOST_PAGES}.")
        return bytes(attached[0].content), len(reader.pages)


def read_pages(data: bytes) -> tuple[Page, ...]:
    """Return the pages of a PDF that ``read_attachment`` has read before; nothing in them is run.

    Raises:
        InputError: with one problem, if a page cannot be read, or they hold more than those of any proposal.
    """
    steps = _Steps()
    with _reading(data) as reader:
        return tuple(_page(page, steps) for page in reader.pages)


def _refused(message: str) -> InputError:
    return InputError([Problem("", message)])


@contextmanager
def _reading(data: bytes) -> Iterator[PdfReader]:
    """Give a reader with bounds; whatever goes wrong while it reads is one problem."""
    import pypdf
    from pypdf.errors import DependencyError, FileNotDecryptedError

    try:
        with pypdf.apply_configuration(
            zlib_maximum_output_length=MOST_ATTACHED,
            array_based_stream_maximum_output_length=MOST_ATTACHED,
            lzw_maximum_output_length=MOST_ATTACHED,
            run_length_maximum_output_length=MOST_ATTACHED,
            stream_parsing_work_maximum_count=1_000_000,
            page_tree_maximum_entries=10 * MOST_PAGES,
            xform_maximum_invocations_per_extraction=200,
        ):
            reader = pypdf.PdfReader(io.BytesIO(data))
            if reader.is_encrypted:
                raise _refused(LOCKED)
            yield reader
    except InputError:
        raise
    except _TooMuchError:
        raise _refused("holds more than any proposal does, and is not read to its end.") from None
    except (DependencyError, FileNotDecryptedError):
        raise _refused(LOCKED) from None
    except Exception:  # a damaged file makes the reader fail in ways that nobody has listed
        raise _refused("is damaged: it cannot be read as a PDF.") from None


class _Steps:
    """Counts what is drawn on all pages together, and stops where it would go on without end."""

    def __init__(self) -> None:
        self.left = MOST_MARKS

    def __call__(self, *_drawn: Any) -> None:
        self.left -= 1
        if self.left < 0:
            raise _TooMuchError


def _page(page: PageObject, steps: _Steps) -> Page:
    contents = page.get_contents()
    drawing = b"" if contents is None else contents.get_data()
    text = page.extract_text(visitor_operand_before=steps)
    resources = page.get("/Resources")
    pictures = resources is not None and "/XObject" in resources.get_object()
    return Page(tuple(text.split()), drawing, pictures, tuple(_added(page)))


def _added(page: PageObject) -> Iterator[str]:
    for note in page.annotations or ():
        kind = str(note.get_object().get("/Subtype", "/?"))
        if kind not in ("/Link", "/Popup"):
            yield kind[1:40]

"""The finished file: reportlab's objects and our tags in object streams, which keep a tagged document small.

reportlab writes each object by itself and knows no object streams (ISO 32000-1, 7.5.7); a structure tree of two
thousand elements would make the file four times as large. So the last step, from objects to bytes, is done here.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from reportlab.pdfbase.pdfdoc import PDFObject, PDFStream, PDFZCompress, pdfdocEnc
from reportlab.pdfbase.pdfdoc import format as formatted

HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
IN_A_STREAM = 500  # objects
LEVEL = 4  # of compression: half the time of the usual 6 for 2 % more bytes
_WIDE = re.compile(rb"> <([0-9A-F]{5,6})>")
LARGE = 10_000  # bytes, from which a stream is worth remembering: fonts and logos are the same in every document


class Late(PDFObject):  # type: ignore[misc]  # reportlab has no types
    """An object whose text is made when all others have their numbers."""

    def __init__(self, text: Callable[[], str | bytes]) -> None:
        self.text = text

    def format(self, document: Any) -> bytes:
        """Return the text."""
        return _bytes(self.text())


class Last(Late):
    """An object whose text is made when the further objects are known too."""


def number_of(document: Any, reference: Any) -> int:
    """Return the number of an object that was given to the document."""
    return int(document.idToObjectNumberAndVersion[reference.name][0])


def deflated(data: bytes) -> bytes:
    """Return data compressed; large pieces that come again are kept."""
    return _kept(data) if len(data) >= LARGE else zlib.compress(data, LEVEL)


def assemble(document: Any, elements: Callable[[int], list[bytes]]) -> bytes:
    """Return the file's bytes, which depend on its content alone.

    Args:
        document: a reportlab PDFDocument whose pages are all drawn.
        elements: returns further objects, given the number of the first.
    """
    for font in document.delayedFonts:
        font.addObjects(document)
    root, info = (document.Reference(each) for each in (document.Catalog, document.info))
    out = bytearray(HEAD)
    places: dict[int, tuple[int, int, int]] = {}
    packed: list[tuple[int, bytes]] = []
    last: list[tuple[int, Last]] = []
    number = 1
    while number in document.numberToId:
        made = document.idToObject[document.numberToId[number]]
        if isinstance(made, Last):
            last.append((number, made))
            number += 1
            continue
        data = _stream(made, document) if isinstance(made, PDFStream) else _bytes(formatted(made, document, toplevel=1))
        if b"endstream" in data[-20:]:
            places[number] = (1, len(out), 0)
            out += b"%d 0 obj\n%b\nendobj\n" % (number, data)
        else:
            packed.append((number, data))
        number += 1
    further = elements(number)
    packed += enumerate(further, number)
    packed += [(each, made.format(document)) for each, made in last]
    number += len(further)
    for start in range(0, len(packed), IN_A_STREAM):
        part = packed[start : start + IN_A_STREAM]
        places |= {each: (2, number, place) for place, (each, _) in enumerate(part)}
        places[number] = (1, len(out), 0)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, _object_stream(part))
        number += 1
    places[number] = (1, len(out), 0)
    start = len(out)
    out += b"%d 0 obj\n%b\nendobj\n" % (
        number,
        _cross_references(places, number, number_of(document, root), number_of(document, info), bytes(out)),
    )
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def _object_stream(part: list[tuple[int, bytes]]) -> bytes:
    head, place = [], 0
    for number, data in part:
        head.append(f"{number} {place}")
        place += len(data) + 1
    first = " ".join(head).encode() + b"\n"
    body = deflated(first + b"\n".join(data for _, data in part))
    entries = b"<</Type/ObjStm/N %d/First %d/Filter/FlateDecode/Length %d>>"
    return (entries % (len(part), len(first), len(body))) + b"\nstream\n" + body + b"\nendstream"


def _cross_references(places: dict[int, tuple[int, int, int]], last: int, root: int, info: int, before: bytes) -> bytes:
    rows = b"\x00\x00\x00\x00\x00\xff\xff" + b"".join(
        kind.to_bytes(1, "big") + place.to_bytes(4, "big") + index.to_bytes(2, "big")
        for kind, place, index in (places[number] for number in range(1, last + 1))
    )
    body = deflated(rows)
    name = hashlib.sha256(before).hexdigest()[:32].encode()
    entries = b"<</Type/XRef/Size %d/W [1 4 2]/Root %d 0 R/Info %d 0 R/ID [<%b><%b>]/Filter/FlateDecode/Length %d>>"
    return (entries % (last + 1, root, info, name, name, len(body))) + b"\nstream\n" + body + b"\nendstream"


def _stream(stream: Any, document: Any) -> bytes:
    """Return a stream object; reportlab would compress it the slow way."""
    data = _bytes(stream.content)
    if data.startswith(b"/CIDInit"):
        data = _WIDE.sub(_halves, data)
    entries = stream.dictionary.copy()
    if stream.filters == [PDFZCompress]:
        data = deflated(data)
        entries["Filter"] = "/FlateDecode"
    elif stream.filters:
        return _bytes(stream.format(document))
    entries["Length"] = len(data)
    return _bytes(entries.format(document)) + b"\nstream\n" + data + b"\nendstream"


def _halves(letter: re.Match[bytes]) -> bytes:
    """Return a letter beyond U+FFFF as UTF-16, which a font's table of letters is in; reportlab writes its number."""
    return b"> <%b>" % chr(int(letter[1], 16)).encode("utf-16-be").hex().upper().encode()


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else bytes(pdfdocEnc(text))


@lru_cache(maxsize=32)
def _kept(data: bytes) -> bytes:
    return zlib.compress(data, LEVEL)

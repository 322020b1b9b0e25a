"""A PDF as it is written: numbered objects, most of them in object streams, which keep a tagged document small.

A structure tree of two thousand elements as plain objects would make the file four times as large (ISO 32000-1, 7.5.7).
Objects are given as finished text, since to build and format an object for each costs more than all the rest.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from itertools import accumulate, count
from struct import pack

HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
IN_A_STREAM = 500  # objects
LEVEL = 1  # of compression: 3 ms less than the usual 6 for 8 % more bytes


class File:
    """The objects of a document: ``numbers`` hands out the next number, and each number is put once."""

    def __init__(self) -> None:
        self.numbers: Iterator[int] = count(1)
        self._objects: list[tuple[int, str]] = []
        self._streams: list[tuple[int, bytes]] = []

    def put(self, number: int, text: str) -> None:
        """Write an object under a number that was handed out; its text is Latin-1."""
        self._objects.append((number, text))

    def add(self, text: str) -> int:
        """Write an object and return its number."""
        number = next(self.numbers)
        self._objects.append((number, text))
        return number

    def stream(self, data: bytes, entries: str = "", *, number: int = 0) -> int:
        """Write a stream as it is, with the entries of its dictionary but for its length, and return its number."""
        number = number or next(self.numbers)
        self._streams.append((number, _stream(data, entries)))
        return number

    def deflated(self, data: bytes, entries: str = "", *, number: int = 0) -> int:
        """Write a stream compressed and return its number."""
        return self.stream(zlib.compress(data, LEVEL), f"{entries}/Filter/FlateDecode", number=number)

    def finished(self, root: int, info: int) -> bytes:
        """Return the file's bytes, which depend on its content alone.

        Args:
            root: the number of the catalogue.
            info: the number of the dictionary that says what the document is.
        """
        places: dict[int, bytes] = {}
        for start in range(0, len(self._objects), IN_A_STREAM):
            part = self._objects[start : start + IN_A_STREAM]
            home = self._packed(part)
            places |= {each: pack(">BIH", 2, home, place) for place, (each, _) in enumerate(part)}
        parts, end = [HEAD], len(HEAD)
        for number, data in self._streams:
            places[number] = pack(">BIH", 1, end, 0)
            parts += (b"%d 0 obj\n" % number, data, b"\nendobj\n")
            end += sum(map(len, parts[-3:]))
        last = next(self.numbers)
        places[last] = pack(">BIH", 1, end, 0)
        name = hashlib.sha256(b"".join(parts)).hexdigest()[:32]
        rows = pack(">BIH", 0, 0, 0xFFFF) + b"".join(places[number] for number in range(1, last + 1))
        entries = f"/Type/XRef/Size {last + 1}/W [1 4 2]/Root {root} 0 R/Info {info} 0 R/ID [<{name}><{name}>]"
        table = _stream(zlib.compress(rows, LEVEL), f"{entries}/Filter/FlateDecode")
        parts += (b"%d 0 obj\n" % last, table, b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % end)
        return b"".join(parts)

    def _packed(self, part: list[tuple[int, str]]) -> int:
        """Write some objects as one stream and return its number."""
        starts = accumulate((len(text) + 1 for _, text in part), initial=0)
        head = " ".join([f"{number} {place}" for (number, _), place in zip(part, starts, strict=False)])
        body = "\n".join([text for _, text in part])
        entries = f"/Type/ObjStm/N {len(part)}/First {len(head) + 1}"
        return self.deflated(f"{head}\n{body}".encode("latin-1"), entries)


def text_string(text: str) -> str:
    r"""Return text as a PDF string of any letters, for attributes.

    >>> text_string("50 (%)"), text_string("Zoë")
    ('(50 \\(%\\))', '<FEFF005A006F00EB>')
    """
    if text.isascii() and text.isprintable():
        return f"({escaped(text)})"
    return f"<FEFF{text.encode('utf-16-be', 'replace').hex().upper()}>"


def escaped(text: str) -> str:
    """Return ASCII text as it stands between the brackets of a PDF string."""
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _stream(data: bytes, entries: str) -> bytes:
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (entries.encode("latin-1"), len(data), data)

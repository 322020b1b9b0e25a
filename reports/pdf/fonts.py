"""The typefaces in a document: how text is shown with them, and the objects that embed them.

The first subset of each cut of the typeface is the same in all documents (``typeface.REPERTOIRE``); text of other signs
goes into further subsets, which are the document's own.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from reportlab.pdfbase.ttfonts import FF_NONSYMBOLIC, FF_SYMBOLIC, SUBSETN, makeToUnicodeCMap

from reports import typeface
from reports.pdf.file import File, text_string

NAMES = {typeface.REGULAR: "F1", typeface.STRONG: "F2", typeface.SECOND: "F3"}
SMALLEST = 9  # level of compression, of what is compressed once a process
_WIDE = re.compile(r"> <([0-9A-F]{5,6})>")


class Fonts:
    """The typefaces that one document uses."""

    def __init__(self) -> None:
        self._own: list[str] = []  # those of which it has signs that other documents have not

    def shown(self, text: str, size: float, *, strong: bool) -> str:
        """Return the operators that show text in the typeface where the pen is."""
        return simple(text, size, strong=strong) or self._shaped(text, size, strong=strong)

    def _shaped(self, text: str, size: float, *, strong: bool) -> str:
        found = typeface.shape(text, strong=strong)
        if found is None:
            return ""
        shown = " ".join(
            f"/{NAMES[name]}.{subset} {size:g} Tf <{codes.hex()}> Tj"
            for name, part in found.parts
            for subset, codes in self._split(name, part)
        )
        return f"/Span <</ActualText {text_string(found.says)}>> BDC {shown} EMC" if found.says else shown

    def _split(self, name: str, text: str) -> list[tuple[int, bytes]]:
        face = typeface.font(name)
        if name not in self._own:
            self._own.append(name)
            if name != typeface.SECOND:
                face.splitString(typeface.REPERTOIRE, self)
        return list(face.splitString(text, self))

    def written(self, file: File) -> str:
        """Write the objects of all typefaces and return the entries of the dictionary that names them."""
        entries = []
        for name in dict.fromkeys((typeface.REGULAR, typeface.STRONG, *self._own)):
            own = typeface.font(name).state[self].subsets if name in self._own else [_first_subset(name)]
            for number, letters in enumerate(own):
                made = _embedded(name, number, tuple(letters))
                program = file.stream(made.program, f"/Length1 {made.length}/Filter/FlateDecode")
                told = file.stream(made.letters, "/Filter/FlateDecode")
                descriptor = file.add(f"<<{made.descriptor}/FontFile2 {program} 0 R>>")
                font = file.add(f"<<{made.font}/ToUnicode {told} 0 R/FontDescriptor {descriptor} 0 R>>")
                entries.append(f"/{NAMES[name]}.{number} {font} 0 R")
        return "".join(entries)


@lru_cache(maxsize=16_384)
def simple(text: str, size: float, *, strong: bool) -> str:
    """Return the operators that show text in any document; nothing where it has signs beyond the first subset."""
    if typeface.shape(text, strong=strong) is not None:
        return ""
    name = typeface.STRONG if strong else typeface.REGULAR
    return f"/{NAMES[name]}.0 {size:g} Tf ({text.translate(_codes(name))}) Tj"


class _Anyone:
    """Stands for a document where one is asked for."""


@cache
def _assignments(name: str) -> Any:
    """Return how the typeface's file is divided after the first subset is filled."""
    face, anyone = typeface.font(name), _Anyone()
    face.splitString(typeface.REPERTOIRE, anyone)
    return face.state[anyone]


def _first_subset(name: str) -> list[int]:
    return list(_assignments(name).subsets[0])


@cache
def _codes(name: str) -> dict[int, str]:
    """Return, for every sign of the first subset, its code in a PDF string."""
    given = _assignments(name).assignments
    return {sign: _escaped(code) for sign, code in given.items() if sign and code < 256} | {0xA0: " "}


def _escaped(code: int) -> str:
    return f"\\{chr(code)}" if chr(code) in "()\\" else chr(code) if 32 <= code < 127 else f"\\{code:03o}"


@dataclass(frozen=True)
class _Embedded:
    """A subset ready for any document: the entries of its dictionaries without references, and its streams."""

    font: str
    descriptor: str
    letters: bytes
    program: bytes
    length: int


@lru_cache(maxsize=64)
def _embedded(name: str, number: int, letters: tuple[int, ...]) -> _Embedded:
    face = typeface.font(name).face
    base = b"".join((SUBSETN(number), b"+", face.name, face.subfontNameX)).decode("ascii")
    widths = " ".join(f"{face.getCharWidth(letter):g}" for letter in letters)
    program = face.makeSubset(letters)
    flags = face.flags & ~FF_NONSYMBOLIC | FF_SYMBOLIC
    box = " ".join(f"{value:g}" for value in face.bbox)
    return _Embedded(
        font=f"/Type/Font/Subtype/TrueType/BaseFont/{base}/FirstChar 0/LastChar {len(letters) - 1}/Widths [{widths}]",
        descriptor=(
            f"/Type/FontDescriptor/FontName/{base}/Flags {flags}/FontBBox [{box}]/ItalicAngle {face.italicAngle:g}"
            f"/Ascent {face.ascent:g}/Descent {face.descent:g}/CapHeight {face.capHeight:g}/StemV {face.stemV:g}"
            f"/MissingWidth {face.defaultWidth:g}"
        ),
        letters=zlib.compress(_WIDE.sub(_halves, makeToUnicodeCMap(base, letters)).encode("ascii"), SMALLEST),
        program=zlib.compress(program, SMALLEST),
        length=len(program),
    )


def _halves(letter: re.Match[str]) -> str:
    """Return a letter beyond U+FFFF as UTF-16, which a font's table of letters is in; reportlab writes its number."""
    return f"> <{chr(int(letter[1], 16)).encode('utf-16-be').hex().upper()}>"

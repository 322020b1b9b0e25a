"""A logo from a file: what kind it is by its content, and whether it is safe to show and can be drawn.

A browser runs no script in a picture, yet an SVG file may be opened by its address. So one that could run, load or
move anything is refused, and every logo is served with a policy that forbids all of it besides.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from calculator.language import gettext as _
from reports.brand.picture import picture

MOST_BYTES = 200_000  # on a page, for every visitor
MOST_BYTES_ON_PAPER = 2_000_000  # what is made of it for paper is smaller
LEAST_SEEN = 1.25  # contrast with white: below it there is a blank where the logo should be
SVG = "http://www.w3.org/2000/svg"
XHTML = "http://www.w3.org/1999/xhtml"
KNOWN = ("", "http://www.w3.org/1999/xlink", "http://www.w3.org/xml/1998/namespace")  # owners of attributes
REFUSED = frozenset({
    "script", "foreignobject", "handler", "listener", "iframe", "audio", "video", "animate", "animatemotion",
    "animatetransform", "animatecolor", "set", "discard",
})  # fmt: skip
ADVICE = "export the logo again as plain SVG, or as PNG."

_ELSEWHERE = re.compile(
    r"url\(\s*['\"]?(?!#|data:image/(?:png|jpeg|webp|gif)[;,])|@import|image-set|expression\(", re.I
)
_WITHIN = re.compile(r"\s*(?:#|data:image/(?:png|jpeg|webp|gif)[;,])", re.I)


@dataclass(frozen=True)
class Logo:
    """A picture that was read and found to be one."""

    data: bytes = field(repr=False)
    mimetype: str

    @property
    def fingerprint(self) -> str:
        """Return a short hash of its content."""
        return hashlib.sha256(self.data).hexdigest()[:12]


def read_logo(path: str) -> Logo:
    """Return the logo in a file for a page, or raise ``ValueError`` with what was found and what to do."""
    shown = f"names {path[:200]!r}"
    try:
        return known(read_picture(path, MOST_BYTES, "a PNG, JPEG, WebP or SVG file"))
    except ValueError as fault:
        raise ValueError(f"{shown}{fault}") from None


def paper_logo(data: bytes) -> Logo:
    """Return a logo for paper, prepared, or raise ``ValueError`` in words that follow a file's name."""
    if len(data) > MOST_BYTES_ON_PAPER:
        raise ValueError(_too_large(MOST_BYTES_ON_PAPER))
    logo = known(data)
    if logo.mimetype == "image/webp":
        raise ValueError(_(", a WebP picture; save it as PNG or SVG."))
    try:
        strength = picture(logo).strength
    except ValueError as fault:
        kind = "an SVG with " if logo.mimetype == "image/svg+xml" else ""
        raise ValueError(f", {kind}{str(fault).removesuffix('.')}.") from None
    if strength < LEAST_SEEN:
        said = _(", which is white or nearly so and cannot be seen on paper; name the logo's dark version.")
        raise ValueError(said)
    return logo


def _too_large(most: int) -> str:
    return _(", which has more than %(most)s kB; make the picture smaller.", most=most // 1000)


def read_picture(path: str | Path, most: int, kinds: str) -> bytes:
    """Return what is in a file, or raise ``ValueError`` in words that follow its name."""
    try:
        if Path(path).exists() and not Path(path).is_file() and not Path(path).is_dir():
            raise ValueError  # a pipe or a device could keep us waiting for ever
        with Path(path).open("rb") as file:
            data = file.read(most + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "it cannot be opened"
        raise ValueError(f": {reason}; write the path of {kinds}.") from None
    if len(data) > most:
        raise ValueError(_too_large(most))
    return data


def known(data: bytes) -> Logo:
    """Return a logo whose kind is known by its content, or raise ``ValueError`` in words that follow its name."""
    mimetype = _raster(data)
    if mimetype is None:
        fault = _svg_fault(data)
        if fault:
            raise ValueError(f", {fault}")
        mimetype = "image/svg+xml"
    return Logo(data, mimetype)


def _raster(data: bytes) -> str | None:
    """Return the media type of a whole picture made of dots; what was cut off at its end is none."""
    if data.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR") and data.endswith(b"IEND\xaeB\x60\x82"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff") and data.rstrip(b"\x00").endswith(b"\xff\xd9"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP" and int.from_bytes(data[4:8], "little") + 8 <= len(data):
        return "image/webp"
    return None


def _svg_fault(data: bytes) -> str:
    """Return why these bytes are no harmless SVG, or nothing."""
    reading = _Reading()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reading.start
    parser.CharacterDataHandler = reading.text
    parser.EndElementHandler = reading.end
    parser.EntityDeclHandler = reading.entity
    parser.ProcessingInstructionHandler = reading.instruction
    try:
        parser.Parse(data, True)
    except _HarmError as found:
        return f"an SVG with {found}; {ADVICE}"
    except expat.ExpatError:
        return _("which is no whole PNG, JPEG, WebP or SVG file; export the logo again.")
    return ""


class _HarmError(Exception):
    """Something that a logo has no need of."""


class _Reading:
    """Goes through the elements of a file and raises at the first that could do more than be seen."""

    def __init__(self) -> None:
        self.depth = 0
        self.style: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _blank, local = name.rpartition(" ")
        if self.depth == 0 and (namespace, local) != (SVG, "svg"):
            raise _HarmError(f"{local!r} as its root")
        if local.lower() in REFUSED or namespace == XHTML:
            raise _HarmError(f"an element {local!r}")
        for full, value in attributes.items():
            owner, _blank, attribute = full.lower().rpartition(" ")
            if owner not in KNOWN:
                continue  # a note of a drawing program to itself
            if attribute.startswith("on"):
                raise _HarmError(f"the event handler {attribute!r}")
            if (attribute in ("href", "src", "base") and not _WITHIN.match(value)) or _reaches_out(value):
                raise _HarmError(f"a reference to something outside of it, {attribute!r}")
        self.depth += 1
        self.style = []

    def text(self, text: str) -> None:
        self.style.append(text)

    def end(self, name: str) -> None:
        self.depth -= 1
        if name.rpartition(" ")[2].lower() == "style" and _reaches_out("".join(self.style)):
            raise _HarmError("a style that refers to something outside of it")

    def entity(self, name: str, *_: object) -> None:
        raise _HarmError(f"an entity {name!r} of its own")

    def instruction(self, target: str, _: str) -> None:
        raise _HarmError(f"an instruction {target!r}")


def _reaches_out(text: str) -> bool:
    return "\\" in text or bool(_ELSEWHERE.search(text))

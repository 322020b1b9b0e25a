"""A logo on paper: prepared once in a process, put into each document once, and drawn at any size."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from reports.brand.colours import WHITE, contrast

if TYPE_CHECKING:
    from reports.brand.logo import Logo
    from reports.pdf.file import File
    from reports.pdf.sheet import Sheet

SHARP = 300  # dots an inch: a picture made of dots is never drawn so large that it has fewer
POINTS = 72  # an inch
PREPARED = 64  # logos that a process keeps ready


@dataclass(frozen=True)
class Stream:
    """A stream of PDF, compressed already: the entries of its dictionary but for its length, and its bytes."""

    entries: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Picture:
    """What a document needs to show a logo: an object that fills the unit square.

    Attributes:
        width: in dots, or in units of the drawing.
        height: the same.
        dots: whether it is made of dots, which cannot be enlarged.
        strength: the largest contrast that anything in it has with white paper, from 1 to 21.
        main: the picture.
        mask: how much of each dot is seen, where that differs.
    """

    width: float
    height: float
    dots: bool
    strength: float
    main: Stream
    mask: Stream | None = None


@lru_cache(maxsize=PREPARED)
def picture(logo: Logo) -> Picture:
    """Return a logo prepared for paper; the second time it is there already.

    Raises:
        ValueError: if it cannot be drawn as it is, with what to do.
    """
    if logo.mimetype == "image/svg+xml":
        from reports.brand.svg import vector

        return vector(logo.data)
    from reports.brand.raster import raster

    return raster(logo.data)


def fitted(logo: Logo, max_width: float, max_height: float) -> tuple[float, float]:
    """Return width and height in points of a logo that fills a box as well as it can, in its own proportions."""
    found = picture(logo)
    scale = min(max_width / found.width, max_height / found.height)
    if found.dots:
        scale = min(scale, POINTS / SHARP)
    return found.width * scale, found.height * scale


def strength(ink: tuple[float, float, float], opacity: float) -> float:
    """Return the contrast with white of an ink, its parts from 0 to 1, that covers the paper in part."""
    seen = (round(255 * (1 - opacity * (1 - part))) for part in ink)
    return contrast("#" + "".join(f"{part:02x}" for part in seen), WHITE)


def draw_logo(sheet: Sheet, logo: Logo, x: float, y: float, max_width: float, max_height: float) -> tuple[float, float]:
    """Draw a logo with its lower left corner at (x, y) and return its width and height; all in points.

    The picture stands in the document once, under a name made of its content, however often it is drawn.
    """
    width, height = fitted(logo, max_width, max_height)
    sheet.picture(f"logo.{logo.fingerprint}", lambda file: _written(file, picture(logo)), x, y, width, height)
    return width, height


def _written(file: File, found: Picture) -> int:
    """Write a picture, after the mask that it refers to."""
    mask = f"/SMask {file.stream(found.mask.data, found.mask.entries)} 0 R" if found.mask else ""
    return file.stream(found.main.data, f"{found.main.entries}{mask}")

"""The part of the plane that an SVG shows, and lengths measured in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from reports.brand.svg_path import checked, numbers

UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}

_LENGTH = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([a-z%]*)", re.I)


class NoSizeError(Exception):
    """A drawing that does not say how large it is."""


@dataclass(frozen=True)
class Box:
    """What is seen: its upper left corner and its size, in the units of the drawing."""

    x: float
    y: float
    width: float
    height: float

    def length(self, text: str, along: str = "") -> float:
        """Return a length in the drawing's own units; percents are of its width, its height or its diagonal."""
        match = _LENGTH.fullmatch(text.strip())
        unit = match[2].lower() if match else "?"
        if match is None or unit not in {*UNITS, "%"}:
            raise ValueError(f"a length {text[:40]!r}")
        if unit == "%":
            diagonal = ((self.width**2 + self.height**2) / 2) ** 0.5
            whole = self.width if "x" in along or "width" in along else diagonal
            whole = self.height if "y" in along or "height" in along else whole
            return checked(float(match[1]) / 100 * whole)
        return checked(float(match[1]) * UNITS[unit])


def seen_box(root: Element) -> Box:
    """Return the part of the plane that is seen: the viewBox, or else width and height."""
    if root.get("viewBox"):
        found = numbers(root.get("viewBox", ""))
        box = Box(*found) if len(found) == 4 else Box(0, 0, 0, 0)
    else:
        sizes = (root.get("width", ""), root.get("height", ""))
        if not all(_LENGTH.fullmatch(size.strip()) for size in sizes) or any("%" in size for size in sizes):
            raise NoSizeError
        none = Box(0, 0, 0, 0)
        box = Box(0, 0, none.length(sizes[0]), none.length(sizes[1]))
    if not (box.width > 0 and box.height > 0):
        raise NoSizeError
    return box

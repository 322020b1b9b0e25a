"""What lines and areas of an SVG are painted with: colours and gradients, as the operators and resources of PDF."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from xml.etree.ElementTree import Element

from reports.brand.svg_path import Matrix, number, numbers, product
from reports.brand.svg_style import Styles

HREFS = ("href", "{http://www.w3.org/1999/xlink}href")
GRADIENTS = ("linearGradient", "radialGradient")
LEAST_STEP = 1e-5  # between two stops: PDF wants them apart

_FUNCTION = re.compile(r"rgba?\(([^)]*)\)")
_TRANSFORM = re.compile(r"[\s,]*([a-zA-Z]+)\s*\(([^)]*)\)")

Colour = tuple[float, float, float, float]  # red, green, blue, opacity, each 0 to 1


@dataclass
class Resources:
    """What the operators of a drawing refer to by name; equal things have one name."""

    states: dict[str, str] = field(default_factory=dict)
    shadings: dict[str, str] = field(default_factory=dict)

    def opacity(self, fill: float, stroke: float) -> str:
        """Return the operator that sets the opacity of areas and lines, or nothing where both are whole."""
        if fill >= 1 and stroke >= 1:
            return ""
        state = f"<< /ca {number(fill)} /CA {number(stroke)} >>"
        return f"/{self.states.setdefault(state, f'a{len(self.states)}')} gs"

    def shading(self, shading: str) -> str:
        """Return the operator that paints a gradient."""
        return f"/{self.shadings.setdefault(shading, f's{len(self.shadings)}')} sh"

    def dictionary(self) -> str:
        """Return all of them as a dictionary of PDF."""
        kinds = {"ExtGState": self.states, "Shading": self.shadings}
        parts = (
            f"/{kind} << {' '.join(f'/{name} {text}' for text, name in things.items())} >>"
            for kind, things in kinds.items()
            if things
        )
        return f"<< {' '.join(parts)} >>"


@dataclass(frozen=True)
class Gradient:
    """A gradient as PDF knows it, with the matrix from its own coordinates to those of the drawing."""

    matrix: Matrix
    shading: str
    opacity: float
    colours: tuple[Colour, ...]


def colour(text: str, current: str = "black") -> Colour:
    """Return a colour of CSS, or raise ``ValueError``.

    >>> colour("#f00"), colour("rgb(0 0 0 / 50%)")
    ((1.0, 0.0, 0.0, 1.0), (0.0, 0.0, 0.0, 0.5))
    """
    from PIL import ImageColor

    plain = text.strip().lower()
    if plain == "currentcolor":
        plain = "black" if current.lower() == "currentcolor" else current.lower()
    if plain == "transparent":
        return 0.0, 0.0, 0.0, 0.0
    try:
        if match := _FUNCTION.fullmatch(plain):
            parts = [part for part in re.split(r"[\s,/]+", match[1]) if part]
            red, green, blue, *alpha = (
                float(part[:-1]) / 100 if part.endswith("%") else float(part) / (255 if place < 3 else 1)
                for place, part in enumerate(parts)
            )
            values = (red, green, blue, alpha[0] if alpha else 1.0)
            return _within(values[0]), _within(values[1]), _within(values[2]), _within(values[3])
        bytes_ = ImageColor.getrgb(plain)
    except ValueError:
        raise ValueError(f"a colour {text[:40]!r}") from None
    red, green, blue, *alpha = (byte / 255 for byte in bytes_)
    return red, green, blue, alpha[0] if alpha else 1.0


def share(text: str) -> float:
    """Return an opacity or an offset, written as a number or in percent, between 0 and 1."""
    (value,) = numbers(text.strip().removesuffix("%"))
    return _within(value / 100 if text.strip().endswith("%") else value)


def transform(text: str) -> Matrix:
    """Return the matrix of a ``transform`` attribute, or raise ``ValueError``."""
    from math import cos, radians, sin, tan

    found: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    place, text = 0, text.strip()
    while place < len(text):
        match = _TRANSFORM.match(text, place)
        if match is None:
            raise ValueError(f"a transform {text[:40]!r}")
        place = match.end()
        match match[1], numbers(match[2]):
            case "matrix", [a, b, c, d, e, f]:
                step: Matrix = (a, b, c, d, e, f)
            case "translate", [x, *y] if len(y) < 2:
                step = (1, 0, 0, 1, x, *(y or [0.0]))  # type: ignore[assignment]
            case "scale", [x, *y] if len(y) < 2:
                step = (x, 0, 0, (y or [x])[0], 0, 0)
            case "rotate", [turn, *centre] if len(centre) in (0, 2):
                x, y0 = centre or (0.0, 0.0)
                c, s = cos(radians(turn)), sin(radians(turn))
                step = (c, s, -s, c, x - c * x + s * y0, y0 - s * x - c * y0)
            case "skewX", [turn]:
                step = (1, 0, tan(radians(turn)), 1, 0, 0)
            case "skewY", [turn]:
                step = (1, tan(radians(turn)), 0, 1, 0, 0)
            case _:
                raise ValueError(f"a transform {text[:40]!r}")
        found = product(found, step)
    return found


def gradient(
    element: Element, named: Mapping[str, Element], styles: Styles, box: tuple[float, float, float, float]
) -> Gradient | Colour | None:
    """Return what a gradient paints an area with: itself, one colour where it is only that, or nothing.

    Args:
        element: the ``linearGradient`` or ``radialGradient``.
        named: every element of the drawing that has an id; a gradient may take over from another.
        styles: the rules of the drawing.
        box: least x and y, largest x and y of the area.

    Raises:
        ValueError: for what is not drawn here.
    """
    chain = _chain(element, named)
    given: dict[str, str] = {}
    for each in reversed(chain):
        given |= each.attrib
    stops = next((found for each in chain if (found := _stops(each, styles))), [])
    if given.get("spreadMethod", "pad") != "pad":
        raise ValueError("a gradient that repeats")
    if len({stop[1][3] for stop in stops}) > 1:
        raise ValueError("a gradient that fades out")
    if not stops:
        return None
    last = stops[-1][1]
    matrix = transform(given.get("gradientTransform", ""))
    in_box = given.get("gradientUnits", "objectBoundingBox") == "objectBoundingBox"
    if in_box:
        x1, y1, x2, y2 = box
        if x1 == x2 or y1 == y2:
            return None
        matrix = product((x2 - x1, 0.0, 0.0, y2 - y1, x1, y1), matrix)
    place = _places(element.tag, given, in_box)
    if len(stops) == 1 or place is None or abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]) < 1e-12:
        return last
    kind = GRADIENTS.index(element.tag) + 2  # ISO 32000-1, table 78: 2 is axial, 3 radial
    coordinates = " ".join(number(value, 6) for value in place)
    shading = (
        f"<< /ShadingType {kind} /ColorSpace /DeviceRGB /Coords [{coordinates}] /Extend [true true] "
        f"/Function {_function(stops)} >>"
    )
    return Gradient(matrix, shading, last[3], tuple(colour for _, colour in stops))


def target(element: Element) -> str:
    """Return the id that an element refers to, or nothing."""
    text = next((element.get(name, "") for name in HREFS if element.get(name)), "").strip()
    return text[1:] if text.startswith("#") else ""


def _chain(element: Element, named: Mapping[str, Element]) -> list[Element]:
    chain = [element]
    while (follows := named.get(target(chain[-1]))) is not None and follows not in chain and follows.tag in GRADIENTS:
        chain.append(follows)
    return chain


def _places(tag: str, given: Mapping[str, str], in_box: bool) -> tuple[float, ...] | None:
    """Return the coordinates of a gradient, or None where it has no extent."""

    def at(name: str, otherwise: str) -> float:
        text = given.get(name, otherwise).strip()
        if text.endswith("%") and not in_box:
            raise ValueError("a gradient in percent of the drawing")
        (value,) = numbers(text.removesuffix("%").removesuffix("px"))
        return value / 100 if text.endswith("%") else value

    if tag == "linearGradient":
        line = at("x1", "0%"), at("y1", "0%"), at("x2", "100%" if in_box else "0"), at("y2", "0%")
        return None if line[:2] == line[2:] else line
    cx, cy, radius = at("cx", "50%"), at("cy", "50%"), at("r", "50%")
    fx, fy, fr = at("fx", str(cx)), at("fy", str(cy)), at("fr", "0")
    return None if radius <= 0 else (fx, fy, fr, cx, cy, radius)


def _stops(element: Element, styles: Styles) -> list[tuple[float, Colour]]:
    found: list[tuple[float, Colour]] = []
    for stop in element:
        if stop.tag == "stop":
            own = styles.of(stop)
            red, green, blue, alpha = colour(own.get("stop-color", "black"), own.get("color", "black"))
            offset = max(share(stop.get("offset", "0")), found[-1][0] if found else 0.0)
            found.append((offset, (red, green, blue, alpha * share(own.get("stop-opacity", "1")))))
    return found


def _function(stops: list[tuple[float, Colour]]) -> str:
    """Return the colours between the stops as a function of PDF (ISO 32000-1, 7.10)."""
    first = [(0.0, stops[0][1])] if stops[0][0] > 0 else []
    last = [(1.0, stops[-1][1])] if stops[-1][0] < 1 else []
    places, colours = list[float](), list[str]()
    for offset, ink in (*first, *stops, *last):
        places.append(max(offset, places[-1] + LEAST_STEP) if places else 0.0)
        colours.append(" ".join(map(number, ink[:3])))
    parts = [f"<< /FunctionType 2 /Domain [0 1] /C0 [{start}] /C1 [{end}] /N 1 >>" for start, end in pairwise(colours)]
    bounds = [number(place / places[-1], 6) for place in places[1:-1]]
    if len(parts) == 1:
        return parts[0]
    encode = " ".join(["0 1"] * len(parts))
    return (
        f"<< /FunctionType 3 /Domain [0 1] /Functions [{' '.join(parts)}] /Bounds [{' '.join(bounds)}] "
        f"/Encode [{encode}] >>"
    )


def _within(value: float) -> float:
    return min(1.0, max(0.0, value))

"""An SVG as operators of PDF: the shapes of a logo, drawn as they are, or refused with what stands in the way.

Nothing is fetched, no typeface is looked for and nothing is left out in silence: what is not drawn here (text, masks,
filters, pictures made of dots) is named, so that nobody finds half a logo on paper. That is why svglib, which passes
over what it does not know and asks the system for fonts, does not draw them.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from reports.brand import svg_path
from reports.brand.picture import Picture, Stream, strength
from reports.brand.svg_box import Box, NoSizeError, seen_box
from reports.brand.svg_paint import GRADIENTS, Colour, Gradient, Resources, colour, gradient, share, target, transform
from reports.brand.svg_path import IDENTITY, Matrix, Outline, number, product
from reports.brand.svg_style import Styles, inherited

SVG = "{http://www.w3.org/2000/svg}"
MOST_ELEMENTS = 5_000
MOST_BYTES = 400_000  # of operators: more is no logo but a traced photograph
DEEPEST = 40

SHAPES = frozenset({"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"})
GROUPS = frozenset({"svg", "g", "a", "symbol"})
NOT_SEEN = frozenset({
    "defs", "title", "desc", "metadata", "style", "clipPath", "symbol", "mask", "filter", "marker", "pattern",
    "stop", "view", "cursor", "font", "color-profile", *GRADIENTS,
})  # fmt: skip
NOT_DRAWN = {
    "text": "text in a typeface; convert text to paths in your drawing program",
    "image": "a picture made of dots; save the logo as PNG",
    "switch": "a switch; export the logo again as plain SVG",
    "svg": "another svg within; export the logo again as plain SVG",
}
ADVICE = "export the logo again as plain SVG, or as PNG"

_URL = re.compile(r"url\(\s*['\"]?#([^'\")]+)['\"]?\s*\)\s*(.*)", re.S)


def vector(data: bytes) -> Picture:
    """Return a drawing as a form of PDF.

    Raises:
        ValueError: in words that follow "an SVG with": what is not drawn here, and what to do.
    """
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 - logo.py has refused entities and instructions
    except (ElementTree.ParseError, ValueError):
        raise ValueError(f"a fault; {ADVICE}") from None
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
    try:
        return _Drawing(root).picture()
    except NoSizeError:
        raise ValueError(f"no size; give its root a viewBox, or {ADVICE}") from None
    except _NotDrawnError as found:
        raise ValueError(str(found)) from None
    except ValueError as found:
        raise ValueError(f"{found}; {ADVICE}") from None


class _NotDrawnError(Exception):
    """Something that is not drawn here, with what to do about it."""


class _Drawing:
    """Goes through the elements once and writes down what they draw."""

    def __init__(self, root: Element) -> None:
        self.root = root
        sheets = ["".join(style.itertext()) for style in root.iter("style")]
        self.styles = Styles("\n".join(sheets))
        self.named = {element.get("id", ""): element for element in reversed(list(root.iter())) if element.get("id")}
        self.box = seen_box(root)
        self.code: list[str] = []
        self.resources = Resources()
        self.outlines: dict[Element, Outline] = {}
        self.seen = self.painted = self.size = 0
        self.strength = 1.0

    def picture(self) -> Picture:
        """Return the drawing, in a form one unit wide and tall."""
        own = self.styles.of(self.root)
        if share(own.get("opacity", "1")) < 1:
            raise ValueError("a group of shapes that can be seen through")
        for child in self.root:
            self._draw(child, inherited({}, own), 1.0, ())
        if not self.painted:
            raise ValueError("nothing in it that can be seen")
        content = "\n".join(self.code).encode("ascii")
        box = self.box
        edges = (box.x, box.y, box.x + box.width, box.y + box.height)
        matrix = (1 / box.width, 0.0, 0.0, -1 / box.height, -box.x / box.width, 1 + box.y / box.height)
        entries = (
            f"/Type /XObject /Subtype /Form /FormType 1 /BBox [{' '.join(map(number, edges))}] "
            f"/Matrix [{' '.join(number(value, 10) for value in matrix)}] "
            f"/Resources {self.resources.dictionary()} /Filter /FlateDecode"
        )
        main = Stream(entries, zlib.compress(content, 9))
        return Picture(box.width, box.height, dots=False, strength=self.strength, main=main)

    def _draw(self, element: Element, above: Mapping[str, str], opacity: float, within: tuple[str, ...]) -> None:
        tag = element.tag
        used = bool(within and within[-1])
        if tag.startswith("{") or (tag in NOT_SEEN and not (tag == "symbol" and used)):
            return  # a note of a drawing program to itself, or something only seen where it is used
        self.seen += 1
        if self.seen > MOST_ELEMENTS or len(within) > DEEPEST:
            raise _NotDrawnError("so many elements that it is no logo; simplify it, or save it as PNG")
        own = self.styles.of(element)
        if own.get("display") == "none":
            return
        if tag in NOT_DRAWN:
            raise _NotDrawnError(NOT_DRAWN[tag])
        if tag not in SHAPES and tag not in GROUPS and tag != "use":
            raise ValueError(f"an element {tag[:40]!r}")
        style = inherited(above, own)
        own_opacity = share(own.get("opacity", "1"))
        matrix = transform(element.get("transform", ""))
        if tag == "use":
            shift = (self.box.length(element.get("x", "0"), "x"), self.box.length(element.get("y", "0"), "y"))
            matrix = product(matrix, (1.0, 0.0, 0.0, 1.0, *shift))
        if abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]) < 1e-12 or own_opacity * opacity == 0:
            return
        marks, start = len(self.code), self.painted
        self.code.append("q")
        if matrix != IDENTITY:
            self.code.append(f"{_operands(matrix)} cm")
        if "clip-path" in own and own["clip-path"] != "none":
            self._clip(own["clip-path"], ())
        if tag in SHAPES:
            self._paint(element, style, opacity * own_opacity)
        else:
            for child, deeper in self._children(element, within):
                self._draw(child, style, opacity * own_opacity, deeper)
            if own_opacity < 1 and self.painted - start > 1:
                raise ValueError("a group of shapes that can be seen through")
        self.code.append("Q")
        if self.painted == start:
            del self.code[marks:]

    def _children(self, element: Element, within: tuple[str, ...]) -> list[tuple[Element, tuple[str, ...]]]:
        if element.tag != "use":
            if element.tag == "symbol" and element.get("viewBox"):
                raise ValueError("a symbol with a viewBox")
            return [(child, (*within, "")) for child in element]
        name = target(element)
        if name in within:
            raise ValueError("an element that uses itself")
        if name not in self.named:
            raise ValueError("a use of something that is not there")
        return [(self.named[name], (*within, name))]

    def _paint(self, element: Element, style: Mapping[str, str], opacity: float) -> None:
        outline = self._known_outline(element)
        if not outline.segments or style.get("visibility", "visible") in ("hidden", "collapse"):
            return
        fill = self._paint_of(style, "fill", "black", outline) if element.tag != "line" else None
        stroke = self._paint_of(style, "stroke", "none", outline)
        if isinstance(stroke, Gradient):
            raise ValueError("a line drawn with a gradient")
        width = self.box.length(style.get("stroke-width", "1"))
        stroke = stroke if width > 0 else None
        if fill is None and stroke is None:
            return
        self.painted += 1
        fill_opacity = opacity * share(style.get("fill-opacity", "1"))
        fill_opacity *= fill.opacity if isinstance(fill, Gradient) else fill[3] if fill else 1.0
        stroke_opacity = opacity * share(style.get("stroke-opacity", "1")) * (stroke[3] if stroke else 1.0)
        self._see(fill, fill_opacity)
        self._see(stroke, stroke_opacity)
        path, odd = outline.operators(), "*" if style.get("fill-rule") == "evenodd" else ""
        self._add(self.resources.opacity(fill_opacity, stroke_opacity))
        if stroke:
            self._add(f"{_operands(stroke[:3])} RG {_pen(style, width, self.box)}")
        if isinstance(fill, Gradient):
            shade = self.resources.shading(fill.shading)
            self._add(f"q {path} W{odd} n {_operands(fill.matrix)} cm {shade} Q")
            fill = None
            if stroke is None:
                return
        if fill:
            self._add(f"{_operands(fill[:3])} rg")
        paint = {(True, True): "B", (True, False): "f", (False, True): "S"}[fill is not None, stroke is not None]
        self._add(f"{path} {paint}{odd if fill else ''}")

    def _paint_of(
        self, style: Mapping[str, str], name: str, otherwise: str, outline: Outline
    ) -> Colour | Gradient | None:
        text = style.get(name, otherwise)
        if match := _URL.fullmatch(text):
            found = self.named.get(match[1])
            if found is not None and found.tag in GRADIENTS:
                return gradient(found, self.named, self.styles, outline.bounds())
            if found is not None:
                raise ValueError(f"a {str(found.tag)[:20]} to paint with")
            text = match[2].strip() or "none"
        if text.lower() == "none":
            return None
        return colour(re.sub(r"\s*icc-color\(.*", "", text), style.get("color", "black"))

    def _clip(self, text: str, within: tuple[str, ...]) -> None:
        match = _URL.fullmatch(text)
        found = self.named.get(match[1]) if match else None
        if match is None or found is None or found.tag != "clipPath" or match[1] in within:
            raise ValueError(f"a clip path {text[:40]!r} that is not there")
        if found.get("clipPathUnits", "userSpaceOnUse") != "userSpaceOnUse":
            raise ValueError("a clip path in the measure of what it clips")
        own = self.styles.of(found)
        if own.get("clip-path", "none") != "none":
            self._clip(own["clip-path"], (*within, match[1]))
        pieces = self._clipping(found, transform(found.get("transform", "")), inherited({}, own), within)
        rules = {rule for _, rule in pieces}
        if len(rules) > 1:
            raise ValueError("a clip path with two rules")
        path = " ".join(outline.operators() for outline, _ in pieces) or "0 0 0 0 re"
        self._add(f"{path} W{'*' if rules == {'evenodd'} else ''} n")

    def _clipping(
        self, element: Element, matrix: Matrix, style: Mapping[str, str], within: tuple[str, ...]
    ) -> list[tuple[Outline, str]]:
        """Return the outlines of a clip path, each with its rule."""
        self.seen += 1
        if self.seen > MOST_ELEMENTS or len(within) > DEEPEST:
            raise ValueError("a clip path of too many elements")
        found: list[tuple[Outline, str]] = []
        for child, deeper in self._children(element, within):
            if child.tag.startswith("{") or child.tag in ("title", "desc"):
                continue
            if child.tag not in SHAPES and child.tag not in ("use", "g"):
                raise _NotDrawnError(NOT_DRAWN.get(child.tag, f"an element {child.tag[:40]!r} to clip; {ADVICE}"))
            own = self.styles.of(child)
            if own.get("clip-path", "none") != "none":
                raise ValueError("a clip path that is clipped in parts")
            if own.get("display") == "none":
                continue
            here = product(matrix, transform(child.get("transform", "")))
            holds = inherited(style, own)
            if child.tag in SHAPES:
                outline = self._known_outline(child).transformed(here)
                found += [(outline, holds.get("clip-rule", "nonzero"))] if outline.segments else []
                continue
            if child.tag == "use":
                shift = (self.box.length(child.get("x", "0"), "x"), self.box.length(child.get("y", "0"), "y"))
                here = product(here, (1.0, 0.0, 0.0, 1.0, *shift))
            found += self._clipping(child, here, holds, deeper)
        return found

    def _known_outline(self, element: Element) -> Outline:
        if element not in self.outlines:
            self.outlines[element] = self._outline(element)
        return self.outlines[element]

    def _outline(self, element: Element) -> Outline:
        def at(name: str, otherwise: str = "0") -> float:
            text = element.get(name, otherwise)
            return self.box.length(otherwise if text == "auto" else text, name)

        match element.tag:
            case "path":
                return svg_path.path(element.get("d", ""))
            case "rect":
                rx, ry = element.get("rx", element.get("ry", "0")), element.get("ry", element.get("rx", "0"))
                corners = (at("rx", ry), at("ry", rx))
                return svg_path.rectangle(at("x"), at("y"), at("width"), at("height"), *corners)
            case "circle":
                return svg_path.ellipse(at("cx"), at("cy"), at("r"), at("r"))
            case "ellipse":
                return svg_path.ellipse(at("cx"), at("cy"), at("rx"), at("ry"))
            case "line":
                return svg_path.polygon([at("x1"), at("y1"), at("x2"), at("y2")], closed=False)
            case _:
                points = svg_path.numbers(element.get("points", ""))
                return svg_path.polygon(points, closed=element.tag == "polygon")

    def _see(self, paint: Colour | Gradient | None, opacity: float) -> None:
        if paint is not None:
            inks = (each[:3] for each in (paint.colours if isinstance(paint, Gradient) else (paint,)))
            self.strength = max(self.strength, *(strength(ink, opacity) for ink in inks))

    def _add(self, code: str) -> None:
        if code:
            self.code.append(code)
            self.size += len(code)
            if self.size > MOST_BYTES:
                raise _NotDrawnError("so much detail that it is no logo; simplify it, or save it as PNG")


def _pen(style: Mapping[str, str], width: float, box: Box) -> str:
    """Return the operators for lines: width, ends, corners and dashes."""
    cap = {"round": 1, "square": 2}.get(style.get("stroke-linecap", ""), 0)
    join = {"round": 1, "bevel": 2}.get(style.get("stroke-linejoin", ""), 0)
    (limit,) = svg_path.numbers(style.get("stroke-miterlimit", "4"))
    text = style.get("stroke-dasharray", "none")
    dashes = [] if text == "none" else [box.length(part) for part in re.split(r"[\s,]+", text.strip()) if part]
    if min(dashes, default=0) < 0 or sum(dashes) == 0:
        dashes = []
    phase = box.length(style.get("stroke-dashoffset", "0")) if dashes else 0.0
    if len(dashes) % 2:
        dashes *= 2  # means the same, and readers agree on it
    if dashes:
        phase %= sum(dashes)  # PDF has no negative phase; dashes repeat
    pattern = f"[{' '.join(map(number, dashes))}] {number(phase)} d"
    return f"{number(width)} w {cap} J {join} j {number(max(1.0, limit))} M {pattern}"


def _operands(values: tuple[float, ...]) -> str:
    return " ".join(number(value, 8 if len(values) == 6 else 4) for value in values)

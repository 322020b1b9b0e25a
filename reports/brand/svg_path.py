"""Lines of an SVG: path data and basic shapes as moves, straight lines and Bézier curves, in absolute coordinates."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Matrix = tuple[float, float, float, float, float, float]
Segment = tuple[str, tuple[float, ...]]  # an operator of PDF (m, l, c, h) and its coordinates

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
ROUND = 0.5522847498  # 4/3 (√2 − 1): how far the handles of a quarter circle reach
LARGEST = 1e6  # of a number; a drawing that needs more is broken
DECIMALS = 4
NEAR = 1e-9  # below it there is no length that could be seen, only division by almost nothing

_NUMBER = re.compile(r"[\s,]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
_FLAG = re.compile(r"[\s,]*([01])")
_COMMAND = re.compile(r"[\s,]*([a-zA-Z])")
_COUNTS = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2, "a": 7, "z": 0}


@dataclass(frozen=True)
class Outline:
    """A path in absolute coordinates."""

    segments: tuple[Segment, ...]

    def transformed(self, matrix: Matrix) -> Outline:
        """Return the path under a matrix."""
        return Outline(tuple((kind, _moved(points, matrix)) for kind, points in self.segments))

    def bounds(self) -> tuple[float, float, float, float]:
        """Return the least and largest x and y of the line itself, as ``(x1, y1, x2, y2)``."""
        xs, ys, place = list[float](), list[float](), (0.0, 0.0)
        for kind, points in self.segments:
            if kind == "h":
                continue
            for axis, found in ((0, xs), (1, ys)):
                found += [points[len(points) - 2 + axis]]
                if kind == "c":
                    found += _turns(place[axis], points[axis], points[2 + axis], points[4 + axis])
            place = (points[-2], points[-1])
        return (min(xs), min(ys), max(xs), max(ys)) if xs else (0.0, 0.0, 0.0, 0.0)

    def operators(self) -> str:
        """Return the path in the operators of PDF."""
        return " ".join(" ".join((*map(number, points), kind)) for kind, points in self.segments)


def number(value: float, decimals: int = DECIMALS) -> str:
    """Return a number as PDF writes it: no exponent, no needless zeros.

    >>> number(0.5), number(-0.00001), number(12.0)
    ('0.5', '0', '12')
    """
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def checked(value: float) -> float:
    """Return a number, or raise ``ValueError`` if it is none or too large to draw."""
    if not abs(value) <= LARGEST:
        raise ValueError("a number that is too large")
    return value


def numbers(text: str) -> list[float]:
    """Return numbers between blanks and commas, or raise ``ValueError``."""
    found, place = [], 0
    text = text.strip()
    while place < len(text):
        match = _NUMBER.match(text, place)
        if match is None:
            raise ValueError(f"numbers that cannot be read, {text[:40]!r}")
        found.append(checked(float(match[1])))
        place = match.end()
    return found


def product(first: Matrix, second: Matrix) -> Matrix:
    """Return the matrix that does the second and then the first, as ``transform="first second"`` does."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * m + e, b * k + d * m + f


def path(data: str) -> Outline:
    """Return the outline of path data (SVG 2, section 9.3), or raise ``ValueError``."""
    pen = _Pen()
    for command, given in _commands(data):
        pen.take(command, given)
    return Outline(tuple(pen.segments))


def rectangle(x: float, y: float, width: float, height: float, rx: float = 0.0, ry: float = 0.0) -> Outline:
    """Return a rectangle, its corners rounded if asked for."""
    if width <= 0 or height <= 0:
        return Outline(())
    rx, ry = min(rx, width / 2), min(ry, height / 2)
    if rx <= 0 or ry <= 0:
        return polygon([x, y, x + width, y, x + width, y + height, x, y + height])
    u, v, x2, y2 = rx * (1 - ROUND), ry * (1 - ROUND), x + width, y + height
    return Outline((
        ("m", (x + rx, y)), ("l", (x2 - rx, y)), ("c", (x2 - u, y, x2, y + v, x2, y + ry)),
        ("l", (x2, y2 - ry)), ("c", (x2, y2 - v, x2 - u, y2, x2 - rx, y2)),
        ("l", (x + rx, y2)), ("c", (x + u, y2, x, y2 - v, x, y2 - ry)),
        ("l", (x, y + ry)), ("c", (x, y + v, x + u, y, x + rx, y)), ("h", ()),
    ))  # fmt: skip


def ellipse(cx: float, cy: float, rx: float, ry: float) -> Outline:
    """Return an ellipse."""
    return rectangle(cx - rx, cy - ry, 2 * rx, 2 * ry, rx, ry)


def polygon(points: list[float], *, closed: bool = True) -> Outline:
    """Return straight lines through points ``[x, y, x, y, …]``; an odd last number counts for nothing."""
    pairs = list(zip(points[::2], points[1::2], strict=False))
    if not pairs:
        return Outline(())
    lines: list[Segment] = [("m", pairs[0]), *(("l", pair) for pair in pairs[1:])]
    return Outline((*lines, ("h", ()))) if closed else Outline(tuple(lines))


def _commands(data: str) -> Iterable[tuple[str, list[float]]]:
    place, data = 0, data.strip()
    while place < len(data):
        match = _COMMAND.match(data, place)
        if match is None or match[1].lower() not in _COUNTS:
            raise ValueError(f"path data that cannot be read, {data[place : place + 40]!r}")
        command, place = match[1], match.end()
        first = True
        while first or (_COUNTS[command.lower()] and _NUMBER.match(data, place)):
            given = []
            for index in range(_COUNTS[command.lower()]):
                wanted = _FLAG if command in "aA" and index in (3, 4) else _NUMBER
                found = wanted.match(data, place)
                if found is None:
                    raise ValueError(f"path data that cannot be read, {data[place : place + 40]!r}")
                given.append(checked(float(found[1])))
                place = found.end()
            yield command, given
            command = {"m": "l", "M": "L"}.get(command, command)
            first = False


class _Pen:
    """Follows the commands of path data and knows where it is."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.x = self.y = 0.0
        self.start = (0.0, 0.0)
        self.handle: tuple[str, float, float] = ("", 0.0, 0.0)  # the last control point, and of which kind of curve
        self.open = False

    def take(self, command: str, given: list[float]) -> None:
        kind, (x, y) = command.lower(), (self.x, self.y)
        if not self.segments and kind != "m":
            raise ValueError("path data that does not start with a move")
        if kind != "m" and kind != "z" and not self.open:  # after a close the next line starts where the path did
            self._add("m", x, y)
        if command.islower() and kind not in "ahvz":
            given = [value + (y if index % 2 else x) for index, value in enumerate(given)]
        match kind, given:
            case "m", [x, y]:
                self._add("m", x, y)
            case "l", [x, y]:
                self._add("l", x, y)
            case "h", [along]:
                self._add("l", along + (x if command == "h" else 0.0), y)
            case "v", [along]:
                self._add("l", x, along + (y if command == "v" else 0.0))
            case "c", points:
                self._curve("c", *points)
            case "s", points:
                self._curve("c", *self._mirrored("c"), *points)
            case "q", points:
                self._quadratic(*points)
            case "t", points:
                self._quadratic(*self._mirrored("q"), *points)
            case "a", [rx, ry, turn, large, sweep, to_x, to_y]:
                if command == "a":
                    to_x, to_y = to_x + x, to_y + y
                self._arc(abs(rx), abs(ry), math.radians(turn), bool(large), bool(sweep), to_x, to_y)
            case _:
                self.segments.append(("h", ()))
                self.x, self.y = self.start
                self.open = False
                self.handle = ("", 0.0, 0.0)

    def _add(self, kind: str, x: float, y: float) -> None:
        self.segments.append((kind, (checked(x), checked(y))))
        self.x, self.y, self.open, self.handle = x, y, True, ("", 0.0, 0.0)
        if kind == "m":
            self.start = (x, y)

    def _curve(self, kind: str, x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> None:
        self.segments.append(("c", tuple(map(checked, (x1, y1, x2, y2, x, y)))))
        self.x, self.y, self.handle = x, y, (kind, x2, y2)

    def _quadratic(self, x1: float, y1: float, x: float, y: float) -> None:
        """Draw a quadratic curve as the cubic one that is the same."""
        start_x, start_y = self.x, self.y
        first = (start_x + 2 / 3 * (x1 - start_x), start_y + 2 / 3 * (y1 - start_y))
        self._curve("q", *first, x + 2 / 3 * (x1 - x), y + 2 / 3 * (y1 - y), x, y)
        self.handle = ("q", x1, y1)

    def _mirrored(self, kind: str) -> tuple[float, float]:
        """Return the last control point, mirrored where the pen is; the pen's place after another kind of line."""
        last, x, y = self.handle
        return (2 * self.x - x, 2 * self.y - y) if last == kind else (self.x, self.y)

    def _arc(self, rx: float, ry: float, turn: float, large: bool, sweep: bool, x: float, y: float) -> None:
        """Draw an arc of an ellipse by curves of at most a quarter (SVG 2, appendix B.2.4)."""
        if max(abs(x - self.x), abs(y - self.y)) < NEAR:
            return
        if min(rx, ry) < NEAR:
            self._add("l", x, y)
            return
        cos, sin = math.cos(turn), math.sin(turn)
        half_x, half_y = (self.x - x) / 2, (self.y - y) / 2
        u, v = cos * half_x + sin * half_y, cos * half_y - sin * half_x
        grow = max(1.0, math.sqrt((u / rx) ** 2 + (v / ry) ** 2))  # radii too small to reach
        rx, ry = rx * grow, ry * grow
        reach = (u / rx) ** 2 + (v / ry) ** 2
        side = math.sqrt(max(0.0, 1 / reach - 1)) * (-1 if large == sweep else 1)
        middle_u, middle_v = side * rx * v / ry, -side * ry * u / rx
        start = math.atan2((v - middle_v) / ry, (u - middle_u) / rx)
        sweep_angle = math.atan2((-v - middle_v) / ry, (-u - middle_u) / rx) - start
        if sweep and sweep_angle < 0:
            sweep_angle += 2 * math.pi
        elif not sweep and sweep_angle > 0:
            sweep_angle -= 2 * math.pi
        centre_x = cos * middle_u - sin * middle_v + (self.x + x) / 2
        centre_y = sin * middle_u + cos * middle_v + (self.y + y) / 2
        matrix: Matrix = (rx * cos, rx * sin, -ry * sin, ry * cos, centre_x, centre_y)
        parts = max(1, math.ceil(abs(sweep_angle) / (math.pi / 2) - 1e-9))
        step = sweep_angle / parts
        reach = 4 / 3 * math.tan(step / 4)
        for part in range(parts):
            one, two = start + part * step, start + (part + 1) * step
            (c1, s1), (c2, s2) = (math.cos(one), math.sin(one)), (math.cos(two), math.sin(two))
            points = (c1 - reach * s1, s1 + reach * c1, c2 + reach * s2, s2 - reach * c2, c2, s2)
            self._curve("", *_moved(points, matrix))
        self.x, self.y = x, y


def _moved(points: tuple[float, ...], matrix: Matrix) -> tuple[float, ...]:
    a, b, c, d, e, f = matrix
    pairs = zip(points[::2], points[1::2], strict=True)
    return tuple(value for x, y in pairs for value in (a * x + c * y + e, b * x + d * y + f))


def _turns(start: float, first: float, second: float, end: float) -> list[float]:
    """Return what a curve reaches along one axis where it turns back between its ends."""
    a, b, c = end - 3 * second + 3 * first - start, 2 * (second - 2 * first + start), first - start
    if abs(a) < 1e-12:
        roots = [-c / b] if abs(b) > 1e-12 else []
    else:
        inside = b * b - 4 * a * c
        roots = [(-b + sign * math.sqrt(inside)) / (2 * a) for sign in (-1, 1)] if inside >= 0 else []
    at: Callable[[float], float] = lambda t: (  # noqa: E731
        (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * first + 3 * (1 - t) * t * t * second + t**3 * end
    )
    return [at(t) for t in roots if 0 < t < 1]

"""Labels that neither clip nor overlap: wrapping, keeping inside, pushing apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from reports.charts.chart import Box, Medium, Text
from reports.charts.scale import Linear, ticks


def wrap(text: str, room: float, medium: Medium, *, strong: bool = False) -> list[str]:
    """Return the text in lines no wider than ``room``; only a single letter may be wider.

    >>> from reports.charts.chart import PAGE
    >>> wrap("Slots others would have filled anyway", 150, PAGE)
    ['Slots others would', 'have filled anyway']
    """
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if medium.measure(longer, strong=strong) <= room:
            lines[-1] = longer
            continue
        lines.append("")
        for sign in word:
            if lines[-1] and medium.measure(lines[-1] + sign, strong=strong) > room:
                lines.append("")
            lines[-1] += sign
    return [line for line in lines if line]


def inside(centre: float, wide: float, low: float, high: float) -> float:
    """Return the centre moved so that ``wide`` around it lies between low and high."""
    return min(max(centre, low + wide / 2), high - wide / 2)


def apart(places: Sequence[float], distance: float, low: float, high: float) -> list[float]:
    """Return places in the same order, at least ``distance`` apart and between low and high if there is room.

    The places come in ascending order.

    >>> apart([10.0, 12.0, 50.0], 10.0, 0.0, 55.0)
    [10.0, 20.0, 50.0]
    >>> apart([10.0, 52.0, 54.0], 10.0, 0.0, 55.0)
    [10.0, 45.0, 55.0]
    """
    moved: list[float] = []
    for place in places:
        moved.append(max(place, low, moved[-1] + distance if moved else low))
    ceiling = high
    for number in reversed(range(len(moved))):
        moved[number] = min(moved[number], ceiling)
        ceiling = moved[number] - distance
    return moved


def overlap(first: Box, second: Box) -> bool:
    """Return whether two boxes share more than an edge."""
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


def row_of_ticks(
    scale: Linear, shown: Callable[[float], str], baseline: float, low: float, high: float, medium: Medium
) -> tuple[tuple[float, ...], tuple[Text, ...]]:
    """Return as many round ticks along x as their labels have room for between low and high, and the labels."""
    for wanted in range(6, 0, -1):
        values = ticks(scale.low, scale.high, wanted)
        texts = tuple(_tick(scale(value), shown(value), baseline, low, high, medium) for value in values)
        boxes = [text.box for text in texts]
        if all(left[2] + medium.gap <= right[0] for left, right in pairwise(boxes)):
            return values, texts
    return (0.0,), (_tick(scale(0.0), shown(0.0), baseline, low, high, medium),)


def _tick(place: float, words: str, baseline: float, low: float, high: float, medium: Medium) -> Text:
    centre = inside(place, medium.measure(words), low, high)
    return Text(centre, baseline, words, medium.text, "quiet", "middle")

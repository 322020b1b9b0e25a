"""Whether two answers are the same, and if not, where they differ."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields
from numbers import Real
from typing import Final

from plugin.contract import Abstention, Contribution, Probability, Score

CLOSE: Final = 1e-6  # two ways of computing a risk in single precision may differ by this much; nobody sees it
EXACT: Final = 0.0

Leaf = float | str | None


def difference(one: object, other: object, within: float = CLOSE) -> str:
    """Return the first thing in which two answers differ, in words; empty where they are the same.

    What is no answer at all is compared by its kind alone: another check says that it is none.

    Args:
        one: what a predictor returned.
        other: what it returned to the question asked in another way.
        within: how far two numbers may lie apart, against the larger of 1 and their size.

    >>> difference(Abstention("no visits"), Abstention("no ratings"))
    "reason is 'no visits' and then 'no ratings'"
    """
    ones, others = list(_leaves(one, "")), list(_leaves(other, ""))
    for (path, first), (path_too, second) in zip(ones, others, strict=False):
        if path != path_too:
            break
        if not _equal(first, second, within):
            return f"{path or 'the answer'} is {first!r} and then {second!r}"
    return "" if len(ones) == len(others) else "one answer has more to it than the other"


def _leaves(value: object, path: str) -> Iterator[tuple[str, Leaf]]:
    if isinstance(value, Score | Abstention | Probability | Contribution):
        yield f"kind of {path or 'answer'}", type(value).__name__
        for field in fields(value):
            yield from _leaves(getattr(value, field.name), f"{path}.{field.name}".lstrip("."))
    elif isinstance(value, tuple | list):
        yield f"number of {path}", float(len(value))
        for place, part in enumerate(value):
            yield from _leaves(part, f"{path}[{place}]")
    elif isinstance(value, str) or value is None:
        yield path, value
    elif isinstance(value, Real) and not isinstance(value, bool):
        yield path, _number(value)
    else:
        yield path, type(value).__name__


def _number(value: Real) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _equal(one: Leaf, other: Leaf, within: float) -> bool:
    if not isinstance(one, float) or not isinstance(other, float):
        return one == other
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return one == other or abs(one - other) <= within * max(1.0, abs(one), abs(other))

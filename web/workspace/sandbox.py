"""The three numbers that a reader of a shared result may change, and what comes of it; nothing of it is kept."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from assumptions import Library
from calculator import InputError, Problem, Result, evaluate, parse_scenario
from calculator.compare import compare
from calculator.entry import EntryError, is_percent, read_number
from calculator.resolve import COLLECTED
from calculator.serialize import given_dict
from web.compared_figures import Figures, Row
from web.field import Field
from web.fields import Inputs
from web.forms import Form, parse_form
from web.typed import ENDS

MOST: Final = 3
LONGEST: Final = 400  # characters that a field takes


@dataclass(frozen=True)
class Slide:
    """Where a slider begins and ends, and how far apart its stops are, in the numbers that are typed."""

    low: float
    high: float
    step: float


@dataclass(frozen=True)
class Lever:
    """A number that may be changed.

    Attributes:
        field: it as the calculator shows it: label, unit, what is allowed.
        pinned: what the proposal rests on, as it would be typed.
        text: what stands in the field now.
        slide: for a slider beside it, over where 90 of 100 futures lie and what was pinned.
        problem: what is wrong with it.
    """

    field: Field
    pinned: str
    text: str
    slide: Slide
    problem: str = ""

    @property
    def changed(self) -> bool:
        """Return whether something else than in the proposal stands in it."""
        return self.text.strip() not in ("", self.pinned)


@dataclass(frozen=True)
class Sandbox:
    """The numbers, and the result with the reader's in place of the proposal's.

    ``result`` is None where nothing was changed or something is wrong; ``stray`` is what is wrong with other numbers
    because of it.
    """

    pinned: Result
    levers: tuple[Lever, ...]
    result: Result | None = None
    stray: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[Lever, ...]:
        """Return those with something wrong."""
        return tuple(lever for lever in self.levers if lever.problem)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Return each figure of the proposal and the reader's beside it."""
        if self.result is None:
            return ()
        both = (self.pinned, self.result)
        return Figures(both, compare(both)).rows


def sandbox(form: Form, result: Result, typed: Mapping[str, str], library: Library) -> Sandbox:
    """Return the sandbox of a pinned result.

    Args:
        form: of the pinned result.
        result: the pinned one; the longest bars of its tornado say which numbers may be changed.
        typed: what the reader typed, by the name of the field; what is no such number is not looked at.
        library: the evidence to compute with.
    """
    levers = tuple(islice(_levers(form, result, typed, library), MOST))
    changed = [lever for lever in levers if lever.changed]
    if not changed:
        return Sandbox(result, levers)
    data = MultiDict(form.query)
    for lever in changed:  # one number stands for the range that it takes the place of
        data.setlist(lever.field.path, [lever.text])
        for end in ENDS:
            data.poplist(f"{lever.field.path}.{end}")
    problems = parse_form(data, library).problems
    numbers = {lever.field.path: _number(lever.text, lever.field, form) for lever in changed}
    if problems or None in numbers.values():
        return _refused(result, levers, problems)
    try:
        theirs = parse_scenario(_with(given_dict(result.resolved.scenario), numbers))
    except InputError as error:
        return _refused(result, levers, error.problems)
    return Sandbox(result, levers, evaluate(theirs, library))


def _refused(result: Result, levers: Sequence[Lever], problems: Sequence[Problem]) -> Sandbox:
    """Return what is wrong, at its field where it has one."""
    said = {lever.field.path: [each.message for each in problems if each.path == lever.field.path] for lever in levers}
    return Sandbox(
        result,
        tuple(replace(lever, problem=" ".join(said[lever.field.path])) for lever in levers),
        stray=tuple(each.message for each in problems if each.path not in said),
    )


def _with(given: dict[str, Any], numbers: Mapping[str, float | None]) -> dict[str, Any]:
    """Return what was entered with other numbers, which are nobody's but the reader's."""
    for path, number in numbers.items():
        table, _, key = path.partition(".")
        place = given[table]
        if table == "payers":
            row, _, key = key.partition(".")
            place = place[int(row) - 1]
            if key == COLLECTED:
                for other in ("allowed_per_unit", "collection_rate"):
                    place.pop(other, None)
                    given.get("house", {}).pop(f"payers.{row}.{other}", None)
        place[key] = number
        given.get("house", {}).pop(path, None)
    return given


def _levers(form: Form, result: Result, typed: Mapping[str, str], library: Library) -> Iterator[Lever]:
    inputs, found = Inputs(form, library), dict[str, None]()
    for swing in result.tornado:
        path = inputs.place_of(swing.input)
        if path in found:
            continue
        found[path] = None
        field = inputs.field(path)
        pinned = field.text.strip() or (field.default.text if field.default else "")
        if pinned:
            text = typed.get(path, pinned)[:LONGEST]
            yield Lever(
                field, pinned, _same(text, pinned, field, form), _slide(swing.low, swing.high, field, pinned, form)
            )


def _same(text: str, pinned: str, field: Field, form: Form) -> str:
    """Return what was typed, or the pinned text where that is the same number written in another way."""
    return pinned if _number(text, field, form) == _number(pinned, field, form) else text


def _number(text: str, field: Field, form: Form) -> float | None:
    try:
        return read_number(text, field.declared, form.currency, comma=form.comma)
    except EntryError:
        return None


def _slide(low: float, high: float, field: Field, pinned: str, form: Form) -> Slide:
    """Return a slider of some hundred stops over a range of the model's own numbers, within what is allowed."""
    declared, scale = field.declared, 100.0 if is_percent(field.declared) else 1.0
    now = _number(pinned, field, form)
    ends = [each * scale for each in (low, high, *([] if now is None else [now]))]
    span = max(ends) - min(ends)
    step = 10.0 ** math.floor(math.log10(span / 50.0)) if span > 0.0 else 1.0
    step = max(step, 1.0) if declared.whole else step
    least = declared.ge * scale + (step if declared.above else 0.0)
    digits = max(0, -math.floor(math.log10(step)))
    return Slide(
        low=round(max(math.floor(min(ends) / step) * step, least), digits),
        high=round(min(math.ceil(max(ends) / step) * step, declared.le * scale), digits),
        step=round(step, digits),
    )

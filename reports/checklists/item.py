"""One item of a checklist."""

from __future__ import annotations

from dataclasses import dataclass

SECTIONS = frozenset({
    "summary", "inputs", "today", "bridge", "cash", "sensitivity", "cases", "evidence", "risks", "measuring", "next",
    "parameters", "formulas", "checklists", "versions",
})  # fmt: skip


@dataclass(frozen=True)
class Item:
    """What a checklist asks, in our words, and what this result answers.

    ``section`` is the key of the proposal's section where it is shown, one of ``SECTIONS``.
    """

    number: int
    topic: str
    asks: str
    answer: str
    section: str


def numbered(*rows: tuple[str, str, str, str]) -> tuple[Item, ...]:
    """Return (topic, asks, answer, section) as items numbered from 1."""
    return tuple(Item(number, *row) for number, row in enumerate(rows, 1))

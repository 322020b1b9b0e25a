"""Stretches of text and how they are set."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from reports.tokens import load_tokens

Align: TypeAlias = Literal["left", "right", "center"]


class Run(NamedTuple):
    """A stretch of text: strong or not, of a colour's role, and leading to an address or to a ``#place``."""

    text: str
    strong: bool = False
    role: str = ""
    to: str = ""


Rich: TypeAlias = str | Run


class Style(NamedTuple):
    """How a paragraph looks: lengths in points, ``role`` a colour of the tokens."""

    size: float
    leading: float
    role: str = "ink"
    strong: bool = False
    align: Align = "left"
    before: float = 0.0
    after: float = 0.0


def strong(text: str) -> Run:
    """Return strong text."""
    return Run(text, strong=True)


def link(to: str, text: str) -> Run:
    """Return text that leads to an address, or to a place in the document that starts with ``#``."""
    return Run(text, role="focus", to=to)


def style(
    size: str,
    *,
    role: str = "ink",
    strong: bool = False,
    tight: bool = False,
    align: Align = "left",
    before: float = 0.0,
    after: float = 0.0,
) -> Style:
    """Return a style of one of the token sizes."""
    tokens = load_tokens()
    points = tokens.sizes[size].paper
    return Style(points, points * (tokens.tight if tight else 1.4), role, strong, align, before, after)

"""Paragraphs into lines: text is broken at blanks, and within a word only where the word is wider than the room."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from reports import typeface
from reports.pdf.style import Rich, Run, Style

_PIECES = re.compile(r"[^ \t\n]+|\n")


class Piece(NamedTuple):
    """A stretch of one line in one style."""

    run: Run
    text: str
    strong: bool
    width: float


class Line(NamedTuple):
    """A line of pieces. ``width`` is without the blank at its end."""

    pieces: tuple[Piece, ...]
    width: float


class Lines(tuple[Line, ...]):
    """The lines of a paragraph, with the style and the room they were broken for.

    ``drawn`` is whatever a drawer keeps with them, since most paragraphs come again in the next document.
    """

    style: Style
    room: float
    drawn: object = None

    @classmethod
    def of(cls, lines: Iterable[Line], style: Style, room: float) -> Lines:
        """Return lines that were broken for a style and a room."""
        made = cls(lines)
        made.style, made.room = style, room
        return made


@lru_cache(maxsize=16_384)
def broken(parts: tuple[Rich, ...], style: Style, room: float) -> Lines:
    """Return the lines of a paragraph; a line break in a part starts a new line.

    Proposals share most of their paragraphs: those that were broken before are kept.

    Args:
        parts: texts and runs, in order; blanks between them are theirs to bring.
        style: size and weight.
        room: the width of a line, in points.
    """
    lines: list[Line] = []
    current: list[tuple[Run, list[str], bool]] = []
    used = 0.0
    glue = False  # whether the next word stands directly at the last
    for part in parts:
        run = part if isinstance(part, Run) else Run(part)
        bold = run.strong or style.strong
        blank = typeface.width(" ", style.size, strong=bold)
        text = run.text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
        if text[:1] in (" ", "\t"):
            glue = False
        for word in _PIECES.findall(text):
            if word == "\n":
                lines.append(_line(current, style))
                current, used, glue = [], 0.0, True
                continue
            space = blank if current and not glue else 0.0
            wide = typeface.width(word, style.size, strong=bold)
            if current and used + space + wide > room:
                lines.append(_line(current, style, more=True))
                current, used, space = [], 0.0, 0.0
            while wide > room and len(word) > 1:
                head = _fitting(word, style.size, bold, room)
                lines.append(_line([(run, [head], bold)], style))
                word = word[len(head) :]
                wide = typeface.width(word, style.size, strong=bold)
            if current and current[-1][0] is run:
                current[-1][1].append(f" {word}" if space else word)
            else:
                if space:
                    current[-1][1].append(" ")
                current.append((run, [word], bold))
            used += space + wide
            glue = False
        glue = bool(text) and text[-1] not in " \t\n"
    if current or not lines:
        lines.append(_line(current, style))
    return Lines.of(lines, style, room)


def _fitting(word: str, size: float, bold: bool, room: float) -> str:
    count = 1
    while count < len(word) and typeface.width(word[: count + 1], size, strong=bold) <= room:
        count += 1
    return word[:count]


def _line(parts: Sequence[tuple[Run, list[str], bool]], style: Style, *, more: bool = False) -> Line:
    pieces = []
    for run, words, bold in parts:
        text = "".join(words)
        pieces.append(Piece(run, text, bold, typeface.width(text, style.size, strong=bold)))
    wide = sum(piece.width for piece in pieces)
    if more and pieces:
        last = pieces[-1]
        pieces[-1] = Piece(last.run, f"{last.text} ", last.strong, last.width)
    return Line(tuple(pieces), wide)

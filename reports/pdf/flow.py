"""Blocks onto pages, from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.pdf.blocks import Block, NewPage, gaps
from reports.pdf.sheet import Sheet
from reports.pdf.table import Grid

TINY = 1e-6  # of a point: rounding must not push a block off its page


@dataclass(frozen=True)
class Room:
    """Where blocks stand on every page."""

    x: float
    top: float
    width: float
    bottom: float


def flow(blocks: Sequence[Block], sheet: Sheet, room: Room) -> None:
    """Draw blocks on as many pages as they need."""
    waiting = list(reversed(blocks))
    sheet.open()
    y, after, fresh = room.top, 0.0, True
    while waiting:
        block = waiting.pop()
        if isinstance(block, NewPage):
            if not fresh:
                sheet.close()
                sheet.open()
                y, after, fresh = room.top, 0.0, True
            continue
        start = y if fresh else y + max(after, block.before)
        free = room.bottom - start + TINY
        high = block.height(room.width)
        if high > free or (not fresh and block.with_next and _least(block, waiting, room.width) > free):
            parts = None if block.with_next else block.split(room.width, free)
            if parts is None and fresh and isinstance(block, Grid):
                parts = block.split(room.width, free, least=1)  # there is no page with more room
            if parts:
                waiting += [parts[1], NewPage()]
                block, high = parts[0], parts[0].height(room.width)
            elif not fresh:
                waiting += [block, NewPage()]
                continue
        block.draw(sheet, room.x, start, room.width, sheet.tree.root)
        y, after, fresh = start + high, block.after, False
    sheet.close()


def _least(block: Block, waiting: list[Block], width: float) -> float:
    """Return the height of a block with as much of what follows as must stand on its page."""
    run = [block]
    for following in reversed(waiting):
        run.append(following)
        if not following.with_next:
            break
    *heads, last = run
    total = sum(each.height(width) for each in heads) + sum(gaps(run))
    if isinstance(last, NewPage):
        return total
    if isinstance(last, Grid):
        return total + last.least(width)
    return total + min(last.height(width), 60.0 if last.split(width, 60.0) else last.height(width))

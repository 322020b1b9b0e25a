"""Cut a CSV file into blocks of whole rows, in constant memory, whatever stands in its cells.

A cell in quotation marks may hold line ends, so a block may only end where no quotation mark is open. A row whose
quotation marks are out of order (one inside a cell, or one never closed) is damaged: it alone is lost, and reading
goes on with the next line. Where the blocks are cut makes no difference to what the rows are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from plugin.caseload import IntArray
from plugin.errors import PluginError

LONGEST_CELL: Final = 1 << 17  # bytes in quotation marks; beyond it one was left open
LONGEST_ROW: Final = 1 << 25  # bytes
_QUOTE, _LINE, _RETURN = 0x22, 0x0A, 0x0D


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a file that holds whole rows.

    Attributes:
        offset, size: where in the file, in bytes.
        damaged: stretches within the block, (start, end) each, that hold a row which cannot be read.
    """

    offset: int
    size: int
    damaged: tuple[tuple[int, int], ...] = ()


def csv_blocks(
    file: BinaryIO, offset: int, size: int, delimiter: str, name: str, look: Callable[[bytes], None]
) -> Iterator[Block]:
    """Yield the blocks of a file from an offset on, of about ``size`` bytes each; ``look`` is shown each one's bytes.

    Raises:
        PluginError: where a row is longer than ``LONGEST_ROW``.
    """
    wanted = size
    while True:
        file.seek(offset)
        data = file.read(wanted)
        if not data:
            return
        last = len(data) < wanted
        found = _cut(data, delimiter.encode(), last)
        if found is None:
            if wanted >= LONGEST_ROW + size:
                raise PluginError([f"{name}: has a row of more than {LONGEST_ROW:,} bytes; is it a CSV file?"])
            wanted *= 2
            continue
        end, damaged = found
        look(data if end == len(data) else data[:end])
        yield Block(offset, end, damaged)
        offset, wanted = offset + end, size


def _cut(data: bytes, delimiter: bytes, last: bool) -> tuple[int, tuple[tuple[int, int], ...]] | None:
    """Return where the last whole row ends, and which stretches are damaged; None where no row ends."""
    end = len(data) if last else data.rfind(b"\n") + 1
    if data.find(b'"') < 0:
        return (end, ()) if end else None
    raw = np.frombuffer(data, dtype=np.uint8)
    quotes = np.flatnonzero(raw == _QUOTE)
    tidy = _tidy_end(raw, quotes, ord(delimiter), last)
    if tidy is not None:
        return (tidy, ()) if tidy else None
    end, damaged = _walk(data, quotes.tolist(), delimiter, last)
    return (end, tuple(damaged)) if end else None


def _tidy_end(raw: NDArray[np.uint8], quotes: IntArray, delimiter: int, last: bool) -> int | None:
    """Return where the last whole row ends if all quotation marks before are in order; None where they are not."""
    lines = np.flatnonzero(raw == _LINE)
    outside = lines[np.searchsorted(quotes, lines) % 2 == 0]
    end = int(outside[-1]) + 1 if len(outside) else 0
    if last and len(quotes) % 2 == 0:
        end = len(raw)
    opening, closing = quotes[0::2], quotes[1::2]
    apart = np.ones(len(opening), dtype=np.bool_)  # False for the second of a doubled one
    apart[1:] = opening[1:] != closing[: len(opening) - 1] + 1
    opening = opening[apart]
    closing = closing[np.append(apart[1:], True)[: len(closing)]]
    if len(opening) > len(closing) and last:
        return None
    until = np.append(closing, len(raw))[: len(opening)]
    if (until - opening > LONGEST_CELL).any():
        return None
    before = raw[np.maximum(opening - 1, 0)]
    starts = (opening == 0) | (before == delimiter) | (before == _LINE)
    after = raw[np.minimum(closing + 1, len(raw) - 1)]
    ends = (closing + 1 == len(raw)) | (after == delimiter) | (after == _LINE) | (after == _RETURN)
    return end if starts.all() and ends.all() else None


def _walk(data: bytes, quotes: list[int], delimiter: bytes, last: bool) -> tuple[int, list[tuple[int, int]]]:
    """Do the same one quotation mark after the other, setting damaged rows aside."""
    opens, closes = {delimiter[0], _LINE}, {delimiter[0], _LINE, _RETURN}
    damaged: list[tuple[int, int]] = []
    row, free, place = 0, 0, 0  # where the row starts, from where on nothing is quoted, which quotation mark comes
    while place < len(quotes):
        here = quotes[place]
        if here < free:
            place += 1
            continue
        row = max(row, data.rfind(b"\n", free, here) + 1)
        wrong = here
        if here == 0 or data[here - 1] in opens:
            closed, after = _closing(quotes, place)
            if not last and closed in (-1, len(data) - 1) and len(data) - here <= LONGEST_CELL:
                return row, damaged  # more of the file is needed to know
            if 0 <= closed - here <= LONGEST_CELL:
                if closed + 1 == len(data) or data[closed + 1] in closes:
                    free, place = closed + 1, after
                    continue
                wrong = closed
        end = data.find(b"\n", wrong)
        if end < 0 and not last:
            return row, damaged
        end = len(data) if end < 0 else end
        damaged.append((row, end))
        row = free = end + 1  # quotation marks before are passed over
    if last:
        return len(data), damaged
    return max(row, data.rfind(b"\n", free) + 1), damaged


def _closing(quotes: list[int], place: int) -> tuple[int, int]:
    """Return the quotation mark that closes the one at ``place`` (-1 where none does) and the place after it."""
    after = place + 1
    while after < len(quotes):
        if after + 1 < len(quotes) and quotes[after + 1] == quotes[after] + 1:
            after += 2  # doubled: part of the cell
        else:
            return quotes[after], after + 1
    return -1, after

"""The last step: the texts of all blocks below each other, in a file that is whole or not there at all."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from plugin.loading.findings import MOST
from plugin.risk_table import COLUMNS


def write_risks(output: Path, folder: Path, blocks: Iterable[Path]) -> None:
    """Write RISK.csv from the rows of its blocks.

    Args:
        output: where it goes; what is there is replaced in one step.
        folder: on the same disk, where it is put together.
        blocks: files of rows, in order; each is read when its turn comes.

    Raises:
        OSError: where it cannot be written; ``filename`` is the output.
    """
    _write(output, folder / "whole", [f"{','.join(COLUMNS)}\n".encode()], blocks)


def write_problems(output: Path, heads: Iterable[str], blocks: Iterable[Path]) -> None:
    """Write all problems, one a line: those of whole files, then those of rows.

    Raises:
        OSError: where they cannot be written; ``filename`` is the output.
    """
    beside = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        _write(output, beside, [f"{line}\n".encode() for line in heads], blocks)
    finally:
        beside.unlink(missing_ok=True)


def _write(output: Path, whole: Path, heads: Iterable[bytes], blocks: Iterable[Path]) -> None:
    try:
        with open(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666), "wb") as target:
            target.writelines(heads)
            for block in blocks:
                with block.open("rb") as source:
                    shutil.copyfileobj(source, target, 1 << 20)
            target.flush()
            os.fsync(target.fileno())
        whole.replace(output)
    except OSError as error:
        error.filename, error.filename2 = str(output), None
        raise


def told(name: str, blocks: Sequence[Path]) -> list[str]:
    """Return the first problems of a file's rows, and how many more there are."""
    count = sum(_lines(block) for block in blocks)
    first = [line.rstrip("\n") for line in itertools.islice(_all_lines(blocks), MOST)]
    return first + ([f"{name}: and {count - MOST:,} more problems"] if count > MOST else [])


def _lines(block: Path) -> int:
    with block.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))


def _all_lines(blocks: Sequence[Path]) -> Iterator[str]:
    for block in blocks:
        with block.open(encoding="utf-8", newline="\n") as file:
            yield from file

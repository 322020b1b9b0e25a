"""The proposals of a batch as one ZIP archive, sent as it is read: no second copy on disk, none in memory."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from reports.batch import Entry
from reports.batch.names import MANIFEST

BLOCK = 1 << 18  # bytes read at once
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date an archive can hold; the same proposals give the same bytes
UNIX = 3


class _Pipe:
    """What an archive is written to; hands over what has come since it was last asked."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def taken(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


def archive(folder: Path, entries: Sequence[Entry]) -> Iterator[bytes]:
    """Yield an archive of the manifest and the files it names, in its order, piece by piece."""
    names = [MANIFEST, *(name for entry in entries for name in (entry.file, entry.workbook) if name)]
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as made:  # type: ignore[call-overload]
        for name in names:
            member = zipfile.ZipInfo(name, EPOCH)
            member.create_system, member.external_attr = UNIX, 0o644 << 16
            if name == MANIFEST:
                member.compress_type = zipfile.ZIP_DEFLATED  # PDF and XLSX are compressed already
            with (folder / name).open("rb") as source, made.open(member, "w") as target:
                while block := source.read(BLOCK):
                    target.write(block)
                    yield pipe.taken()
    yield pipe.taken()

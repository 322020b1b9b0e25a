"""What is to be done, how far it is, and what became of it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plugin.predict.fingerprint import fingerprint
from plugin.predict.model import Model
from plugin.predict.tables import Kind
from plugin.predict.workplace import state_of


@dataclass(frozen=True)
class Task:
    """What is to be done, and all that the result depends on.

    Attributes:
        files: the episodes, and ratings and visits where there are any.
        output: RISK.csv.
        model: who scores.
        covariates: facts at intake that it looks at, without ``x_``.
        as_of: the day of the prediction; None for the latest day in the files.
        salt: what clinicians are hashed with; None where the model does not look at them.
        problems: a file for all that is wrong; None for none.
        refuse: whether one bad row refuses everything.
        block: bytes of a file that are read at once, at most.
        part: bytes of all files together that are scored at once, on average and at most.
    """

    files: Mapping[Kind, Path]
    output: Path
    model: Model
    covariates: tuple[str, ...] = ()
    as_of: dt.date | None = None
    salt: bytes | None = field(default=None, repr=False)
    problems: Path | None = None
    refuse: bool = False
    block: int = 16 << 20
    part: int = 24 << 20

    @property
    def size(self) -> int:
        """Return how large the files are, in bytes."""
        return sum(path.stat().st_size for path in self.files.values())

    @property
    def key(self) -> dict[str, Any]:
        """Return what the work in progress depends on."""
        return {
            "files": {kind: state_of(path) for kind, path in self.files.items()},
            "model": self.model.digest,
            "as_of": str(self.as_of),
            "salt": None if self.salt is None else hashlib.sha256(self.salt).hexdigest(),
            "divided": (self.block, self.part),
            "release": fingerprint(),
        }


@dataclass(frozen=True)
class Progress:
    """How far a stage is: ``done`` of ``total`` tasks."""

    stage: str
    done: int
    total: int


Show = Callable[[Progress], None]


@dataclass(frozen=True)
class Summary:
    """What became of it.

    Attributes:
        rows: episodes in the file.
        scored: those with a score.
        as_of: the day of the prediction.
        problems: what is wrong with files and rows, the first lines of each file.
        notes: what a user should know and what leaves nothing out.
    """

    rows: int
    scored: int
    as_of: dt.date
    problems: tuple[str, ...]
    notes: tuple[str, ...]

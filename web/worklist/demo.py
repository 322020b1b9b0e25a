"""The simulated clinic that the page can show to anybody, and the files one would upload for it."""

from __future__ import annotations

from functools import cache
from typing import Final

from plugin.simulation import Simulated, Truth, simulate
from web.worklist.kept import Kept
from web.worklist.upload import kept

DEMO: Final = "demo"  # stands for the id of a caseload
EPISODES: Final = 1500
SEED: Final = 11
FILES: Final = ("episodes.csv", "ratings.csv", "visits.csv")


@cache
def demo_caseload() -> Kept:
    """Return the clinic with a model learnt from it and judged on its last intakes, as a real one's would be."""
    return kept(_clinic().caseload)


@cache
def demo_file(name: str) -> bytes:
    """Return one of ``FILES`` of the same clinic, as ``rapport simulate`` writes them."""
    tables = dict(zip(FILES, _clinic().frames(), strict=True))
    return bytes(tables[name].to_csv(index=False, lineterminator="\n").encode())


@cache
def _clinic() -> Simulated:
    return simulate(Truth(), EPISODES, SEED)

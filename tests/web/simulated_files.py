"""The files of a simulated clinic, as the command line wants them."""

from __future__ import annotations

from pathlib import Path

from plugin.simulation.frames import Frames


def written(folder: Path, tables: Frames) -> list[str]:
    """Write a clinic's three files; return the arguments that name them."""
    for name, table in tables._asdict().items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return [
        str(folder / "episodes.csv"),
        *("--ratings", str(folder / "ratings.csv")),
        *("--visits", str(folder / "visits.csv")),
    ]

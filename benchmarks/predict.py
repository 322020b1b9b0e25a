"""Score a CSV of one million open episodes with ratings and visits, reading and writing included, on all cores.

    python benchmarks/predict.py [--rows 1000000] [--long 5000000] [--model MODEL]

Three ratings and two visits an episode, each file shuffled. Beside it stands polars reading the same files and doing
nothing with them. Prints seconds (the median of three runs, start of the program included), and the memory of all
processes together at its highest for ``--rows`` and for ``--long``, which should not differ.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl

RUN = [sys.executable, "-c", "from web.cli import main; main()", "predict"]
READ = "import sys, polars as pl\nfor name in sys.argv[1:]: pl.read_csv(name)"
TARGET = 6.0  # seconds for a million
PLANS = np.array([12, 24, 20, 60])  # of outpatient, iop, php, residential
SETTINGS = ["outpatient", "iop", "php", "residential"]
MEASURES = ["bond", "goals", "tasks", "alliance_total", "symptoms", "satisfaction"]
VISITS = ["attended", "attended", "attended", "no_show", "late_cancel", "cancelled"]
START, DAYS = np.datetime64("2026-01-01"), 180
SLAB = 1_000_000  # rows made at once


def write_files(folder: Path, rows: int, seed: int = 1) -> list[Path]:
    """Write episodes, ratings and visits; identifiers are a permutation, so no file is in the order of another."""
    paths = [folder / f"{name}.csv" for name in ("episodes", "ratings", "visits")]
    files = [path.open("wb") for path in paths]
    random = np.random.default_rng(seed)
    for start in range(0, rows, SLAB):
        own = scattered(np.arange(start, min(start + SLAB, rows)), rows)
        episodes(own, random).write_csv(files[0], include_header=start == 0)
        for _ in range(3):
            ratings(random.integers(0, rows, len(own)), random).write_csv(files[1], include_header=files[1].tell() == 0)
        for _ in range(2):
            visits(random.integers(0, rows, len(own)), random).write_csv(files[2], include_header=files[2].tell() == 0)
    for file in files:
        file.close()
    return paths


def scattered(place: np.ndarray, rows: int) -> np.ndarray:
    """Return a permutation of 0 … rows − 1, element by element: a step that shares no divisor with the count."""
    step = next(step for step in range(int(rows * 0.618), rows + 2) if np.gcd(step, rows) == 1)
    return place * step % rows


def intake_of(number: np.ndarray) -> np.ndarray:
    """Return an episode's day of intake, which its ratings and visits must know, too."""
    return (number * 7919) % DAYS


def episodes(number: np.ndarray, random: np.random.Generator) -> pl.DataFrame:
    kind = number % 4
    attended = (random.random(len(number)) * PLANS[kind]).astype(np.int64)
    intake = intake_of(number)
    last = pl.Series(START + (intake + attended * 2)).to_frame("day").with_columns(attended=attended)
    return pl.DataFrame(
        {
            "episode_id": identifiers("E", number),
            "client_id": identifiers("C", number // 2),
            "clinician_id": identifiers("T", number % 1999),
            "setting": pl.Series(SETTINGS)[kind],
            "intake_date": START + intake,
            "planned_units": PLANS[kind],
            "units_attended": attended,
            "last_unit_date": last.select(pl.when(pl.col("attended") > 0).then("day")).to_series(),
            "status": "open",
        }
    )


def ratings(number: np.ndarray, random: np.random.Generator) -> pl.DataFrame:
    n = len(number)
    return pl.DataFrame(
        {
            "episode_id": identifiers("E", number),
            "unit": random.integers(1, 20, n),
            "date": START + intake_of(number) + random.integers(0, 100, n),
            "measure": pl.Series(MEASURES)[random.integers(0, 6, n)],
            "score": random.integers(10, 71, n) / 10,
            "scale_min": 1,
            "scale_max": 7,
        }
    )


def visits(number: np.ndarray, random: np.random.Generator) -> pl.DataFrame:
    n = len(number)
    return pl.DataFrame(
        {
            "episode_id": identifiers("E", number),
            "date": START + intake_of(number) + random.integers(0, 100, n),
            "status": pl.Series(VISITS)[random.integers(0, 6, n)],
            "minutes": 50,
        }
    )


def identifiers(letter: str, number: np.ndarray) -> pl.Series:
    return pl.select(pl.format(letter + "{}", pl.lit(pl.Series(number + 100_000_000)))).to_series()


def timed(command: list[str]) -> tuple[float, float]:
    """Return the seconds of a command and the memory of it and its children at the highest, in megabytes."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    peak = 0.0
    over = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not over.wait(0.02):
            peak = max(peak, sum(memory(each) for each in family(process.pid)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, errors = process.communicate()
    seconds = time.perf_counter() - start
    over.set()
    watcher.join()
    if process.returncode:
        raise SystemExit(errors.decode())
    return seconds, peak


def family(process: int) -> list[int]:
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return []
    return [process, *(each for child in children for each in family(int(child)))]


def memory(process: int) -> float:
    """Return what a process alone holds and its share of what it shares, in megabytes."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024.0 for line in lines if line.startswith("Pss:")), 0.0)


def predict(paths: list[Path], *more: str) -> list[str]:
    files = [str(paths[0])]
    for name, path in zip(("--ratings", "--visits"), paths[1:], strict=False):  # some go without visits
        files += [name, str(path)]
    return [*RUN, *files, "-o", str(paths[0].parent / "RISK.csv"), *more]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--long", type=int, default=0, help="also measure memory with so many episodes")
    parser.add_argument("--model", default="evidence")
    parser.add_argument("--workers", type=int)
    arguments = parser.parse_args()
    more = ["--model", arguments.model, *(["--workers", str(arguments.workers)] if arguments.workers else [])]
    with tempfile.TemporaryDirectory() as name:
        paths = write_files(Path(name), arguments.rows)
        size = sum(path.stat().st_size for path in paths) / 1e6
        ours, alone, reading = [], [], []
        for _ in range(3):  # in turn, so that a change of the machine's pace hits all
            ours.append(timed(predict(paths, *more)))
            alone.append(timed(predict(paths[:2], *more)))
            reading.append(timed([sys.executable, "-c", READ, *map(str, paths)]))
        out = (Path(name) / "RISK.csv").stat().st_size / 1e6
    print(f"{arguments.rows:,} episodes with ratings and visits: {size:,.0f} MB in, {out:,.0f} MB out")
    seconds, read = median(each[0] for each in ours), median(each[0] for each in reading)
    limit = TARGET * arguments.rows / 1e6
    print(f"all three files     {seconds:6.2f} s, {seconds / limit:.2f} of the {limit:g} s allowed")
    print(f"without visits      {median(each[0] for each in alone):6.2f} s")
    print(f"polars reading only {read:6.2f} s; predicting takes {seconds / read:.1f} times as long")
    print(f"memory at its highest, all processes: {max(each[1] for each in ours):,.0f} MB")
    if arguments.long:
        with tempfile.TemporaryDirectory() as name:
            paths = write_files(Path(name), arguments.long)
            seconds, peak = timed(predict(paths, *more))
        print(f"{arguments.long:,} episodes: {seconds:.1f} s, {peak:,.0f} MB")


if __name__ == "__main__":
    main()

"""Proposals a second on all cores, against plain loops doing the same rows; and memory, which must not grow with rows.

    python benchmarks/batch.py [--rows 400] [--long 2000] [--scheduler tcp://…]

The reference is the plain loop one would write: evaluate, build the proposal, write the file, in one process, without
journal, fsync or manifest. One is run alone, then as many at once as there are cores: all that the machine can give.
The rate is that of workers at work; their start is counted beside it. On two cores the long batch must make at least 40
proposals a second. Peak memory is that of the parent, in a process of its own for each length, the workers making
real proposals. Loops compute with one thread each, as workers do.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from assumptions import load_library
from reports.batch import Options, cluster_workers, local_workers, open_prospects, run
from reports.batch.executors import ONE_THREAD
from reports.batch.work import Job, fingerprint, prepare, work

HEADER = "id,name,setting,intakes_per_month,clinicians,planned_units,dropout_rate,no_show_rate,allowed_per_unit"
AT_LEAST = 40  # proposals a second on two cores, of the issue
SETTINGS = (("outpatient", 12, 140), ("iop", 30, 170), ("php", 22, 290), ("residential", 24, 360))


def write_rows(path: Path, count: int) -> None:
    with path.open("w") as file:
        file.write(f"{HEADER}\n")
        for number in range(count):
            setting, units, fee = SETTINGS[number % 4]
            intakes = 20 + number % 60
            clinicians = max(round(intakes * units / (80 if setting == "outpatient" else 200)), 1)
            shares = f"{0.15 + number % 17 / 100:.2f},{0.08 + number % 9 / 100:.2f}"
            file.write(f"p{number},Clinic {number},{setting},{intakes},{clinicians},{units},{shares},{fee}\n")


def batch(count: int, scheduler: str | None) -> None:
    """Run a batch and print rows a second, the same with the start of the workers, and the parent's peak memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_rows(folder / "prospects.csv", count)
        begin = time.perf_counter()
        prospects = open_prospects(folder / "prospects.csv", load_library())
        with cluster_workers(scheduler) if scheduler else local_workers() as workers:
            warm = [workers.submit(Options(), fingerprint(), []) for _ in range(workers.slots)]
            for future in warm:
                future.result()
            start = time.perf_counter()
            summary = run(prospects, Options(), folder / "out", workers, include_held=True)
            end = time.perf_counter()
        if summary.done != count:
            raise SystemExit(f"not all rows are done: {summary}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    print(f"{count / (end - start)} {count / (end - begin)} {peak}")


def measured(count: int, scheduler: str | None) -> list[float]:
    """Return what ``batch`` prints in a process of its own."""
    return [
        float(each) for each in own("--only", str(count), *(["--scheduler", scheduler] if scheduler else []))[0].split()
    ]


def own(*arguments: str, times: int = 1, environment: Mapping[str, str] | None = None) -> list[str]:
    """Return what this script prints with some arguments, in so many processes at once."""
    command = [sys.executable, __file__, *arguments]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) for _ in range(times)]
    return [process.communicate()[0] for process in started]


def loop(count: int) -> None:
    """Print rows a second of the plain loop in this process."""
    prepare()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_rows(folder / "prospects.csv", count)
        rows = list(open_prospects(folder / "prospects.csv", load_library()).rows())
        jobs = [Job(row.data or {}, include_held=True) for row in rows]
        work(Options(), fingerprint(), jobs[:4])
        start = time.perf_counter()
        for number, job in enumerate(jobs):
            (outcome,) = work(Options(), fingerprint(), [job])
            (folder / f"{number}.pdf").write_bytes(outcome.pdf)
        print(count / (time.perf_counter() - start))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=400)
    parser.add_argument("--long", type=int, default=2000)
    parser.add_argument("--scheduler")
    parser.add_argument("--only", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--loop", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.loop:
        loop(options.loop)
        return
    if options.only:
        batch(options.only, options.scheduler)
        return
    cores, some = os.cpu_count() or 1, str(max(options.rows // 2, 20))
    one_thread = {**os.environ, **dict.fromkeys(ONE_THREAD, "1")}  # as each worker has
    (alone,) = map(float, own("--loop", some, environment=one_thread))
    together = sum(map(float, own("--loop", some, times=cores, environment=one_thread)))
    rate, whole, peak = measured(options.rows, options.scheduler)
    long_rate, long_whole, long_peak = measured(options.long, options.scheduler)
    print(f"one plain loop                 {alone:6.1f} proposals a second")
    print(f"{cores} plain loops at once         {together:6.1f}")
    ratio = f"which is {rate / together:.2f} of the loops at once"
    print(f"batch, {options.rows:>6} rows             {rate:6.1f}, {ratio}; {whole:.1f} with the start of the workers")
    wanted = f"(at least {AT_LEAST} on two cores)"
    print(f"batch, {options.long:>6} rows             {long_rate:6.1f} {wanted}; {long_whole:.1f} with the start")
    print(f"peak memory of the parent      {peak:6.1f} MB for {options.rows} rows, {long_peak:.1f} for {options.long}")


if __name__ == "__main__":
    main()

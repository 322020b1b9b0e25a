"""What a keystroke costs, and a cold command: milliseconds, with an empty Python process as the reference.

python benchmarks/live_result.py
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import web  # noqa: F401 - first: it settles the number of threads, as in the product
from assumptions import load_library
from calculator import evaluate
from web.cli.scenario_file import read_scenario

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.toml"))


def milliseconds(call: Callable[[], object], times: int = 15) -> float:
    call()
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        call()
        found.append((time.perf_counter() - begin) * 1000.0)
    return median(found)


def process(*arguments: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True)


def main() -> None:
    library = load_library()
    for path in EXAMPLES:
        scenario = read_scenario(path)
        fast = milliseconds(lambda scenario=scenario: evaluate(scenario, library))
        whole = milliseconds(lambda scenario=scenario: evaluate(scenario, library, indices=True))
        print(f"{path.stem:32} point, ranges, tornado, ask next {fast:5.1f} ms (at most 40); with Sobol indices "
              f"{whole:.1f} (at most 200)")  # fmt: skip
    nothing = milliseconds(process("-c", "pass"), 5)
    numpy_only = milliseconds(process("-c", "import numpy"), 5)
    cold = milliseconds(process("-c", "from web.cli import main; main()", "estimate", str(EXAMPLES[0])), 5)
    print(
        f"rapport estimate, cold: {cold:.0f} ms (at most 800); ratio to importing numpy alone {cold / numpy_only:.1f}"
    )
    print(f"python alone {nothing:.0f} ms, importing numpy {numpy_only:.0f} ms")


if __name__ == "__main__":
    main()

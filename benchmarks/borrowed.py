"""Parts of the tests that benchmarks use, too: real servers, and members who are signed in."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parent.parent / "tests" / "web" / "workspace"


def of_tests(name: str) -> ModuleType:
    """Return a module of the tests of the workspace; ``tests`` is no package that could be imported."""
    spec = importlib.util.spec_from_file_location(f"rapport_{name}", FOLDER / f"{name}.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"there is no {name}.py among the tests")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found

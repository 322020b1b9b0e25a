"""Rules for every test: no deadlines, the same examples each time, nothing skipped where all must run.

And how the suite stays quick: one thread for each process, and what takes longest is begun first.
"""

from __future__ import annotations

import gc
import os

import hypothesis
import pytest

collect_ignore = ["web/storage/migrations/env.py"]  # Alembic runs it, and it runs nowhere else

# Before anything loads numpy. pytest has a process for each core; threads that wait for a busy core would only burn it.
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

#: The modules that take longest, in the order in which workers begin them (--no-loadscope-reorder in pyproject.toml).
#: One that was begun last would keep a single worker busy long after the others are done.
LONGEST = (
    "tests/reports/test_workbook_drawn.py",
    "tests/reports/test_workbook_recalculated.py",
    "tests/web/test_screens.py",
    "tests/web/test_access.py",
    "tests/web/test_parity.py",
    "tests/web/test_browser.py",
    "tests/web/test_embed_browser.py",
    "tests/web/test_compare.py",
    "tests/web/test_browser_form.py",
    "tests/plugin/test_evaluation.py",
    "tests/web/test_evidence.py",
    "tests/web/test_pages.py",
    "tests/web/test_browser_result.py",
    "tests/reports/test_verify.py",
    "tests/plugin/test_fitted.py",
    "tests/web/test_batch_cluster.py",
)

hypothesis.settings.register_profile("rapport", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("rapport")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the longest modules first, each whole and in its own order."""
    gone = [name for name in LONGEST if not (config.rootpath / name).exists()]
    if gone:
        raise pytest.UsageError(f"LONGEST in conftest.py names no file: {', '.join(gone)}; take it off, or mend it")
    items.sort(key=lambda item: rank(item.nodeid.partition("::")[0]))


def rank(module: str) -> int:
    """Return when a module's turn is; those that are not named keep their order, after the others."""
    return LONGEST.index(module) if module in LONGEST else len(LONGEST)


def pytest_collection_finish() -> None:
    """Leave what was imported alone when garbage is collected, and collect less often.

    Pages and PDFs are read into trees of many objects that live as long as a test.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run that skipped something although ``RAPPORT_REQUIRE_ALL`` says that everything must run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and os.environ.get("RAPPORT_REQUIRE_ALL"):
        reporter.write_line(f"{len(skipped)} skipped, but RAPPORT_REQUIRE_ALL is set: nothing may be skipped", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

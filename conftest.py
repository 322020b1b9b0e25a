"""Rules for every test: no deadlines, the same examples each time, nothing skipped where all must run."""

from __future__ import annotations

import os

import hypothesis
import pytest

collect_ignore = ["web/storage/migrations/env.py"]  # Alembic runs it, and it runs nowhere else

hypothesis.settings.register_profile("rapport", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("rapport")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run that skipped something although ``RAPPORT_REQUIRE_ALL`` says that everything must run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if skipped and os.environ.get("RAPPORT_REQUIRE_ALL"):
        reporter.write_line(f"{len(skipped)} skipped, but RAPPORT_REQUIRE_ALL is set: nothing may be skipped", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

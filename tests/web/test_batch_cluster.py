"""A batch on a real Dask cluster on this computer: a scheduler and two workers, one of which is killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from calculator.errors import RapportError
from reports.batch import Options, cluster_workers, run
from tests.reports.batch_rows import contents, csv_text, prospects, run_here

pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:distributed", "ignore::ResourceWarning")
ROWS = 24
SHORT = Options(form="short")  # quicker to make


class Cluster:
    """A scheduler and two workers as processes of their own; a worker that is killed is not started again."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scheduler.json"
        self.log = (folder / "log").open("wb")
        where = ("--scheduler-file", str(self.file), "--no-dashboard")
        self.processes = [self.start("scheduler", *where, "--host", "127.0.0.1", "--port", "0")]
        while not self.file.exists():
            time.sleep(0.05)
        self.address: str = json.loads(self.file.read_text())["address"]
        for _ in range(2):
            self.processes.append(self.start("worker", self.address, "--no-nanny", "--nthreads", "1", "--no-dashboard"))

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{name}", *arguments]
        return subprocess.Popen(command, stdout=self.log, stderr=self.log, cwd=self.file.parent, env=self.environment)

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self.log.close()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    started = Cluster(tmp_path)
    yield started
    started.close()


def test_a_killed_worker_changes_nothing(cluster: Cluster, tmp_path: Path) -> None:
    found = prospects(tmp_path / "PROSPECTS.csv", csv_text(ROWS))
    run_here(found, tmp_path / "one", SHORT)
    killed: list[int] = []

    def kill_one(summary: object) -> None:
        if not killed:
            os.kill(cluster.processes[1].pid, signal.SIGKILL)
            killed.append(cluster.processes[1].wait())

    with cluster_workers(cluster.address) as workers:
        both = workers.executor._client.wait_for_workers(2, timeout=20)
        assert both is None
        summary = run(found, SHORT, tmp_path / "many", workers, on_progress=kill_one)
    assert killed == [-signal.SIGKILL]
    assert (summary.done, summary.kept) == (ROWS, 0)
    assert contents(tmp_path / "many") == contents(tmp_path / "one")
    again = cluster_workers(cluster.address)
    with again as workers:
        assert workers.slots == 1
        cluster.processes[0].kill()  # the scheduler itself
        changed = Options(form="short", page_size="Letter")
        with pytest.raises(RapportError, match=r"Run the same command again: what is finished is kept"):
            run(found, changed, tmp_path / "many", workers)


def test_a_scheduler_that_does_not_answer_is_told_in_a_few_seconds() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = time.monotonic()
    with pytest.raises(RapportError, match="no scheduler answers there"), cluster_workers(f"tcp://127.0.0.1:{port}"):
        pass
    assert time.monotonic() - start < 10

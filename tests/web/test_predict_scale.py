"""``rapport predict`` when things go wrong at scale: killed, a worker lost, a Dask cluster; the bytes are the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from benchmarks.predict import write_files
from plugin.evidence_predictor import predictor
from plugin.predict.engine import run
from plugin.predict.hands import Hands, Here
from plugin.predict.model import sendable
from plugin.predict.task import Progress, Task
from plugin.predict.workplace import UnfinishedError, folder_of
from reports.batch.executors import cluster_workers
from tests.web.test_batch_cluster import Cluster
from web.cli import main

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes as Linux shows them"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:distributed", "ignore::ResourceWarning"),
]

ROWS = 12_000  # 3 MB in all: enough for several blocks and parts, and one process unless more are asked for
BEFORE = b"an earlier RISK.csv\n"

#: The command with something happening in it: at a stage, when so many of its tasks are done, or while it writes.
COMMAND = """
import os, shutil, signal, sys
from contextlib import contextmanager
from pathlib import Path
from plugin.predict import assembly
from web.cli import main, predict

whom, stage, done = sys.argv.pop(1), sys.argv.pop(1), int(sys.argv.pop(1))

def worker():
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return next(int(child) for child in children if "spawn_main" in Path(f"/proc/{child}/cmdline").read_text())

def kill():
    os.kill(os.getpid() if whom == "itself" else worker(), signal.SIGKILL)

@contextmanager
def progress():
    def show(progress):
        if (progress.stage, progress.done) == (stage, done):
            kill()
    yield show

def half(source, target, size):
    target.write(source.read(1000))
    target.flush()
    kill()

predict._progress = progress
if stage == "putting together":
    assembly.shutil.copyfileobj = half
main()
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_files(tmp_path_factory.mktemp("clinic"), ROWS)


@pytest.fixture(scope="module")
def whole(files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What comes of the files in one process, with nothing happening on the way."""
    task = task_for(files, tmp_path_factory.mktemp("whole") / "RISK.csv")
    summary = run(task, Hands(Here()))
    assert summary.scored > ROWS // 2
    return task.output.read_bytes()


def task_for(files: list[Path], output: Path) -> Task:
    named = dict(zip(("episodes", "ratings", "visits"), files, strict=True))
    return Task(files=named, output=output, model=sendable(predictor()))


def command(files: list[Path], output: Path, *more: str) -> list[str]:
    return ["predict", str(files[0]), "--ratings", str(files[1]), "--visits", str(files[2]), "-o", str(output), *more]


def rapport(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def disturbed(whom: str, stage: str, done: int, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run the command while somebody is killed, and wait until no process of it is left."""
    program = [sys.executable, "-c", COMMAND, whom, stage, str(done), *arguments]
    with subprocess.Popen(
        program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        output, errors = process.communicate(timeout=60)
    until(lambda: gone(process.pid))
    return subprocess.CompletedProcess(program, process.returncode, output, errors)


def gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def until(happened: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("stage", "done", "more"),
    [("reading", 2, ()), ("scoring", 1, ("--workers", "2")), ("writing", 1, ()), ("putting together", 0, ())],
)
def test_killed_in_the_middle_it_goes_on_to_the_same_bytes(
    files: list[Path], whole: bytes, tmp_path: Path, stage: str, done: int, more: tuple[str, ...]
) -> None:
    """What was there stays until all is done; no worker stays behind; the command ends as if nothing had been."""
    output = tmp_path / "RISK.csv"
    output.write_bytes(BEFORE)
    died = disturbed("itself", stage, done, command(files, output, *more))
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert output.read_bytes() == BEFORE
    kept = {path.name for path in folder_of(output).glob("*.tables")}
    again = rapport(*command(files, output))
    assert again.exit_code == 0, again.stderr
    assert output.read_bytes() == whole
    assert kept  # so that it went on, and did not begin anew
    assert [path.name for path in tmp_path.iterdir()] == ["RISK.csv"]


def test_a_worker_that_dies_is_told_and_the_same_command_goes_on(
    files: list[Path], whole: bytes, tmp_path: Path
) -> None:
    output = tmp_path / "RISK.csv"
    died = disturbed("a worker", "scoring", 1, command(files, output, "--workers", "2"))
    assert died.returncode == 2
    assert "a worker process ended unexpectedly" in died.stderr
    assert "Run the same command again: what is finished is kept" in died.stderr
    assert "Traceback" not in died.stderr
    assert not output.exists()
    assert rapport(*command(files, output)).exit_code == 0
    assert output.read_bytes() == whole


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Return a cluster both of whose workers have come, which takes a while on a busy machine."""
    distributed = pytest.importorskip("distributed")
    folder = tmp_path / "cluster"
    folder.mkdir()
    started = Cluster(folder)
    try:
        with distributed.Client(started.address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        yield started
    finally:
        started.close()


def test_a_cluster_gives_the_same_bytes_whoever_dies(
    cluster: Cluster, files: list[Path], whole: bytes, tmp_path: Path
) -> None:
    """First all is well, then one of two workers is killed, then the scheduler; at last this computer goes on alone."""
    output = tmp_path / "RISK.csv"
    done = rapport(*command(files, output, "--scheduler", cluster.address))
    assert done.exit_code == 0, done.stderr
    assert output.read_bytes() == whole
    again = task_for(files, tmp_path / "again.csv")
    killed: list[int] = []

    def kill(number: int, stage: str) -> Callable[[Progress], None]:
        def show(progress: Progress) -> None:
            if (progress.stage, progress.done) == (stage, 1) and cluster.processes[number].poll() is None:
                cluster.processes[number].kill()
                killed.append(cluster.processes[number].wait())

        return show

    with cluster_workers(cluster.address) as workers:
        run(again, Hands(workers.executor, workers.slots, remote=True), kill(1, "scoring"))
    assert again.output.read_bytes() == whole
    last = task_for(files, tmp_path / "last.csv")
    with cluster_workers(cluster.address) as workers:
        assert workers.slots == 1
        with pytest.raises(UnfinishedError, match=r"Run the same command again: what is finished is kept"):
            run(last, Hands(workers.executor, workers.slots, remote=True), kill(0, "reading"))
    assert killed == [-signal.SIGKILL] * 2
    assert not last.output.exists()
    run(last, Hands(Here()))
    assert last.output.read_bytes() == whole

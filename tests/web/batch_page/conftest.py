"""The application with a folder of its own, whose work is done in this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assumptions import Library
from calculator.result import Result
from reports.attachment import result_attachment
from reports.batch import Options, Workers
from reports.batch.work import Documents
from reports.batch.work import Job as Work
from tests.reports.batch_rows import Here
from tests.web.batch_page.uploads import at_rest
from web.app import create_app
from web.batch import Job, Runner


@pytest.fixture(autouse=True)
def here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in this process and go when there is nothing to do; browsers get the real workers."""

    @contextmanager
    def workers(_count: int) -> Iterator[Workers]:
        yield Workers(Here(), 1)

    monkeypatch.setattr("web.batch.runner.IDLE", 0.05)
    monkeypatch.setattr("web.batch.runner.PAUSE", 0.01)
    if "visit" in request.fixturenames:
        return
    monkeypatch.setattr("web.batch.runner.local_workers", workers)
    if "real" not in request.fixturenames:
        monkeypatch.setattr("reports.batch.work.render", figures)


def figures(result: Result, _library: Library, _job: Work, options: Options) -> Documents:
    """Put the figures where the proposal would be: setting pages takes ten times as long as all else."""
    content = result_attachment(result).content
    return Documents(content, b"sheet" if options.workbook else b"", result_attachment(result).digest)


@pytest.fixture
def real() -> None:
    """Ask for real proposals."""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def app(data_dir: Path) -> Iterator[Flask]:
    application = create_app(
        {"TESTING": True, "PROPAGATE_EXCEPTIONS": True, "WTF_CSRF_ENABLED": False, "RAPPORT_DATA_DIR": str(data_dir)}
    )
    yield application
    at_rest(application)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def paused(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Nothing is worked on until the event is set."""
    begin = threading.Event()
    real = Runner._do

    def patient(self: Runner, job: Job, workers: Workers) -> bool:
        assert begin.wait(20)
        return real(self, job, workers)

    monkeypatch.setattr(Runner, "_do", patient)
    yield begin
    begin.set()

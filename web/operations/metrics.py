"""What is counted, for Prometheus: requests, runs of the model, batches, and errors of the database; nobody's data.

Behind gunicorn each process counts in a file of its own, and whoever answers ``/metrics`` adds them up. The files are
named by the place of a worker (``web.operations.place``) and not by its process, so that a worker that is replaced goes
on with the file of the one before it, and files do not pile up.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess, values
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from web.operations import place
from web.operations.place import DIRECTORY

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SECONDS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6)
MOMENTS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)

if DIRECTORY in os.environ:
    values.ValueClass = values.MultiProcessValue(place.name)  # type: ignore[no-untyped-call]

REQUESTS: Final = Counter("rapport_requests", "Requests answered.", ("method", "route", "status"))
REQUEST_SECONDS: Final = Histogram(
    "rapport_request_seconds", "Time to answer a request.", ("method", "route"), buckets=SECONDS
)
MODEL_SECONDS: Final = Histogram("rapport_model_run_seconds", "Time of a run of the model, all draws.", buckets=MOMENTS)
BATCH_STEPS: Final = Counter("rapport_batch_steps", "Steps of batches that came to an end.", ("step", "outcome"))
DATABASE_ERRORS: Final = Counter("rapport_database_errors", "Answers that the database failed.", ("status",))


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request that was answered; ``route`` is a rule and no path."""
    REQUESTS.labels(method, route, str(status)).inc()
    REQUEST_SECONDS.labels(method, route).observe(seconds)


def count_database_error(status: int) -> None:
    """Count an answer that failed for the database's sake: 503 it does not answer, 507 it has no room."""
    DATABASE_ERRORS.labels(str(status)).inc()


def count_batch(step: str, outcome: str) -> None:
    """Count a step of a batch that came to its end."""
    BATCH_STEPS.labels(step, outcome).inc()


@contextmanager
def model_run() -> Iterator[None]:
    """Measure a run of the model."""
    began = time.perf_counter()
    yield
    MODEL_SECONDS.observe(time.perf_counter() - began)


def exposition() -> bytes:
    """Return all of it, of all processes, as Prometheus reads it."""
    if DIRECTORY not in os.environ:
        return generate_latest()
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)

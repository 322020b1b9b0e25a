"""What Prometheus reads: the counts are right, nobody's data is in them, and not everybody may read them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from tests.web.conftest import query
from tests.web.workspace import people
from web.operations import place
from web.storage import Database

TOKEN = "metrics-token-of-a-test"
LABELS = {"method", "route", "status", "le", "step", "outcome"}


def counts(app: Flask) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return all samples, as Prometheus's own parser reads them."""
    answer = app.test_client().get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def grown(after: dict[Any, float], before: dict[Any, float], name: str, **labels: str) -> float:
    key = (name, tuple(sorted(labels.items())))
    return after.get(key, 0.0) - before.get(key, 0.0)


def test_requests_and_runs_of_the_model_are_counted(app: Flask) -> None:
    client, before = app.test_client(), counts(app)
    for _ in range(3):
        assert client.get(f"/?{query()}").status_code == 200
    client.get("/evidence/no-such-figure")
    client.get("/nowhere/at/all")
    after = counts(app)
    assert grown(after, before, "rapport_requests_total", method="GET", route="/", status="200") == 3
    assert grown(after, before, "rapport_request_seconds_count", method="GET", route="/") == 3
    route = "/evidence/<path:figure_id>"
    assert grown(after, before, "rapport_requests_total", method="GET", route=route, status="404") == 1
    assert grown(after, before, "rapport_requests_total", method="GET", route="none", status="404") == 1
    assert grown(after, before, "rapport_model_run_seconds_count") == 3
    assert 0 < grown(after, before, "rapport_model_run_seconds_sum") < 60


def test_what_a_visitor_chooses_makes_no_label(app: Flask) -> None:
    client = app.test_client()
    client.get(f"/?{query(clinic__name='Riverbend')}")
    client.get("/evidence/Riverbend")
    client.open("/", method="RIVERBEND")
    found = counts(app)
    assert not [key for key in found if "riverbend" in str(key).lower()]
    ours = {label for (name, labels) in found for label, _ in labels if name.startswith("rapport_")}
    assert ours <= LABELS


def test_without_a_token_this_computer_alone_reads_them(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/metrics").headers["Content-Type"].startswith("text/plain; version=0.0.4")
    for headers, address in (
        ({}, "10.0.0.9"),
        ({"X-Forwarded-For": "10.0.0.9"}, "127.0.0.1"),
        ({"Host": "rapport.example"}, "127.0.0.1"),
        ({"Authorization": f"Bearer {TOKEN}"}, "10.0.0.9"),
    ):
        assert client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address}).status_code == 404


def test_with_a_token_whoever_shows_it_reads_them(database: Database, tmp_path: Path) -> None:
    client = people.app(database, tmp_path, RAPPORT_METRICS_TOKEN=TOKEN).test_client()
    far = {"REMOTE_ADDR": "10.0.0.9"}
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, environ_base=far).status_code == 200
    for wrong in ("", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", f"Bearer {TOKEN[:-1]}", "Bearer é"):
        assert client.get("/metrics", headers={"Authorization": wrong}).status_code == 401
    assert client.get("/metrics").status_code == 401, "not even this computer without it"


def test_they_need_no_database(app: Flask, database: Database) -> None:
    assert re.search("rapport_requests_total", app.test_client().get("/metrics").text)
    statements: list[str] = []
    from sqlalchemy import event

    event.listen(app.extensions["rapport_database"].engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    app.test_client().get("/metrics")
    assert statements == []


def test_places_are_given_out_from_below() -> None:
    assert [place.free(taken) for taken in ([], [0], [1], [0, 1, 2], [2, 0])] == [0, 1, 0, 3, 1]

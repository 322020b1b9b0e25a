"""Caseloads to upload, and what a page shows of them."""

from __future__ import annotations

import datetime as dt
import io
from urllib.parse import parse_qs, urlsplit

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from plugin.records import Episode
from plugin.simulation import Truth, simulate
from tests.web.conftest import soup

DAY = dt.date(2026, 3, 1)
HEADER = "episode_id,client_id,clinician_id,setting,intake_date,planned_units,units_attended,last_unit_date,status"
ONE = f"{HEADER}\nA-17,Jane Roe,Dr Smith,outpatient,2026-01-05,12,3,2026-02-02,open\n"
MISSED = "episode_id,date,status,minutes\nA-17,2026-02-09,no_show,\n"
CLINIC = [("clinic.setting", "iop"), ("clinic.intakes_per_month", "9")]
Files = dict[str, bytes]


def send(client: FlaskClient, files: Files, **fields: str) -> TestResponse:
    """Upload files by the names of their fields."""
    parts = {name: FileStorage(io.BytesIO(content), f"{name}.csv") for name, content in files.items()}
    boundary, body = encode_multipart({**parts, **fields})
    return client.post("/worklist", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def sent(client: FlaskClient, files: Files, **fields: str) -> str:
    """Upload files and return the address of the list."""
    answer = send(client, files, **fields)
    assert answer.status_code == 303, soup(answer).select(".faults li")
    return answer.headers["Location"]


def number_in(address: str) -> str:
    return parse_qs(urlsplit(address).query)["id"][0]


def rows(answer: TestResponse | BeautifulSoup) -> list[str]:
    """Return the episodes on the list, in their order."""
    found = answer if isinstance(answer, BeautifulSoup) else soup(answer)
    return [node.get_text() for node in found.select(".calls .episode")]


def simulated(episodes: int, seed: int = 11) -> Files:
    tables = simulate(Truth(), episodes, seed).frames()
    return {name: table.to_csv(index=False).encode() for name, table in tables._asdict().items()}


def _episode(
    name: str, attended: int = 3, last: dt.date | None = dt.date(2026, 2, 25), status: str = "open"
) -> Episode:
    return Episode(name, f"c-{name}", "k-1", "outpatient", dt.date(2026, 1, 1), 12, attended, last, status)

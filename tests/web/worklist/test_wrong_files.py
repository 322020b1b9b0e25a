"""Files that are wrong are told by file, row and column, and nothing is lost."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import soup
from tests.web.worklist.caseloads import HEADER, MISSED, ONE, Files, number_in, rows, send, sent
from web.pages import worklist as page
from web.worklist.demo import FILES


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "Choose the file of episodes"),
        ({"episodes": b""}, "is empty"),
        ({"episodes": b"PK\x03\x04 rest"}, "episodes.csv: is a spreadsheet or an archive; save it as CSV (UTF-8)"),
        ({"episodes": ONE.encode(), "ratings": b"%PDF-1.7"}, "ratings.csv: is a PDF"),
        ({"episodes": HEADER.encode()}, "has a header and no episodes"),
        ({"episodes": b"a,b\n1,2\n"}, "column episode_id: is missing"),
        ({"episodes": ONE.replace("2026-01-05", "soon").encode()}, "row 2, column intake_date"),
        ({"episodes": ONE.encode(), "model": b"{}"}, "model.json: "),
        ({"episodes": ONE.encode(), "model": b"\x00\xff"}, "model.json: is no model file"),
    ],
)
def test_files_that_cannot_be_used_are_told_on_the_first_page(client: FlaskClient, files: Files, told: str) -> None:
    answer = send(client, files)
    assert answer.status_code == 422
    text = soup(answer).select_one(".faults").get_text()
    assert told in text
    assert "Jane" not in text
    assert "/" not in text.replace("://", "")  # no folder of the server


def test_bad_rows_are_listed_by_file_row_and_column_and_the_rest_is_kept(client: FlaskClient) -> None:
    bad = "B-2,John Doe,Dr Who,outpatient,2026-01-05,twelve,3,2026-02-02,open\n"
    address = sent(client, {"episodes": (ONE + bad).encode(), "visits": MISSED.encode()})
    found = soup(client.get(address))
    told = found.select_one(".told")
    assert "1 of 2 episodes could be used" in told.get_text(" ", strip=True)
    assert "episodes.csv: row 3, column planned_units" in told.get_text()
    assert "John" not in found.get_text()
    assert rows(found) == ["A-17"]


def test_too_large_an_upload_is_told(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MOST_BYTES", 1000)
    answer = send(client, {"episodes": b"x" * 200_000})
    assert answer.status_code == 413
    assert "64 MB" in soup(answer).select_one(".faults").get_text()


def test_nobody_open_and_nothing_to_say_have_pages_of_their_own(client: FlaskClient) -> None:
    over = sent(client, {"episodes": ONE.replace(",open", ",completed").encode()})
    assert "Nobody is open" in soup(client.get(over)).select_one("h1").get_text()
    quiet = sent(client, {"episodes": ONE.encode()})
    found = soup(client.get(quiet))
    assert "Nothing speaks for a call" in found.select_one("h1").get_text()
    assert not found.select(".calls")
    nobody_seen = ONE.replace(",3,2026-02-02,", ",0,,")
    assert client.get(sent(client, {"episodes": nobody_seen.encode()})).status_code == 200


def test_hostile_ids_are_text_and_no_formula(client: FlaskClient) -> None:
    hostile = ONE.replace("A-17", '"=<script>alert(1)</script>"')
    visits = MISSED.replace("A-17", '"=<script>alert(1)</script>"')
    address = sent(client, {"episodes": hostile.encode(), "visits": visits.encode()})
    found = soup(client.get(address))
    assert rows(found) == ["=<script>alert(1)</script>"]
    assert not [node for node in found.select("script") if "alert" in node.get_text()]
    table = client.get(f"/worklist/list.csv?id={number_in(address)}").get_data(as_text=True)
    assert table.splitlines()[1].startswith("'=<script>")


def test_the_example_files_are_those_of_the_demo_and_of_nothing_else(client: FlaskClient) -> None:
    front = soup(client.get("/worklist"))
    links = [link["href"] for link in front.select("a[download]")]
    assert links == [f"/worklist/example/{name}" for name in FILES]
    assert client.get(links[0]).get_data(as_text=True).startswith(HEADER)
    assert client.get("/worklist/example/app.py").status_code == 404

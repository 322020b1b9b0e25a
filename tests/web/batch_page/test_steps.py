"""Many prospects at once, step by step: what is told of a list, and the archive at the end."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from flask.testing import FlaskClient

from reports.batch import Options, read_manifest
from tests.reports.batch_rows import HEADER, contents, csv_text, prospects, run_here
from tests.web.batch_page.uploads import PLAIN, archived, finished, made, problems, seen, sent, text_of, upload
from tests.web.conftest import soup

EXAMPLES = Path(__file__).parents[3] / "examples"
HOSTILE = '"><script>alert(1)</script>=1+1 {{ 7777 * 7 }}'


def test_a_list_becomes_the_archive_that_the_command_line_would_write(
    real: None, client: FlaskClient, tmp_path: Path
) -> None:
    assert soup(client.get("/batch")).select_one("form input[type=file]")
    number = sent(client, PLAIN)
    shown = finished(client, number)
    assert shown.h1.text == "4 of 4 rows are ready"
    assert [row["data-state"] for row in shown.select("table.rows tbody tr")] == ["ready"] * 4
    shown = made(client, number, prepared_on="2026-03-05")
    assert shown.h1.text == "4 proposals are made"
    run_here(prospects(tmp_path / "P.csv", PLAIN.decode()), tmp_path / "out",
             Options(form="short", prepared_on=date(2026, 3, 5)))  # fmt: skip
    expected = contents(tmp_path / "out")
    found = archived(client, number)
    assert next(iter(found)) == "manifest.csv"
    assert list(found)[1:] == sorted(name for name in expected if name.endswith(".pdf"))
    assert found == expected
    rows = shown.select("table.rows tbody tr")
    for row, entry in zip(rows, read_manifest(tmp_path / "out" / "manifest.csv"), strict=True):
        link = row.select_one("a")
        answer = client.get(link["href"], buffered=True)
        assert answer.data == expected[entry.file]
        assert answer.headers["Content-Disposition"] == f"attachment; filename={entry.file}"


def test_the_archive_is_the_same_bytes_each_time(client: FlaskClient) -> None:
    number = sent(client, PLAIN)
    finished(client, number)
    made(client, number)
    first, second = (client.get("/batch/proposals.zip", query_string={"id": number}).data for _ in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as found:
        assert {member.date_time for member in found.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_workbook_comes_beside_each_proposal_where_it_is_asked_for(client: FlaskClient) -> None:
    number = sent(client, PLAIN)
    finished(client, number)
    shown = made(client, number, workbook="1")
    links = [link["href"] for link in shown.select("tbody tr:first-child a")]
    assert [text_of(link) for link in shown.select("tbody tr:first-child a")] == [
        "Proposal Clinic 0",
        "Workbook Clinic 0",
    ]
    assert client.get(links[1], buffered=True).data == b"sheet"
    assert [name.rpartition(".")[2] for name in archived(client, number)] == ["csv", *["pdf", "xlsx"] * 4]
    made(client, number)
    assert [name.rpartition(".")[2] for name in archived(client, number)] == ["csv", *["pdf"] * 4]


def test_slips_are_told_by_row_and_column_and_the_sound_row_can_be_made(client: FlaskClient) -> None:
    number = sent(client, (EXAMPLES / "prospects_with_slips.csv").read_bytes())
    shown = finished(client, number)
    rows = {row.td.text: row for row in shown.select("table.rows tbody tr")}
    assert {place: row["data-state"] for place, row in rows.items()} == {
        "2": "ready", "3": "problem", "4": "held", "5": "problem", "6": "problem", "7": "problem",
    }  # fmt: skip
    told = {place: [text_of(each) for each in row.select("li")] for place, row in rows.items()}
    assert told["3"][0].startswith("No-shows is 35; it is a share")
    assert "For 35 percent write 0.35" in told["3"][0]
    assert told["4"][0].startswith("“Allowed amount a session” is $1,450, far from what is usual")
    assert told["5"] == ["Record ID is 101, as in row 2; each row needs an id of its own."]
    assert [each.split(" is ")[0] for each in told["6"]] == ["Setting", "Intakes per month"]
    assert told["7"][0].startswith("has 11 cells; the header has 10.")
    assert "not used: City" in text_of(shown)
    assert [text_of(each) for each in shown.select(".chips a")] == ["all 6", "ready 1", "held 1", "with problems 4"]
    held = seen(client, number, show="held")
    assert [row.td.text for row in held.select("table.rows tbody tr")] == ["4"]
    assert made(client, number).h1.text == "1 proposal is made"
    shown = made(client, number, include_held="1")
    assert shown.h1.text == "2 proposals are made"
    assert len(archived(client, number)) == 3


def test_a_workbook_of_prospects_is_read(client: FlaskClient) -> None:
    book = openpyxl.Workbook()
    for line in PLAIN.decode().splitlines():
        book.active.append(line.split(","))
    written = io.BytesIO()
    book.save(written)
    number = sent(client, written.getvalue(), "List of clinics.xlsx")
    shown = finished(client, number)
    assert shown.h1.text == "4 of 4 rows are ready"
    assert text_of(shown.select_one(".file")) == "List of clinics.xlsx"


def test_a_missing_column_is_named_without_choosing_the_file_again(client: FlaskClient) -> None:
    number = sent(client, b"Company,Care,New ones\nElm,iop,40\nOak,php,20\n")
    shown = seen(client, number)
    told = [text_of(each) for each in shown.select(".faults li")]
    assert [each.split(" ")[0] for each in told] == ["setting", "intakes_per_month"]
    assert [field["value"] for field in shown.select("input[name=gives]")] == ["name", "", ""]
    columns = [field["value"] for field in shown.select("input[name=column]")]
    data = {"id": number, "column": columns, "gives": ["name", "setting", "intakes per moth"]}
    client.post("/batch/check", data=data)
    told = [text_of(each) for each in seen(client, number).select(".faults li")]
    assert any("gives intakes per moth, which is no input. Did you mean intakes_per_month?" in each for each in told)
    client.post("/batch/check", data=data | {"gives": ["name", "setting", "intakes_per_month"]})
    assert finished(client, number).h1.text == "2 of 2 rows are ready"
    client.post("/batch/check", data=data | {"gives": ["name", "ignore", "intakes_per_month"], "setting": "outpatient"})
    shown = finished(client, number)
    assert shown.h1.text == "2 of 2 rows are ready"
    assert shown.select_one("#setting option[selected]")["value"] == "outpatient"


def test_two_columns_for_one_input_are_told_in_the_words_of_the_page(client: FlaskClient) -> None:
    number = sent(client, b"setting,Setting,intakes_per_month\niop,iop,40\n")
    shown = seen(client, number)
    assert "--" not in text_of(shown.select_one(".faults"))
    assert "write “ignore” beside one of them" in text_of(shown.select_one(".faults"))


def test_columns_are_read_alike_whatever_language_the_page_is_in(client: FlaskClient) -> None:
    """English labels count in Spanish, too, and Spanish ones for a list that was uploaded in Spanish."""
    spanish = {"Accept-Language": "es-MX"}
    data = b"Setting,Intakes per month,Allowed amount a session,Inasistencias\noutpatient,40,$140,12%\n"
    form = {"file": (io.BytesIO(data), "lista.csv"), "mapping": ""}
    answer = client.post("/batch", data=form, content_type="multipart/form-data", headers=spanish)
    number = parse_qs(urlsplit(answer.headers["Location"]).query)["id"][0]
    finished(client, number)
    for headers in (spanish, {}):
        shown = soup(client.get("/batch/job", query_string={"id": number}, headers=headers))
        gives = [field["value"] for field in shown.select("input[name=gives]")]
        assert gives == ["setting", "intakes_per_month", "allowed_per_unit", "no_show_rate"]


BAD = {
    "nothing": (b"", "is empty"),
    "no text": (b"\x00\x01\x02\xff" * 50, "is no text and no workbook"),
    "no rows": (HEADER.encode() + b"\n", "has no row below"),
    "no book": (b"PK\x03\x04 broken", "cannot be read as a workbook"),
    "many": (csv_text(2_001).encode(), "has 2,001 rows; 2,000 is the most here"),
}


@pytest.mark.parametrize(("data", "told"), BAD.values(), ids=BAD)
def test_what_cannot_be_a_list_is_refused_and_not_kept(
    client: FlaskClient, data_dir: Path, data: bytes, told: str
) -> None:
    response = upload(client, data)
    assert response.status_code == 422
    (problem,) = problems(response)
    assert told in problem
    assert [path for path in (data_dir / "batch").iterdir() if path.is_dir()] == []


def test_a_file_that_is_too_large_or_absent_is_told(client: FlaskClient, data_dir: Path) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="list.csv"\r\n\r\n'
    body = head + b"x" * 10_200_000 + b"\r\n--x--\r\n"
    response = client.post("/batch", data=body, content_type="multipart/form-data; boundary=x")
    assert (response.status_code, len(problems(response))) == (413, 1)
    response = client.post("/batch", data={"mapping": ""}, content_type="multipart/form-data")
    assert (response.status_code, len(problems(response))) == (422, 1)
    assert upload(client, PLAIN, mapping="nowhere").status_code == 422
    assert not (data_dir / "batch").exists()


def test_a_workbook_that_unfolds_to_gigabytes_is_refused(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.batch.choices.MOST_UNFOLDED", 1_000_000)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b" " * 1_100_000)
    assert "unfolds to far more" in problems(upload(client, packed.getvalue(), "list.xlsx"))[0]


def test_a_row_may_not_ask_for_more_futures_than_the_server_draws(client: FlaskClient) -> None:
    number = sent(client, PLAIN.replace(b",64\n", b",1000000\n", 1))
    shown = finished(client, number)
    assert shown.h1.text == "3 of 4 rows are ready"
    assert "draws This server draws at most 65,536 futures." in text_of(shown.select_one("[data-state=problem]"))


def test_hostile_cells_and_names_stay_text(client: FlaskClient) -> None:
    quoted = '"' + HOSTILE.replace('"', '""') + '"'
    rows = [HEADER + f",{quoted}", f"{quoted},{quoted},outpatient,20,12,30%,$140,64,x",
            f"a,{quoted},{quoted},20,12,30%,$140,64,x"]  # fmt: skip
    number = sent(client, "\n".join(rows).encode(), f"../../{HOSTILE}.csv")
    for shown in (finished(client, number), made(client, number)):
        assert shown.select("main script") == []
        assert "54439" not in str(shown)
        assert HOSTILE in shown.select_one("tbody th").text
    assert set(archived(client, number)) == {"manifest.csv", "0002-script-alert-1-script-1-1-7777-7.pdf"}

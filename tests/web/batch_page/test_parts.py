"""The parts behind the page: locks, the archive, what is kept on disk, and where."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from assumptions import load_library
from calculator import InputError
from reports.batch import Entry
from tests.reports.batch_rows import csv_text
from tests.web.batch_page.uploads import finished, seen, sent, text_of
from tests.web.conftest import soup
from web.app import create_app
from web.batch import Choices, Job, Status, archive, read_upload
from web.batch.job import MAKE, RUNNING
from web.batch.locks import is_locked, locked
from web.data_folder import usual_folder
from web.pages import batch as page
from web.settings import read_settings


def test_a_long_list_is_shown_in_parts(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PAGE", 3)
    number = sent(client, csv_text(7).encode())
    shown = finished(client, number)
    assert "Part 1 of 3" in text_of(shown.select_one(".turner"))
    last = soup(client.get(seen(client, number, page="2").select_one(".turner a[rel=next]")["href"]))
    assert [row.td.text for row in last.select("tbody tr")] == ["8"]
    for odd in ("0", "99", "-1", "x", "²", "9" * 40):
        assert seen(client, number, page=odd).select("tbody tr")


def test_a_lock_holds_between_threads_and_goes_with_who_held_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_locked(path)
    with locked(path) as mine:
        assert mine
        assert is_locked(path)
        with locked(path, wait=False) as second:
            assert not second
    assert not is_locked(path)


def test_an_archive_is_sent_in_pieces(tmp_path: Path) -> None:
    """A file of three blocks is never in memory at once."""
    (tmp_path / "manifest.csv").write_bytes(b"row\r\n")
    (tmp_path / "a.pdf").write_bytes(bytes(3 << 18))
    pieces = list(archive(tmp_path, [Entry("2", "a", "A", "done", file="a.pdf"), Entry("3", "b", "B", "error")]))
    assert max(map(len, pieces)) <= (1 << 18) + 1_000
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as made_of:
        assert made_of.namelist() == ["manifest.csv", "a.pdf"]
        assert made_of.read("a.pdf") == bytes(3 << 18)


def test_status_and_choices_survive_the_disk(tmp_path: Path) -> None:
    job = Job(tmp_path)
    status, choices = Status(MAKE, RUNNING, 3, 4, 1, 1, 1, 1, 5.0, 6.0), Choices("ä.csv", columns={"A": "name"})
    job.put_status(status)
    job.put_choices(choices)
    assert (job.status(), job.choices()) == (status, choices)
    assert json.loads((tmp_path / "status.json").read_text())["total"] == 4


def test_reading_tells_what_columns_give(tmp_path: Path) -> None:
    path = tmp_path / "upload.csv"
    path.write_bytes(b"Company name;Setting;Intakes per month;City\nElm;iop;40;Austin\n")
    reading = read_upload(path, Choices("x.csv"), load_library())
    assert reading.gives == ("name", "setting", "intakes_per_month", "")
    assert reading.unused == ["City"]


@pytest.mark.parametrize(
    ("platform", "variables", "folder"),
    [
        ("linux", {"HOME": "/home/a"}, "/home/a/.local/share/rapport"),
        ("linux", {"HOME": "/home/a", "XDG_DATA_HOME": "/data"}, "/data/rapport"),
        ("linux", {"HOME": "/home/a", "XDG_DATA_HOME": "data"}, "/home/a/.local/share/rapport"),
        ("darwin", {"HOME": "/Users/a"}, "/Users/a/Library/Application Support/Rapport"),
        ("win32", {"HOME": "/a", "APPDATA": "/a/Roaming"}, "/a/Roaming/Rapport"),
    ],
)
def test_the_usual_folder(platform: str, variables: dict[str, str], folder: str) -> None:
    assert usual_folder(platform, variables).as_posix() == folder


def test_a_data_folder_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for text, told in (("data", "whole path"), (str(tmp_path / "file"), "is a file"),
                       (str(tmp_path / "file" / "in"), "is a file"), ("/a\0b", "path of a folder")):  # fmt: skip
        with pytest.raises(InputError) as refused:
            create_app({"RAPPORT_DATA_DIR": text})
        (problem,) = refused.value.problems
        assert problem.path == "RAPPORT_DATA_DIR"
        assert told in problem.message
    assert read_settings({"RAPPORT_DATA_DIR": str(tmp_path / "new")}).data_dir == tmp_path / "new"
    assert not (tmp_path / "new").exists()

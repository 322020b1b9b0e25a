"""What is kept of a caseload, for whom, and how long."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import stat
import time
import uuid
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from plugin.caseload import NO_DAY, Caseload, texts
from plugin.simulation import Truth, simulate
from tests.web.conftest import soup
from tests.web.worklist.caseloads import MISSED, ONE, number_in, send, sent
from web.worklist.caseload_file import caseload_bytes, read_caseload


def test_nothing_personal_is_kept_but_the_episode_ids_and_nobody_else_may_read_it(
    client: FlaskClient, data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        address = sent(client, {"episodes": ONE.encode(), "visits": MISSED.encode()})
        shown = client.get(address).get_data(as_text=True)
    (folder,) = (data_dir / "worklist").iterdir()
    stored = b"".join(path.read_bytes() for path in folder.iterdir())
    for personal in ("Jane Roe", "Dr Smith"):
        assert personal not in shown + address + caplog.text
        assert personal.encode() not in stored
        assert personal.encode("utf-32-le") not in stored  # as numpy writes text
    assert "A-17".encode("utf-32-le") in stored
    assert number_in(address) not in str(folder)
    assert number_in(address).encode() not in stored
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert {path.name for path in folder.iterdir()} <= {"caseload.npz", "facts.json", "model.json", "owner"}
    uuid.UUID((folder / "owner").read_text())  # the organisation's, and nobody's name


def test_it_goes_when_it_is_deleted_and_a_day_after_the_last_look(client: FlaskClient, data_dir: Path) -> None:
    first, second = (sent(client, {"episodes": ONE.encode()}) for _ in range(2))
    assert client.post("/worklist/delete", data={"id": number_in(first)}).status_code == 303
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    (folder,) = (data_dir / "worklist").iterdir()
    old = time.time() - 25 * 3600
    os.utime(folder, (old, old))
    answer = client.get(second)
    assert answer.status_code == 404
    assert "no caseload under this address" in soup(answer).select_one(".faults").get_text()
    sent(client, {"episodes": ONE.encode()})  # room is made when another comes
    assert not folder.exists()


def test_a_look_keeps_it_for_another_day(client: FlaskClient, data_dir: Path) -> None:
    address = sent(client, {"episodes": ONE.encode()})
    (folder,) = (data_dir / "worklist").iterdir()
    before = time.time() - 20 * 3600
    os.utime(folder, (before, before))
    client.get(address)
    assert time.time() - folder.stat().st_mtime < 60


@pytest.mark.parametrize("number", ["", "x", "../../etc", "a" * 43, "demo2"])
def test_what_is_no_id_finds_nothing(client: FlaskClient, number: str) -> None:
    for path in ("list", "clinicians", "list.csv"):
        assert client.get(f"/worklist/{path}", query_string={"id": number}).status_code == 404


def test_a_file_that_another_version_wrote_is_told_like_one_that_is_gone(client: FlaskClient, data_dir: Path) -> None:
    address = sent(client, {"episodes": ONE.encode()})
    (folder,) = (data_dir / "worklist").iterdir()
    (folder / "facts.json").write_text(json.dumps({"new": 1}))
    assert client.get(address).status_code == 404


def test_forms_of_other_sites_are_refused(client: FlaskClient) -> None:
    for path in ("/worklist", "/worklist/delete", "/worklist/clinicians"):
        assert client.post(path, data={}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_only_so_many_are_kept(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.worklist.store.MOST_KEPT", 1)
    sent(client, {"episodes": ONE.encode()})
    answer = send(client, {"episodes": ONE.encode()})
    assert answer.status_code == 503
    assert soup(answer).select(".faults li")


def test_a_caseload_file_gives_back_what_was_written(tmp_path: Path) -> None:
    made = simulate(Truth(), 60, 3).caseload
    odd = {**made.covariates, "note": texts([None if n % 3 else f"ü{n}" for n in range(60)])}
    before = dataclasses.replace(made, covariates=odd)
    path = tmp_path / "caseload.npz"
    path.write_bytes(caseload_bytes(before))
    after = read_caseload(path)
    for field in dataclasses.fields(Caseload):
        one, other = getattr(before, field.name), getattr(after, field.name)
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype
            assert one.tolist() == other.tolist()
    assert set(after.covariates) == set(odd)
    for name, values in odd.items():
        np.testing.assert_array_equal(after.covariates[name], values)
    for part in ("ratings", "visits"):
        for column in dataclasses.fields(getattr(before, part)):
            np.testing.assert_array_equal(
                getattr(getattr(after, part), column.name), getattr(getattr(before, part), column.name)
            )
    assert NO_DAY in before.last_unit_day  # the case is among them

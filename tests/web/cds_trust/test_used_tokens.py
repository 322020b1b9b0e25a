"""Point 44: a token counts once, whatever process sees it."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.web.cds_keys import (
    DISCOVERY,
    ISSUER,
    PUBLIC_URL,
    bearer,
    client_file,
    key_set,
    token,
)
from tests.web.cds_trust.calls import NOW, SERVICE, call, refusal, said, signed_json
from web.cds.clients import Client, read_clients
from web.cds.keys import read_keys
from web.cds.replay import NAME, SWEEP, UsedTokens
from web.cds.token import LEEWAY, LONGEST_LIFE
from web.cds.trust import USED, Caller, Trust


def test_44_a_token_counts_once(trust: Trust) -> None:
    signed = f"Bearer {token(said())}"
    assert call(trust, signed).issuer == ISSUER
    assert refusal(trust, signed) == USED
    jti = said()["jti"]
    assert call(trust, bearer(now=NOW, jti=jti)) == Caller(ISSUER)
    assert (
        refusal(trust, bearer(SERVICE, now=NOW + 1, jti=jti), SERVICE) == USED
    )  # a jti is for one call, not an address


def test_44_a_refused_token_is_not_used_up(trust: Trust) -> None:
    signed = bearer(SERVICE, now=NOW)
    assert "aud" in refusal(trust, signed, DISCOVERY)
    assert call(trust, signed, SERVICE).issuer == ISSUER


def test_44_each_issuer_has_names_of_its_own(tmp_path: Path) -> None:
    keys = read_keys(key_set())
    trust = Trust([Client("a", keys=keys), Client("b", keys=keys)], PUBLIC_URL, tmp_path, clock=lambda: NOW)
    assert [call(trust, bearer(now=NOW, iss=issuer, jti="1")).issuer for issuer in ("a", "b")] == ["a", "b"]
    assert refusal(trust, bearer(now=NOW, iss="a", jti="1")) == USED


@pytest.mark.parametrize("jti", ["", "j" * 256, 7, ["x"], "\ud800"])
def test_44_a_jti_that_cannot_be_remembered_is_refused(trust: Trust, jti: Any) -> None:
    assert "jti must be a text of 1 to 255 characters." in refusal(trust, "Bearer " + signed_json(said(jti=jti)))


ONE_PROCESS = """
import sys
from pathlib import Path
from web.cds.replay import UsedTokens
sys.stdin.readline()
used = UsedTokens(Path(sys.argv[1]))
print(sum(used.first_use("ehr", str(each), 2e9, 1e9) for each in range(400)))
"""
FORKED = """
import os, sys
from pathlib import Path
from web.cds.replay import UsedTokens
used = UsedTokens(Path(sys.argv[1]))
if sys.argv[2] == "used":
    used.first_use("ehr", "before", 2e9, 1e9)
held = used._database._opened
reading, writing = os.pipe()
child = os.fork()
found = sum(used.first_use("ehr", str(each), 2e9, 1e9) for each in range(200))
if child == 0:
    assert used._database._opened is not held  # the parent's connection is left alone
    os.write(writing, b"%d" % found)
    sys.exit()
assert os.waitpid(child, 0)[1] == 0
print(found + int(os.read(reading, 9)), used.first_use("ehr", "before", 2e9, 1e9))
"""


def test_44_two_processes_count_a_token_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ONE_PROCESS, str(tmp_path / "data")]
    started = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    counts = [int(process.communicate(timeout=30)[0]) for process in started]
    assert sum(counts) == 400


@pytest.mark.parametrize("before", ["used", "unused"])
def test_44_a_process_that_forks_counts_a_token_once(tmp_path: Path, before: str) -> None:
    """A server may load the application first and fork its workers then."""
    command = [sys.executable, "-c", FORKED, str(tmp_path), before]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.stdout.split() == ["200", str(before == "unused")], done.stderr


def test_44_threads_count_a_token_once(tmp_path: Path) -> None:
    used = UsedTokens(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda each: used.first_use("ehr", str(each % 50), 2e9, 1e9), range(400)))
    assert sum(found) == 50


def test_44_used_tokens_are_for_their_owner_alone_and_outlive_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert UsedTokens(folder).first_use("ehr", "1", NOW + 9, NOW)
    again = UsedTokens(folder)
    assert not again.first_use("ehr", "1", NOW + 9, NOW)
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_44_expired_tokens_are_removed_now_and_then(tmp_path: Path) -> None:
    used = UsedTokens(tmp_path)
    for each in range(10):
        used.first_use("ehr", str(each), NOW + each, NOW)
    used.first_use("ehr", "later", NOW + SWEEP + 60, NOW + SWEEP - 1)
    assert rows(tmp_path) == 11  # not yet
    used.first_use("ehr", "last", NOW + SWEEP + 60, NOW + SWEEP)
    assert rows(tmp_path) == 2


def rows(folder: Path) -> int:
    connection = sqlite3.connect(folder / NAME)
    try:
        return int(connection.execute("SELECT count(*) FROM used").fetchone()[0])
    finally:
        connection.close()


def test_44_a_token_is_remembered_while_it_could_be_used(tmp_path: Path) -> None:
    """To the last moment of its leeway it is refused as used, expired ones being swept meanwhile; then as expired."""
    clock = [NOW]
    trust = Trust(read_clients(client_file(tmp_path)), PUBLIC_URL, tmp_path, clock=lambda: clock[0])
    signed = bearer(now=NOW, exp=NOW + 250.0)
    assert call(trust, signed)
    for later in (1.0, 250.0, SWEEP, 250.0 + LEEWAY - 0.001):
        clock[0] = NOW + later
        assert refusal(trust, signed) == USED
    clock[0] = NOW + 250.0 + LEEWAY
    assert "past its exp" in refusal(trust, signed)


def test_44_a_file_that_was_taken_away_is_made_again(tmp_path: Path) -> None:
    used = UsedTokens(tmp_path)
    assert used.first_use("ehr", "1", NOW + 9, NOW)
    for path in tmp_path.iterdir():
        path.unlink()
    assert used.first_use("ehr", "1", NOW + 9, NOW)
    assert not UsedTokens(tmp_path).first_use("ehr", "1", NOW + 9, NOW)


def test_44_if_used_tokens_cannot_be_noted_nothing_is_answered(tmp_path: Path) -> None:
    trust = Trust(read_clients(client_file(tmp_path)), PUBLIC_URL, tmp_path / "data", clock=lambda: NOW)
    assert call(trust, bearer(now=NOW))
    for path in (tmp_path / "data").iterdir():
        path.unlink()
    (tmp_path / "data" / NAME).mkdir()
    assert "try again" in refusal(trust, bearer(now=NOW), status=503)


@pytest.mark.parametrize(
    ("times", "told"),
    [
        ({"exp": NOW - LEEWAY}, "past its exp"),
        ({"iat": NOW - 4000, "exp": NOW - 3600}, "past its exp"),
        ({"iat": NOW + LEEWAY + 1}, "iat lies in the future"),
        ({"nbf": NOW + LEEWAY + 1}, "nbf lies in the future"),
        ({"exp": NOW + LONGEST_LIFE + 1}, "exp must be at most 3600 seconds after iat"),
        ({"iat": NOW - 3400, "exp": NOW + 201}, "exp must be at most 3600 seconds after iat"),
        ({"iat": NOW + 10, "exp": NOW + 10}, "exp must be at most 3600 seconds after iat"),
        ({"exp": str(NOW + 300)}, "exp must be a number of seconds"),
        ({"exp": True}, "exp must be a number of seconds"),
        ({"exp": 1e300}, "exp must be a number of seconds"),
        ({"exp": float("inf")}, "exp must be a number of seconds"),
        ({"iat": float("nan")}, "iat must be a number of seconds"),
        ({"iat": -1}, "iat must be a number of seconds"),
        ({"nbf": "now"}, "nbf must be a number of seconds"),
    ],
)
def test_44_times_out_of_their_window_are_refused(trust: Trust, times: dict[str, Any], told: str) -> None:
    assert told in refusal(trust, "Bearer " + signed_json(said(**times)))
